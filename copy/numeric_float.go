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
		m := uint64(product + 0.5)
		if float64(m)/divisor == a && m < maxExact {
			return scaled{mag: m, point: point, negative: f < 0}, true
		}
		divisor *= numericBase
	}
	return scaled{}, false
}
