package form

import "encoding/binary"

// clock is a time of day as read.
type clock struct {
	micros    int64
	precision uint8 // precMinutes, precSeconds or precSeconds + digits
	cut       bool  // non-zero digits beyond microseconds were left out
}

// ParseTime reads a time of day, HH:MM, HH:MM:SS or HH:MM:SS.f with any number
// of digits, as microseconds since midnight. Digits beyond microseconds are cut
// toward the past; cut tells whether one of them was not 0. 24:00 and second 60
// are refused.
func ParseTime(b []byte) (micros int64, cut, ok bool) {
	c, n, ok := readClock(b)
	if !ok || n != len(b) {
		return 0, false, false
	}
	return c.micros, c.cut, true
}

// timeOnDay begins the times of day that Rails writes into time columns.
const timeOnDay = "2000-01-01 "

// ParseTimeOnDay is ParseTime for a time of day that Rails wrote:
// "2000-01-01 HH:MM:SS" with or without a fraction. Another date is refused,
// because it would be lost.
func ParseTimeOnDay(b []byte) (micros int64, cut, ok bool) {
	if len(b) < len(timeOnDay) || string(b[:len(timeOnDay)]) != timeOnDay {
		return 0, false, false
	}
	return ParseTime(b[len(timeOnDay):])
}

// readClock reads the time of day that b begins with and gives its length.
func readClock(b []byte) (c clock, n int, ok bool) {
	if len(b) < 8 || b[5] != ':' {
		return readMinutes(b)
	}
	two, ok := shaped(binary.LittleEndian.Uint64(b), clockShape, clockDigits)
	hour, minute, second := two&0xff, two>>24&0xff, two>>48&0xff
	if !ok || hour > 23 || minute > 59 || second > 59 {
		return clock{}, 0, false
	}
	c.micros = int64((hour*60+minute)*60+second) * microsPerSecond
	c.precision = precSeconds
	if len(b) == 8 || b[8] != '.' {
		return c, 8, true
	}
	digits := c.fraction(b[9:])
	if digits == 0 {
		return clock{}, 0, false
	}
	return c, 9 + digits, true
}

// readMinutes is readClock for a time without seconds.
func readMinutes(b []byte) (c clock, n int, ok bool) {
	if len(b) < 5 || b[2] != ':' || len(b) > 5 && b[5] == ':' {
		return clock{}, 0, false
	}
	hour, minute := pair(b, 0), pair(b, 3)
	if hour > 23 || minute > 59 {
		return clock{}, 0, false
	}
	c.micros = int64(hour*60+minute) * 60 * microsPerSecond
	return c, 5, true
}

// fraction adds the decimal digits that b begins with as a second's fraction
// and gives their number.
func (c *clock) fraction(b []byte) (digits int) {
	unit := int64(microsPerSecond)
	for ; digits < len(b); digits++ {
		d := b[digits] - '0'
		if d > 9 {
			break
		}
		if unit > 1 {
			unit /= 10
			c.micros += int64(d) * unit
		} else if d != 0 {
			c.cut = true
		}
	}
	if digits > 9 {
		c.precision = precLonger
	} else {
		c.precision = precSeconds + uint8(digits)
	}
	return digits
}
