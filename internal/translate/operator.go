package translate

import (
	"math"
	"strconv"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// binary rebuilds l op r.
func (b *builder) binary(e *syntax.Binary) (term, error) {
	if t, ok, err := b.randomIdiom(e); ok || err != nil {
		return t, err
	}
	if lt, ok := e.L.(*syntax.Tuple); ok && len(lt.List) > 1 {
		return b.tupleCompare(e.Op, lt, e.R)
	}
	l, err := b.expr(e.L)
	if err != nil {
		return term{}, err
	}
	r, err := b.expr(e.R)
	if err != nil {
		return term{}, err
	}
	switch e.Op {
	case "AND", "OR":
		return b.logic(e.Op, l, r)
	case "=", "<>", "<", "<=", ">", ">=":
		return b.compare(e.Op, l, r)
	case "+", "-", "*", "/", "%":
		return b.arithmetic(e.Op, l, r)
	case "||":
		return b.concat(l, r)
	case "&", "|":
		return b.bits(e.Op, l, r)
	case "<<", ">>":
		return b.shift(e.Op, l, r)
	case "->", "->>":
		return b.jsonArrow(e.Op, l, r)
	}
	return term{}, unsupported("operator "+e.Op, "it is not known", "")
}

// chain writes a left-associative operator without needless parentheses on
// its left side, so that long chains do not nest.
func chain(l term, op string, r term) string {
	left := l.wrap()
	if l.op == op && !l.atom {
		left = l.sql
	}
	return left + " " + op + " " + r.wrap()
}

// logic rebuilds AND and OR.
func (b *builder) logic(op string, l, r term) (term, error) {
	l, err := b.condition(l)
	if err != nil {
		return term{}, err
	}
	r, err = b.condition(r)
	if err != nil {
		return term{}, err
	}
	t := condTerm(chain(l, op, r), op)
	t.notNull = l.notNull && r.notNull
	return t, nil
}

// arithmetic rebuilds + - * / %.
func (b *builder) arithmetic(op string, l, r term) (term, error) {
	if t, ok, err := b.epochScale(op, l, r); ok || err != nil {
		return t, err
	}
	l, err := b.number(l)
	if err != nil {
		return term{}, err
	}
	r, err = b.number(r)
	if err != nil {
		return term{}, err
	}
	if l.cls == clsBlob || r.cls == clsBlob {
		return term{}, unsupported("arithmetic on bytea", "SQLite reads it as text", "")
	}
	if op == "/" || op == "%" {
		return b.divide(op, l, r)
	}
	l, r = widePair(l, r)
	k, loose := sqltype.Int8, l.loose || r.loose
	if l.cls == clsReal || r.cls == clsReal {
		k = sqltype.Float8
		loose = loose && !definiteReal(l) && !definiteReal(r)
	}
	t := term{sql: chain(l, op, r), op: op, loose: loose, typ: sqltype.Type{Kind: k}, cls: classOf(k)}
	t.notNull = l.notNull && r.notNull
	t.nonNeg = op != "-" && l.nonNeg && r.nonNeg
	return t, nil
}

// widePair makes one operand at least 64 bits wide; the other follows.
func widePair(l, r term) (term, term) {
	l2, r2 := wide(l), wide(r)
	if l.cls == clsInt && r.cls == clsInt {
		switch {
		case l.typ.Kind == sqltype.Int8 && l.lit == nil:
			return l, r
		case r.typ.Kind == sqltype.Int8 && r.lit == nil:
			return l, r
		case r.lit != nil:
			return l2, r
		case l.lit != nil:
			return l, r2
		}
	}
	if l.cls == clsInt && r2.cls == clsReal {
		l2 = l
	}
	if r.cls == clsInt && l2.cls == clsReal {
		r2 = r
	}
	return l2, r2
}

// definiteReal tells a float that is a REAL in SQLite, never an integer.
func definiteReal(t term) bool { return t.cls == clsReal && !t.loose }

// divide rebuilds / and %. A zero divisor gives NULL in SQLite.
func (b *builder) divide(op string, l, r term) (term, error) {
	if op == "%" && (l.cls != clsInt || r.cls != clsInt) {
		return term{}, unsupported("% on "+l.cls.String()+" and "+r.cls.String(), "SQLite cuts both to integers first", "cast both to INTEGER")
	}
	ints := l.cls == clsInt && r.cls == clsInt && !l.loose && !r.loose
	if !ints && !definiteReal(l) && !definiteReal(r) {
		return term{}, unsupported("division of numbers that SQLite may hold as integers or as reals", "integers are divided without a remainder there", "multiply one side by 1.0")
	}
	l, r = widePair(l, r)
	switch {
	case r.lit != nil && r.lit.isZero():
		return term{sql: "NULL", cls: clsNull, atom: true}, nil
	case r.lit == nil:
		r = term{sql: "NULLIF(" + r.sql + ", 0)", typ: r.typ, cls: r.cls, atom: true}
	}
	k := sqltype.Float8
	if ints {
		k = sqltype.Int8
	}
	t := term{sql: chain(l, op, r), op: op, typ: sqltype.Type{Kind: k}, cls: classOf(k)}
	t.nonNeg = l.nonNeg && (r.nonNeg || op == "%")
	t.notNull = l.notNull && r.lit != nil
	return t, nil
}

// concat rebuilds l || r. NULL makes NULL in both databases.
func (b *builder) concat(l, r term) (term, error) {
	l, err := b.text(l)
	if err != nil {
		return term{}, err
	}
	r, err = b.text(r)
	if err != nil {
		return term{}, err
	}
	if l.lit != nil && r.lit != nil {
		return textConst(l.lit.s + r.lit.s).term()
	}
	l, r = plainText(l), plainText(r)
	t := term{sql: chain(l, "||", r), op: "||", typ: sqltype.Type{Kind: sqltype.Text}, cls: clsText}
	t.notNull = l.notNull && r.notNull
	return t, nil
}

// bits rebuilds & and |.
func (b *builder) bits(op string, l, r term) (term, error) {
	l, err := b.integer(l)
	if err != nil {
		return term{}, err
	}
	r, err = b.integer(r)
	if err != nil {
		return term{}, err
	}
	t := term{sql: chain(l, op, r), op: op, typ: sqltype.Type{Kind: sqltype.Int8}, cls: clsInt}
	t.notNull = l.notNull && r.notNull
	return t, nil
}

// shift rebuilds << and >> by a constant: Postgres takes the amount modulo 64,
// SQLite shifts everything out, or the other way for negative amounts.
func (b *builder) shift(op string, l, r term) (term, error) {
	l, err := b.integer(l)
	if err != nil {
		return term{}, err
	}
	if r.lit == nil || r.lit.kind != constInt || r.lit.i <= math.MinInt32 {
		return term{}, unsupported("operator "+op, "its amount is not a constant", "")
	}
	n := r.lit.i
	if n < 0 {
		n, op = -n, map[string]string{"<<": ">>", ">>": "<<"}[op]
	}
	t := term{op: op, typ: sqltype.Type{Kind: sqltype.Int8}, cls: clsInt}
	switch {
	case n <= 63:
		t.sql = l.wrap() + " " + op + " " + strconv.FormatInt(n, 10)
	case op == ">>":
		t.sql = l.wrap() + " >> 63"
	default:
		t.sql = l.wrap() + " * 0"
	}
	return t, nil
}
