package typemap

import (
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// checkedJSON finds the columns that a CHECK (json_valid(column)) guards,
// alone or in an OR with a test for NULL, as Django, Rails and others write.
func checkedJSON(t *schema.Table) map[int]bool {
	out := map[int]bool{}
	for _, c := range t.Checks {
		if col, ok := JSONCheck(t, c.X); ok {
			out[col] = true
		}
	}
	return out
}

// JSONCheck tells whether x only says that one column of t holds valid JSON
// (or NULL), and which.
func JSONCheck(t *schema.Table, x syntax.Expr) (column int, ok bool) {
	switch e := x.(type) {
	case *syntax.Call:
		if e.Name == "json_valid" && len(e.Args) > 0 {
			if n, ok := e.Args[0].(*syntax.Name); ok {
				col := t.Column(n.Column)
				return col, col >= 0
			}
		}
	case *syntax.Binary:
		switch e.Op {
		case "OR":
			if col, ok := JSONCheck(t, e.L); ok && isNullTest(t, e.R, col) {
				return col, true
			}
			if col, ok := JSONCheck(t, e.R); ok && isNullTest(t, e.L, col) {
				return col, true
			}
		case "=":
			if lit, ok := e.R.(*syntax.Literal); ok && (lit.Kind == syntax.LitTrue || lit.Text == "1") {
				return JSONCheck(t, e.L)
			}
		}
	}
	return -1, false
}

func isNullTest(t *schema.Table, x syntax.Expr, col int) bool {
	is, ok := x.(*syntax.Is)
	if !ok || is.Not {
		return false
	}
	n, ok := is.L.(*syntax.Name)
	if !ok || t.Column(n.Column) != col {
		return false
	}
	lit, ok := is.R.(*syntax.Literal)
	return ok && lit.Kind == syntax.LitNull
}
