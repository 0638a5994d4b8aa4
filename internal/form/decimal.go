package form

import (
	"math"
	"strconv"
)

// Special tells finite decimals from the others that Postgres' numeric has.
type Special uint8

// The kinds of decimals. Postgres has infinite numerics since version 14.
const (
	Finite Special = iota
	NaN
	Infinite
)

// Decimal is the shape of a decimal number: enough to say which numeric(p,s)
// holds it exactly, without its digits.
type Decimal struct {
	// Int counts the digits before the point as written, leading zeros left out.
	Int int
	// Frac counts the digits after the point as written, trailing zeros too.
	Frac int
	// Exp is the exponent as written, held within ±2^30.
	Exp int

	// high and low are the powers of ten of the first and the last digit of the
	// value that are not 0, the exponent applied.
	high, low int
	nonzero   bool

	// Neg tells that a minus sign is written, also before 0 or Infinity.
	Neg bool
	// Special tells NaN and the infinities; they have no digits.
	Special Special
}

// maxExp bounds exponents: far beyond what any number has, far from overflow.
const maxExp = 1 << 30

// Limits of a numeric without precision (Postgres: numeric.c, NUMERIC_WEIGHT_MAX
// and NUMERIC_DSCALE_MAX).
const (
	maxWholeDigits    = 131_072
	maxFractionDigits = 16_383
)

// ParseDecimal reads what Postgres' numeric reads: digits with at most one
// point, an optional sign and exponent; NaN; Infinity or inf with an optional
// sign, in any ASCII case. White space is refused.
func ParseDecimal(b []byte) (d Decimal, ok bool) {
	i := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		d.Neg = b[0] == '-'
		i = 1
	}
	if i == len(b) {
		return Decimal{}, false
	}
	if c := b[i]; c != '.' && (c < '0' || c > '9') {
		return parseSpecial(b[i:], i > 0, d.Neg)
	}
	i, digits := d.mantissa(b, i)
	if digits == 0 {
		return Decimal{}, false
	}
	if i < len(b) {
		if d.Exp, ok = parseExponent(b[i:]); !ok {
			return Decimal{}, false
		}
		d.high += d.Exp
		d.low += d.Exp
	}
	return d, true
}

// mantissa reads the digits and the point from b[i:]; it gives where they end
// and the number of digits.
func (d *Decimal) mantissa(b []byte, i int) (end, digits int) {
	point := -1
	// First and last digit that are not 0, as indexes into b.
	first, last := -1, -1
	start := i
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && point < 0 {
			point = i
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		if c != '0' {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if point < 0 {
		point = i
	} else {
		d.Frac = i - point - 1
	}
	if first >= 0 {
		d.nonzero = true
		d.high, d.low = power(first, point), power(last, point)
		d.Int = max(0, d.high+1)
	}
	return i, point - start + d.Frac
}

// power gives the power of ten of the digit at index i when the point is at
// index point.
func power(i, point int) int {
	if i < point {
		return point - 1 - i
	}
	return point - i
}

// parseExponent reads the whole of b as an exponent.
func parseExponent(b []byte) (exp int, ok bool) {
	if b[0] != 'e' && b[0] != 'E' || len(b) < 2 {
		return 0, false
	}
	b = b[1:]
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		exp = min(exp*10+int(c-'0'), maxExp)
	}
	if neg {
		exp = -exp
	}
	return exp, true
}

// parseSpecial reads the words for NaN and infinity.
func parseSpecial(b []byte, signed, neg bool) (Decimal, bool) {
	switch {
	case !signed && equalFold(b, "nan"):
		return Decimal{Special: NaN}, true
	case equalFold(b, "infinity"), equalFold(b, "inf"):
		return Decimal{Special: Infinite, Neg: neg}, true
	}
	return Decimal{}, false
}

// FloatDecimal gives the shape of f in plain notation with the fewest digits
// that read back as f: what SQLite and Postgres print of a double, give or take
// an exponent. Exp is 0.
func FloatDecimal(f float64) Decimal {
	switch {
	case math.IsNaN(f):
		return Decimal{Special: NaN}
	case math.IsInf(f, 0):
		return Decimal{Special: Infinite, Neg: f < 0}
	}
	var buf [32]byte // the longest one is -2.2250738585072014e-308, 24 bytes
	d, _ := ParseDecimal(strconv.AppendFloat(buf[:0], f, 'e', -1, 64))
	d.Exp = 0
	d.Int, d.Frac = d.Digits()
	return d
}

// IsZero reports whether the value is 0. Neg may be set: numeric has no -0.
func (d Decimal) IsZero() bool { return d.Special == Finite && !d.nonzero }

// Digits gives how many digits before and after the point the value needs, its
// exponent applied and trailing zeros left out. A column's numeric(p,s) needs
// the greatest whole and fraction of its values: p = whole+fraction,
// s = fraction.
func (d Decimal) Digits() (whole, fraction int) {
	if !d.nonzero {
		return 0, 0
	}
	return max(0, d.high+1), max(0, -d.low)
}

// Fits reports whether numeric(p,s) holds the value exactly; zeros at the end
// of the fraction do not matter. p = 0 stands for numeric without precision,
// which holds 131072 digits before and 16383 after the point. NaN fits all of
// them, an infinity only p = 0 (and needs Postgres 14).
func (d Decimal) Fits(p, s int) bool {
	switch {
	case d.Special == NaN:
		return true
	case d.Special == Infinite:
		return p == 0
	case !d.nonzero:
		return true
	case p == 0:
		return d.high < maxWholeDigits && d.low >= -maxFractionDigits
	}
	return d.high < p-s && d.low >= -s
}

// CanonicalInt reads decimal text that is exactly what its integer prints as:
// no plus sign, no leading zero, no -0, within int64.
func CanonicalInt(b []byte) (n int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	digits := b
	if neg {
		digits = b[1:]
	}
	// 19 digits fit uint64 without overflow.
	if len(digits) == 0 || len(digits) > 19 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var u uint64
	for _, c := range digits {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c)
	}
	switch {
	case neg && u <= 1<<63:
		return int64(-u), true //nolint:gosec // two's complement; -2^63 too
	case !neg && u <= math.MaxInt64:
		return int64(u), true
	}
	return 0, false
}
