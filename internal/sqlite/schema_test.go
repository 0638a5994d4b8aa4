package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// describe prints what a test wants to know of a table, one fact a line.
func describe(t *schema.Table) (facts []string) {
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	names := func(cols []int) string {
		var s []string
		for _, c := range cols {
			s = append(s, t.Columns[c].Name)
		}
		return strings.Join(s, ",")
	}
	key := func(what string, k *schema.Key) {
		line := what + " " + k.Name
		for _, p := range k.Parts {
			line += fmt.Sprintf(" %s/%v/%s", t.Columns[p.Column].Name, p.Desc, p.Collation)
		}
		add("%s", line)
	}
	for _, c := range t.Columns {
		add("column %s %q aff %d notnull %v coll %q default %q/%v gen %d %q/%v pk %d", c.Name, c.DeclType, c.Affinity,
			c.NotNull, c.Collation, c.DefaultSQL, c.Default != nil, c.Generated, c.GenSQL, c.Generator != nil, c.PKOrdinal)
	}
	if t.PrimaryKey != nil {
		key("primary", t.PrimaryKey)
	}
	for _, k := range t.Uniques {
		key("unique", k)
	}
	for _, ix := range t.Indexes {
		line := fmt.Sprintf("index %s unique %v where %q/%v", ix.Name, ix.Unique, ix.WhereSQL, ix.Where != nil)
		for _, p := range ix.Parts {
			line += fmt.Sprintf(" %d/%v/%s/%v", p.Column, p.X != nil, p.Collation, p.Desc)
		}
		add("%s", line)
	}
	for _, f := range t.ForeignKeys {
		add("fk %q (%s) -> %s(%s) %s/%s defer %v/%v", f.Name, names(f.Columns), f.Parent,
			strings.Join(f.ParentColumns, ","), f.OnDelete, f.OnUpdate, f.Deferrable, f.InitiallyDeferred)
	}
	for _, c := range t.Checks {
		add("check %q %q/%v", c.Name, c.SQL, c.X != nil)
	}
	add("alias %d wr %v strict %v auto %v seq %d", t.RowidAlias, t.WithoutRowid, t.Strict, t.Autoincrement, t.Seq)
	return facts
}

func TestSchemaTables(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		sql  []string
		want []string
	}{
		{
			"columns and keys",
			[]string{
				`CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a VARCHAR(10) COLLATE NOCASE NOT NULL DEFAULT 'x',
				b AS (id + 1) STORED, c, CONSTRAINT uq UNIQUE (a DESC, c), UNIQUE (c), CONSTRAINT ck CHECK (c > 0))`,
				"INSERT INTO t(id, a, c) VALUES (41, 'q', 1)", "DELETE FROM t",
			},
			[]string{
				`column id "INTEGER" aff 3 notnull false coll "" default ""/false gen 0 ""/false pk 1`,
				`column a "VARCHAR(10)" aff 1 notnull true coll "NOCASE" default "'x'"/true gen 0 ""/false pk 0`,
				`column b "" aff 0 notnull false coll "" default ""/false gen 2 "id + 1"/true pk 0`,
				`column c "" aff 0 notnull false coll "" default ""/false gen 0 ""/false pk 0`,
				`primary  id/false/`, `unique uq a/true/NOCASE c/false/`, `unique  c/false/`,
				`check "ck" "c > 0"/true`,
				"alias 0 wr false strict false auto true seq 41",
			},
		},
		{
			"foreign keys",
			[]string{
				"CREATE TABLE p(x, y, PRIMARY KEY (x, y))",
				`CREATE TABLE t(a REFERENCES p(y) ON DELETE CASCADE, b CONSTRAINT two REFERENCES gone DEFERRABLE INITIALLY DEFERRED,
				CONSTRAINT three FOREIGN KEY (b, a) REFERENCES p(x, y) ON UPDATE SET NULL, FOREIGN KEY (a, b) REFERENCES p)`,
			},
			[]string{
				`column a "" aff 0 notnull false coll "" default ""/false gen 0 ""/false pk 0`,
				`column b "" aff 0 notnull false coll "" default ""/false gen 0 ""/false pk 0`,
				`fk "" (a) -> p(y) CASCADE/NO ACTION defer false/false`,
				`fk "two" (b) -> gone() NO ACTION/NO ACTION defer true/true`,
				`fk "three" (b,a) -> p(x,y) NO ACTION/SET NULL defer false/false`,
				`fk "" (a,b) -> p() NO ACTION/NO ACTION defer false/false`,
				"alias -1 wr false strict false auto false seq 0",
			},
		},
		{
			"indexes",
			[]string{
				"CREATE TABLE t(a TEXT, b INT)", "CREATE UNIQUE INDEX i1 ON t(a COLLATE NOCASE DESC, b) WHERE b > 0",
				"CREATE INDEX i2 ON t(lower(a), b)",
			},
			[]string{
				`column a "TEXT" aff 1 notnull false coll "" default ""/false gen 0 ""/false pk 0`,
				`column b "INT" aff 3 notnull false coll "" default ""/false gen 0 ""/false pk 0`,
				`index i1 unique true where "b > 0"/true 0/false/NOCASE/true 1/false//false`,
				`index i2 unique false where ""/false -1/true//false 1/false//false`,
				"alias -1 wr false strict false auto false seq 0",
			},
		},
		{
			"without rowid and strict",
			[]string{"CREATE TABLE t(a INTEGER, b ANY, PRIMARY KEY (b DESC, a)) STRICT, WITHOUT ROWID"},
			[]string{
				`column a "INTEGER" aff 3 notnull true coll "" default ""/false gen 0 ""/false pk 2`,
				`column b "ANY" aff 0 notnull true coll "" default ""/false gen 0 ""/false pk 1`,
				"primary  b/true/ a/false/",
				"alias -1 wr true strict true auto false seq 0",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sc := schemaOf(t, open(t, build(t, tc.sql...)))
			if len(sc.Broken) > 0 {
				t.Errorf("broken: %v", sc.Broken)
			}
			if diff := cmp.Diff(tc.want, describe(sc.Table("t"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSchemaRowidAlias(t *testing.T) {
	t.Parallel()
	for decl, want := range map[string]int{
		"a INTEGER PRIMARY KEY":                            0,
		"a iNtEgEr PRIMARY KEY":                            0,
		"a INTEGER PRIMARY KEY ASC":                        0,
		"a INTEGER PRIMARY KEY DESC":                       -1,
		"a INT PRIMARY KEY":                                -1,
		"a BIGINT PRIMARY KEY":                             -1,
		"a, b INTEGER, PRIMARY KEY (b)":                    1,
		"a, b INTEGER, PRIMARY KEY (b DESC)":               1, // only the column constraint has the quirk
		"a INTEGER, b INTEGER, PRIMARY KEY (a, b)":         -1,
		"a INTEGER(4) PRIMARY KEY":                         -1,
		"a \"INTEGER\" PRIMARY KEY":                        0,
		"a UNSIGNED INTEGER PRIMARY KEY":                   -1,
		"a INTEGER":                                        -1,
		"a INTEGER PRIMARY KEY NOT NULL, b INTEGER UNIQUE": 0,
	} {
		t.Run(decl, func(t *testing.T) {
			t.Parallel()
			table := schemaOf(t, open(t, build(t, "CREATE TABLE t("+decl+")"))).Table("t")
			if table.RowidAlias != want {
				t.Errorf("alias %d, want %d", table.RowidAlias, want)
			}
		})
	}
}

func TestSchemaObjects(t *testing.T) {
	t.Parallel()
	sc := schemaOf(t, open(t, build(t, "CREATE TABLE a(x)", "CREATE VIEW v(p, q) AS SELECT x, 1 FROM a",
		"CREATE VIEW lost AS SELECT * FROM gone", "CREATE TRIGGER tr AFTER INSERT ON a BEGIN SELECT 1; END",
		"CREATE VIRTUAL TABLE f USING fts5(title)", "CREATE TABLE f_notes(x)", "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)",
		"CREATE TABLE b(x)", "ANALYZE", "PRAGMA user_version=7", "PRAGMA application_id=9")))
	var tables, views []string
	for _, table := range sc.Tables {
		tables = append(tables, table.Name)
	}
	for _, v := range sc.Views {
		line := v.Name
		for _, c := range v.Columns {
			line += " " + c.Name
		}
		views = append(views, fmt.Sprintf("%s tree %v err %v", line, v.Tree != nil, v.Err != nil))
	}
	if diff := cmp.Diff([]string{"a", "f_notes", "b"}, tables); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"v p q tree true err false", "lost tree true err true"}, views); diff != "" {
		t.Error(diff)
	}
	if len(sc.Virtual) != 2 || sc.Virtual[0].Module != "fts5" || len(sc.Virtual[0].Shadows) != 5 ||
		len(sc.Virtual[0].Columns) != 1 || len(sc.Virtual[1].ShadowTables) != 3 || len(sc.Virtual[1].Columns) != 3 {
		t.Errorf("virtual %+v", sc.Virtual)
	}
	if len(sc.Triggers) != 1 || sc.Triggers[0].Tree == nil || sc.Triggers[0].Table != "a" {
		t.Errorf("triggers %+v", sc.Triggers)
	}
	if len(sc.Broken) != 0 || sc.UserVersion != 7 || sc.ApplicationID != 9 || sc.Encoding != "UTF-8" {
		t.Errorf("schema %+v", sc)
	}
}

// rewrite changes the text of the schema behind SQLite's back.
func rewrite(t *testing.T, path string, statements ...string) {
	t.Helper()
	change(t, path, append(append([]string{"PRAGMA writable_schema=ON"}, statements...), "PRAGMA writable_schema=RESET")...)
}

func TestSchemaAlien(t *testing.T) {
	t.Parallel()
	path := build(t, "CREATE TABLE t(a TEXT COLLATE NOCASE PRIMARY KEY, b) WITHOUT ROWID",
		"CREATE TABLE g(a, b AS (abs(a)), c)", "CREATE INDEX gi ON g(abs(a))", "CREATE TABLE plain(a CHECK (abs(a) > 0))",
		"INSERT INTO t VALUES ('b', 1), ('a', 2)", "INSERT INTO g(a, c) VALUES (1, 2)", "INSERT INTO plain VALUES (1)")
	rewrite(t, path, "UPDATE sqlite_schema SET sql = replace(replace(sql, 'NOCASE', 'IDBKEY'), 'abs', 'app_fn')")
	s := open(t, path)
	sc := schemaOf(t, s)
	if len(sc.Broken) != 0 || len(sc.Tables) != 3 {
		t.Fatalf("broken %v", sc.Broken)
	}
	if c := sc.Table("t").Columns[0].Collation; c != "IDBKEY" {
		t.Errorf("collation %q", c)
	}
	if got := readTable(t, s, "t"); !cmp.Equal(got, []string{`0|"a"|2`, `1|"b"|1`}) {
		t.Errorf("read %q", got)
	}
	if got := readTable(t, s, "plain"); !cmp.Equal(got, []string{"1|1"}) {
		t.Errorf("read %q", got)
	}
	_, err := s.RowCount(t.Context(), sc.Table("g"))
	if err != nil {
		t.Error(err)
	}
	// The generated column cannot be computed: the error names the function.
	r, err := s.OpenReader(t.Context(), sqlite.TableUnit(sc.Table("g")))
	if err == nil {
		_, err = drain(r, 3)
	}
	if err == nil || !strings.Contains(err.Error(), "app_fn()") {
		t.Errorf("error %v", err)
	}
	if d, err := s.Check(t.Context()); err != nil || len(d) != 0 {
		t.Errorf("check: %v, %v", d, err)
	}
}

func TestSchemaBroken(t *testing.T) {
	t.Parallel()
	path := build(t, "CREATE TABLE a(x)", "INSERT INTO a VALUES (1)", "CREATE TABLE b(x)", "CREATE INDEX bi ON b(x)", "CREATE TABLE c(x)")
	rewrite(t, path, "UPDATE sqlite_schema SET sql = replace(sql, 'CREATE', 'CRREAT') WHERE name = 'b'")
	s := open(t, path)
	sc := schemaOf(t, s)
	var broken []string
	for _, b := range sc.Broken {
		broken = append(broken, fmt.Sprintf("%s %s %v", b.Type, b.Name, b.Damage))
	}
	if diff := cmp.Diff([]string{"table b true", "index bi true"}, broken); diff != "" {
		t.Error(diff)
	}
	if !s.Info().SchemaDamaged || len(sc.Tables) != 2 {
		t.Errorf("info %+v, tables %v", s.Info(), sc.Tables)
	}
	if !strings.Contains(sc.Broken[0].Err.Error(), "CRREAT") {
		t.Errorf("reason %v", sc.Broken[0].Err)
	}
	if got := readTable(t, s, "a"); len(got) != 1 {
		t.Errorf("read %q", got)
	}
}

// TestSchemaFast: many tables cost a few statements, not a few each.
func TestSchemaFast(t *testing.T) {
	t.Parallel()
	var sql []string
	for i := range 400 {
		sql = append(sql, fmt.Sprintf("CREATE TABLE t%d(id INTEGER PRIMARY KEY, a REFERENCES t0, b TEXT UNIQUE)", i))
	}
	s := open(t, build(t, append(append([]string{"BEGIN"}, sql...), "COMMIT")...))
	start := time.Now()
	sc := schemaOf(t, s)
	if d := time.Since(start); d > 5*time.Second { // 15 ms on a quiet machine; quadratic work would show
		t.Errorf("400 tables took %v", d)
	}
	if len(sc.Tables) != 400 || len(sc.Tables[399].Uniques) != 1 || len(sc.Tables[399].ForeignKeys) != 1 {
		t.Error("tables are missing")
	}
}

func TestSchemaCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "CREATE TABLE a(x)"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Schema(ctx); err == nil {
		t.Error("no error")
	}
}
