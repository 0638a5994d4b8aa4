package pgcopy

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

// The binary form of numeric (numeric_send): the number of base-10000 digits,
// called groups here, the weight (the power of 10000 of the first one), the
// sign and the display scale, 16 bits each, then the groups. A stored value
// has no zero group at either end, and zero has neither groups nor sign.
const (
	numericBase    = 10000
	groupDigits    = 4 // decimal digits in a group
	numericHeadLen = 8
)

// The sign field. NaN and the infinities are signs of their own.
const (
	signPlus  = 0x0000
	signMinus = 0x4000
	signNaN   = 0xc000
	signInf   = 0xd000
	signNegIn = 0xf000
)

// infinityScale is the display scale that the server sends for an infinity: a
// bit of its header that happens to lie where a finite number has the scale.
const infinityScale = 32

// The limits of a numeric that is stored (NUMERIC_DSCALE_MAX and the 16 bits
// of NUMERIC_WEIGHT_MAX; "Numeric Types" in the PostgreSQL documentation).
const (
	// MaxNumericScale is the largest number of digits after the point.
	MaxNumericScale = 16383
	// MaxNumericDigits is the largest number of digits before the point.
	MaxNumericDigits = 131072
)

// Errors of the numeric encoders. They are plain values because a caller meets
// them in the row loop, where it knows the cell and nothing may be allocated.
var (
	// ErrNumericSyntax says that text is not a decimal number.
	ErrNumericSyntax = errors.New("not a decimal number")
	// ErrNumericScale says that a number has more digits after the point than
	// the scale asked for.
	ErrNumericScale = errors.New("number has more fraction digits than the scale")
	// ErrNumericRange says that a number is beyond what numeric can store.
	ErrNumericRange = errors.New("number is out of the range of numeric")
)

// numericHead is a numeric without its groups.
type numericHead struct {
	groupN, weight, scale int
	sign                  uint16
}

// signOf gives the sign of a number that is not zero.
func signOf(negative bool) uint16 {
	if negative {
		return signMinus
	}
	return signPlus
}

// append appends the length of the field and the four header words.
func (h numericHead) append(dst []byte) []byte {
	return binary.BigEndian.AppendUint64(appendLen(dst, numericHeadLen+2*h.groupN), h.word())
}

// word gives the four header words as one.
func (h numericHead) word() uint64 {
	return be(int64(h.groupN))<<48 | be(int64(h.weight))&0xffff<<32 | uint64(h.sign)<<16 | be(int64(h.scale))
}

// AppendNumericInt appends a whole number as a numeric with dscale digits after
// the point (all zero): the scale of a numeric(p,s) column, or 0. dscale is
// brought into the range 0 to MaxNumericScale.
func AppendNumericInt(dst []byte, n int64, dscale int) []byte {
	mag := be(n)
	if n < 0 {
		mag = -mag
	}
	if mag < maxShortWhole && 0 <= dscale && dscale <= MaxNumericScale {
		return appendShort(dst, mag*numericBase, be(n)>>63, dscale)
	}
	return appendScaled(dst, scaled{mag: mag, negative: n < 0}, min(max(dscale, 0), MaxNumericScale))
}

// AppendNumericNaN appends the numeric NaN.
func AppendNumericNaN(dst []byte) []byte {
	return numericHead{sign: signNaN}.append(dst)
}

// AppendNumericInf appends the numeric infinity, or -infinity. Servers before
// PostgreSQL 14 refuse it, and so does a numeric with a precision.
func AppendNumericInf(dst []byte, negative bool) []byte {
	if negative {
		return numericHead{sign: signNegIn, scale: infinityScale}.append(dst)
	}
	return numericHead{sign: signInf, scale: infinityScale}.append(dst)
}

// scaled is the number mag / 10000^point with its sign.
type scaled struct {
	mag      uint64
	point    int
	negative bool
}

// fractionDigits counts the digits after the point, without zeros at the end.
func (s scaled) fractionDigits() int {
	n := groupDigits * s.point
	for n > 0 && s.mag%10 == 0 {
		s.mag /= 10
		n--
	}
	return n
}

// appendFitting appends s as a numeric if its digits fit dscale, which is not
// negative.
func appendFitting(dst []byte, s scaled, dscale int) ([]byte, error) {
	switch {
	case dscale < groupDigits*s.point && dscale < s.fractionDigits():
		return dst, ErrNumericScale
	case dscale > MaxNumericScale:
		return dst, ErrNumericRange
	}
	return appendScaled(dst, s, dscale), nil
}

// maxShortWhole bounds the whole numbers of at most two groups.
const maxShortWhole = numericBase * numericBase

// appendShort appends mag / 10000, less than maxShortWhole, as a numeric; the
// sign is 1 for a minus. It writes all three groups and cuts off what is too
// much. The shift that leaves out empty groups has constant steps: with a number
// of them, as LeadingZeros64 would give it, 12345.67 takes 36 ns and not 18 (AMD
// EPYC).
func appendShort(dst []byte, mag, sign uint64, dscale int) []byte {
	whole := mag / numericBase
	high := whole / numericBase
	groups := high<<48 | (whole-high*numericBase)<<32 | (mag-whole*numericBase)<<16
	if groups == 0 {
		return numericHead{scale: dscale}.append(dst)
	}
	missing := 0
	if high == 0 {
		missing, groups = 1, groups<<16
		if whole == 0 {
			missing, groups = 2, groups<<16
		}
	}
	groupN := 4 - bits.TrailingZeros64(groups)/16
	at := len(dst)
	const most = lenSize + numericHeadLen + 8
	if cap(dst)-at < most {
		dst = slices.Grow(dst, most)
	}
	field := dst[at : at+most]
	binary.BigEndian.PutUint32(field, uint32(numericHeadLen+2*groupN))                                   //nolint:gosec // at most 14
	h := numericHead{groupN: groupN, weight: 1 - missing, scale: dscale, sign: uint16(sign * signMinus)} //nolint:gosec // 0 or signMinus
	binary.BigEndian.PutUint64(field[lenSize:], h.word())
	binary.BigEndian.PutUint64(field[lenSize+numericHeadLen:], groups)
	return dst[:at+lenSize+numericHeadLen+2*groupN]
}

// appendScaled appends s as a numeric.
func appendScaled(dst []byte, s scaled, dscale int) []byte {
	if s.mag == 0 {
		return numericHead{scale: dscale}.append(dst)
	}
	low := -s.point // the power of 10000 of the last group
	for s.mag%numericBase == 0 {
		s.mag /= numericBase
		low++
	}
	var groups [5]uint16 // 2^64 < 10000^5
	n := 0
	for ; s.mag > 0; s.mag /= numericBase {
		groups[n] = uint16(s.mag % numericBase)
		n++
	}
	dst = numericHead{groupN: n, weight: low + n - 1, scale: dscale, sign: signOf(s.negative)}.append(dst)
	for n > 0 {
		n--
		dst = binary.BigEndian.AppendUint16(dst, groups[n])
	}
	return dst
}
