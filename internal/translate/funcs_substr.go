package translate

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// substrFunction rebuilds substr(). A negative start counts from the end; a
// negative length, which takes what stands before, is rebuilt only where it
// gives nothing.
func substrFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	if t, ok, err := b.substrOfTime(ts); ok || err != nil {
		return t, err
	}
	x, length, err := b.substrText(ts[0])
	if err != nil {
		return term{}, err
	}
	start, err := b.position(ts[1])
	if err != nil {
		return term{}, err
	}
	rest := ""
	if len(ts) == 3 {
		n, err := b.substrLength(ts[1], ts[2])
		if err != nil {
			return term{}, err
		}
		rest = ", " + n
	}
	fromEnd := length + "(" + x.sql + ") + " + start.wrap() + " + 1"
	forward, backward := "substr("+x.sql+", "+start.sql+rest+")", "substr("+x.sql+", "+fromEnd+rest+")"
	if rest == "" {
		backward = "substr(" + x.sql + ", greatest(" + fromEnd + ", 1))"
	}
	switch {
	case start.nonNeg:
		return value(forward, x.typ.Kind), nil
	case start.lit != nil:
		return value(backward, x.typ.Kind), nil
	case x.volatile || start.volatile:
		return term{}, unsupported("function substr()", "its arguments give other values each time", "")
	}
	return value("CASE WHEN "+start.wrap()+" < 0 THEN "+backward+" ELSE "+forward+" END", x.typ.Kind), nil
}

// substrText gives the value to cut, as text or bytea, and the function that
// measures it. Of an empty blob SQLite gives NULL.
func (b *builder) substrText(x term) (t term, length string, err error) {
	if x.cls == clsBlob {
		x.sql = "NULLIF(" + x.sql + ", ''::bytea)"
		return x, "octet_length", nil
	}
	if x, err = b.text(x); err != nil {
		return term{}, "", err
	}
	x = plainText(x)
	if x.lit != nil {
		x.sql, x.atom = x.cast("text"), true
	}
	x.typ = sqltype.Type{Kind: sqltype.Text}
	return x, "char_length", nil
}

// position gives an integer argument as Postgres' functions take it.
func (b *builder) position(t term) (term, error) {
	n, err := b.number(t)
	if err != nil {
		return term{}, err
	}
	if n.cls != clsInt || n.lit != nil && n.typ.Kind != sqltype.Int4 {
		return term{}, unsupported("position that is no small integer", "Postgres takes 32-bit integers here", "")
	}
	if n.typ.Kind == sqltype.Int8 {
		n = recast(n, "int", sqltype.Int4)
	}
	return n, nil
}

// substrLength gives the third argument of substr.
func (b *builder) substrLength(start, t term) (string, error) {
	n, err := b.position(t)
	if err != nil {
		return "", err
	}
	if n.nonNeg {
		return n.sql, nil
	}
	if start.lit != nil && start.lit.i == 1 && n.lit == nil && !n.volatile {
		return "CASE WHEN " + n.wrap() + " < 0 THEN 0 ELSE " + n.sql + " END", nil
	}
	return "", unsupported("function substr()", "a length that may be negative takes the characters before the start", "")
}

// substrOfTime recognises the year, month, day or time cut out of a date or
// time column, whose text Postgres no longer has.
func (b *builder) substrOfTime(ts []term) (term, bool, error) {
	if ts[0].cls != clsTime || ts[0].unit != NoUnit || ts[0].typ.Kind == sqltype.Time || len(ts) != 3 {
		return term{}, false, nil
	}
	if ts[1].lit == nil || ts[2].lit == nil {
		return term{}, false, nil
	}
	if ts[0].local {
		return term{}, false, localTime("a part")
	}
	format := map[[2]int64]string{
		{1, 4}: "%Y", {1, 7}: "%Y-%m", {1, 10}: "%Y-%m-%d", {6, 2}: "%m", {9, 2}: "%d", {0, 5}: "%Y",
	}[[2]int64{ts[1].lit.i, ts[2].lit.i}]
	if format == "" {
		return term{}, false, nil
	}
	t, err := b.momentText(&moment{ts: columnStamp(ts[0]), format: format})
	return keepNull(t, ts[0]), true, err
}
