package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// quoted writes an identifier for both databases.
func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// objectOf finds a report's word on a schema object.
func objectOf(t testing.TB, rep pipeline.Report, kind, name string) pipeline.Object {
	t.Helper()
	for _, o := range rep.Objects {
		if o.Kind == kind && o.Name == name {
			return o
		}
	}
	t.Errorf("the report has no %s %q: %+v", kind, name, rep.Objects)
	return pipeline.Object{}
}

// TestHostileNames: any name that SQLite takes arrives as it is, as table, as
// column, as index and in keys, or as a listed short form.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	for i, name := range []string{
		"select", "user", "table", "Mixed Case", `quo"te`, `'single'`, "new\nline", "tab\there", "ünï码", "💾", "a.b", "$1", "%s%d", `back\slash`,
		"trailing ", " leading", "--comment", "/*", ";", "x'; DROP TABLE y; --", "1digit", "-", "\u202eright to left", "\x7f", "pg_class", "information_schema",
		strings.Repeat("n", 63), "{}", "?", "@x", ":y", "null", "oid", "tableoid2", "e\u0301", "\ufeff",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := quoted(name)
			schema := fmt.Sprintf("s%d", i)
			rep := move(t, pipeline.Config{Target: url, Schema: schema, Source: sqliteFile(t,
				fmt.Sprintf("CREATE TABLE %[1]s (id INTEGER PRIMARY KEY, %[1]s TEXT UNIQUE, up TEXT GENERATED ALWAYS AS (%[1]s || '!') STORED, CHECK (%[1]s <> ''))", q),
				fmt.Sprintf("CREATE TABLE child (id INTEGER PRIMARY KEY, %[1]s TEXT REFERENCES %[1]s (%[1]s))", q),
				fmt.Sprintf("CREATE INDEX %s ON %s (%s DESC) WHERE %[3]s > 'a'", quoted(name+"i"), q, q),
				fmt.Sprintf("CREATE VIEW %s AS SELECT %[2]s FROM %[2]s WHERE %[2]s.%[2]s <> 'z'", quoted("v"+name), q),
				fmt.Sprintf("INSERT INTO %s (id, %s) VALUES (1, 'x')", q, q),
				"INSERT INTO child VALUES (1, 'x')",
			)})
			wantRows(t, url, "SELECT id, "+q+", up FROM "+schema+"."+q, "1|x|x!")
			wantRows(t, url, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated AND connamespace = '"+schema+"'::regnamespace", "1")
			for _, o := range rep.Objects {
				if o.Status == "left out" {
					t.Errorf("%s %q left out: %s", o.Kind, o.Name, o.Why)
				}
			}
			if len(name) < 50 && len(rep.Renamed) != 0 {
				t.Errorf("renamed: %+v", rep.Renamed)
			}
		})
	}
}

// TestNamesThatCollide: names that are one in Postgres' eyes, or taken by what
// Postgres makes on its own, do not get in each other's way.
func TestNamesThatCollide(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	long := strings.Repeat("long_", 13) // 65 bytes
	wide := strings.Repeat("é", 40)     // 80 bytes
	for _, test := range []struct {
		name string
		sql  []string
		rows map[string]int // by the name that is sure
	}{
		{"long names with one beginning", []string{
			"CREATE TABLE " + long + "a (id INTEGER PRIMARY KEY, " + long + "x TEXT, " + long + "y TEXT)",
			"CREATE TABLE " + long + "b (id INTEGER PRIMARY KEY REFERENCES " + long + "a)",
			"CREATE INDEX " + long + "i ON " + long + "a (" + long + "x)", "CREATE INDEX " + long + "j ON " + long + "a (" + long + "y)",
			"INSERT INTO " + long + "a VALUES (1, 'x', 'y')", "INSERT INTO " + long + "b VALUES (1)",
			"CREATE TABLE \"" + wide + "1\" (a)", "CREATE TABLE \"" + wide + "2\" (a)",
		}, nil},
		{"63 bytes that differ in the last", []string{
			"CREATE TABLE " + strings.Repeat("t", 62) + "1 (id INTEGER PRIMARY KEY)", "CREATE TABLE " + strings.Repeat("t", 62) + "2 (id INTEGER PRIMARY KEY)",
			"CREATE TABLE " + strings.Repeat("t", 62) + "3 (id INTEGER PRIMARY KEY)", "CREATE TABLE " + strings.Repeat("t", 62) + "4 (id INTEGER PRIMARY KEY)",
		}, nil},
		{"a table named like another's sequence", []string{
			"CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE t_id_seq (id INTEGER PRIMARY KEY)", "CREATE TABLE t_id_seq1 (id INTEGER PRIMARY KEY)",
			"INSERT INTO t VALUES (1)", "INSERT INTO t_id_seq VALUES (1), (2)",
		}, map[string]int{"t": 1, "t_id_seq": 2}},
		{"two sequences of one name", []string{
			"CREATE TABLE a (b_c INTEGER PRIMARY KEY)", "CREATE TABLE a_b (c INTEGER PRIMARY KEY)", "CREATE TABLE x (y_z INTEGER PRIMARY KEY)", "CREATE TABLE x_y (z INTEGER PRIMARY KEY)",
		}, map[string]int{"a": 0, "a_b": 0}},
		{"a table named like another's key", []string{
			"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE)", "CREATE TABLE t_pkey (id INTEGER PRIMARY KEY)", "CREATE TABLE t_a_key (id INTEGER PRIMARY KEY)",
			"INSERT INTO t VALUES (1, 'x')",
		}, map[string]int{"t": 1, "t_pkey": 0, "t_a_key": 0}},
		{"an index named like a key to come", []string{
			"CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE u (a)", "CREATE INDEX t_pkey ON u (a)", "INSERT INTO t VALUES (1)",
		}, map[string]int{"t": 1}},
		{"a table named like another's array type", []string{
			"CREATE TABLE _t (id INTEGER PRIMARY KEY, doc)", "CREATE TABLE t (id INTEGER PRIMARY KEY, doc)", "CREATE TABLE __t (id INTEGER PRIMARY KEY, doc)",
			rowsSQL("t", 3000, 100), rowsSQL("_t", 3000, 100), rowsSQL("__t", 3000, 100),
		}, map[string]int{"t": 3000, "_t": 3000, "__t": 3000}},
		{"names that differ in a trailing space or in case beyond ASCII", []string{
			`CREATE TABLE "t" (a)`, `CREATE TABLE "t " (a)`, `CREATE TABLE "ä" (a)`, `CREATE TABLE "Ä" (a)`, `INSERT INTO "t " VALUES (1)`,
		}, map[string]int{"t": 0, "Ä": 0, "ä": 0}},
		{"system columns", []string{
			`CREATE TABLE t (xmin INTEGER, ctid TEXT, tableoid TEXT, cmin, cmax, xmax, xmin_1 TEXT, oid INTEGER, CHECK (xmin > 0))`, `INSERT INTO t (xmin, oid) VALUES (1, 2)`, "CREATE INDEX i ON t (xmin, ctid)",
		}, map[string]int{"t": 1}},
		{"empty names", []string{`CREATE TABLE "" ("" TEXT, " " TEXT)`, `INSERT INTO "" VALUES ('x', 'y')`, `CREATE INDEX "  " ON "" ("")`}, map[string]int{"unnamed": 1}},
		{"constraints of one name in several tables", []string{
			"CREATE TABLE a (x INTEGER CONSTRAINT c UNIQUE CONSTRAINT d CHECK (x > 0))",
			"CREATE TABLE b (x INTEGER CONSTRAINT c UNIQUE CONSTRAINT d CHECK (x > 0), y INTEGER CONSTRAINT c REFERENCES a (x))",
			"INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1, 1)",
		}, map[string]int{"a": 1, "b": 1}},
		{"one name for all constraints of a table", []string{
			"CREATE TABLE a (x INTEGER CONSTRAINT c PRIMARY KEY, y INTEGER CONSTRAINT c UNIQUE CONSTRAINT c CHECK (y > 0) CONSTRAINT c REFERENCES a (x), CONSTRAINT c CHECK (x > 0))",
			"INSERT INTO a VALUES (1, 1)",
		}, map[string]int{"a": 1}},
		{"constraints named like those that Postgres makes", []string{
			"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT UNIQUE, CONSTRAINT t_pkey CHECK (id > 0), CONSTRAINT t_a_not_null CHECK (a <> ''), CONSTRAINT t_b_key CHECK (b <> 'z'))",
			"INSERT INTO t VALUES (1, 'a', 'b')",
		}, map[string]int{"t": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			rep := move(t, pipeline.Config{Source: sqliteFile(t, test.sql...), Target: url, Jobs: 4})
			for name, n := range test.rows {
				wantRows(t, url, "SELECT count(*) FROM "+quoted(name), fmt.Sprint(n))
			}
			for _, o := range rep.Objects {
				if o.Status == "left out" {
					t.Errorf("%s %q of %s left out: %s", o.Kind, o.Name, o.Table, o.Why)
				}
			}
			for _, r := range rep.Renamed {
				if r.New == "" || r.Why == "" || len(r.New) > 63 {
					t.Errorf("renamed: %+v", r)
				}
			}
		})
	}
}

// TestNamesAreDeterministic: the short forms of long names do not depend on the
// run, and are listed.
func TestNamesAreDeterministic(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	long := strings.Repeat("x", 80)
	source := sqliteFile(t, "CREATE TABLE "+long+" (id INTEGER PRIMARY KEY, "+long+" TEXT)", "CREATE INDEX "+long+"_i ON "+long+" ("+long+")")
	var first []string
	for i := range 2 {
		url := srv.Database(t)
		rep := move(t, pipeline.Config{Source: source, Target: url})
		names := ask(t, url, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1")
		if i == 0 {
			first = names
		}
		if strings.Join(first, " ") != strings.Join(names, " ") {
			t.Errorf("%q, then %q", first, names)
		}
		kinds := map[string]int{}
		for _, r := range rep.Renamed {
			kinds[r.Kind]++
		}
		if kinds["table"] != 1 || kinds["column"] != 1 || kinds["index"] != 1 {
			t.Errorf("renamed: %+v", rep.Renamed)
		}
	}
}

func TestManyColumns(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	table := func(n int) string {
		cols := make([]string, n)
		for i := range cols {
			cols[i] = fmt.Sprintf("c%d INTEGER", i)
		}
		return sqliteFile(t, "CREATE TABLE t ("+strings.Join(cols, ", ")+")", "INSERT INTO t (c0) VALUES (1), (2)")
	}
	for n, code := range map[int]int{1600: 0, 1601: pipeline.ExitRefused} {
		url := srv.Database(t)
		_, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: table(n), Target: url})
		if pipeline.ExitCode(err) != code {
			t.Errorf("%d columns: %v", n, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "1600") || len(catalogNames(t, url)) > 0) {
			t.Errorf("%d columns: %v, and %q", n, err, catalogNames(t, url))
		}
	}
}

// TestManyTables: a table is a transaction of its own, so that the server's
// lock table does not bound their number.
func TestManyTables(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	var list []string
	for i := range 150 {
		list = append(list, fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, p REFERENCES t%d)", i, (i+1)%150))
	}
	rep := move(t, pipeline.Config{Source: sqliteFile(t, list...), Target: url, Jobs: 4})
	wantRows(t, url, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated", "150")
	if len(rep.Tables) != 150 {
		t.Errorf("%d tables", len(rep.Tables))
	}
}

// TestNothingOfTheFileActs: schema text that is an attack arrives as data, as a
// rebuilt expression, or not at all.
func TestNothingOfTheFileActs(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE victim (x int); INSERT INTO victim VALUES (1)")
	source := sqliteFile(t,
		`CREATE TABLE a (id INTEGER PRIMARY KEY, d TEXT DEFAULT 'x''); DROP TABLE victim; --', e TEXT DEFAULT "'); DROP TABLE victim; --", CHECK (d <> '); DROP TABLE victim; --'))`,
		`CREATE TABLE b (x "int); DROP TABLE victim; --" DEFAULT (pg_sleep(100)), y TEXT)`,
		`CREATE TABLE "c""; DROP TABLE victim; --" ("d""); DROP TABLE victim; --" TEXT)`,
		`INSERT INTO a (id) VALUES (1)`,
		`CREATE VIEW v AS SELECT pg_sleep(100), '''; DROP TABLE victim; --' AS "x""; DROP TABLE victim; --" FROM a`,
		`CREATE VIEW w AS SELECT '\''; DROP TABLE victim; --' AS t FROM a`,
		`CREATE TRIGGER tr AFTER INSERT ON a BEGIN DELETE FROM a; END`,
	)
	rep := move(t, pipeline.Config{Source: source, Target: url})
	wantRows(t, url, "SELECT * FROM victim", "1")
	wantRows(t, url, "SELECT d, e FROM a", "x'); DROP TABLE victim; --|'); DROP TABLE victim; --")
	for _, kind := range []struct{ kind, name string }{{"default", "x"}, {"view", "v"}, {"trigger", "tr"}} {
		if o := objectOf(t, rep, kind.kind, kind.name); o.Status != "left out" || o.Source == "" || o.Why == "" {
			t.Errorf("%+v", o)
		}
	}
	wantRows(t, url, "SELECT * FROM w", `\'; DROP TABLE victim; --`)
}
