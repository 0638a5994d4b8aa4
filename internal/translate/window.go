package translate

import (
	"regexp"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// rankings are the window functions without arguments, and their types.
var rankings = map[string]sqltype.Kind{
	"row_number": sqltype.Int8, "rank": sqltype.Int8, "dense_rank": sqltype.Int8,
	"percent_rank": sqltype.Float8, "cume_dist": sqltype.Float8,
}

// window rebuilds a call with OVER.
func (b *builder) window(c *syntax.Call) (term, error) {
	what := "window function " + c.Name + "()"
	if b.ctx != view || b.frame == nil {
		return term{}, unsupported(what, "it may stand only in a view", "")
	}
	if b.frame.stage < inResults || b.frame.aggDepth > 0 {
		return term{}, unsupported(what, "it stands where windows are not known yet", "")
	}
	if isAggregate(c) {
		if c.Distinct || len(c.OrderBy) > 0 {
			return term{}, unsupported(what, "DISTINCT and ORDER BY are not possible in a window", "")
		}
		return b.aggregate(c)
	}
	if c.Filter != nil || c.Distinct || c.Star || len(c.OrderBy) > 0 {
		return term{}, unsupported(what, "it is called like an aggregate", "")
	}
	over, err := b.over(c.Over)
	if err != nil {
		return term{}, err
	}
	if k, ok := rankings[c.Name]; ok && len(c.Args) == 0 {
		t := value(c.Name+"()"+over, k)
		t.notNull, t.nonNeg = true, true
		return t, nil
	}
	return b.windowCall(what, c, over)
}

// windowCall rebuilds the window functions with arguments.
func (b *builder) windowCall(what string, c *syntax.Call, over string) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	switch {
	case c.Name == "ntile" && len(ts) == 1:
		n, err := b.position(ts[0])
		return value("ntile("+n.sql+")"+over, sqltype.Int4), err
	case (c.Name == "first_value" || c.Name == "last_value") && len(ts) == 1:
		return b.windowValue(c.Name, ts, "", over)
	case c.Name == "nth_value" && len(ts) == 2:
		n, err := b.position(ts[1])
		if err != nil {
			return term{}, err
		}
		return b.windowValue(c.Name, ts[:1], ", "+n.sql, over)
	case (c.Name == "lag" || c.Name == "lead") && len(ts) >= 1 && len(ts) <= 3:
		return b.offsetValue(c.Name, ts, over)
	}
	return term{}, unsupported(what, "it is not a window function that is known", "")
}

// windowValue writes a function that gives its first argument of some row.
func (b *builder) windowValue(name string, ts []term, rest, over string) (term, error) {
	x, err := b.output(ts[0])
	if err != nil {
		return term{}, err
	}
	t := x
	t.sql, t.atom, t.notNull, t.lit, t.mom, t.column = name+"("+x.sql+rest+")"+over, true, false, nil, nil, false
	return t, nil
}

// offsetValue rebuilds lag() and lead().
func (b *builder) offsetValue(name string, ts []term, over string) (term, error) {
	rest := ""
	if len(ts) > 1 {
		n, err := b.position(ts[1])
		if err != nil {
			return term{}, err
		}
		rest = ", " + n.sql
	}
	if len(ts) < 3 {
		return b.windowValue(name, ts[:1], rest, over)
	}
	us, typ, err := b.unify("function "+name+"()", []term{ts[0], ts[2]})
	if err != nil {
		return term{}, err
	}
	for i := range us { // both must have one type exactly
		us[i] = term{sql: us[i].cast(typ.SQL()), typ: typ, cls: classOf(typ.Kind), atom: true}
	}
	return b.windowValue(name, us[:1], rest+", "+us[1].sql, over)
}

// over writes OVER (...).
func (b *builder) over(w *syntax.Window) (string, error) {
	spec, err := b.windowSpec(w)
	return " OVER (" + spec + ")", err
}

// windowSpec rebuilds a window definition. Named windows are written in full.
func (b *builder) windowSpec(w *syntax.Window) (string, error) {
	if w.Name != "" || w.Base != "" {
		named, err := b.namedWindow(w)
		if err != nil {
			return "", err
		}
		w = named
	}
	var parts []string
	var keys []string
	for _, e := range w.PartitionBy {
		t, err := b.expr(e)
		if err != nil {
			return "", err
		}
		if t, err = b.output(t); err != nil {
			return "", err
		}
		keys = append(keys, orderKey(b, t))
	}
	if len(keys) > 0 {
		parts = append(parts, "PARTITION BY "+strings.Join(keys, ", "))
	}
	if len(w.OrderBy) > 0 {
		s, err := b.orderings(w.OrderBy)
		if err != nil {
			return "", err
		}
		parts = append(parts, "ORDER BY "+s)
	}
	if w.Frame != "" {
		s, err := windowFrame(w.Frame)
		if err != nil {
			return "", err
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " "), nil
}

// namedWindow finds a window of the WINDOW clause and adds to it.
func (b *builder) namedWindow(w *syntax.Window) (*syntax.Window, error) {
	for _, n := range b.frame.windows {
		if foldASCII(n.Name) != foldASCII(w.Name+w.Base) { // one of them is empty
			continue
		}
		if n.Window.Base != "" || n.Window.Name != "" {
			return nil, unsupported("window "+n.Name, "it is built on another window", "")
		}
		merged := n.Window
		merged.PartitionBy = append(append([]syntax.Expr(nil), merged.PartitionBy...), w.PartitionBy...)
		merged.OrderBy = append(append([]syntax.Ordering(nil), merged.OrderBy...), w.OrderBy...)
		if w.Frame != "" {
			merged.Frame = w.Frame
		}
		return &merged, nil
	}
	return nil, unsupported("window "+w.Name+w.Base, "it is not defined", "")
}

// frameForm is the grammar of the frames that are rebuilt: RANGE with amounts
// is not among them, because its arithmetic follows the column's type.
var frameForm = regexp.MustCompile(`^(?:(ROWS|GROUPS|RANGE)) (?:BETWEEN (` + frameBound + `) AND (` + frameBound + `)|(` + frameBound + `))(?: EXCLUDE (NO OTHERS|CURRENT ROW|GROUP|TIES))?$`)

const frameBound = `UNBOUNDED PRECEDING|UNBOUNDED FOLLOWING|CURRENT ROW|\d{1,9} PRECEDING|\d{1,9} FOLLOWING`

// windowFrame checks a frame's text word by word and writes it anew.
func windowFrame(frame string) (string, error) {
	m := frameForm.FindStringSubmatch(strings.ToUpper(strings.Join(strings.Fields(frame), " ")))
	if len(m) != 6 || m[1] == "RANGE" && strings.ContainsAny(m[0], "0123456789") {
		return "", unsupported("window frame", "only ROWS, GROUPS and RANGE with constant bounds are rebuilt", "")
	}
	s := m[1] + " " + m[4]
	if m[2] != "" {
		s = m[1] + " BETWEEN " + m[2] + " AND " + m[3]
	}
	if m[5] != "" {
		s += " EXCLUDE " + m[5]
	}
	return s, nil
}
