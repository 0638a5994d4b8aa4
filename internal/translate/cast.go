package translate

import (
	"math"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// castExpr rebuilds CAST by the affinity of the type's name.
func (b *builder) castExpr(e *syntax.Cast) (term, error) {
	if t, ok, err := b.epochMillis(e); ok || err != nil {
		return t, err
	}
	x, err := b.expr(e.X)
	if err != nil {
		return term{}, err
	}
	aff := schema.AffinityOf(e.Type)
	if x.isNull() {
		k := [...]sqltype.Kind{sqltype.Bytea, sqltype.Text, sqltype.Numeric, sqltype.Int8, sqltype.Float8}[aff]
		t := value("NULL::"+k.String(), k)
		return t, nil
	}
	t, err := b.castTo(x, aff)
	if err != nil {
		return term{}, err
	}
	if b.ctx == defaultValue && aff == schema.AffInteger && x.mom != nil && x.mom.scale != 0 {
		t.mom = x.mom
	}
	t.hasAff, t.aff, t.column = true, aff, false
	t.notNull = x.notNull
	return t, nil
}

// castTo converts as CAST does.
func (b *builder) castTo(x term, aff schema.Affinity) (term, error) {
	switch aff {
	case schema.AffInteger:
		return b.castInteger(x)
	case schema.AffReal:
		return b.castReal(x)
	case schema.AffText:
		if x.cls == clsBlob {
			break
		}
		t, err := b.text(x)
		if err == nil && t.cls == clsText {
			t = plainText(t)
			t.coll, t.collSet = x.coll, x.collSet
		}
		return t, err
	case schema.AffNumeric:
		return b.castNumeric(x)
	case schema.AffBlob:
		switch {
		case x.cls == clsBlob:
			return x, nil
		case x.lit != nil && x.cls == clsText:
			return (&constant{kind: constBlob, s: x.lit.s}).term()
		case x.cls == clsText:
			return b.bytes(x), nil
		}
	}
	return term{}, unsupported("CAST of "+x.cls.String(), "SQLite reads the bytes of its text", "")
}

// The prefixes of a text that CAST reads as INTEGER and as REAL.
const (
	intPrefix  = `E'^[ \\t\\n\\v\\f\\r]*([+-]?[0-9]+)'`
	realPrefix = `E'^[ \\t\\n\\v\\f\\r]*([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)'`
)

// intOfText reads the integer that a text begins with, 0 for none, within 64
// bits. NULL becomes 0 too; the caller tests for it.
func intOfText(sql string) string {
	return "least(greatest(coalesce(substring(" + sql + " from " + intPrefix + ")::numeric, 0), -9223372036854775808), 9223372036854775807)::bigint"
}

// realOfText reads the float that a text begins with. One out of range, which
// is infinity in SQLite, is an error in Postgres.
func realOfText(sql string) string {
	return "coalesce(substring(" + sql + " from " + realPrefix + ")::float8, 0)"
}

// castInteger converts to an integer: reals are cut, texts give the integer
// they begin with, or 0, within the range of 64 bits.
func (b *builder) castInteger(x term) (term, error) {
	switch {
	case x.lit != nil && x.lit.kind != constBlob:
		return castIntLiteral(x.lit).term()
	case x.mom != nil && x.cls == clsText, x.cls == clsBool:
		return b.number(x)
	case x.cls == clsInt:
		return x, nil
	case x.cls == clsTime && x.unit != NoUnit:
		return b.number(x)
	case x.cls == clsReal, x.cls == clsNumeric:
		r := value("trunc("+x.sql+")::bigint", sqltype.Int8)
		r.nonNeg = x.nonNeg
		return r, nil
	case x.cls == clsText:
		return value("CASE WHEN "+plainText(x).wrap()+" IS NOT NULL THEN "+intOfText(plainText(x).sql)+" END", sqltype.Int8), nil
	case x.cls == clsJSONValue:
		return jsonNumber(x, sqltype.Int8), nil
	}
	return term{}, unsupported("CAST of "+x.cls.String()+" to INTEGER", "SQLite reads the digits of its text", "")
}

// castIntLiteral folds a cast of a literal.
func castIntLiteral(c *constant) *constant {
	switch c.kind {
	case constReal:
		f := math.Trunc(c.f)
		if f >= math.MaxInt64 {
			return intConst(math.MaxInt64)
		}
		if f <= math.MinInt64 {
			return intConst(math.MinInt64)
		}
		return intConst(int64(f))
	case constText:
		s := strings.TrimLeft(c.s, " \t\n\v\f\r")
		n := 0
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || n == 0 && (s[n] == '-' || s[n] == '+')) {
			n++
		}
		i, _ := strconv.ParseInt(s[:n], 10, 64) // out of range gives the nearest, as SQLite does
		return intConst(i)
	}
	return c
}

// castReal converts to a float.
func (b *builder) castReal(x term) (term, error) {
	if c := x.lit; c != nil && c.kind != constBlob {
		if c.kind == constText {
			c = numberPrefix(c.s)
		}
		f := c.f
		if c.kind == constInt {
			f = float64(c.i)
		}
		return realConst(f).term()
	}
	if x.cls == clsJSONValue {
		return jsonNumber(x, sqltype.Float8), nil
	}
	if x.cls == clsText && x.mom == nil {
		return value("CASE WHEN "+plainText(x).wrap()+" IS NOT NULL THEN "+realOfText(plainText(x).sql)+" END", sqltype.Float8), nil
	}
	n, err := b.number(x)
	if err != nil {
		return term{}, err
	}
	if n.cls == clsReal && !n.loose && n.typ.Kind == sqltype.Float8 {
		return n, nil
	}
	r := value(n.cast("float8"), sqltype.Float8)
	r.nonNeg = n.nonNeg
	return r, nil
}

// castNumeric converts to a number that keeps its kind.
func (b *builder) castNumeric(x term) (term, error) {
	if x.lit != nil && x.lit.kind == constText {
		return numberPrefix(x.lit.s).term()
	}
	if x.cls == clsText && x.mom == nil || x.cls == clsJSONValue {
		return term{}, unsupported("CAST of "+x.cls.String()+" to NUMERIC", "SQLite reads the number that the text begins with", "")
	}
	n, err := b.number(x)
	if err != nil {
		return term{}, err
	}
	if n.cls == clsReal {
		n.loose = true // 5.0 becomes the integer 5
	}
	return n, nil
}
