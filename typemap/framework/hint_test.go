package framework_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

// markers make a database that a framework is found in.
var markers = map[string][]string{
	"Django":           {`CREATE TABLE "django_migrations" ("app" varchar(255), "name" varchar(255), "applied" datetime)`},
	"SQLAlchemy":       {`CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)`},
	"Rails":            {`CREATE TABLE "ar_internal_metadata" ("key" varchar, "value" varchar, "created_at" datetime, "updated_at" datetime)`},
	"Laravel":          {`CREATE TABLE "migrations" ("migration" varchar, "batch" integer)`},
	"Prisma":           {`CREATE TABLE "_prisma_migrations" ("id" TEXT, "checksum" TEXT, "finished_at" DATETIME, "migration_name" TEXT, "rolled_back_at" DATETIME)`},
	"EF Core":          {`CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT, "ProductVersion" TEXT)`},
	"TypeORM":          {`CREATE TABLE "migrations" ("id" integer, "timestamp" bigint, "name" varchar)`},
	"Sequelize":        {"CREATE TABLE `SequelizeMeta` (`name` VARCHAR(255))"},
	"Drizzle":          {`CREATE TABLE "__drizzle_migrations" (id SERIAL, hash text, created_at numeric)`},
	"Knex":             {"CREATE TABLE `knex_migrations` (`name` varchar(255), `batch` integer, `migration_time` datetime)"},
	"Peewee":           {`CREATE TABLE "migratehistory" ("name" VARCHAR(255), "migrated_at" DATETIME)`},
	"Hibernate/xerial": {`CREATE TABLE hibernate_sequence (next_val bigint)`},
	"Ecto":             {`CREATE TABLE "schema_migrations" ("version" INTEGER, "inserted_at" TEXT)`},
	"sqlx":             {`CREATE TABLE _sqlx_migrations (version BIGINT, description TEXT, installed_on TIMESTAMP, success BOOLEAN, checksum BLOB)`},
	"SeaORM":           {`CREATE TABLE seaql_migrations (version varchar, applied_at bigint)`},
	"Room":             {`CREATE TABLE room_master_table (id INTEGER,identity_hash TEXT)`},
	"Core Data":        {`CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER)`},
	"FluentMigrator":   {`CREATE TABLE "VersionInfo" ("Version" INTEGER, "AppliedOn" DATETIME)`},
	"Home Assistant": {
		`CREATE TABLE schema_changes (change_id INTEGER, schema_version INTEGER, changed DATETIME)`,
		`CREATE TABLE recorder_runs (run_id INTEGER, start DATETIME, closed_incorrect BOOLEAN)`,
	},
	"PocketBase": {
		`CREATE TABLE _migrations (file VARCHAR(255), applied INTEGER)`,
		`CREATE TABLE _params (id TEXT, value JSON, created TEXT, updated TEXT)`,
	},
	"GORM": {
		"CREATE TABLE `migrations` (`id` text)",
		"CREATE TABLE `gone` (`id` integer,`deleted_at` datetime)",
		"CREATE INDEX `idx_gone_deleted_at` ON `gone`(`deleted_at`)",
	},
	"sqlite-net": {
		"CREATE TABLE \"Stock\"(\n\"Id\" integer primary key autoincrement not null ,\n\"Symbol\" varchar(8) )",
		"CREATE TABLE \"Bond\"(\n\"Id\" integer primary key autoincrement not null ,\n\"Symbol\" varchar(8) )",
	},
}

const rfc = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

var hintCases = []struct {
	framework, column string // as in CREATE TABLE t
	values            []string
	want              string // "type form", "" for none
}{
	{"Django", `c char(32)`, []string{`'3f2504e04f8941d39a0c0305e82c3301'`, `NULL`}, "uuid uuid-hex"},
	{"Django", `c char(32)`, []string{`'3f2504e04f8941d39a0c0305e82c3301'`, `'none'`}, ""},
	{"Django", `c char(32)`, nil, "uuid uuid-hex"},
	{"Django", `c char(32)`, []string{`'00000000000000000000000000000000'`}, "uuid uuid-hex"},
	{"Django", `c varchar(32)`, []string{`'3f2504e04f8941d39a0c0305e82c3301'`}, ""},
	{"Django", `c char(39)`, []string{`'10.0.0.1'`, `'2001:db8::1'`}, "inet inet"},
	{"Django", `c char(39)`, []string{`'10.0.0.256'`}, ""},
	{"Django", `c datetime`, []string{`'2024-05-06 07:08:09.123456'`}, "timestamptz datetime"},
	{"Django", `c bigint`, []string{`86400000000`}, ""},                              // perhaps a DurationField
	{"SQLAlchemy", `c CHAR(32)`, []string{`'3f2504e04f8941d39a0c0305e82c3301'`}, ""}, // too few to tell from a digest
	{
		"SQLAlchemy", `c CHAR(32)`,
		[]string{
			`'3f2504e04f8941d39a0c0305e82c3301'`, `'4f2504e04f8941d39a0c0305e82c3301'`,
			`'5f2504e04f8941d39a0c0305e82c3301'`, `'6f2504e04f8941d39a0c0305e82c3301'`,
		},
		"uuid uuid-hex",
	},
	{"SQLAlchemy", `c CHAR(32)`, []string{`'d41d8cd98f00b204e9800998ecf8427e'`}, ""}, // MD5
	{"Rails", `c boolean`, []string{`'t'`, `'f'`, `1`, `0`}, "boolean bool"},
	{"Rails", `c boolean`, []string{`'t'`, `2`}, ""},
	{"Laravel", `c tinyint(1)`, []string{`1`, `0`}, "boolean bool"},
	{"Prisma", `c DATETIME`, []string{`1714979289123`, `'2024-05-06T07:08:09.123+00:00'`, `'2024-05-06 07:08:09'`}, "timestamptz epoch-ms"},
	{"Prisma", `c DATETIME`, []string{`-30610224000000`, `1714979289123`, `0`, `253402300799999`}, "timestamptz epoch-ms"},
	{"Prisma", `c DATETIME`, nil, "timestamptz epoch-ms"},
	{"Prisma", `c DATETIME`, []string{`1714979289`}, ""},                             // seconds: not Prisma's
	{"Prisma", `c DATETIME`, []string{`509000`, `86273000`}, "timestamptz epoch-ms"}, // times of a day in 1970
	{"EF Core", `c TEXT`, []string{`'3F2504E0-4F89-41D3-9A0C-0305E82C3301'`, `'00000000-0000-0000-0000-000000000000'`}, "uuid uuid-upper"},
	{"EF Core", `c TEXT`, []string{`'` + rfc + `'`}, ""}, // a string
	{"EF Core", `c TEXT`, []string{`'2024-05-06 07:08:09.1234567'`, `'0001-01-01 00:00:00'`}, "timestamp datetime"},
	{"EF Core", `c TEXT`, []string{`'2024-05-06 07:08:09+02:00'`}, "timestamptz datetime"},
	{"EF Core", `c TEXT`, []string{`'2024-05-06'`}, "date date"},
	{"EF Core", `c TEXT`, []string{`'2024-05-06'`, `''`}, ""},
	{"EF Core", `c TEXT`, []string{`'1.02:03:04.5000000'`, `'00:00:01'`, `'-00:10:00'`}, "interval timespan"},
	{"EF Core", `c TEXT`, []string{`'02:03:04'`}, ""}, // a TimeSpan or a TimeOnly
	{"EF Core", `c TEXT DEFAULT '0.0'`, []string{`'12.5'`, `'-0.05'`, `'3.0'`}, "numeric decimal"},
	{"EF Core", `UnitPrice TEXT`, []string{`'12.5'`}, "numeric decimal"},
	{"EF Core", `UnitPrice TEXT`, []string{`'12.50'`}, ""},
	{"EF Core", `Version TEXT`, []string{`'1.0'`, `'2.1'`}, ""},
	{"EF Core", `EmailConfirmed INTEGER`, []string{`1`, `0`}, "boolean bool"},
	{"EF Core", `IsWhat INTEGER`, []string{`1`, `2`}, ""},
	{
		"EF Core", `c BLOB`,
		[]string{
			`x'e004253f894f41ff9a0c0305e82c3301'`, `x'e004253f894f41ff9a0c0305e82c3302'`,
			`x'e004253f894f43ff9a0c0305e82c3303'`, `x'e004253f894f43ff9a0c0305e82c3304'`,
		},
		"",
	},
	{
		"EF Core", `c BLOB`,
		[]string{
			`x'e004253f894fff419a0c0305e82c3301'`, `x'e004253f894fff419a0c0305e82c3302'`,
			`x'e004253f894fff419a0c0305e82c3303'`, `x'e004253f894fff419a0c0305e82c3304'`,
		},
		"uuid dotnet-guid",
	},
	{"TypeORM", `c varchar PRIMARY KEY`, []string{`'` + rfc + `'`}, "uuid uuid-dashed"},
	{"TypeORM", `c varchar`, []string{`'` + rfc + `'`}, ""},
	{"TypeORM", `c jsonb`, []string{`x'35302e35'`}, "jsonb jsonb"}, // the number 0.5; also the text 50.5
	{"Sequelize", `c DATETIME`, []string{`'2024-05-06 07:08:09.123 +00:00'`}, "timestamptz datetime"},
	{"Sequelize", `c DOUBLE PRECISION`, []string{`1.5`, `'NaN'`, `'-Infinity'`}, "double precision float"},
	{"Drizzle", `c integer DEFAULT (unixepoch())`, []string{`1714979289`}, "timestamptz epoch-s"},
	{"Drizzle", `c integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer))`, []string{`1714979289000`}, "timestamptz epoch-ms"},
	{"Drizzle", `created_at integer`, []string{`1714979289`, `-5000000000`, `0`}, "timestamptz epoch-s"},
	{"Drizzle", `created_at integer`, []string{`1714979289123`, `-30610224000000`}, "timestamptz epoch-ms"},
	{"Drizzle", `created_at integer`, []string{`1714979289`, `1714979289123`}, ""},
	{"Drizzle", `seats integer`, []string{`1714979289`}, ""},
	{"Drizzle", `c integer DEFAULT false`, []string{`1`}, "boolean bool"},
	{"Drizzle", `c blob`, []string{`CAST('{"a":1}' AS BLOB)`, `CAST('[]' AS BLOB)`}, "jsonb json-text"},
	{"Drizzle", `c blob`, []string{`CAST('-123' AS BLOB)`}, "bigint int-text"},
	{"Drizzle", `c blob`, []string{`CAST('{"a":1}' AS BLOB)`, `x'00'`}, ""},
	{"Drizzle", `c blob`, []string{`CAST('{"a":1}' AS BLOB)`, `CAST('null' AS BLOB)`}, "jsonb json-text"},
	{"Drizzle", `c text`, []string{`'{"a": 1}'`, `'1'`}, "json json"},
	{"Drizzle", `c text`, []string{`'1'`, `'true'`}, ""},
	{"Drizzle", `c text`, []string{`'2024-05-06'`}, "date date"},
	{"Drizzle", `c text`, []string{`'2024-05-06'`, `'2024-05-06 07:08'`}, ""},
	{"Drizzle", `updatedAt text`, []string{`'2024-05-06T07:08:09.123Z'`, `'2024-05-06 07:08:09'`}, "timestamptz datetime"},
	{"Drizzle", `c text`, []string{`'2024-05-06T07:08:09.123Z'`}, ""},
	{"Drizzle", `c text PRIMARY KEY`, []string{`'` + rfc + `'`}, "uuid uuid-dashed"},
	{"Drizzle", `c text`, []string{`'` + rfc + `'`}, ""},
	{"Drizzle", `c text DEFAULT CURRENT_TIMESTAMP`, nil, "timestamptz datetime"},
	{"Drizzle", `verified integer`, []string{`1`, `0`}, "boolean bool"},
	{"Drizzle", `verified integer`, []string{`1`, `2`}, ""},
	{"Knex", `c datetime`, []string{`1714979289123`, `'2024-05-06 07:08:09'`}, "timestamptz epoch-ms"},
	{"GORM", `c numeric`, []string{`1`, `0`}, "boolean bool"},
	{"GORM", `c numeric`, []string{`1.5`, `0`}, ""},
	{"GORM", `c numeric(10,2)`, []string{`1`}, ""},
	{"GORM", `c datetime`, []string{`'2024-05-06 07:08:09.5 +0200 CEST m=+1.5'`}, "timestamptz datetime"},
	{"GORM", `c inet`, []string{`'10.0.0.1'`, `'10.0.0.0/8'`}, "inet inet"},
	{"GORM", `c date`, []string{`'2024-05-06 00:00:00+00:00'`, `'2024-05-07'`}, "date midnight"},
	{"GORM", `c date`, []string{`'2024-05-06 00:00:00+02:00'`}, ""},
	{"GORM", `c date`, []string{`'2024-05-06 07:00:00+00:00'`}, ""},
	{"Peewee", `c BLOB`, []string{`x'00'`}, "bytea plain"},
	{"Hibernate/xerial", `c timestamp`, []string{`1714979289123`}, "timestamptz epoch-ms"},
	{"Ecto", `inserted_at TEXT`, []string{`'2024-05-06T07:08:09'`}, "timestamp datetime"},
	{"Ecto", `c NUMERIC`, []string{`1`, `1.5`}, "double precision float"},
	{"Ecto", `c NUMERIC`, []string{`9007199254740993`}, ""},
	{"sqlx", `c DATETIME`, []string{`1714979289`, `'2024-05-06T07:08:09Z'`}, "timestamptz epoch-s"},
	{"SeaORM", `c uuid_text`, []string{`x'3f2504e04f8941d39a0c0305e82c3301'`}, "uuid uuid-blob"},
	{"SeaORM", `c json_text`, []string{`'{"a":1}'`}, "json json"},
	{"Room", `created_at INTEGER`, []string{`1714979289123`}, "timestamptz epoch-ms"},
	{"Room", `playTime INTEGER`, []string{`215000`}, ""},      // a duration
	{"Core Data", `c TIMESTAMP`, []string{`736671600.5`}, ""}, // not in a table Z...
	{"sqlite-net", `c bigint`, []string{`638505760890000000`, `0`}, "timestamp ticks"},
	{"sqlite-net", `c bigint`, []string{`42`}, ""},
	{"PocketBase", `c TEXT`, []string{`'2024-05-06 07:08:09.123Z'`}, "timestamptz datetime"},
	{"PocketBase", `c TEXT`, []string{`'2024-05-06 07:08:09.123Z'`, `''`}, ""},
	{"Home Assistant", `last_updated_ts FLOAT`, []string{`1714979289.5`}, "double precision plain"},
	{"Home Assistant", `context_id_bin BLOB`, []string{`x'3f2504e04f8941d39a0c0305e82c3301'`}, "bytea plain"},
	{"FluentMigrator", `enableSearch INTEGER`, []string{`1`}, "boolean bool"},
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, c := range hintCases {
		t.Run(c.framework+" "+c.column, func(t *testing.T) {
			t.Parallel()
			statements := append([]string{`CREATE TABLE t (` + c.column + `)`}, markers[c.framework]...)
			for _, v := range c.values {
				statements = append(statements, `INSERT INTO t VALUES (`+v+`)`)
			}
			snap, s := build(t, statements...)
			if framework.Detect(s).Named(c.framework) == nil {
				t.Fatal("the framework is not found")
			}
			got := ""
			if h, ok := held(t, snap, s)["t."+s.Table("t").Columns[0].Name]; ok {
				got = h.Type.SQL() + " " + string(h.Form)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", c.values, diff)
			}
		})
	}
}

func TestCoreDataDates(t *testing.T) {
	t.Parallel()
	snap, s := build(t, append([]string{
		`CREATE TABLE ZNOTE (ZCREATED TIMESTAMP)`,
		`INSERT INTO ZNOTE VALUES (736671600.25), (736671600), (64092211200)`, // the last is distantFuture
	}, markers["Core Data"]...)...)
	h, ok := held(t, snap, s)["ZNOTE.ZCREATED"]
	if !ok || h.Form != typemap.FormCoreData || h.Zone != "UTC" {
		t.Errorf("got %+v", h)
	}
}

// Parts of a column merge to what the whole column gives.
func TestTallyMerge(t *testing.T) {
	t.Parallel()
	h := framework.Hint{Type: sqltype.Type{Kind: sqltype.TimestampTZ}, Form: framework.FormEpoch}
	var whole, first, second framework.Tally
	for i, n := range []int64{0, 1714979289, -30, 253402300799, 1714979290} {
		var v row.Value
		v.SetInt(n)
		h.Count(&whole, &v)
		if i < 2 {
			h.Count(&first, &v)
		} else {
			h.Count(&second, &v)
		}
	}
	first.Merge(&second)
	if diff := cmp.Diff(whole, first); diff != "" {
		t.Errorf("(-whole +merged):\n%s", diff)
	}
	if f, ok := h.Holds(&whole); !ok || f != typemap.FormSeconds {
		t.Errorf("Holds = %q, %v", f, ok)
	}
}

func TestRule(t *testing.T) {
	t.Parallel()
	for form, want := range map[typemap.Form]bool{
		"": true, typemap.FormMillis: true, typemap.FormPlain: true,
		framework.FormHex: false, framework.FormTimeSpan: false,
	} {
		h := framework.Hint{Type: sqltype.Type{Kind: sqltype.UUID}, Form: form}
		if r, ok := h.Rule("t", "c"); ok != want || ok && (r.Table != "t" || r.Form != form) {
			t.Errorf("%q: %+v, %v", form, r, ok)
		}
	}
}

func TestCountDoesNotAllocate(t *testing.T) {
	text := []byte("3F2504E0-4F89-41D3-9A0C-0305E82C3301")
	var v row.Value
	for _, form := range []typemap.Form{
		framework.FormBool, framework.FormHex, framework.FormDashed, framework.FormUpper, framework.FormEpoch,
		framework.FormDatetime, framework.FormDate, framework.FormTimeSpan, framework.FormDecimal,
		framework.FormIntText, framework.FormFloat, typemap.FormMillis, typemap.FormGUID, typemap.FormPlain,
	} {
		h := framework.Hint{Type: sqltype.Type{Kind: sqltype.TimestampTZ}, Form: form}
		var tally framework.Tally
		if n := testing.AllocsPerRun(100, func() {
			v.SetText(text)
			h.Count(&tally, &v)
			v.SetInt(1714979289)
			h.Count(&tally, &v)
		}); n != 0 {
			t.Errorf("%s: %v allocations", form, n)
		}
	}
}
