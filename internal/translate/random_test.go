package translate_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// generator draws expressions of the core operators as SQL text. Only small
// integers take part, so that nothing overflows.
type generator struct{ t *rapid.T }

func (g generator) pick(list ...string) string { return rapid.SampledFrom(list).Draw(g.t, "pick") }

// number draws a numeric expression.
func (g generator) number(depth int) string {
	if depth == 0 || rapid.IntRange(0, 3).Draw(g.t, "leaf") == 0 {
		return g.pick("small", "id", "f", "r", "0", "1", "-3", "7", "2.5", "NULL", "length(s)", "'12'", "instr(s, 'b')")
	}
	a := func() string { return g.number(depth - 1) }
	switch rapid.IntRange(0, 10).Draw(g.t, "number") {
	case 0, 1, 2:
		return "(" + a() + g.pick(" + ", " - ", " * ") + a() + ")"
	case 3:
		return "(" + a() + g.pick(" / ", " % ") + a() + ")"
	case 4:
		return "abs(" + a() + ")"
	case 5:
		return "coalesce(" + a() + ", " + a() + ")"
	case 6:
		return "CASE WHEN " + g.condition(depth-1) + " THEN " + a() + " ELSE " + a() + " END"
	case 7:
		return "nullif(" + a() + ", " + a() + ")"
	case 8:
		return g.pick("min", "max") + "(" + a() + ", " + a() + ")"
	case 9:
		return "(" + g.condition(depth-1) + ")"
	}
	return "(- " + a() + ")"
}

// text draws a text expression.
func (g generator) text(depth int) string {
	if depth == 0 || rapid.IntRange(0, 2).Draw(g.t, "leaf") == 0 {
		return g.pick("s", "u", "c", "'abc'", "'B'", "''", "'5'", "'a%'", "NULL")
	}
	a := func() string { return g.text(depth - 1) }
	switch rapid.IntRange(0, 7).Draw(g.t, "text") {
	case 0:
		return "(" + a() + " || " + a() + ")"
	case 1:
		return g.pick("lower", "upper", "trim", "rtrim") + "(" + a() + ")"
	case 2:
		return "substr(" + a() + ", " + g.pick("1", "2", "-2", "0", "-9") + ", " + g.pick("0", "1", "3") + ")"
	case 3:
		return "replace(" + a() + ", " + a() + ", " + a() + ")"
	case 4:
		return "CASE WHEN " + g.condition(depth-1) + " THEN " + a() + " ELSE " + a() + " END"
	case 5:
		return "ifnull(" + a() + ", " + a() + ")"
	case 6:
		return "nullif(" + a() + ", " + a() + ")"
	}
	return "(" + a() + " || " + g.pick("id", "small", "f") + ")"
}

// condition draws a condition.
func (g generator) condition(depth int) string {
	op := g.pick(" = ", " <> ", " < ", " <= ", " > ", " >= ", " IS ", " IS NOT ")
	if depth == 0 {
		return g.pick("f", "small", "small > 1", "s = 'abc'", "1", "NULL", "r < 2", "c = 'ABC'")
	}
	switch rapid.IntRange(0, 9).Draw(g.t, "condition") {
	case 0, 1:
		return "(" + g.number(depth-1) + op + g.number(depth-1) + ")"
	case 2, 3:
		return "(" + g.text(depth-1) + op + g.text(depth-1) + ")"
	case 4:
		return "(" + g.condition(depth-1) + g.pick(" AND ", " OR ") + g.condition(depth-1) + ")"
	case 5:
		return "(NOT " + g.condition(depth-1) + ")"
	case 6:
		return "(" + g.number(depth-1) + g.pick(" IN ", " NOT IN ") + "(" + g.number(depth-1) + ", " + g.number(0) + "))"
	case 7:
		return "(" + g.number(depth-1) + g.pick(" BETWEEN ", " NOT BETWEEN ") + g.number(0) + " AND " + g.number(0) + ")"
	case 8:
		return "(" + g.text(depth-1) + g.pick(" LIKE ", " NOT LIKE ") + g.text(0) + ")"
	}
	return "(" + g.text(depth-1) + g.pick(" IS NULL", " IS NOT NULL") + ")"
}

// TestRandomExpressionsMeanTheSame draws expressions; what is rebuilt must
// give in Postgres what it gives in SQLite.
func TestRandomExpressionsMeanTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Values of one storage class and without ties or huge numbers.
	w.exec(t, "UPDATE t SET r = 0.25 WHERE abs(r) > 1e6", "UPDATE t SET r = 0.25 WHERE abs(r) > 1e6")
	rebuilt, refusedN := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{rt}
		var e string
		switch rapid.IntRange(0, 2).Draw(rt, "kind") {
		case 0:
			e = g.number(4)
		case 1:
			e = g.text(4)
		default:
			e = g.condition(4)
		}
		text := "SELECT id, " + e + " AS v FROM t ORDER BY id"
		tree, err := syntax.ParseSelect(text)
		if err != nil {
			rt.Fatalf("parse %s: %v", e, err)
		}
		v, err := translate.Select(tree, catalog{testTable()})
		if err != nil {
			refusedN++
			return
		}
		rebuilt++
		want, err := w.liteRows(context.Background(), text)
		if err != nil {
			rt.Fatalf("SQLite: %s: %v", e, err)
		}
		got, err := w.pgRows(context.Background(), v.SQL)
		if err != nil {
			if strings.Contains(err.Error(), "22003") {
				return // out of range: documented
			}
			rt.Fatalf("%s: %v\n\t%s", e, err, v.SQL)
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("%s\n\t%s\n-SQLite +Postgres\n%s", e, v.SQL, d)
		}
	})
	t.Logf("%d rebuilt, %d refused", rebuilt, refusedN)
	if rebuilt < refusedN/4 {
		t.Error("too few expressions were rebuilt")
	}
}
