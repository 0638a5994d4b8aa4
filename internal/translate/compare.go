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

// numberPair compares numbers and booleans.
func (b *builder) numberPair(op string, l, r term) (pair, error) {
	if storedAsText(l) || storedAsText(r) {
		return b.textNumberPair(op, l, r)
	}
	if l.cls == clsBool && r.cls == clsBool {
		return pair{l: l, r: r, op: op}, nil
	}
	if l.cls == clsBool && isBit(r) {
		return pair{l: l, r: boolLiteral(r.lit.i == 1), op: op}, nil
	}
	if r.cls == clsBool && isBit(l) {
		return pair{l: boolLiteral(l.lit.i == 1), r: r, op: op}, nil
	}
	l, err := b.number(l)
	if err != nil {
		return pair{}, err
	}
	if r, err = b.number(r); err != nil {
		return pair{}, err
	}
	l, r = exactLiteral(l, r), exactLiteral(r, l)
	return pair{l: l, r: r, op: op}, nil
}

func isBit(t term) bool {
	return t.lit != nil && t.lit.kind == constInt && (t.lit.i == 0 || t.lit.i == 1)
}

// exactLiteral writes a real literal as numeric beside integers and numerics,
// which keeps the comparison exact and indexes usable.
func exactLiteral(t, other term) term {
	if t.lit != nil && t.lit.kind == constReal && (other.cls == clsInt || other.cls == clsNumeric) {
		if n, ok := t.lit.numericTerm(); ok {
			return n
		}
	}
	return t
}

// storedAsText tells a number whose values were texts in SQLite.
func storedAsText(t term) bool {
	return t.column && t.hasAff && t.aff == schema.AffText && t.cls.isNumber()
}

// textNumberPair handles numbers that SQLite compares as texts. Only what
// comes out the same is kept: equality of two such columns, and the sign.
func (b *builder) textNumberPair(op string, l, r term) (pair, error) {
	if l.cls == clsBool || r.cls == clsBool {
		return b.textBoolPair(op, l, r)
	}
	both := storedAsText(l) && storedAsText(r)
	if both && l.typ.Kind == r.typ.Kind && !isOrder(op) {
		return pair{l: l, r: r, op: op}, nil
	}
	if storedAsText(l) && r.lit != nil && r.lit.kind == constInt && r.lit.i == 0 && (op == ">=" || op == "<") {
		return pair{l: l, r: r, op: op}, nil
	}
	return pair{}, unsupported("comparison of a "+l.cls.String()+" column", "its values were texts in SQLite, compared character by character", "write the condition for numbers")
}

// textBoolPair compares a boolean column of texts with a literal.
func (b *builder) textBoolPair(op string, l, r term) (pair, error) {
	if l.cls == clsBool && r.cls == clsBool && !isOrder(op) && storedAsText(l) == storedAsText(r) {
		return pair{l: l, r: r, op: op}, nil
	}
	if l.cls == clsBool && isBit(r) && !isOrder(op) {
		return pair{l: l, r: boolLiteral(r.lit.i == 1), op: op}, nil
	}
	return pair{}, unsupported("comparison of a boolean column", "its values were texts in SQLite", "")
}

// numberTextPair compares a number (left) with a text.
func (b *builder) numberTextPair(op string, l, r term) (pair, error) {
	numericAff := l.hasAff && l.aff >= schema.AffNumeric
	switch {
	case l.cls == clsBool && r.lit != nil && !l.cond && !isOrder(op):
		v, ok := boolOfText(r.lit.s)
		if !ok {
			return pair{}, unsupported("comparison of a boolean with '"+r.lit.s+"'", "the text is no boolean", "")
		}
		return pair{l: l, r: boolLiteral(v), op: op}, nil
	case r.lit != nil && numericAff:
		c, ok := numberOfText(r.lit.s)
		if !ok {
			return pair{}, unsupported("comparison of a number with '"+r.lit.s+"'", "the text is no number, so SQLite compares storage classes", "")
		}
		t, err := c.term()
		if err != nil {
			return pair{}, err
		}
		return b.numberPair(op, l, t)
	case r.hasAff && r.aff == schema.AffText && (l.lit != nil || !numericAff):
		t, err := b.text(l)
		if err != nil {
			return pair{}, err
		}
		p := b.textPair(mirror(op), r, t)
		return pair{l: p.r, r: p.l, op: op}, nil
	case numbersAsText(r) && l.lit != nil && l.lit.kind == constInt && !isOrder(op):
		t, err := b.text(l)
		if err != nil {
			return pair{}, err
		}
		p := b.textPair(mirror(op), r, t)
		return pair{l: p.r, r: p.l, op: op}, nil
	case numericAff && r.hasAff:
		return pair{}, unsupported("comparison of a number column with a text column", "SQLite converts each text that is a number", "give both columns one type")
	}
	return pair{}, unsupported("comparison of a number with a text", "SQLite never finds them equal", "")
}

// boolOfText reads the texts that frameworks store for booleans.
func boolOfText(s string) (v, ok bool) {
	switch foldASCII(strings.TrimSpace(s)) {
	case "1", "t", "true", "y", "yes", "on":
		return true, true
	case "0", "f", "false", "n", "no", "off":
		return false, true
	}
	return false, false
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

// uuidPair compares uuids with uuids and with texts that are uuids.
func (b *builder) uuidPair(op string, l, r term) (pair, error) {
	var err error
	if l.cls != clsUUID && l.lit != nil {
		l, err = uuidLiteral(l.lit)
	} else if r.cls != clsUUID && r.lit != nil {
		r, err = uuidLiteral(r.lit)
	}
	if err != nil {
		return pair{}, err
	}
	if l.cls != clsUUID || r.cls != clsUUID {
		return pair{}, incomparable(l, r)
	}
	return pair{l: l, r: r, op: op}, nil
}

// uuidLiteral writes a text of 32 hexadecimal digits, with or without dashes,
// or a blob of 16 bytes, as a uuid.
func uuidLiteral(c *constant) (term, error) {
	digits := strings.Trim(c.s, "{}")
	if c.kind == constBlob && len(c.s) == 16 {
		digits = strings.TrimSuffix(strings.TrimPrefix(quoteBytes(c.s), `E'\\x`), "'::bytea")
	}
	if len(digits) == 36 && digits[8] == '-' && digits[13] == '-' && digits[18] == '-' && digits[23] == '-' {
		digits = strings.ReplaceAll(digits, "-", "")
	}
	digits = foldASCII(digits)
	if c.kind < constText || len(digits) != 32 || strings.Trim(digits, "0123456789abcdef") != "" {
		return term{}, unsupported("literal beside a uuid", "it is not a uuid", "")
	}
	u := digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
	t := value("'"+u+"'::uuid", sqltype.UUID)
	t.notNull = true
	return t, nil
}
