package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// numberPair compares numbers and booleans.
func (b *builder) numberPair(op string, l, r term) (pair, error) {
	if storedAsText(l) || storedAsText(r) {
		return b.textNumberPair(op, l, r)
	}
	if l.cls == clsBool && r.cls == clsBool && sameSpelling(l, r) {
		return pair{l: l, r: r, op: op}, nil
	}
	if l.words || r.words {
		return pair{}, unsupported("comparison of a boolean column with a number", "texts among its values are never equal to one in SQLite", "compare it with true or false")
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

// sameSpelling tells booleans that both stood as 0 and 1, or both as words.
func sameSpelling(l, r term) bool {
	return !l.words && !r.words || !l.digits && !r.digits && !l.cond && !r.cond
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
		if _, number := numberOfText(r.lit.s); l.words && number || l.digits && !number {
			return pair{}, unsupported("comparison of a boolean column with '"+r.lit.s+"'", "some of its values were spelt otherwise, and SQLite never finds these equal", "compare it with true or false")
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
