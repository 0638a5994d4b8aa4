package page

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// absentValue gives what a column reads as in a record that ends before it: the
// table was altered after the row was written. SQLite takes the default then, if
// that is a constant, with the column's affinity; and NULL otherwise. why is set
// when the default may be a constant that this package does not know exactly.
func absentValue(c *schema.Column) (v row.Value, why string) {
	x := c.Default
	if c.Generated == schema.Stored {
		x = c.Generator // a constant generator counts as one; nobody writes one
	}
	if x == nil {
		if c.DefaultSQL != "" || c.Generated == schema.Stored {
			return v, "its default could not be parsed"
		}
		return v, ""
	}
	k, known := constant(x)
	if known && k.kind == isOdd {
		return v, "its default is a constant of an unusual form"
	}
	if !known {
		return v, "" // not a constant: NULL
	}
	v, ok := k.as(c.Affinity)
	if !ok {
		return row.Value{}, "its default is a number whose last digits depend on the engine"
	}
	if c.Affinity == schema.AffReal && v.Class == row.Integer {
		v.SetReal(float64(v.Int()))
	}
	return v, ""
}

// constKind tells literals apart as SQLite's valueFromExpr does.
type constKind uint8

const (
	isNull constKind = iota
	isInt
	isFloat // text holds the digits as written
	isText
	isBlob
	isOdd // maybe a constant; not worth knowing
)

// literal is the constant of a default.
type literal struct {
	text string
	n    int64
	kind constKind
}

// constant gives the constant that an expression is, or false where SQLite sees
// none.
func constant(x syntax.Expr) (literal, bool) {
	switch x := x.(type) {
	case *syntax.Literal:
		return plain(x, false)
	case *syntax.Name:
		// A bare word after DEFAULT is a string.
		if x.Schema == "" && x.Table == "" && utf8.ValidString(x.Column) {
			return literal{kind: isText, text: x.Column}, true
		}
		return literal{kind: isOdd}, true
	case *syntax.Unary:
		return signed(x)
	case *syntax.Cast:
		k, ok := constant(x.X)
		if ok && k.kind != isNull {
			k.kind = isOdd
		}
		return k, ok
	case *syntax.Collate:
		return literal{kind: isOdd}, true
	}
	return literal{}, false
}

func signed(x *syntax.Unary) (literal, bool) {
	switch x.Op {
	case "+":
		return constant(x.X)
	case "-":
		if l, ok := x.X.(*syntax.Literal); ok && (l.Kind == syntax.LitInt || l.Kind == syntax.LitFloat) {
			return plain(l, true)
		}
		k, ok := constant(x.X)
		k.kind = isOdd
		return k, ok
	}
	return literal{}, false
}

func plain(l *syntax.Literal, minus bool) (literal, bool) {
	sign := ""
	if minus {
		sign = "-"
	}
	switch l.Kind {
	case syntax.LitNull:
		return literal{kind: isNull}, true
	case syntax.LitTrue:
		return literal{kind: isInt, n: 1}, true
	case syntax.LitFalse:
		return literal{kind: isInt}, true
	case syntax.LitString:
		if !utf8.ValidString(l.Text) {
			return literal{kind: isOdd}, true
		}
		return literal{kind: isText, text: l.Text}, true
	case syntax.LitBlob:
		return literal{kind: isBlob, text: l.Text}, true
	case syntax.LitInt:
		n, err := strconv.ParseInt(sign+l.Text, 0, 64)
		hex := strings.HasPrefix(strings.ToLower(l.Text), "0x")
		if !hex {
			n, err = strconv.ParseInt(sign+l.Text, 10, 64)
		}
		switch {
		case err == nil && n == math.MinInt64, err != nil && hex:
			return literal{kind: isOdd}, true
		case err != nil:
			return literal{kind: isFloat, text: sign + l.Text}, true
		}
		return literal{kind: isInt, n: n}, true
	case syntax.LitFloat:
		return literal{kind: isFloat, text: sign + l.Text}, true
	}
	return literal{}, false // CURRENT_TIME and the like
}

// as applies an affinity ("Datatypes in SQLite", section 3). It gives false for
// numbers that only SQLite's own conversion is sure to read as SQLite does.
func (k literal) as(a schema.Affinity) (v row.Value, ok bool) {
	numeric := a == schema.AffNumeric || a == schema.AffInteger || a == schema.AffReal
	switch k.kind {
	case isInt:
		if a == schema.AffText {
			v.SetText(strconv.AppendInt(nil, k.n, 10))
		} else {
			v.SetInt(k.n)
		}
	case isFloat:
		if a == schema.AffText { // SQLite keeps the digits as written
			v.SetText([]byte(k.text))
			return v, true
		}
		f, ok := exactFloat(k.text)
		if !ok {
			return v, false
		}
		setNumber(&v, f, numeric)
	case isText:
		if numeric {
			return numberOrText(k.text)
		}
		v.SetText([]byte(k.text))
	case isBlob:
		v.SetBlob([]byte(k.text))
	case isNull, isOdd:
	}
	return v, true
}

// setNumber makes an INTEGER of a REAL that is one, where the affinity asks so.
func setNumber(v *row.Value, f float64, numeric bool) {
	if numeric && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		v.SetInt(int64(f))
	} else {
		v.SetReal(f)
	}
}

// numberOrText applies a numeric affinity to a text.
func numberOrText(s string) (v row.Value, ok bool) {
	t := strings.Trim(s, " \t\n\v\f\r")
	if n, err := strconv.ParseInt(t, 10, 64); err == nil {
		v.SetInt(n)
		return v, true
	}
	if !looksNumeric(t) {
		v.SetText([]byte(s))
		return v, true
	}
	f, ok := exactFloat(t)
	if ok {
		setNumber(&v, f, true)
	}
	return v, ok
}

// looksNumeric tells whether all of a text is a decimal number, as sqlite3AtoF
// sees it: a digit at least, perhaps a point, perhaps a whole exponent.
func looksNumeric(s string) bool {
	digits := func() (n int) {
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n
	}
	sign := func() {
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
	}
	sign()
	n := digits()
	if s != "" && s[0] == '.' {
		s = s[1:]
		n += digits()
	}
	if n > 0 && s != "" && s[0]|0x20 == 'e' {
		s = s[1:]
		sign()
		n = digits()
	}
	return n > 0 && s == ""
}

// exactFloat reads a decimal number that has one nearest double whatever the
// method: at most 15 digits and a small power of ten, the product of two exact
// doubles rounded once.
func exactFloat(s string) (float64, bool) {
	const maxDigits, maxPower = 15, 22
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(strings.TrimLeft(mantissa, "+-"), ".")
	power := 0
	if exponent != "" {
		if power, err = strconv.Atoi(exponent); err != nil {
			return 0, false
		}
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	power -= len(fraction)
	return f, len(digits) <= maxDigits && power <= maxPower && power >= -maxPower
}
