package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// pair is a comparison after conversion: l op r, or whole when it needed
// another form.
type pair struct {
	l, r  term
	op    string
	whole string
}

// sql writes the comparison.
func (p pair) sql() string {
	if p.whole != "" {
		return p.whole
	}
	return p.l.wrap() + " " + p.op + " " + p.r.wrap()
}

// uniform tells that all pairs share one left side and the operator op, so
// that IN, BETWEEN or CASE x WHEN can be kept.
func uniform(ps []pair, op string) bool {
	for _, p := range ps {
		if p.whole != "" || p.op != op || p.l.sql != ps[0].l.sql {
			return false
		}
	}
	return len(ps) > 0
}

// compare rebuilds a comparison of two values.
func (b *builder) compare(op string, l, r term) (term, error) {
	p, err := b.pair(op, l, r)
	if err != nil {
		return term{}, err
	}
	t := condTerm(p.sql(), op)
	t.notNull = l.notNull && r.notNull && p.whole == ""
	return t, nil
}

// pair converts both sides of a comparison as SQLite's affinity rules do
// ("Datatypes In SQLite", section 4.2), or refuses.
func (b *builder) pair(op string, l, r term) (pair, error) {
	switch {
	case l.isNull() || r.isNull():
		return pair{whole: "NULL::boolean"}, nil
	case l.cls == clsJSONValue || r.cls == clsJSONValue:
		return b.jsonPair(op, l, r)
	case isTime(l) || isTime(r):
		return b.timePair(op, l, r)
	case l.mom != nil || r.mom != nil:
		if p, ok, err := b.momentPair(op, l, r); ok || err != nil {
			return p, err
		}
	}
	switch {
	case l.cls == clsUUID || r.cls == clsUUID:
		return b.uuidPair(op, l, r)
	case l.cls.isNumber() && r.cls.isNumber():
		return b.numberPair(op, l, r)
	case l.cls == clsText && r.cls == clsText:
		l, r, err := canonicalNumbers(op, l, r)
		if err != nil {
			return pair{}, err
		}
		return b.textPair(op, l, r), nil
	case l.cls == clsBlob && r.cls == clsBlob:
		return pair{l: l, r: r, op: op}, nil
	case l.cls.isNumber() && r.cls == clsText:
		return b.numberTextPair(op, l, r)
	case l.cls == clsText && r.cls.isNumber():
		p, err := b.numberTextPair(mirror(op), r, l)
		if p.whole == "" {
			p.l, p.r, p.op = p.r, p.l, mirror(p.op)
		}
		return p, err
	}
	return pair{}, incomparable(l, r)
}

// numbersAsText tells a text column whose SQLite column had numeric affinity:
// its integers became texts, in their canonical form.
func numbersAsText(t term) bool {
	return t.column && t.cls == clsText && t.hasAff && t.aff >= schema.AffNumeric
}

// canonicalNumbers applies numeric affinity to a text literal beside such a
// column: '05' is the integer 5 there. The order of numbers is lost.
func canonicalNumbers(op string, l, r term) (term, term, error) {
	for _, side := range []struct{ column, other *term }{{&l, &r}, {&r, &l}} {
		if !numbersAsText(*side.column) || side.other.lit == nil {
			continue
		}
		c, ok := numberOfText(side.other.lit.s)
		if !ok {
			continue
		}
		if isOrder(op) || c.kind != constInt {
			return l, r, unsupported("comparison of a text column with a number", "SQLite compares the numbers among its values as numbers", "")
		}
		text, _ := c.textOf()
		t, err := textConst(text).term()
		if err != nil {
			return l, r, err
		}
		*side.other = t
	}
	return l, r, nil
}

func isTime(t term) bool { return t.cls == clsTime }

// incomparable is the error for classes that SQLite orders but does not
// convert into each other.
func incomparable(l, r term) error {
	return unsupported("comparison of "+l.cls.String()+" with "+r.cls.String(), "SQLite compares the stored forms, which Postgres no longer has", "")
}

// mirror turns an operator around.
func mirror(op string) string {
	return strings.NewReplacer("<>", "<>", "<", ">", ">", "<").Replace(op)
}

func isOrder(op string) bool { return op[0] == '<' && op != "<>" || op[0] == '>' }

// textPair compares texts under the collation that SQLite would use: an
// explicit one, else that of the left column, else that of the right one.
func (b *builder) textPair(op string, l, r term) pair {
	coll := collBinary
	switch {
	case l.collSet:
		coll = l.coll
	case r.collSet:
		coll = r.coll
	case l.column:
		coll = l.coll
	case r.column:
		coll = r.coll
	}
	switch coll {
	case collNoCase:
		l, r = b.folded(l), b.folded(r)
	case collRTrim:
		l, r = trimmed(l), trimmed(r)
	}
	if l.lit != nil && r.lit != nil {
		return pair{whole: folded(op, strings.Compare(l.lit.s, r.lit.s))}
	}
	l, r = plainText(l), plainText(r)
	if isOrder(op) {
		l.sql, l.atom = binaryOrder(l), true
	}
	return pair{l: l, r: r, op: op}
}

// folded is the outcome of a comparison of constants.
func folded(op string, c int) string {
	if strings.Contains(op, "=") && c == 0 || c < 0 && op[0] == '<' || c > 0 && (op[0] == '>' || op == "<>") {
		return "true"
	}
	return "false"
}

// trimmed drops trailing spaces, as RTRIM does.
func trimmed(t term) term {
	if t.lit != nil && t.lit.kind == constText {
		c, _ := textConst(strings.TrimRight(t.lit.s, " ")).term()
		return c
	}
	return keepNull(value("rtrim("+plainText(t).sql+", ' ')", sqltype.Text), t)
}

// is rebuilds IS and IS NOT.
func (b *builder) is(e *syntax.Is) (term, error) {
	l, err := b.expr(e.L)
	if err != nil {
		return term{}, err
	}
	not := ""
	if e.Not {
		not = "NOT "
	}
	if lit, ok := e.R.(*syntax.Literal); ok && (lit.Kind == syntax.LitTrue || lit.Kind == syntax.LitFalse) {
		c, err := b.condition(l)
		if err != nil {
			return term{}, err
		}
		word := map[bool]string{true: "TRUE", false: "FALSE"}[lit.Kind == syntax.LitTrue]
		return certain(c.wrap() + " IS " + not + word), nil
	}
	r, err := b.expr(e.R)
	if err != nil {
		return term{}, err
	}
	if l.isNull() {
		l, r = r, l
	}
	if r.isNull() {
		return certain(nullTested(l) + " IS " + not + "NULL"), nil
	}
	p, err := b.pair("=", l, r)
	if err != nil {
		return term{}, err
	}
	if p.whole == "true" || p.whole == "false" {
		return certain(map[bool]string{true: "NOT "}[e.Not] + p.whole), nil
	}
	if p.whole != "" || p.op != "=" {
		return term{}, unsupported("IS between "+l.cls.String()+" and "+r.cls.String(), "it has no form that treats NULL as a value", "")
	}
	word := map[bool]string{true: " IS DISTINCT FROM ", false: " IS NOT DISTINCT FROM "}[e.Not]
	return certain(p.l.wrap() + word + p.r.wrap()), nil
}

// nullTested gives the operand of IS NULL.
func nullTested(t term) string {
	switch {
	case t.isNull():
		return "NULL::text"
	case t.lit != nil && t.cls == clsText:
		return t.sql + "::text"
	}
	return t.wrap()
}

// certain is a condition that is never NULL.
func certain(sql string) term {
	t := condTerm(sql, "IS")
	t.notNull = true
	return t
}
