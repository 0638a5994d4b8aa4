package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// A text key of UUIDs and the columns that refer to it become uuid together,
// although only the key's own values and place tell.
func TestHintOfParent(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	move(t, pipeline.Config{Target: url, Frameworks: []string{"drizzle"}, Source: sqliteFile(t,
		"CREATE TABLE a (id text PRIMARY KEY)", "CREATE TABLE b (a text REFERENCES a, c text)",
		"INSERT INTO a VALUES ('3f2504e0-4f89-41d3-9a0c-0305e82c3301')",
		"INSERT INTO b VALUES ('3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'x'), (NULL, '3f2504e0-4f89-41d3-9a0c-0305e82c3301')",
	)})
	wantRows(t, url, "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
		"a|id|uuid", "b|a|uuid", "b|c|text")
}

// Defaults, checks and indexes follow the types that a framework means, and a
// foreign key keeps one type on both sides.
func TestSchemaOfHints(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	rep := move(t, pipeline.Config{Target: url, Frameworks: []string{"efcore", "drizzle"}, Source: sqliteFile(t,
		`CREATE TABLE a (
			"Id" TEXT PRIMARY KEY CHECK (length("Id") = 36) CHECK ("Id" <> ''),
			"At" TEXT NOT NULL DEFAULT '0001-01-01 00:00:00' CHECK ("At" > '2000-01-01') CHECK (length("At") > 0),
			"Span" TEXT NOT NULL DEFAULT '00:00:00' CHECK ("Span" <> ''),
			"Price" TEXT NOT NULL DEFAULT '0.0',
			"IsOn" INTEGER NOT NULL DEFAULT 1 CHECK ("IsOn" IN (0, 1)),
			created_at INTEGER DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)) CHECK (created_at > 0),
			updated_at INTEGER DEFAULT 0,
			"Upper" TEXT GENERATED ALWAYS AS ("Id" || '') VIRTUAL)`,
		`CREATE TABLE b (a TEXT REFERENCES a)`,
		`CREATE INDEX ix ON a (created_at) WHERE "IsOn" = 1`,
		`INSERT INTO a VALUES ('3F2504E0-4F89-41D3-9A0C-0305E82C3301', '2024-05-06 07:08:09.5', '1.02:03:04', '12.5', 1, 1714979289123, 1714979289)`,
		`INSERT INTO b VALUES ('3F2504E0-4F89-41D3-9A0C-0305E82C3301'), (NULL)`,
	)})
	wantRows(t, url, `SELECT c.relname || '.' || a.attname, format_type(atttypid, atttypmod), coalesce(pg_get_expr(d.adbin, d.adrelid), '')
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relname IN ('a', 'b') AND a.attnum > 0 ORDER BY c.relname, a.attnum`,
		"a.Id|uuid|",
		"a.At|timestamp with time zone|'0001-01-01 00:00:00+00'::timestamp with time zone", // Drizzle's zone
		"a.Span|interval|'00:00:00'::interval",
		"a.Price|numeric|0",
		"a.IsOn|boolean|true",
		"a.created_at|timestamp with time zone|now()",
		"a.updated_at|timestamp with time zone|'1970-01-01 00:00:00+00'::timestamp with time zone",
		"a.Upper|text|",
		"b.a|uuid|")
	var checks []string
	for _, o := range rep.Objects {
		switch {
		case o.Kind == "check":
			checks = append(checks, o.Source+o.Target+" "+o.Status+" "+o.Why)
		case o.Status == "left out":
			t.Errorf("left out: %+v", o)
		}
	}
	want := []string{
		`length("Id") = 36 changed the type uuid holds it`,
		`"Id" <> '' changed the type uuid holds it`,
		`"At" >= '2000-01-01 00:00:00+00'::timestamptz carried `,
		`length("At") > 0 changed the type timestamp with time zone holds it`,
		`"Span" <> '' changed the type interval holds it`,
		`"IsOn" IN (false, true) carried `,
		`"created_at" > '1970-01-01 00:00:00+00'::timestamptz carried `,
	}
	if diff := cmp.Diff(want, checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
}
