package definition_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/definition"
)

// read reads the definitions of a database in a transaction of its own.
func read(t *testing.T, url string, opts definition.Options) *definition.Definitions {
	t.Helper()
	tx, err := pgtest.Connect(t, url).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	d, err := definition.Read(t.Context(), tx, opts)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	if _, err := pgtest.Connect(t, url).PgConn().Exec(t.Context(), strings.Join(statements, ";\n")).ReadAll(); err != nil {
		t.Fatalf("%v", err)
	}
}

// restored makes a database of the statements.
func restored(t *testing.T, d *definition.Definitions) string {
	t.Helper()
	url := pgtest.Start(t).Database(t)
	conn := pgtest.Connect(t, url)
	all := append([]string{"BEGIN", "SET LOCAL search_path = pg_catalog", "SET LOCAL check_function_bodies = off"}, append(d.Before, d.After...)...)
	for _, sql := range append(all, "COMMIT") {
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	return url
}

// beyond lists what Shape does not: views, functions, types, comments, rules.
const beyond = `SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
	SELECT format('view %s: %s %s %s', c.oid::regclass, pg_get_viewdef(c.oid), c.reloptions, c.relispopulated) AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND nspname !~ '^pg_|^information'
	UNION ALL SELECT format('function %s: %s', p.oid::regprocedure, pg_get_functiondef(p.oid)) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE nspname !~ '^pg_|^information' AND prokind <> 'a'
	UNION ALL SELECT format('type %s %s %s %s %s %s', t.oid::regtype, typtype, format_type(typbasetype, typtypmod), pg_get_expr(typdefaultbin, 0), typnotnull,
		(SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE nspname !~ '^pg_|^information'
	UNION ALL SELECT format('attribute %s.%s %s %s %s', a.attrelid::regclass, attname, format_type(atttypid, atttypmod), attcollation::regcollation, pg_get_expr(adbin, adrelid)) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
		LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relkind IN ('v', 'm', 'c', 'r') AND attnum > 0 AND NOT attisdropped AND nspname !~ '^pg_|^information'
	UNION ALL SELECT format('domain check %s: %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE contypid <> 0 AND oid >= 16384
	UNION ALL SELECT format('sequence %s.%s: %s', schemaname, sequencename, (s.data_type, start_value, min_value, max_value, increment_by, cycle, cache_size)) FROM pg_sequences s
	UNION ALL SELECT format('extension %s in %s', extname, extnamespace::regnamespace) FROM pg_extension
	UNION ALL SELECT format('rule %s', pg_get_ruledef(oid)) FROM pg_rewrite WHERE oid >= 16384
	UNION ALL SELECT format('owned %s', pg_get_serial_sequence(format('%I.%I', nspname, relname), attname)) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND nspname !~ '^pg_|^information'
	UNION ALL SELECT format('collation %s %s', collname, collisdeterministic) FROM pg_collation WHERE oid >= 16384
	UNION ALL SELECT format('comment on %s: %s', pg_describe_object(classoid, objoid, objsubid), description) FROM pg_description WHERE objoid >= 16384
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = classoid AND d.objid = objoid AND deptype = 'e')
) x`

func list(t *testing.T, url string) []string {
	t.Helper()
	var text string
	if err := pgtest.Connect(t, url).QueryRow(t.Context(), beyond).Scan(&text); err != nil {
		t.Fatal(err)
	}
	shape := slices.DeleteFunc(pgtest.Shape(t, url), func(line string) bool { return strings.Contains(line, "pg.dropped") })
	return append(strings.Split(text, "\n"), shape...)
}

func database(t *testing.T, file string) string {
	t.Helper()
	sql, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.Start(t).Database(t)
	if strings.Contains(string(sql), "CREATE EXTENSION") {
		needExtensions(t, url)
	}
	execute(t, url, string(sql))
	return url
}

// What the statements make is what was read, and reads the same again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"everything", "extensions"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			roundTrip(t, database(t, "testdata/"+name+".sql"))
		})
	}
}

func roundTrip(t *testing.T, url string) {
	t.Helper()
	opts := definition.Options{Schemas: []string{"app", "Odd schema", "public"}}
	d := read(t, url, opts)
	if len(d.Refused)+len(d.LeftOut) > 0 {
		t.Errorf("refused: %+v; left out: %+v", d.Refused, d.LeftOut)
	}
	again := restored(t, d)
	if diff := cmp.Diff(list(t, url), list(t, again)); diff != "" {
		t.Errorf("read and made again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(d, read(t, again, opts)); diff != "" {
		t.Errorf("read twice (-first +second):\n%s", diff)
	}
}

// needExtensions skips a test where the server's contributed modules are missing.
func needExtensions(t *testing.T, url string) {
	t.Helper()
	var n int
	if err := pgtest.Connect(t, url).QueryRow(t.Context(), "SELECT count(*) FROM pg_available_extensions WHERE name IN ('ltree', 'btree_gist')").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n < 2 {
		t.Skip("the server has no contributed modules")
	}
}

// What cannot be written is told, and so is what needs it.
func TestNotWritten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql        string
		table            string // "" for all tables
		refused, leftOut []definition.Object
	}{
		{"partitions", "CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p DEFAULT; CREATE VIEW v AS SELECT * FROM p", "", []definition.Object{
			{Kind: "table", Name: "public.p", Why: "it is partitioned"}, {Kind: "table", Name: "public.p1", Why: "it inherits, or is inherited from"},
		}, []definition.Object{{Kind: "view", Name: "public.v", Why: "it needs table public.p, which is not in the archive"}}},
		{"a range type", "CREATE TYPE r AS RANGE (subtype = float8); CREATE TABLE t (x r)", "", []definition.Object{
			{Kind: "table", Name: "public.t", Why: "it needs type public.r, which is not in the archive"},
		}, []definition.Object{{Kind: "type", Name: "public.r", Why: "range types of one's own are not written"}}},
		{"an aggregate", "CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int); CREATE TABLE t (x int); CREATE VIEW v AS SELECT total(x) FROM t", "", nil, []definition.Object{
			{Kind: "aggregate", Name: "public.total(integer)", Why: "aggregates are not written"},
			{Kind: "view", Name: "public.v", Why: "it needs aggregate public.total(integer), which is not in the archive"},
		}},
		{"a function in C", `CREATE FUNCTION f() RETURNS float8 LANGUAGE internal AS 'dpi'; CREATE TABLE t (x float8 DEFAULT f(), y float8 GENERATED ALWAYS AS (1) STORED)`, "", []definition.Object{
			{Kind: "default", Name: "x", Table: "public.t", Why: "it needs function public.f(), which is not in the archive"},
		}, []definition.Object{{Kind: "function", Name: "public.f()", Why: "it is written in internal"}}},
		{"an operator", "CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq); CREATE TABLE t (x int CHECK (x === 1))", "", []definition.Object{
			{Kind: "check", Name: "t_x_check", Table: "public.t", Why: "it needs operator public.===(integer,integer), which is not in the archive"},
		}, []definition.Object{{Kind: "operator", Name: "public.===(integer,integer)", Why: "litehaul does not write it"}}},
		{"what nobody thought of", "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE t (x int) USING heap2", "", []definition.Object{
			{Kind: "table", Name: "public.t", Why: "it needs object access method heap2, which is not in the archive"},
		}, nil},
		{"row security", "CREATE TABLE t (x int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON t USING (true)", "", nil, []definition.Object{
			{Kind: "row security", Name: "mine", Table: "public.t", Why: "it belongs to roles: all rows can be read where this is restored"},
		}},
		{"a circle", "CREATE DOMAIN d AS int; CREATE FUNCTION f(d) RETURNS bool LANGUAGE sql AS 'SELECT true'; ALTER DOMAIN d ADD CHECK (f(VALUE)); CREATE TABLE t (x d)", "", []definition.Object{
			{Kind: "domain", Name: "public.d", Why: "it needs itself, by way of others"},
		}, nil},
		{"an extension", "CREATE EXTENSION citext; CREATE TABLE t (x int)", "", nil, []definition.Object{
			{Kind: "extension", Name: "citext", Why: "nothing in the archive is known to need it"},
		}},
		{"a choice of tables", "CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE b (x int REFERENCES a); CREATE VIEW v AS SELECT * FROM a; CREATE VIEW w AS SELECT * FROM b; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "b", nil, []definition.Object{
			{Kind: "foreign key", Name: "b_x_fkey", Table: "public.b", Why: "it needs table public.a, which is not in the archive"},
			{Kind: "view", Name: "public.v", Why: "it needs table public.a, which is not in the archive"},
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Start(t).Database(t)
			if strings.Contains(tc.sql, "EXTENSION") {
				needExtensions(t, url)
			}
			execute(t, url, tc.sql)
			opts := definition.Options{Schemas: []string{"public"}}
			if tc.table != "" {
				opts.Table = func(_, name string) bool { return name == tc.table }
			}
			d := read(t, url, opts)
			if diff := cmp.Diff(tc.refused, d.Refused); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.leftOut, d.LeftOut); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
			if len(d.Refused) == 0 {
				restored(t, d)
			}
		})
	}
}

// The oldest server is told by what the statements use.
func TestMinMajor(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	execute(t, url, "CREATE TABLE a (x int)", "CREATE TABLE b (x text COMPRESSION pglz)")
	for table, want := range map[string]int{"a": 12, "b": 14} {
		d := read(t, url, definition.Options{Schemas: []string{"public"}, Table: func(_, name string) bool { return name == table }})
		if d.MinMajor != want {
			t.Errorf("%s needs PostgreSQL %d, want %d", table, d.MinMajor, want)
		}
	}
}
