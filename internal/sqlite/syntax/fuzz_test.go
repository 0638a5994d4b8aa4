package syntax_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// stableBytes is the length up to which the written text of a tree must read
// back. A longer text may stand at the limit of nesting, and parentheses that
// Format adds may lift it over.
const stableBytes = 300

// FuzzParseExpr looks for panics, and for trees that are not what their own
// text says.
func FuzzParseExpr(f *testing.F) {
	for _, s := range constants {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		x, err := syntax.ParseExpr(sql)
		if err != nil {
			return
		}
		written := syntax.Format(x)
		syntax.Walk(x, func(syntax.Expr) bool { return true })
		if len(sql) > stableBytes {
			return
		}
		again, err := syntax.ParseExpr(written)
		if diff := cmp.Diff(x, again); err != nil || diff != "" {
			t.Fatalf("%q written as %q: %v\n%s", sql, written, err, diff)
		}
	})
}

// FuzzParseSelect is FuzzParseExpr for whole SELECTs.
func FuzzParseSelect(f *testing.F) {
	for _, s := range mutants {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		s, err := syntax.ParseSelect(sql)
		if err != nil {
			return
		}
		written := syntax.FormatSelect(s)
		syntax.WalkSources(s, func(*syntax.Source) {})
		if len(sql) > stableBytes {
			return
		}
		again, err := syntax.ParseSelect(written)
		if diff := cmp.Diff(s, again); err != nil || diff != "" {
			t.Fatalf("%q written as %q: %v\n%s", sql, written, err, diff)
		}
	})
}

// FuzzParseCreateTable looks for panics in all statements that create
// something, and for expressions whose Text says something else than the tree.
func FuzzParseCreateTable(f *testing.F) {
	for _, s := range mutants {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		_, _ = syntax.ParseCreateIndex(sql)
		_, _ = syntax.ParseCreateView(sql)
		_, _ = syntax.ParseCreateTrigger(sql)
		_, _ = syntax.ParseCreateVirtualTable(sql)
		table, err := syntax.ParseCreateTable(sql)
		if err != nil {
			return
		}
		check := func(kind syntax.ConstraintKind, x syntax.Expr, text string) {
			if kind != syntax.Check && kind != syntax.Generated {
				return // a DEFAULT reads an identifier otherwise
			}
			again, err := syntax.ParseExpr(text)
			if diff := cmp.Diff(x, again); err != nil || diff != "" {
				t.Fatalf("%q holds %q: %v\n%s", sql, text, err, diff)
			}
		}
		for _, c := range table.Columns {
			for _, cc := range c.Constraints {
				check(cc.Kind, cc.X, cc.Text)
			}
		}
		for _, c := range table.Constraints {
			check(c.Kind, c.X, c.Text)
		}
	})
}
