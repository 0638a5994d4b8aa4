package pipeline

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/typemap"
)

// heldBy tells whether a check says of a column's text no more than its new
// type does, and which type that is: that it is JSON, that it is not empty, or
// how long a UUID is.
func (t *table) heldBy(x syntax.Expr) (sqltype.Kind, bool) {
	if col, ok := typemap.JSONCheck(t.src, x); ok {
		k := t.columns[col].decision.Type.Kind
		return k, k == sqltype.JSON || k == sqltype.JSONB
	}
	b, ok := x.(*syntax.Binary)
	if !ok {
		return 0, false
	}
	lit, ok := b.R.(*syntax.Literal)
	if !ok {
		return 0, false
	}
	if n, ok := b.L.(*syntax.Name); ok {
		k := t.kindOf(n)
		return k, b.Op == "<>" && lit.Kind == syntax.LitString && lit.Text == "" && neverEmpty(k)
	}
	call, ok := b.L.(*syntax.Call)
	if !ok || !strings.EqualFold(call.Name, "length") || len(call.Args) != 1 {
		return 0, false
	}
	n, ok := call.Args[0].(*syntax.Name)
	if !ok {
		return 0, false
	}
	k := t.kindOf(n)
	switch b.Op {
	case ">":
		return k, lit.Text == "0" && neverEmpty(k)
	case ">=":
		return k, lit.Text == "1" && neverEmpty(k)
	case "=":
		return k, (lit.Text == "36" || lit.Text == "32") && k == sqltype.UUID
	}
	return k, false
}

// kindOf gives the type of a column, Unknown for what is none.
func (t *table) kindOf(n *syntax.Name) sqltype.Kind {
	if i := t.src.Column(n.Column); i >= 0 {
		return t.columns[i].decision.Type.Kind
	}
	return sqltype.Unknown
}

// neverEmpty tells the types whose values no empty text is one of.
func neverEmpty(k sqltype.Kind) bool {
	switch k {
	case sqltype.UUID, sqltype.Date, sqltype.Time, sqltype.Timestamp, sqltype.TimestampTZ, sqltype.Interval, sqltype.Inet:
		return true
	}
	return false
}
