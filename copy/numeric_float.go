package pgcopy

import (
	"math"
	"strconv"
)

// AppendNumericFloat appends the shortest decimal number that reads back as f:
// the digits that one sees when f is printed. dscale is the number of digits
// after the point to show; when it is negative, it is as many as that number
// has in plain notation (12.5 has 1, 1e-7 has 7, 1e20 has 0). NaN and the
// infinities become those of numeric; negative zero becomes zero, because
// numeric has none.
//
// The number is never rounded further. On an error (ErrNumericScale,
// ErrNumericRange) dst is returned as it was.
func AppendNumericFloat(dst []byte, f float64, dscale int) ([]byte, error) {
	if uint(dscale) < uint(len(shortScales)) {
		s := &shortScales[dscale]
		a := math.Abs(f)
		if product := a * s.units; product < s.limit {
			// The proof of scaleFloat, for the one scale that matters. (Signed,
			// because amd64 converts doubles to and from these alone.)
			if m := int64(product + 0.5); float64(m)/s.units == a {
				return appendShort(dst, uint64(m*s.lift), math.Float64bits(f)>>63, dscale), nil //nolint:gosec // not negative
			}
		}
	}
	if s, ok := scaleFloat(f); ok {
		if dscale < 0 {
			dscale = s.fractionDigits()
		}
		return appendFitting(dst, s, dscale)
	}
	switch {
	case math.IsNaN(f):
		return AppendNumericNaN(dst), nil
	case math.IsInf(f, 0):
		return AppendNumericInf(dst, f < 0), nil
	}
	var digits [32]byte // -d.dddddddddddddddde-ddd is 24 long
	return AppendNumericText(dst, strconv.AppendFloat(digits[:0], f, 'e', -1, 64), dscale)
}

// shortScales holds, for each scale that one group of digits has room for, how
// many units of the last digit make one, how many of 1/10000 make a unit, and
// how many units are too many for appendShort. Nearly all values of a column
// with a scale go this way.
var shortScales = [groupDigits + 1]struct {
	units, limit float64
	lift         int64
}{
	{1, 1 * maxShortWhole, 10000},
	{10, 10 * maxShortWhole, 1000},
	{100, 100 * maxShortWhole, 100},
	{1000, 1000 * maxShortWhole, 10},
	{10000, 10000 * maxShortWhole, 1},
}

// maxExact bounds the whole numbers that have at most 15 decimal digits.
const maxExact = 1e15

// scaleFloat gives the shortest decimal number that reads back as f as a whole
// number of 10000^-point, without printing it, if it can prove that it is that
// number. The proof: m has at most 15 digits, m and the divisor are exact
// doubles, and dividing them rounds correctly to f, so m/divisor reads as f.
// Two different decimals of at most 15 digits never read as the same double
// (DBL_DIG is 15), so no shorter one reads as f: it would be a second.
func scaleFloat(f float64) (scaled, bool) {
	a := math.Abs(f)
	divisor := 1.0
	for point := range 4 {
		product := a * divisor
		if !(product < maxExact) { // written so that NaN is out too
			break
		}
		m := int64(product + 0.5)
		if float64(m)/divisor == a && m < maxExact {
			return scaled{mag: uint64(m), point: point, negative: f < 0}, true //nolint:gosec // not negative
		}
		divisor *= numericBase
	}
	return scaled{}, false
}
