package translate_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// nasty are texts that try to leave their quotes.
var nasty = []string{
	`"`, `'`, `\`, `''`, `"; DROP TABLE victim; --`, `'; DROP TABLE victim; --`, `\'; DROP TABLE victim; --`,
	`$$; DROP TABLE victim; $$`, `*/ DROP TABLE victim; /*`, "\n; DROP TABLE victim;\n", `E'\'`, `U&"\0022"`, "é’“", strings.Repeat(`"`, 31),
}

// TestNastyNamesAndTexts builds trees whose names and literals hold quotes.
// Postgres must read them as the names and texts they are, whatever
// standard_conforming_strings says.
func TestNastyNamesAndTexts(t *testing.T) {
	t.Parallel()
	pg := pgtest.Connect(t, pgtest.Start(t).Database(t))
	exec := func(sql string) {
		t.Helper()
		if _, err := pg.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec("CREATE TABLE victim ()")
	for _, conforming := range []string{"on", "off"} {
		exec("SET standard_conforming_strings = " + conforming)
		for _, n := range nasty {
			id := pgx.Identifier{n}.Sanitize()
			exec("CREATE TABLE " + id + " (" + id + " text)")
			rel := &translate.Relation{Name: n, Schema: "public", Target: n, Columns: []translate.Column{
				{Name: n, Target: n, Type: kind(sqltype.Text), Affinity: schema.AffText},
			}}
			v, err := translate.Select(nastySelect(n), catalog{rel})
			if err != nil {
				t.Fatalf("%q: %v", n, err)
			}
			exec("PREPARE p AS INSERT INTO " + id + " VALUES ($1)")
			if _, err := pg.Exec(t.Context(), "INSERT INTO "+id+" VALUES ($1)", n); err != nil {
				t.Fatal(err)
			}
			var name, text string
			if err := pg.QueryRow(t.Context(), v.SQL).Scan(&name, &text); err != nil || text != n || name != n {
				t.Errorf("%q came back as %q and %q, %v\n\t%s", n, name, text, err, v.SQL)
			}
			exec("DEALLOCATE p; DROP TABLE " + id)
		}
	}
	exec("SELECT FROM victim")
}

// nastySelect is SELECT n AS n, 'n' AS "n" FROM n AS n WHERE n = 'n'.
func nastySelect(n string) *syntax.Select {
	lit := &syntax.Literal{Kind: syntax.LitString, Text: n}
	return &syntax.Select{
		Cores: []syntax.SelectCore{{
			Columns: []syntax.ResultColumn{{X: &syntax.Name{Table: n, Column: n}, Alias: n}, {X: lit, Alias: n}},
			From:    &syntax.Source{Table: n, Alias: n},
			Where: &syntax.Binary{
				Op: "AND",
				L:  &syntax.Binary{Op: "=", L: &syntax.Name{Column: n}, R: lit},
				R:  &syntax.Like{Op: "GLOB", X: lit, Pattern: &syntax.Literal{Kind: syntax.LitString, Text: "*"}},
			},
		}},
		OrderBy: []syntax.Ordering{{X: &syntax.Name{Column: n}}},
	}
}

// TestHostileTrees refuses what cannot be quoted, what is unknown, and what is
// too deep or too large; no tree may panic.
func TestHostileTrees(t *testing.T) {
	t.Parallel()
	str := func(s string) syntax.Expr { return &syntax.Literal{Kind: syntax.LitString, Text: s} }
	one := &syntax.Literal{Kind: syntax.LitInt, Text: "1"}
	name := func(s string) syntax.Expr { return &syntax.Name{Column: s} }
	deep := syntax.Expr(one)
	for range 100_000 {
		deep = &syntax.Unary{Op: "NOT", X: deep}
	}
	wide := name("s")
	for range 40 { // doubles with every level
		wide = &syntax.Call{Name: "max", Args: []syntax.Expr{wide, wide}}
	}
	nested := name("s")
	for range 60 { // max() writes its arguments twice
		nested = &syntax.Call{Name: "max", Args: []syntax.Expr{nested, name("u")}}
	}
	sub := &syntax.Select{Cores: []syntax.SelectCore{{Columns: []syntax.ResultColumn{{X: one}}}}}
	for range 5000 {
		sub = &syntax.Select{Cores: []syntax.SelectCore{{Columns: []syntax.ResultColumn{{X: &syntax.Subquery{Select: sub}}}}}}
	}
	for what, e := range map[string]syntax.Expr{
		"NUL in a text":          str("a\x00b"),
		"invalid UTF-8":          str("\xff\xfe"),
		"number that is none":    &syntax.Literal{Kind: syntax.LitInt, Text: "1); DROP TABLE t"},
		"float that is none":     &syntax.Literal{Kind: syntax.LitFloat, Text: "1.5::text"},
		"infinite words":         &syntax.Literal{Kind: syntax.LitFloat, Text: "Infinity"},
		"unknown literal":        &syntax.Literal{Kind: 99, Text: "x"},
		"unknown operator":       &syntax.Binary{Op: "= 1; DROP", L: one, R: one},
		"unknown unary":          &syntax.Unary{Op: "@", X: one},
		"unknown LIKE":           &syntax.Like{Op: "SIMILAR TO", X: name("s"), Pattern: str("a")},
		"unknown function":       &syntax.Call{Name: "pg_sleep", Args: []syntax.Expr{one}},
		"function in quotes":     &syntax.Call{Name: `lower"("`, Args: []syntax.Expr{name("s")}},
		"collation in quotes":    &syntax.Collate{X: name("s"), Collation: `C"; DROP TABLE t`},
		"no arguments":           &syntax.Call{Name: "substr"},
		"nil":                    nil,
		"nil operand":            &syntax.Unary{Op: "NOT"},
		"nil arguments":          &syntax.Call{Name: "lower", Args: []syntax.Expr{nil}},
		"very deep":              deep,
		"doubling":               wide,
		"growing":                nested,
		"deep subqueries":        &syntax.Subquery{Select: sub},
		"empty subquery":         &syntax.Subquery{Select: &syntax.Select{}},
		"nil subquery":           &syntax.Exists{},
		"RAISE":                  &syntax.Raise{Text: "ABORT"},
		"frame with a statement": &syntax.Call{Name: "row_number", Over: &syntax.Window{Frame: "ROWS 1 PRECEDING) FROM t; DROP TABLE t; --"}},
		"modifier with a quote":  &syntax.Call{Name: "date", Args: []syntax.Expr{name("d"), str("+1 day'; DROP TABLE t; --")}},
		"case without arms":      &syntax.Case{},
		"empty row":              &syntax.Tuple{},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if e == nil || what == "deep subqueries" || what == "frame with a statement" || what == "nil subquery" || what == "empty subquery" {
				s := &syntax.Select{Cores: []syntax.SelectCore{{Columns: []syntax.ResultColumn{{X: e}}, From: &syntax.Source{Table: "t"}}}}
				if e != nil {
					v, err := translate.Select(s, shop())
					checkRefusal(t, what, v.SQL, err)
				}
			}
			r, err := translate.Expr(e, testTable(), translate.Want{})
			checkRefusal(t, what, r.SQL, err)
		})
	}
}

// FuzzSelect parses arbitrary text; what comes out must be a single statement
// of known words, and errors must be Unsupported.
func FuzzSelect(f *testing.F) {
	for _, path := range []string{"testdata/expressions.txt", "testdata/unsupported.txt"} {
		for _, e := range lines(f, path) {
			f.Add("SELECT " + e + " FROM t")
		}
	}
	for _, path := range []string{"testdata/selects.txt", "testdata/unsupported_selects.txt"} {
		for _, s := range lines(f, path) {
			f.Add(s)
		}
	}
	cat := shop()
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := syntax.ParseSelect(text)
		if err != nil {
			return
		}
		v, err := translate.Select(tree, cat)
		if err != nil {
			var u *translate.Unsupported
			if !errors.As(err, &u) {
				t.Fatalf("%v is not an Unsupported", err)
			}
			return
		}
		bare := quotedParts.ReplaceAllString(v.SQL, " ")
		if strings.ContainsAny(bare, `;$'"\`) || strings.Contains(bare, "--") || strings.Contains(bare, "/*") {
			t.Errorf("%q became %s", text, v.SQL)
		}
	})
}

// quotedParts are the literals and identifiers of rebuilt SQL.
var quotedParts = regexp.MustCompile(`E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"`)
