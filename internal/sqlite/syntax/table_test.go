package syntax_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

type (
	columnDef  = syntax.ColumnDef
	constraint = syntax.ColumnConstraint
)

func intLit(s string) *syntax.Literal  { return &syntax.Literal{Kind: syntax.LitInt, Text: s} }
func textLit(s string) *syntax.Literal { return &syntax.Literal{Kind: syntax.LitString, Text: s} }
func name(s string) *syntax.Name       { return &syntax.Name{Column: s} }

func by(names ...string) []syntax.Ordering {
	var list []syntax.Ordering
	for _, s := range names {
		list = append(list, syntax.Ordering{X: name(s)})
	}
	return list
}

func TestParseCreateTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		want      syntax.CreateTable
	}{
		{"quoting", "CREATE TABLE \"a\"\"b\" ([c d], `e``f`, 'g''h', i$1, \u00e9)", syntax.CreateTable{
			Name: `a"b`, Columns: []columnDef{{Name: "c d"}, {Name: "e`f"}, {Name: "g'h"}, {Name: "i$1"}, {Name: "\u00e9"}},
		}},
		{"names that are keywords", "create temporary table if not exists main.replace (key, \"select\", desc, left, indexed, over)", syntax.CreateTable{
			Name: "replace", Columns: []columnDef{{Name: "key"}, {Name: "select"}, {Name: "desc"}, {Name: "left"}, {Name: "indexed"}, {Name: "over"}},
		}},
		{"types", "CREATE TABLE t (a DOUBLE  PRECISION, b decimal ( 10 , -2 ), c 'my type', d VARCHAR(+5), e unsigned big int, f \"x\" y(3), g INT GENERATED ALWAYS)", syntax.CreateTable{
			Name: "t", Columns: []columnDef{
				{Name: "a", Type: "DOUBLE PRECISION"},
				{Name: "b", Type: "decimal(10,-2)"},
				{Name: "c", Type: "my type"},
				{Name: "d", Type: "VARCHAR(+5)"},
				{Name: "e", Type: "unsigned big int"},
				{Name: "f", Type: "x"},
				{Name: "g", Type: "INT"},
			},
		}},
		{"options", "CREATE TABLE t (a INT PRIMARY KEY) strict, without ROWID;;", syntax.CreateTable{
			Name: "t", Strict: true, WithoutRowid: true,
			Columns: []columnDef{{Name: "a", Type: "INT", Constraints: []constraint{{Kind: syntax.PrimaryKey}}}},
		}},
		{"autoincrement in the table's key", `CREATE TABLE t ("id" INTEGER, PRIMARY KEY("id" AUTOINCREMENT))`, syntax.CreateTable{
			Name: "t", Columns: []columnDef{{Name: "id", Type: "INTEGER"}},
			Constraints: []syntax.TableConstraint{{
				Kind: syntax.PrimaryKey, Autoincrement: true,
				Columns: []syntax.Ordering{{X: &syntax.Name{Column: "id", DoubleQuoted: true}}},
			}},
		}},
		{"column constraints", "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT REPLACE AUTOINCREMENT NOT NULL ON CONFLICT fail UNIQUE NULL COLLATE 'nocase' CONSTRAINT lonely)", syntax.CreateTable{
			Name: "t", Columns: []columnDef{{Name: "a", Type: "INTEGER", Constraints: []constraint{
				{Kind: syntax.PrimaryKey, Name: "pk", Desc: true, Conflict: "REPLACE", Autoincrement: true},
				{Kind: syntax.NotNull, Conflict: "FAIL"},
				{Kind: syntax.Unique},
				{Kind: syntax.NullAllowed},
				{Kind: syntax.CollateWith, Text: "nocase"},
			}}},
		}},
		{"checks and generated columns", "CREATE TABLE t (a CHECK ( a > 0 /* c */ ), b AS (a), c INT GENERATED ALWAYS AS (a) STORED NOT NULL, d INT AS (a) virtual, CHECK ((a)) ON CONFLICT IGNORE)", syntax.CreateTable{
			Name: "t", Columns: []columnDef{
				{Name: "a", Constraints: []constraint{{Kind: syntax.Check, X: &syntax.Binary{L: name("a"), Op: ">", R: intLit("0")}, Text: "a > 0 /* c */"}}},
				{Name: "b", Constraints: []constraint{{Kind: syntax.Generated, X: name("a"), Text: "a"}}},
				{Name: "c", Type: "INT", Constraints: []constraint{{Kind: syntax.Generated, X: name("a"), Text: "a", Stored: true}, {Kind: syntax.NotNull}}},
				{Name: "d", Type: "INT", Constraints: []constraint{{Kind: syntax.Generated, X: name("a"), Text: "a"}}},
			},
			Constraints: []syntax.TableConstraint{{Kind: syntax.Check, X: name("a"), Text: "(a)", Conflict: "IGNORE"}},
		}},
		{"constraints without commas", "CREATE TABLE t (a, CONSTRAINT u UNIQUE ('a', b COLLATE x DESC) CHECK (1) CONSTRAINT lonely)", syntax.CreateTable{
			Name: "t", Columns: []columnDef{{Name: "a"}},
			Constraints: []syntax.TableConstraint{
				{Kind: syntax.Unique, Name: "u", Columns: []syntax.Ordering{{X: name("a")}, {X: &syntax.Collate{X: name("b"), Collation: "x"}, Desc: true}}},
				{Kind: syntax.Check, X: intLit("1"), Text: "1"},
			},
		}},
		{"AS SELECT", "CREATE TABLE t AS SELECT 1", syntax.CreateTable{Name: "t", AsSelect: true}},
		{"a key on a column named true", "CREATE TABLE t (true, UNIQUE (true))", syntax.CreateTable{
			Name: "t", Columns: []columnDef{{Name: "true"}}, Constraints: []syntax.TableConstraint{{Kind: syntax.Unique, Columns: by("true")}},
		}},
		{"NUL ends the text", "CREATE TABLE t (a)\x00 garbage", syntax.CreateTable{Name: "t", Columns: []columnDef{{Name: "a"}}}},
		{"comments", "CREATE/**/TABLE t--x\n(a--)\n,b/*,c*/) /* open", syntax.CreateTable{Name: "t", Columns: []columnDef{{Name: "a"}, {Name: "b"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := syntax.ParseCreateTable(tt.sql)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql, text string
		want            syntax.Expr
	}{
		{"integer", "5 NOT NULL", "5", intLit("5")},
		{"negative", "- 5", "- 5", &syntax.Unary{Op: "-", X: intLit("5")}},
		{"positive", "+1.5", "+1.5", &syntax.Unary{Op: "+", X: &syntax.Literal{Kind: syntax.LitFloat, Text: "1.5"}}},
		{"separated", "1_000", "1_000", intLit("1000")},
		{"string", "'it''s'", "'it''s'", textLit("it's")},
		{"blob", "x'6162'", "x'6162'", &syntax.Literal{Kind: syntax.LitBlob, Text: "ab"}},
		{"null", "NULL", "NULL", &syntax.Literal{}},
		{"identifier", "foo", "foo", textLit("foo")},
		{"quoted identifier", `"foo bar"`, `"foo bar"`, textLit("foo bar")},
		{"keyword", "replace", "replace", textLit("replace")},
		{"false", "false", "false", &syntax.Literal{Kind: syntax.LitFalse}},
		{"quoted true", `"true"`, `"true"`, textLit("true")},
		{"time", "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP", &syntax.Literal{Kind: syntax.LitCurrentTimestamp}},
		{"expression", "( datetime('now') )", "datetime('now')", &syntax.Call{Name: "datetime", Args: []syntax.Expr{textLit("now")}}},
		{"name in parentheses", `("x")`, `"x"`, &syntax.Name{Column: "x", DoubleQuoted: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table, err := syntax.ParseCreateTable("CREATE TABLE t (a TEXT DEFAULT " + tt.sql + ", b)")
			if err != nil {
				t.Fatal(err)
			}
			got := table.Columns[0].Constraints[0]
			want := constraint{Kind: syntax.Default, X: tt.want, Text: tt.text}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestForeignKeys(t *testing.T) {
	t.Parallel()
	table, err := syntax.ParseCreateTable(`CREATE TABLE t (
		a REFERENCES p ON UPDATE CASCADE ON DELETE SET NULL MATCH full DEFERRABLE INITIALLY DEFERRED,
		b DEFERRABLE INITIALLY IMMEDIATE,
		c REFERENCES "q"(x COLLATE nocase ASC) NOT DEFERRABLE INITIALLY DEFERRED,
		FOREIGN KEY (a, b) REFERENCES r (x, y) ON DELETE NO ACTION ON INSERT RESTRICT ON UPDATE SET DEFAULT DEFERRABLE)`)
	if err != nil {
		t.Fatal(err)
	}
	want := []*syntax.ForeignKey{
		// As in SQLite, b's clause speaks of the last foreign key: a's.
		{Table: "p", OnUpdate: "CASCADE", OnDelete: "SET NULL", Match: "full", Deferrable: true},
		{Table: "q", Parent: []string{"x"}},
		{Columns: []string{"a", "b"}, Table: "r", Parent: []string{"x", "y"}, OnDelete: "NO ACTION", OnUpdate: "SET DEFAULT", Deferrable: true},
	}
	got := []*syntax.ForeignKey{table.Columns[0].Constraints[0].FK, table.Columns[2].Constraints[0].FK, table.Constraints[0].FK}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
