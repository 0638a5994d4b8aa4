package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/typemap/framework"
)

// idiom is a column as a framework declares it, with what it becomes in a new
// schema and how its values arrive there.
type idiom struct {
	column string // name and declaration
	values string // SQL, with | between
	typ    string
	arrive string // with | between; in the time zone UTC
}

const (
	u1 = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	h1 = "3f2504e04f8941d39a0c0305e82c3301"
)

// fourUUIDs are blobs with the bits of UUIDs, as many as it takes to tell.
const fourUUIDs = "x'3f2504e04f8941d39a0c0305e82c3301'|x'3f2504e04f8941d39a0c0305e82c3302'|x'3f2504e04f8941d39a0c0305e82c3303'|x'3f2504e04f8941d39a0c0305e82c3304'"

// idioms holds for each framework values that keep its hints, and next to them
// values that break them and stay what they are.
var idioms = map[string][]idiom{
	"Django": {
		{"c char(32)", "'" + h1 + "'|NULL", "uuid", u1 + "|<NULL>"},
		{"c char(32)", "'" + h1 + "'|'none'", "character varying(32)", h1 + "|none"},
		{"c char(32)", "", "uuid", ""},
		{"c char(39)", "'10.0.0.1'|'2001:db8::1'", "inet", "10.0.0.1/32|2001:db8::1/128"},
		{"c char(39)", "'10.0.0.1'|'local'", "character varying(39)", "10.0.0.1|local"},
		{"c datetime", "'2024-05-06 07:08:09.123456'", "timestamp with time zone", "2024-05-06 07:08:09.123456+00"},
		{"c datetime", "'2024-05-06 07:08:09'|'never'", "text", "2024-05-06 07:08:09|never"},
		{"c bool", "1|0", "boolean", "true|false"},
		{"c bool", "1|2", "bigint", "1|2"},
		{`c text CHECK ((JSON_VALID("c") OR "c" IS NULL))`, `'{"a": 1}'|NULL`, "jsonb", `{"a": 1}|<NULL>`},
	},
	"SQLAlchemy": {
		{"c CHAR(32)", strings.NewReplacer("x'", "'").Replace(fourUUIDs), "uuid", u1 + "|3f2504e0-4f89-41d3-9a0c-0305e82c3302|3f2504e0-4f89-41d3-9a0c-0305e82c3303|3f2504e0-4f89-41d3-9a0c-0305e82c3304"},
		{"c CHAR(32)", "'d41d8cd98f00b204e9800998ecf8427e'", "character varying(32)", "d41d8cd98f00b204e9800998ecf8427e"},
		{"c DATETIME", "'2024-05-06 07:08:09.000000'", "timestamp without time zone", "2024-05-06 07:08:09"},
	},
	"Rails": {
		{"c boolean", "'t'|'f'|1|0", "boolean", "true|false|true|false"},
		{"c boolean", "'t'|3", "text", "t|3"},
		{"c datetime(6)", "'2024-05-06 07:08:09.123456'", "timestamp with time zone", "2024-05-06 07:08:09.123456+00"},
		{"c time", "'2000-01-01 07:08:09'", "time without time zone", "07:08:09"},
	},
	"Laravel": {
		{"c tinyint(1)", "1|0", "boolean", "true|false"},
		{"c datetime", "'2024-05-06 07:08:09'", "timestamp without time zone", "2024-05-06 07:08:09"}, // config/app.php chooses the zone
	},
	"Prisma": {
		{
			"c DATETIME", "1714979289123|'2024-05-06T07:08:09.123+00:00'|'2024-05-06 07:08:09'", "timestamp with time zone",
			"2024-05-06 07:08:09.123+00|2024-05-06 07:08:09.123+00|2024-05-06 07:08:09+00",
		},
		{"c DATETIME", "0|86399999", "timestamp with time zone", "1970-01-01 00:00:00+00|1970-01-01 23:59:59.999+00"},
		{"c DATETIME", "1714979289|1714979289123", "bigint", "1714979289|1714979289123"},
		{"c JSONB", `'{"a":1}'`, "jsonb", `{"a": 1}`},
		{"c TEXT", "'" + u1 + "'", "text", u1},
	},
	"EF Core": {
		{"c TEXT", "'" + strings.ToUpper(u1) + "'", "uuid", u1},
		{"c TEXT", "'" + u1 + "'", "text", u1},
		{"c TEXT", "'2024-05-06 07:08:09.1234567'|'0001-01-01 00:00:00'", "timestamp without time zone", "2024-05-06 07:08:09.123456|0001-01-01 00:00:00"},
		{"c TEXT UNIQUE", "'2024-05-06 07:08:09.1234567'|'2024-05-06 07:08:09.1234568'", "text", "2024-05-06 07:08:09.1234567|2024-05-06 07:08:09.1234568"},
		{"c TEXT UNIQUE", "'2024-05-06 07:08:09.123456'", "timestamp without time zone", "2024-05-06 07:08:09.123456"},
		{"c TEXT", "'2024-05-06 07:08:09.5+02:00'", "timestamp with time zone", "2024-05-06 05:08:09.5+00"},
		{"c TEXT", "'2024-05-06'|'2024-05-07'", "date", "2024-05-06|2024-05-07"},
		{"c TEXT", "'1.02:03:04.5000000'|'00:00:01'", "interval", "1 day 02:03:04.5|00:00:01"},
		{"c TEXT", "'1.02:03:04'|'soon'", "text", "1.02:03:04|soon"},
		{"UnitPrice TEXT", "'12.5'|'-0.05'", "numeric", "12.5|-0.05"},
		{"UnitPrice TEXT", "'12.50'", "text", "12.50"},
		{"IsOpen INTEGER", "1|0", "boolean", "true|false"},
		{"IsOpen INTEGER", "1|2", "bigint", "1|2"},
	},
	"TypeORM": {
		{"c varchar PRIMARY KEY", "'" + u1 + "'", "uuid", u1},
		{"c varchar", "'" + u1 + "'", "text", u1},
		{"c datetime", "'2024-05-06 07:08:09.123'", "timestamp with time zone", "2024-05-06 07:08:09.123+00"},
		{"c jsonb", "jsonb('[1]')", "jsonb", "[1]"},
	},
	"Sequelize": {
		{"c DATETIME", "'2024-05-06 07:08:09.123 +00:00'", "timestamp with time zone", "2024-05-06 07:08:09.123+00"},
		{"c FLOAT", "1.5|'NaN'|'-Infinity'", "double precision", "1.5|NaN|-Infinity"},
		{"c FLOAT", "1.5|'many'", "text", "1.5|many"},
		{"c TINYINT(1)", "1|0", "boolean", "true|false"},
	},
	"Drizzle": {
		{"c integer DEFAULT (unixepoch())", "1714979289", "timestamp with time zone", "2024-05-06 07:08:09+00"},
		{"created_at integer", "1714979289123|-30610224000000", "timestamp with time zone", "2024-05-06 07:08:09.123+00|1000-01-01 00:00:00+00"},
		{"created_at integer", "1714979289|1714979289123", "bigint", "1714979289|1714979289123"},
		{"c integer DEFAULT false", "1|0", "boolean", "true|false"},
		{"c text", `'{"b":1, "a":2}'`, "json", `{"b":1, "a":2}`},
		{"c text UNIQUE", `'{"b":1, "a":2}'`, "text", `{"b":1, "a":2}`}, // json cannot be in a key
		{"c blob", `CAST('{"a":1}' AS BLOB)|CAST('null' AS BLOB)`, "jsonb", `{"a": 1}|null`},
		{"c blob", "CAST('-9007199254740993' AS BLOB)", "bigint", "-9007199254740993"},
		{"c blob", "CAST('12' AS BLOB)|x'ff'", "bytea", `\x3132|\xff`},
		{"c blob", fourUUIDs, "uuid", u1 + "|3f2504e0-4f89-41d3-9a0c-0305e82c3302|3f2504e0-4f89-41d3-9a0c-0305e82c3303|3f2504e0-4f89-41d3-9a0c-0305e82c3304"},
	},
	"Knex": {
		{"c datetime", "1714979289123|'2024-05-06 07:08:09'", "timestamp with time zone", "2024-05-06 07:08:09.123+00|2024-05-06 07:08:09+00"},
		{"c date", "'2024-05-06'", "date", "2024-05-06"},
		{"c char(36)", "'" + u1 + "'", "uuid", u1},
	},
	"GORM": {
		{"c numeric DEFAULT false", "1|0", "boolean", "true|false"},
		{"c numeric", "1|1.5", "numeric", "1|1.5"},
		{"c datetime", "'2024-05-06 07:08:09.5 +0200 CEST m=+245.8'|'2024-05-06 07:08:09+00:00'", "timestamp with time zone", "2024-05-06 05:08:09.5+00|2024-05-06 07:08:09+00"},
		{"c date", "'2024-05-06 00:00:00+00:00'", "date", "2024-05-06"},
		{"c inet", "'10.0.0.0/8'", "inet", "10.0.0.0/8"},
	},
	"Peewee": {
		{"c TEXT", strings.NewReplacer("x'", "'").Replace(fourUUIDs), "uuid", u1 + "|3f2504e0-4f89-41d3-9a0c-0305e82c3302|3f2504e0-4f89-41d3-9a0c-0305e82c3303|3f2504e0-4f89-41d3-9a0c-0305e82c3304"},
		{"user_uuid BLOB", fourUUIDs, "bytea", `\x` + h1 + `|\x3f2504e04f8941d39a0c0305e82c3302|\x3f2504e04f8941d39a0c0305e82c3303|\x3f2504e04f8941d39a0c0305e82c3304`},
		{"is_open INTEGER", "1|0", "boolean", "true|false"},
	},
	"Hibernate/xerial": {
		{"c timestamp", "1714979289123", "timestamp with time zone", "2024-05-06 07:08:09.123+00"},
		{"c binary(16)", fourUUIDs, "uuid", u1 + "|3f2504e0-4f89-41d3-9a0c-0305e82c3302|3f2504e0-4f89-41d3-9a0c-0305e82c3303|3f2504e0-4f89-41d3-9a0c-0305e82c3304"},
	},
	"Ecto": {
		{"inserted_at TEXT", "'2024-05-06T07:08:09'", "timestamp with time zone", "2024-05-06 07:08:09+00"},
		{"c TEXT", "'2024-05-06T07:08:09'|'x'", "text", "2024-05-06T07:08:09|x"},
		{"c NUMERIC", "1|1.5", "double precision", "1|1.5"},
	},
	"Diesel": {{"c Bool", "1|0", "boolean", "true|false"}},
	"sqlx": {
		{"c DATETIME", "1714979289|'2024-05-06T07:08:09Z'", "timestamp with time zone", "2024-05-06 07:08:09+00|2024-05-06 07:08:09+00"},
		{"c BLOB", fourUUIDs, "uuid", u1 + "|3f2504e0-4f89-41d3-9a0c-0305e82c3302|3f2504e0-4f89-41d3-9a0c-0305e82c3303|3f2504e0-4f89-41d3-9a0c-0305e82c3304"},
		{"c BLOB", "x'00'", "bytea", `\x00`},
	},
	"SeaORM": {
		{"c uuid_text", "'" + u1 + "'", "uuid", u1},
		{"c timestamp_with_timezone_text", "'2024-05-06 07:08:09 +02:00'", "timestamp with time zone", "2024-05-06 05:08:09+00"},
		{"c json_text", `'{"b":1, "a":2}'`, "json", `{"b":1, "a":2}`},
	},
	"Room": {
		{"created_at INTEGER", "1714979289123", "timestamp with time zone", "2024-05-06 07:08:09.123+00"},
		{"created_at INTEGER", "12", "bigint", "12"},
	},
	"Core Data": {
		{"ZDATE TIMESTAMP", "736671600|736671600.5", "timestamp with time zone", "2024-05-06 07:00:00+00|2024-05-06 07:00:00.5+00"},
	},
	"sqlite-net": {
		{"c bigint", "638505760890000000", "timestamp without time zone", "2024-05-06 07:08:09"},
		{"c bigint", "638505760890000000|5|6", "bigint", "638505760890000000|5|6"},
		{"c varchar(36)", "'" + u1 + "'", "uuid", u1},
	},
	"PocketBase": {
		{"c TEXT", "'2024-05-06 07:08:09.123Z'", "timestamp with time zone", "2024-05-06 07:08:09.123+00"},
		{"c TEXT", "'2024-05-06 07:08:09.123Z'|''", "text", "2024-05-06 07:08:09.123Z|"},
		{"c NUMERIC", "1|1.5", "double precision", "1|1.5"},
	},
	"Home Assistant": {
		{"last_ts FLOAT", "1714979289.5", "double precision", "1714979289.5"},
		{"user_id_bin BLOB", fourUUIDs, "bytea", `\x` + h1 + `|\x3f2504e04f8941d39a0c0305e82c3302|\x3f2504e04f8941d39a0c0305e82c3303|\x3f2504e04f8941d39a0c0305e82c3304`},
	},
	"FluentMigrator": {{"EnableRss INTEGER", "1|0", "boolean", "true|false"}},
}

// TestIdioms moves each framework's idioms into a new schema.
func TestIdioms(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	for name, list := range idioms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sql []string
			for i, x := range list {
				sql = append(sql, fmt.Sprintf("CREATE TABLE Z%d (n INTEGER PRIMARY KEY, %s)", i, x.column))
				if strings.Contains(x.column, "PRIMARY KEY") {
					sql[len(sql)-1] = fmt.Sprintf("CREATE TABLE Z%d (n INTEGER, %s)", i, x.column)
				}
				for k, v := range strings.Split(x.values, "|") {
					if v != "" {
						sql = append(sql, fmt.Sprintf("INSERT INTO Z%d VALUES (%d, %s)", i, k, v))
					}
				}
			}
			url := srv.Database(t)
			rep := move(t, pipeline.Config{Source: sqliteFile(t, sql...), Target: url, Frameworks: []string{name}})
			if len(rep.Frameworks) != 1 || rep.Frameworks[0].Name != name {
				t.Errorf("frameworks %+v", rep.Frameworks)
			}
			runSQL(t, url, fmt.Sprintf("ALTER DATABASE %q SET timezone = 'UTC'", ask(t, url, "SELECT current_database()::text")[0]))
			for i, x := range list {
				column, _, _ := strings.Cut(x.column, " ")
				got := ask(t, url, `SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = $2`, fmt.Sprintf(`"Z%d"`, i), column)
				if !slices.Equal(got, []string{x.typ}) {
					t.Errorf("%s of %s becomes %s, want %s (%s)", x.column, x.values, got, x.typ, rep.Tables[i].Columns[1].Why)
					continue
				}
				var want []string
				if x.arrive != "" {
					want = strings.Split(x.arrive, "|")
				}
				if x.values == "" {
					want = []string{}
				}
				rows := ask(t, url, fmt.Sprintf(`SELECT coalesce(%q::text, '<NULL>') FROM "Z%d" ORDER BY n`, column, i))
				if diff := cmp.Diff(want, rows); diff != "" {
					t.Errorf("%s (-want +got):\n%s", x.column, diff)
				}
			}
		})
	}
	for _, name := range framework.Names() {
		if idioms[name] == nil && framework.Speaks(name) {
			t.Errorf("no idioms of %s", name)
		}
	}
}
