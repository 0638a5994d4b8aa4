package translate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, e := range lines(t, "testdata/unsupported.txt") {
		tree, err := syntax.ParseSelect("SELECT " + e + " FROM t")
		if err != nil {
			t.Errorf("parse %s: %v", e, err)
			continue
		}
		v, err := translate.Select(tree, shop())
		checkRefusal(t, e, v.SQL, err)
	}
	for _, text := range lines(t, "testdata/unsupported_selects.txt") {
		tree, err := syntax.ParseSelect(text)
		if err != nil {
			t.Errorf("parse %s: %v", text, err)
			continue
		}
		v, err := translate.Select(tree, shop())
		checkRefusal(t, text, v.SQL, err)
	}
}

func checkRefusal(t *testing.T, what, got string, err error) {
	t.Helper()
	var u *translate.Unsupported
	switch {
	case err == nil:
		t.Errorf("%s was rebuilt: %s", what, got)
	case !errors.As(err, &u):
		t.Errorf("%s: %v is not an Unsupported", what, err)
	case u.What == "" || u.Why == "" || strings.ContainsAny(err.Error(), "\n\r\x00"):
		t.Errorf("%s: %q is no line that explains itself", what, err)
	}
}

func TestExpr(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     translate.Want
		out      string
	}{
		{"check of a flag", "f IN (0, 1)", translate.Want{}, `"f" IN (false, true)`},
		{"check of an integer", "n", translate.Want{}, `"n" <> 0`},
		{"list of texts", "s IN ('a', 'b')", translate.Want{}, `"s" IN ('a', 'b')`},
		{"text order is by bytes", "s > 'a'", translate.Want{}, `"s" COLLATE "C" > 'a'`},
		{"equality needs no collation", "s = 'a'", translate.Want{}, `"s" = 'a'`},
		{"numeric text literal", "n >= '5'", translate.Want{}, `"n" >= 5`},
		{"real literal beside numeric", "p < 10.50", translate.Want{}, `"p" < 10.5`},
		{"division", "n / m > 1", translate.Want{}, `("n" / NULLIF("m", 0)) > 1`},
		{"arithmetic is 64 bits wide", "n * small > 0", translate.Want{}, `("n"::bigint * "small"::bigint) > 0`},
		{"json_valid", "json_valid(j) OR j IS NULL", translate.Want{}, `(CASE WHEN "j" IS NOT NULL THEN true END) OR ("j" IS NULL)`},
		{"LIKE has no escape", "s LIKE 'A%'", translate.Want{}, `"s" COLLATE "C" ILIKE 'A%' ESCAPE ''`},
		{"GLOB", "s GLOB 'a*'", translate.Want{}, `"s" LIKE 'a%' ESCAPE ''`},
		{"GLOB class", "s GLOB '[a-z]?'", translate.Want{}, `"s" COLLATE "C" ~ '^[a-z].$'`},
		{"NOCASE", "c = 'ABC'", translate.Want{}, `lower("c" COLLATE "C") = 'abc'`},
		{"birth date", "day < CURRENT_TIMESTAMP", translate.Want{}, `"day" <= (now() AT TIME ZONE 'utc')::date`},
		{"chains stay flat", "n = 1 AND m = 1 AND r = 1", translate.Want{}, `("n" = 1) AND ("m" = 1) AND ("r" = 1)`},
		{"index", "lower(s)", translate.Want{Context: translate.Index}, `(lower("s"))`},
		{"unique index", "lower(s)", translate.Want{Context: translate.UniqueIndex}, `(lower("s" COLLATE "C"))`},
		{"index of a NOCASE column", "c", translate.Want{Context: translate.Index}, `(lower("c"))`},
		{"predicate", "f AND d IS NOT NULL", translate.Want{Context: translate.Predicate}, `"f" AND ("d" IS NOT NULL)`},
		{"predicate by time", "d > '2024-01-01 00:00:00'", translate.Want{Context: translate.Predicate}, `"d" > '2024-01-01 00:00:00'::timestamp`},
		{"generated text", "s || '-' || n", translate.Want{Context: translate.Generated, Type: kind(sqltype.Text)}, `"s" || '-' || "n"::text`},
		{"generated integer", "n * 10 + 4", translate.Want{Context: translate.Generated, Type: kind(sqltype.Int4)}, `(("n"::bigint * 10) + 4)::integer`},
		{"generated date", "date(d)", translate.Want{Context: translate.Generated, Type: kind(sqltype.Date)}, `"d"::date`},
		{"generated boolean", "n > 5", translate.Want{Context: translate.Generated, Type: kind(sqltype.Bool)}, `"n" > 5`},
		{"generated year", "strftime('%Y', d)", translate.Want{Context: translate.Generated, Type: kind(sqltype.Text)}, `lpad(extract(year FROM "d")::text, 4, '0')`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree, err := syntax.ParseExpr(c.in)
			if err != nil {
				t.Fatal(err)
			}
			r, err := translate.Expr(tree, testTable(), c.want)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.out, r.SQL); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestBooleanSpellings: SQLite never takes 't' for 1, so that a condition on
// values spelt otherwise would choose other rows in Postgres.
func TestBooleanSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in            string
		words, digits bool
		out           string // "" where it is refused
	}{
		{"f = 't'", true, false, `"f" = true`},
		{"f = 't'", false, true, ""},
		{"f = 't'", true, true, ""},
		{"f = 't'", false, false, `"f" = true`},
		{"f IN ('t', 'true')", false, true, ""},
		{"f = '1'", false, true, `"f" = true`},
		{"f = '1'", true, false, ""},
		{"f = 1", false, true, `"f" = true`},
		{"f = 1", true, false, ""},
		{"f = 1", true, true, ""},
		{"f = 1", false, false, `"f" = true`},
		{"0 < f", true, false, ""},
		{"f = f", true, true, ""},
		{"f = f", true, false, `"f" = "f"`},
		{"f = (n > 1)", true, false, ""},
		{"f = (n > 1)", false, true, `"f" = ("n" > 1)`},
		{"f AND n", true, false, ""},
		{"NOT f", true, true, ""},
		{"NOT f", false, true, `NOT "f"`},
		{"f + 1 > 0", true, false, ""},
		{"f IS NULL", true, true, `"f" IS NULL`},
	} {
		table := testTable()
		for i := range table.Columns {
			if table.Columns[i].Name == "f" {
				table.Columns[i].Words, table.Columns[i].Digits = c.words, c.digits
			}
		}
		tree, err := syntax.ParseExpr(c.in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := translate.Expr(tree, table, translate.Want{})
		if (err == nil) != (c.out != "") || err == nil && r.SQL != c.out {
			t.Errorf("%s with words %t and digits %t: %q, %v, want %q", c.in, c.words, c.digits, r.SQL, err, c.out)
		}
	}
}

// TestLocalTimes: in a column whose texts were times of some zone, a text of the
// statement is not a time in UTC.
func TestLocalTimes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ep > '2024-01-01 00:00:00'":                       "",
		"ep BETWEEN '2024-01-01' AND '2025-01-01'":         "",
		"date(ep) = '2024-01-01'":                          "",
		"strftime('%Y', ep) = '2024'":                      "",
		"substr(ep, 1, 4) = '2024'":                        "",
		"ep < datetime('now')":                             "",
		"coalesce(ep, '2024-01-01 00:00:00') = ep":         "",
		"coalesce(ep, '2024-01-01 00:00:00') IS NOT NULL":  "",
		"CASE WHEN n THEN ep ELSE datetime('now') END = d": "",
		"ep IS NOT NULL":                                   `"ep" IS NOT NULL`,
		"ep >= ep":                                         `"ep" >= "ep"`,
	} {
		table := testTable()
		for i := range table.Columns {
			if c := &table.Columns[i]; c.Name == "ep" {
				c.Local, c.Unit, c.Affinity = true, translate.NoUnit, schema.AffNumeric
			}
		}
		tree, err := syntax.ParseExpr(in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := translate.Expr(tree, table, translate.Want{})
		if (err == nil) != (want != "") || err == nil && r.SQL != want {
			t.Errorf("%s: %q, %v, want %q", in, r.SQL, err, want)
		}
	}
	local := translate.Column{Type: kind(sqltype.TimestampTZ), Local: true}
	for in, want := range map[string]string{"'2024-01-01 00:00:00'": "", "'2024-01-01 00:00:00Z'": "'2024-01-01 00:00:00+00'::timestamptz", "CURRENT_TIMESTAMP": "now()"} {
		tree, err := syntax.ParseExpr(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := translate.DefaultFor(tree, local); got != want || (err == nil) != (want != "") {
			t.Errorf("DEFAULT %s: %q, %v, want %q", in, got, err, want)
		}
	}
}

// TestContexts refuses what a context does not allow.
func TestContexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     translate.Want
	}{
		{"now in an index", "d > CURRENT_TIMESTAMP", translate.Want{Context: translate.Index}},
		{"now in a predicate", "d > datetime('now')", translate.Want{Context: translate.Predicate}},
		{"now in a generated column", "strftime('%Y', 'now')", translate.Want{Context: translate.Generated, Type: kind(sqltype.Text)}},
		{"random in a check", "random() > 0", translate.Want{Context: translate.Check}},
		{"subquery in a check", "n IN (SELECT 1)", translate.Want{Context: translate.Check}},
		{"EXISTS in a check", "EXISTS (SELECT 1)", translate.Want{Context: translate.Check}},
		{"aggregate in a check", "count(*) > 1", translate.Want{Context: translate.Check}},
		{"window in a check", "row_number() OVER () > 1", translate.Want{Context: translate.Check}},
		{"text as a condition", "s", translate.Want{Context: translate.Check}},
		{"fraction in an integer column", "r / 2", translate.Want{Context: translate.Generated, Type: kind(sqltype.Int8)}},
		{"text in an integer column", "s", translate.Want{Context: translate.Generated, Type: kind(sqltype.Int8)}},
		{"random in a generated column", "hex(randomblob(4))", translate.Want{Context: translate.Generated, Type: kind(sqltype.Text)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree, err := syntax.ParseExpr(c.in)
			if err != nil {
				t.Fatal(err)
			}
			r, err := translate.Expr(tree, testTable(), c.want)
			checkRefusal(t, c.in, r.SQL, err)
		})
	}
}

// TestTextColumnsOfNumbers covers columns whose affinity and Postgres type
// belong to different classes.
func TestTextColumnsOfNumbers(t *testing.T) {
	t.Parallel()
	rel := &translate.Relation{Name: "t", Target: "t", Columns: []translate.Column{
		{Name: "price", Target: "price", Type: kind(sqltype.Numeric), Affinity: schema.AffText},
		{Name: "code", Target: "code", Type: kind(sqltype.Text), Affinity: schema.AffInteger},
		{Name: "ci", Target: "ci", Type: sqltype.Type{Kind: sqltype.Citext, Schema: "ext"}, Affinity: schema.AffText, NoCase: true},
	}}
	for in, want := range map[string]string{
		"price >= 0":        `"price" >= 0`,
		"price > 5":         "",
		"price = 5":         "",
		"code = 5":          `"code" = '5'`,
		"code = '05'":       `"code" = '5'`,
		"code = 'x'":        `"code" = 'x'`,
		"code > 5":          "",
		"code > '5'":        "",
		"length(code) >= 1": `char_length("code") >= 1`,
		"ci = 'A'":          `lower("ci"::text COLLATE "C") = 'a'`,
		"ci LIKE 'a%'":      `"ci"::text COLLATE "C" ILIKE 'a%' ESCAPE ''`,
	} {
		tree, err := syntax.ParseExpr(in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := translate.Expr(tree, rel, translate.Want{})
		if want == "" {
			checkRefusal(t, in, r.SQL, err)
		} else if err != nil || r.SQL != want {
			t.Errorf("%s gives %s, %v; want %s", in, r.SQL, err, want)
		}
	}
}
