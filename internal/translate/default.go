package translate

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// Default rebuilds a column's DEFAULT for a column of a Postgres type. The
// text may stand after DEFAULT. Column names are not allowed in it.
func Default(e syntax.Expr, typ sqltype.Type) (string, error) {
	return DefaultFor(e, Column{Type: typ})
}

// DefaultFor is Default for a column whose numbers may tell time: with Unit
// set, a number is the moment that it tells, and one of another unit is
// refused. Only Type and Unit of the column matter.
func DefaultFor(e syntax.Expr, c Column) (string, error) {
	b := newBuilder(defaultValue, nil)
	b.unit, b.local = c.Unit, c.Local
	t, err := b.expr(e)
	if err != nil {
		return "", err
	}
	if t, err = b.assign(t, c.Type); err != nil {
		return "", err
	}
	return t.wrap(), nil
}

// assignEpoch takes a number for a date or time column whose numbers tell time;
// ok is false where it is none.
func (b *builder) assignEpoch(t term, k sqltype.Kind) (r term, ok bool, err error) {
	if t.mom != nil && t.mom.format == "%s" {
		m := *t.mom
		m.scale = 1
		t.mom = &m
	}
	if t.mom != nil && t.mom.scale != 0 {
		if b.unit != NoUnit && t.mom.scale != b.unit.perSecond() {
			return term{}, true, unsupported("a time in another unit", "the column's numbers are of another", "")
		}
		r, err = b.assignMoment(t.mom, k)
		return r, true, err
	}
	c := t.lit
	if c != nil && c.kind == constText {
		c, _ = numberOfText(c.s)
	}
	if b.unit == NoUnit || c == nil || c.kind != constInt {
		return term{}, false, nil
	}
	if s, ok := epochStamp(c.i, b.unit); ok {
		if lit, ok := s.literal(k); ok {
			return lit, true, nil
		}
	}
	return term{}, true, cannotAssign(t, sqltype.Type{Kind: k})
}

// fineEpoch makes a moment of unixepoch(..., 'subsec') * 1000, whose instant a
// default can take. Elsewhere it is the number that SQLite computes.
func (b *builder) fineEpoch(l, r term) (term, bool) {
	if b.ctx != defaultValue || l.fine == nil || r.lit == nil || r.lit.kind != constInt || r.lit.i != 1e3 {
		return term{}, false
	}
	t := value("("+l.sql+" * 1000::float8)", sqltype.Float8)
	t.mom = &moment{ts: l.fine.ts, now: l.fine.now, scale: 1e3}
	return t, true
}

// timeSpan is an interval as .NET writes it: [-][d.]hh:mm:ss[.fffffff].
var timeSpan = regexp.MustCompile(`^(-?)(?:(\d{1,8})\.)?(\d\d:\d\d:\d\d(?:\.\d{1,6})?)0?$`)

// assignOther takes literals for types that only frameworks' columns get.
func assignOther(t term, typ sqltype.Type) (term, error) {
	if t.lit == nil || t.lit.kind != constText {
		return term{}, cannotAssign(t, typ)
	}
	text := t.lit.s
	switch typ.Kind {
	case sqltype.Interval:
		m := timeSpan.FindStringSubmatch(text)
		if m == nil {
			return term{}, cannotAssign(t, typ)
		}
		text = m[1] + m[3]
		if m[2] != "" {
			text = m[1] + strings.TrimLeft(m[2][:len(m[2])-1], "0") + m[2][len(m[2])-1:] + " days " + text
		}
	case sqltype.Inet:
		if _, err := netip.ParseAddr(text); err != nil || strings.Contains(text, "%") {
			return term{}, cannotAssign(t, typ)
		}
	default:
		return term{}, cannotAssign(t, typ)
	}
	q, err := quoteText(text)
	return value(q+"::"+typ.SQL(), typ.Kind), err
}
