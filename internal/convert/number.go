package convert

import (
	"math"
	"strconv"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// beyondInt64 is 2^63, the first double above every int64.
const beyondInt64 = -float64(math.MinInt64)

func (e *Encoder) appendInt(dst []byte, v *row.Value) ([]byte, bool) {
	n, ok := integer(v)
	if !ok {
		return dst, false
	}
	switch e.Type.Kind {
	case sqltype.Int2:
		if n < math.MinInt16 || n > math.MaxInt16 {
			return dst, false
		}
		return pgcopy.AppendInt2(dst, int16(n)), true
	case sqltype.Int4:
		if n < math.MinInt32 || n > math.MaxInt32 {
			return dst, false
		}
		return pgcopy.AppendInt4(dst, int32(n)), true
	}
	return pgcopy.AppendInt8(dst, n), true
}

// integer gives the integer that a value is, exactly: text must be spelt as
// the integer prints, or a reader could not tell what stood there.
func integer(v *row.Value) (int64, bool) {
	switch v.Class {
	case row.Integer:
		return v.Int(), true
	case row.Text:
		return form.CanonicalInt(v.Bytes)
	case row.Real:
		f := v.Real()
		if f != math.Trunc(f) || f < math.MinInt64 || f >= beyondInt64 || (f == 0 && math.Signbit(f)) {
			return 0, false
		}
		return int64(f), true
	}
	return 0, false
}

func (e *Encoder) appendFloat(dst []byte, v *row.Value) ([]byte, bool) {
	var f float64
	switch v.Class {
	case row.Real:
		f = v.Real()
	case row.Integer:
		if !ExactDouble(v.Int()) {
			return dst, false
		}
		f = float64(v.Int())
	case row.Text:
		var ok bool
		if f, ok = e.floatText(v.Bytes); !ok {
			return dst, false
		}
	default:
		return dst, false
	}
	if e.Type.Kind == sqltype.Float8 {
		return pgcopy.AppendFloat8(dst, f), true
	}
	if !math.IsNaN(f) && float64(float32(f)) != f && (e.Existing == nil || !printsAsSingle(f)) {
		return dst, false
	}
	return pgcopy.AppendFloat4(dst, float32(f)), true
}

// ExactDouble tells whether some double is exactly n: always up to 2^53, now
// and then beyond.
func ExactDouble(n int64) bool {
	// Where n rounds up to 2^63 the way back overflows, and does not give the
	// same on every processor.
	f := float64(n)
	return f < beyondInt64 && int64(f) == n
}

func (e *Encoder) appendNumeric(dst []byte, v *row.Value) ([]byte, Note, bool) {
	scale := -1
	if e.Type.Precision > 0 {
		scale = max(e.Type.Scale, 0)
	}
	switch v.Class {
	case row.Integer:
		if e.holdsInt(v.Int()) {
			return pgcopy.AppendNumericInt(dst, v.Int(), max(scale, 0)), Exact, true
		}
	case row.Real:
		f := v.Real()
		if !math.IsInf(f, 0) && e.holdsWhole(f) {
			if out, err := pgcopy.AppendNumericFloat(dst, f, scale); err == nil {
				return out, Exact, true
			}
		}
		if e.Existing != nil {
			return e.appendRounded(dst, f)
		}
	case row.Text:
		d, ok := form.ParseDecimal(v.Bytes)
		if e.Existing != nil && ok && d.Special == form.NaN {
			return pgcopy.AppendNumericNaN(dst), Exact, true
		}
		if ok && FitsNumeric(d) && d.Fits(e.Type.Precision, e.Type.Scale) {
			out, err := pgcopy.AppendNumericText(dst, v.Bytes, scale)
			return out, Exact, err == nil
		}
	}
	return dst, Exact, false
}

// holdsInt tells whether n fits the type. A scale below 0 wants zeros at the
// end of n, and one above the precision has no room before the point at all.
func (e *Encoder) holdsInt(n int64) bool {
	if e.Type.Precision == 0 || n == 0 {
		return true
	}
	if e.Type.Scale >= 0 {
		return IntDigits(n) <= e.Type.Precision-e.Type.Scale
	}
	var digits [20]byte
	d, _ := form.ParseDecimal(strconv.AppendInt(digits[:0], n, 10))
	return d.Fits(e.Type.Precision, e.Type.Scale)
}

// maxNumericExp bounds the exponents of decimal text: numeric_in of Postgres
// refuses INT_MAX/2 and above, whatever the digits are.
const maxNumericExp = math.MaxInt32 / 2

// FitsNumeric tells whether numeric without modifiers holds a decimal as it is
// written, all its digits after the point included. The infinities and NaN are
// left out: an infinity needs Postgres 14, and NaN equals itself there.
func FitsNumeric(d form.Decimal) bool {
	return d.Special == form.Finite && d.Fits(0, 0) &&
		d.Exp > -maxNumericExp && d.Exp < maxNumericExp && d.Frac-d.Exp <= pgcopy.MaxNumericScale
}

// Pow10 holds the powers of ten that are exact doubles.
var Pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// holdsWhole tells whether the digits of f before the point fit the type; how
// many follow it is for AppendNumericFloat to say. Below an exact power of ten
// no shortest decimal has more digits than that power, because it would read
// back as the power and not as f.
func (e *Encoder) holdsWhole(f float64) bool {
	if e.Type.Precision == 0 {
		return true
	}
	whole := e.Type.Precision - e.Type.Scale
	if e.Type.Scale >= 0 && whole >= 0 && whole < len(Pow10) {
		return math.Abs(f) < Pow10[whole]
	}
	return form.FloatDecimal(f).Fits(e.Type.Precision, e.Type.Scale)
}

// IntDigits counts the decimal digits of n, 0 for 0: what numeric(p,s) has
// p-s of.
func IntDigits(n int64) int {
	digits := 0
	for ; n != 0; n /= 10 {
		digits++
	}
	return digits
}
