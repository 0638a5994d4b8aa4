package convert

import (
	"bytes"
	"math"
)

// parseSpan reads an interval as programs write it:
//
//	[-][d.]h:mm:ss[.f]                    .NET's TimeSpan; hours may be any
//	[-]d[ day[s][,]] [-+]h:mm[:ss[.f]]    Django, Python, Postgres
//	n UNIT [n UNIT]...                    Postgres: years down to microseconds
//	[-]P[nY][nM][nW][nD][T[nH][nM][n.fS]] ISO 8601: Java's Duration, Ecto
//
// What is finer than a microsecond is cut, toward the past.
func parseSpan(b []byte) (s span, ok bool) {
	r := spanReader{rest: b}
	switch {
	case len(b) == 0:
		return s, false
	case b[0] == 'P' || len(b) > 1 && b[1] == 'P':
		ok = r.iso()
	default:
		ok = r.words()
	}
	return r.span(), ok && r.fits()
}

// spanReader reads an interval from front to back.
type spanReader struct {
	rest                 []byte
	months, days, micros int64
	finer                bool // the fraction read last has more than microseconds
	cut                  bool // one of them had
	over                 bool // one of the parts went beyond 64 bits
}

func (r *spanReader) span() span {
	return span{r.micros, int32(r.days), int32(r.months), r.cut} //nolint:gosec // fits says so
}

func (r *spanReader) fits() bool {
	return !r.over && r.days == int64(int32(r.days)) && r.months == int64(int32(r.months)) //nolint:gosec // compared
}

// add adds n times unit to a part.
func (r *spanReader) add(part *int64, n, unit int64) {
	const limit = math.MaxInt64 / 2
	if n > limit/unit || n < -limit/unit || *part > limit || *part < -limit {
		r.over = true
		return
	}
	*part += n * unit
}

func (r *spanReader) peek() byte {
	if len(r.rest) == 0 {
		return 0
	}
	return r.rest[0]
}

func (r *spanReader) take(c byte) bool {
	if len(r.rest) == 0 || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// sign reads a sign, if there is one.
func (r *spanReader) sign() int64 {
	if r.take('-') {
		return -1
	}
	r.take('+')
	return 1
}

// number reads up to 18 digits.
func (r *spanReader) number() (n int64, ok bool) {
	i := 0
	for ; i < len(r.rest) && r.rest[i]-'0' <= 9; i++ {
		if i == 18 {
			return 0, false
		}
		n = n*10 + int64(r.rest[i]-'0')
	}
	r.rest = r.rest[i:]
	return n, i > 0
}

// fraction reads the digits behind a point as millionths, with their number.
func (r *spanReader) fraction() (micros int64, digits int) {
	unit := int64(1e6)
	r.finer = false
	for ; digits < len(r.rest) && r.rest[digits]-'0' <= 9; digits++ {
		d := int64(r.rest[digits] - '0')
		if unit /= 10; unit == 0 {
			r.finer = r.finer || d != 0
		}
		micros += d * unit
	}
	r.rest = r.rest[digits:]
	return micros, digits
}

// addTime adds seconds with the fraction read last. A cut goes toward the past,
// so below zero one microsecond more.
func (r *spanReader) addTime(sign, seconds, micros int64) {
	r.add(&r.micros, sign*seconds, 1e6)
	r.add(&r.micros, sign*micros, 1)
	if r.finer && sign < 0 {
		r.micros--
	}
	r.cut, r.finer = r.cut || r.finer, false
}

// words reads everything but ISO 8601.
func (r *spanReader) words() bool {
	for first := true; len(r.rest) > 0; first = false {
		sign := r.sign()
		n, ok := r.number()
		if !ok {
			return false
		}
		switch c := r.peek(); {
		case c == ':':
			return r.clock(sign, n) && len(r.rest) == 0
		case c == '.' && first && bytes.IndexByte(r.rest, ':') > 0: // .NET: the sign is for both
			r.take('.')
			hours, ok := r.number()
			r.add(&r.days, sign*n, 1)
			return ok && r.clock(sign, hours) && len(r.rest) == 0
		case c == 0:
			return false // a bare number has no unit
		}
		if !r.unit(sign, n) {
			return false
		}
		r.take(',')
		if len(r.rest) > 0 && !r.take(' ') {
			return false
		}
	}
	return true
}

// clock reads :mm[:ss[.f]] behind the hours.
func (r *spanReader) clock(sign, hours int64) bool {
	if hours > math.MaxInt32 || !r.take(':') {
		return false
	}
	minutes, ok := r.two()
	if !ok {
		return false
	}
	var seconds, micros int64
	if r.take(':') {
		if seconds, ok = r.two(); !ok {
			return false
		}
		if r.take('.') {
			digits := 0
			if micros, digits = r.fraction(); digits == 0 {
				return false
			}
		}
	}
	r.addTime(sign, (hours*60+minutes)*60+seconds, micros)
	return true
}

// two reads the two digits of minutes and seconds.
func (r *spanReader) two() (int64, bool) {
	before := len(r.rest)
	n, ok := r.number()
	return n, ok && before-len(r.rest) == 2 && n < 60
}

// unit reads the unit of n, which may have a fraction where it is seconds. A
// space and a clock behind n make it days, as Django writes them.
func (r *spanReader) unit(sign, n int64) bool {
	micros, fractional := int64(0), false
	if r.take('.') {
		digits := 0
		micros, digits = r.fraction()
		if fractional = true; digits == 0 {
			return false
		}
	}
	r.take(' ')
	i := 0
	for i < len(r.rest) && 'a' <= r.rest[i]|0x20 && r.rest[i]|0x20 <= 'z' {
		i++
	}
	word := r.rest[:i]
	r.rest = r.rest[i:]
	if i == 0 { // the rest must be a clock
		r.add(&r.days, sign*n, 1)
		s := r.sign()
		hours, ok := r.number()
		return !fractional && ok && r.clock(s, hours) && len(r.rest) == 0
	}
	if i > 2 && word[i-1] == 's' {
		word = word[:i-1]
	}
	if string(word) == "second" || string(word) == "sec" || string(word) == "s" {
		r.addTime(sign, n, micros)
		return true
	}
	return !fractional && r.whole(word, sign*n)
}

// whole adds n of a unit that has no fraction.
func (r *spanReader) whole(word []byte, n int64) bool {
	switch string(word) {
	case "year", "yr":
		r.add(&r.months, n, 12)
	case "month", "mon":
		r.add(&r.months, n, 1)
	case "week":
		r.add(&r.days, n, 7)
	case "day", "d":
		r.add(&r.days, n, 1)
	case "hour", "hr", "h":
		r.add(&r.micros, n, 3600e6)
	case "minute", "min", "m":
		r.add(&r.micros, n, 60e6)
	case "millisecond", "ms":
		r.add(&r.micros, n, 1000)
	case "microsecond", "us":
		r.add(&r.micros, n, 1)
	default:
		return false
	}
	return true
}

// iso reads ISO 8601. A sign in front is for all parts.
func (r *spanReader) iso() bool {
	all := r.sign()
	if !r.take('P') || len(r.rest) == 0 {
		return false
	}
	clock := false
	for len(r.rest) > 0 {
		if !clock && r.take('T') {
			clock = true
			if len(r.rest) == 0 {
				return false
			}
		}
		sign := all * r.sign()
		n, ok := r.number()
		if !ok || !r.isoPart(sign, n, clock) {
			return false
		}
	}
	return true
}

// isoPart reads what n counts, and its fraction where that is seconds.
func (r *spanReader) isoPart(sign, n int64, clock bool) bool {
	if clock && r.take('.') {
		micros, digits := r.fraction()
		r.addTime(sign, n, micros)
		return digits > 0 && r.take('S')
	}
	letter := r.peek()
	r.take(letter)
	switch {
	case !clock && letter == 'Y':
		r.add(&r.months, sign*n, 12)
	case !clock && letter == 'M':
		r.add(&r.months, sign*n, 1)
	case !clock && letter == 'W':
		r.add(&r.days, sign*n, 7)
	case !clock && letter == 'D':
		r.add(&r.days, sign*n, 1)
	case clock && letter == 'H':
		r.add(&r.micros, sign*n, 3600e6)
	case clock && letter == 'M':
		r.add(&r.micros, sign*n, 60e6)
	case clock && letter == 'S':
		r.addTime(sign, n, 0)
	default:
		return false
	}
	return true
}
