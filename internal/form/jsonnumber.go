package form

import "strconv"

// jsonNumberEnd reads the number of RFC 8259 that begins at b[i]; exponent tells
// that it has one.
func jsonNumberEnd(b []byte, i int) (at int, exponent, ok bool) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i >= len(b):
		return i, false, false
	case b[i] == '0':
		i++
	default:
		if i, ok = digitRun(b, i); !ok {
			return i, false, false
		}
	}
	if i < len(b) && b[i] == '.' {
		if i, ok = digitRun(b, i+1); !ok {
			return i, false, false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		i, ok = digitRun(b, i)
		return i, true, ok
	}
	return i, false, true
}

// digitRun skips decimal digits from b[i]; ok tells that there was one.
func digitRun(b []byte, i int) (at int, ok bool) {
	at = i
	for at < len(b) && b[at]-'0' <= 9 {
		at++
	}
	return at, at > i
}

// hugeExponent is the size of an exponent that Postgres refuses whatever the
// digits are (numeric.c, set_var_from_str: INT_MAX/2).
const hugeExponent = 1<<30 - 1

// hugeNumber reports whether Postgres' numeric refuses the valid JSON number:
// more than 131072 digits before the point, or more than 16383 after it, where
// digits as written count, zeros at the end too.
func hugeNumber(number []byte) bool {
	d, ok := ParseDecimal(number)
	if !ok {
		return true
	}
	if d.Exp >= hugeExponent || d.Exp <= -hugeExponent {
		return true
	}
	return d.Frac-d.Exp > maxFractionDigits || d.nonzero && d.high >= maxWholeDigits
}

// Between these positions of the point, counted from the first digit, a
// canonical number is written without exponent (the bounds of ECMAScript's
// Number.toString).
const (
	plainFrom = -5
	plainTo   = 21
)

// appendCanonicalNumber appends the one spelling of the value of a valid JSON
// number: no zeros around the digits, no -0, and an exponent only for values
// far from 1, so that its length never exceeds the number's by much.
func appendCanonicalNumber(dst, number []byte) []byte {
	if n, ok := CanonicalInt(number); ok && n != 0 {
		return append(dst, number...)
	}
	d, _ := ParseDecimal(number)
	if !d.nonzero {
		return append(dst, '0')
	}
	if d.Neg {
		dst = append(dst, '-')
	}
	point := d.high + 1 // digits before the point
	digits := d.high - d.low + 1
	switch {
	case point >= plainFrom && point <= 0:
		dst = append(dst, "0.00000"[:2-point]...)
		return appendDigits(dst, number, digits)
	case point > 0 && point <= plainTo && digits <= point:
		dst = appendDigits(dst, number, digits)
		for ; digits < point; digits++ {
			dst = append(dst, '0')
		}
		return dst
	case point > 0 && point <= plainTo:
		at := len(dst) + point
		dst = append(appendDigits(dst, number, digits), 0)
		copy(dst[at+1:], dst[at:])
		dst[at] = '.'
		return dst
	}
	dst = append(appendDigits(dst, number, digits), 'e')
	return strconv.AppendInt(dst, int64(d.low), 10)
}

// appendDigits appends n digits of number, from the first that is not 0.
func appendDigits(dst, number []byte, n int) []byte {
	i := 0
	for number[i] < '1' { // '-', '.' and '0' come before '1'
		i++
	}
	for ; n > 0; i++ {
		if number[i] != '.' {
			dst = append(dst, number[i])
			n--
		}
	}
	return dst
}
