package convert

import (
	"bytes"
	"math"
	"strconv"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
)

// maxFloatText bounds the text that is read as a double: longer than any that
// prints one (-2.2250738585072014e-308), and short enough for strconv to take
// it without an allocation.
const maxFloatText = 32

// floatText reads the words for what is no number, and decimal text that the
// double it reads as prints again, digit for digit. Columns that litehaul makes
// take no text.
func (e *Encoder) floatText(b []byte) (f float64, ok bool) {
	if e.Existing == nil || len(b) > maxFloatText {
		return 0, false
	}
	d, ok := form.ParseDecimal(b)
	if !ok {
		return 0, false
	}
	switch d.Special {
	case form.NaN:
		return math.NaN(), true
	case form.Infinite:
		if d.Neg {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, false
	}
	// Doubles hold any 15 digits.
	if whole, frac := d.Digits(); whole+frac <= 15 {
		return f, true
	}
	var a, z [64]byte
	left, err1 := pgcopy.AppendNumericText(a[:0], b, shownScale)
	right, err2 := pgcopy.AppendNumericFloat(z[:0], f, shownScale)
	return f, err1 == nil && err2 == nil && bytes.Equal(left, right)
}

// shownScale is a scale that two numerics are compared in: more digits than
// maxFloatText has room for, exponents apart.
const shownScale = 400

// printsAsSingle tells whether f is what a program prints of a float of 32 bits
// and reads back as one of 64: a real column shows the same digits.
func printsAsSingle(f float64) bool {
	s := float32(f)
	if math.IsInf(float64(s), 0) && !math.IsInf(f, 0) {
		return false
	}
	var a, z [maxFloatText]byte
	return bytes.Equal(strconv.AppendFloat(a[:0], f, 'e', -1, 64), strconv.AppendFloat(z[:0], float64(s), 'e', -1, 32))
}

// appendRounded appends a double that has more digits than the type's scale,
// where those are but noise: the decimal of that scale, rounded half away from
// zero, reads as the double or as a neighbour of it. That is what arithmetic and
// conversions on the way leave of a decimal; two decimals of 15 digits or less
// are never neighbours, so a digit that somebody wrote is not rounded off.
func (e *Encoder) appendRounded(dst []byte, f float64) ([]byte, Note, bool) {
	if math.IsInf(f, 0) || e.Type.Precision == 0 || e.Type.Scale < 0 || e.Type.Scale > maxRoundedScale {
		return dst, Exact, false
	}
	if _, frac := form.FloatDecimal(f).Digits(); frac <= e.Type.Scale {
		return dst, Exact, false
	}
	var buf [roundedLen]byte
	text := roundHalfAway(strconv.AppendFloat(buf[:0], f, 'f', -1, 64), e.Type.Scale)
	d, ok := form.ParseDecimal(text)
	if !ok || !d.Fits(e.Type.Precision, e.Type.Scale) || len(text) > maxFloatText {
		return dst, Exact, false
	}
	back, err := strconv.ParseFloat(string(text), 64)
	if err != nil || back != f && back != math.Nextafter(f, math.Inf(1)) && back != math.Nextafter(f, math.Inf(-1)) {
		return dst, Exact, false
	}
	out, err := pgcopy.AppendNumericText(dst, text, e.Type.Scale)
	return out, Rounded, err == nil
}

// maxRoundedScale bounds the scales at which doubles are rounded: with more
// places behind the point only tiny ones have noise.
const maxRoundedScale = 30

// roundedLen is room for a double in plain notation; longer ones allocate.
const roundedLen = 400

// roundHalfAway rounds a decimal in plain notation, with more than scale digits
// behind its point, half away from zero. It works in place; the result may be
// one byte longer in front, which it makes room for.
func roundHalfAway(text []byte, scale int) []byte {
	point := bytes.IndexByte(text, '.')
	up := text[point+1+scale] >= '5'
	text = text[:point+1+scale]
	if scale == 0 {
		text = text[:point]
	}
	if !up {
		return text
	}
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case c == '.':
		case c == '9':
			text[i] = '0'
		case c >= '0' && c < '9':
			text[i]++
			return text
		default: // the sign
			return insertOne(text, i+1)
		}
	}
	return insertOne(text, 0)
}

// insertOne puts the digit 1 at index i.
func insertOne(text []byte, i int) []byte {
	text = append(text, 0)
	copy(text[i+1:], text[i:])
	text[i] = '1'
	return text
}
