package translate

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// constantKind is the storage class of a constant.
type constantKind uint8

const (
	constInt constantKind = iota
	constReal
	constText
	constBlob
)

// constant is a literal value with SQLite's storage class.
type constant struct {
	kind constantKind
	i    int64
	f    float64
	s    string
}

func intConst(i int64) *constant    { return &constant{kind: constInt, i: i} }
func realConst(f float64) *constant { return &constant{kind: constReal, f: f} }
func textConst(s string) *constant  { return &constant{kind: constText, s: s} }

// parseNumber reads a number literal as SQLite does: decimal integers beyond
// 64 bits are reals, hexadecimal ones are two's complement.
func parseNumber(text string, isInt bool) (*constant, bool) {
	text = strings.ReplaceAll(text, "_", "")
	if isInt && len(text) > 2 && (text[:2] == "0x" || text[:2] == "0X") {
		u, err := strconv.ParseUint(text[2:], 16, 64)
		return intConst(int64(u)), err == nil //nolint:gosec // two's complement is what SQLite reads
	}
	if isInt {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return intConst(i), true
		}
	}
	if strings.Trim(text, "0123456789.eE+-") != "" {
		return nil, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, false
	}
	return realConst(f), true
}

// numberOfText applies SQLite's numeric affinity to a text: the whole text,
// but for white space around it, must be a number. A real without fraction
// becomes an integer.
func numberOfText(s string) (*constant, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	if s == "" || strings.Trim(s, "0123456789.eE+-") != "" {
		return nil, false
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return intConst(i), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, false
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return intConst(int64(f)), true
	}
	return realConst(f), true
}

// numberPrefix reads the longest prefix of a text that is a number, as SQLite
// does in arithmetic; 0 when there is none.
func numberPrefix(s string) *constant {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	for n := len(s); n > 0; n-- {
		if strings.Trim(s[:n], "0123456789.eE+-") != "" {
			continue
		}
		if i, err := strconv.ParseInt(s[:n], 10, 64); err == nil {
			return intConst(i)
		}
		if f, err := strconv.ParseFloat(s[:n], 64); err == nil {
			return realConst(f)
		}
	}
	return intConst(0)
}

// textOf gives the text that SQLite makes of a constant. Reals are written
// with 15 significant digits ("%!.15g").
func (c *constant) textOf() (string, bool) {
	switch c.kind {
	case constInt:
		return strconv.FormatInt(c.i, 10), true
	case constText:
		return c.s, true
	case constReal:
		if math.IsInf(c.f, 0) || c.f != 0 && (math.Abs(c.f) < 1e-4 || math.Abs(c.f) >= 1e15) {
			return "", false
		}
		s := strconv.FormatFloat(c.f, 'g', 15, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s, !strings.Contains(s, "e")
	}
	return "", false
}

// decimal writes a number constant so that Postgres compares it exactly with
// integers and numerics.
func (c *constant) decimal() (string, bool) {
	if c.kind == constInt {
		return strconv.FormatInt(c.i, 10), true
	}
	if c.kind != constReal || math.IsInf(c.f, 0) {
		return "", false
	}
	if math.Abs(c.f) >= 1<<53 {
		return new(big.Float).SetFloat64(c.f).Text('f', 0), true
	}
	return strconv.FormatFloat(c.f, 'f', -1, 64), true
}

// isZero tells whether the constant is the number 0.
func (c *constant) isZero() bool {
	return c.kind == constInt && c.i == 0 || c.kind == constReal && c.f == 0
}

// term writes the constant as SQL.
func (c *constant) term() (term, error) {
	t := term{lit: c, atom: true, notNull: true}
	var err error
	switch c.kind {
	case constInt:
		t.cls, t.typ.Kind, t.nonNeg = clsInt, sqltype.Int8, c.i >= 0
		if c.i == int64(int32(c.i)) { //nolint:gosec // the round trip is the test
			t.typ.Kind = sqltype.Int4
		}
		t.sql = intLiteral(c.i)
	case constReal:
		t.cls, t.typ.Kind = clsReal, sqltype.Float8
		t.sql = realLiteral(c.f)
	case constText:
		t.cls, t.typ.Kind = clsText, sqltype.Text
		t.sql, err = quoteText(c.s)
	case constBlob:
		t.cls, t.typ.Kind = clsBlob, sqltype.Bytea
		if len(c.s) > maxSQL/2 {
			return term{}, unsupported("blob literal", "it is too long", "")
		}
		t.sql = quoteBytes(c.s)
	}
	return t, err
}

func intLiteral(i int64) string {
	s := strconv.FormatInt(i, 10)
	switch {
	case i == math.MinInt64: // its digits alone are beyond bigint
		return "'" + s + "'::bigint"
	case i < 0:
		return "(" + s + ")"
	}
	return s
}

func realLiteral(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "'Infinity'::float8"
	case math.IsInf(f, -1):
		return "'-Infinity'::float8"
	case f < 0:
		return "(" + strconv.FormatFloat(f, 'g', -1, 64) + ")::float8"
	}
	return strconv.FormatFloat(f, 'g', -1, 64) + "::float8"
}

// numericTerm writes a number constant as a Postgres numeric literal.
func (c *constant) numericTerm() (term, bool) {
	s, ok := c.decimal()
	if !ok {
		return term{}, false
	}
	if strings.HasPrefix(s, "-") {
		s = "(" + s + ")"
	}
	return term{sql: s, lit: c, atom: true, notNull: true, cls: clsNumeric, typ: sqltype.Type{Kind: sqltype.Numeric}}, true
}
