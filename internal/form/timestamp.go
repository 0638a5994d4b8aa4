package form

import "encoding/binary"

// Timestamp is a date or a date with a time, as one of the text layouts of
// DateForm gives it.
type Timestamp struct {
	// Micros counts microseconds since 2000-01-01 00:00:00: of the UTC instant
	// when Zoned, else of the date and time as written. The year as written is
	// 1 to 9999; the instant may lie up to a day outside of that.
	Micros int64
	// Form is the layout.
	Form DateForm
	// Zoned tells that the text names a zone or offset.
	Zoned bool
	// Cut tells that digits beyond microseconds were not 0; they are cut, which
	// is toward the past.
	Cut bool
	// DateOnly tells that there is no time.
	DateOnly bool
}

// dateLen is the length of YYYY-MM-DD.
const dateLen = 10

// ParseDate reads exactly YYYY-MM-DD, years 0001 to 9999, as days since
// 2000-01-01.
func ParseDate(b []byte) (days int32, ok bool) {
	if len(b) != dateLen {
		return 0, false
	}
	return readDate(b)
}

// ParseTimestamp reads a date or timestamp. It accepts exactly
//
//	YYYY-MM-DD
//	YYYY-MM-DD{space or T}HH:MM[:SS[.f...]][zone]
//	YYYY-MM-DD HH:MM:SS[.f...] +HHMM ABBREVIATION[ m=+0.1]
//
// where zone is Z, z, UTC, +HH, +HHMM, +HH:MM or +HH:MM:SS (or with -), with or
// without one space before it. The last layout is what time.Time.String of Go
// writes; its abbreviation and monotonic reading are left out, the offset
// decides. Years are 0001 to 9999, offsets less than 24 hours; 24:00, second 60
// and surrounding white space are refused.
func ParseTimestamp(b []byte) (Timestamp, bool) {
	if len(b) < dateLen {
		return Timestamp{}, false
	}
	days, ok := readDate(b)
	if !ok {
		return Timestamp{}, false
	}
	ts := Timestamp{Micros: int64(days) * microsPerDay}
	if len(b) == dateLen {
		ts.DateOnly = true
		ts.Form = formDateOnly
		return ts, true
	}
	switch b[dateLen] {
	case ' ':
		ts.Form = formSpace
	case 'T':
		ts.Form = formT
	default:
		return Timestamp{}, false
	}
	c, n, ok := readClock(b[dateLen+1:])
	if !ok {
		return Timestamp{}, false
	}
	ts.Micros += c.micros
	ts.Cut = c.cut
	ts.Form |= DateForm(c.precision) << precisionShift
	if rest := b[dateLen+1+n:]; len(rest) > 0 && !ts.zone(rest) {
		return Timestamp{}, false
	}
	return ts, true
}

// The layouts YYYY-MM- and HH:MM:SS as the eight bytes of a word, the first one
// lowest, with 0 in the place of each digit.
const (
	dateShape  = 0x2d30302d30303030
	clockShape = 0x30303a30303a3030
	// dateDigits and clockDigits have 9 where the layouts have a digit.
	dateDigits  = 0x0009090009090909
	clockDigits = 0x0909000909000909
)

// shaped reads eight bytes of a layout: ok tells that its digits are digits and
// its other bytes are themselves. Byte i of two is the number that the digits i
// and i+1 write, where both are.
func shaped(w, shape, digits uint64) (two uint64, ok bool) {
	w ^= shape // a digit's value, 0 for the other bytes, or else more than digits has
	// The sum of a byte that has no high bit does not carry into the next one.
	bad := (w | (w + (^uint64(highs) - digits))) & highs
	return w*10 + w>>8, bad == 0
}

// readDate reads the date that b, of at least dateLen bytes, begins with.
func readDate(b []byte) (days int32, ok bool) {
	_ = b[dateLen-1]
	two, ok := shaped(binary.LittleEndian.Uint64(b), dateShape, dateDigits)
	tens, day := uint32(b[8])-'0', uint32(b[9])-'0'
	if !ok || tens > 9 || day > 9 {
		return 0, false
	}
	return civil(uint32(two&0xff*100+two>>16&0xff), uint32(two>>40&0xff), tens*10+day)
}

// zone reads the whole of b as what may follow a time and moves ts to UTC.
func (ts *Timestamp) zone(b []byte) bool {
	if b[0] == ' ' {
		ts.Form |= zoneSpaced
		if b = b[1:]; len(b) == 0 {
			return false
		}
	}
	spelling, n, seconds := readZone(b)
	if spelling == zoneNone {
		return false
	}
	if n < len(b) {
		if !ts.goLayout(spelling) || !goTail(b[n:]) {
			return false
		}
		ts.Form |= goString
	}
	ts.Zoned = true
	ts.Form |= DateForm(spelling) << zoneShift
	ts.Micros -= seconds * microsPerSecond
	return true
}

// goLayout reports whether what was read so far is how Go's time.String begins:
// a space before the time, at least seconds, a space, +HHMM.
func (ts *Timestamp) goLayout(spelling uint8) bool {
	return spelling == zoneHHMM && ts.Form&3 == formSpace && ts.Form&zoneSpaced != 0 &&
		ts.Form>>precisionShift&precisionMask >= precSeconds
}

// readZone reads the zone that b begins with: its spelling, length, and offset
// in seconds east of UTC. zoneNone means that there is none.
func readZone(b []byte) (spelling uint8, n int, seconds int64) {
	switch b[0] {
	case 'Z':
		return zoneZ, 1, 0
	case 'z':
		return zoneLowerZ, 1, 0
	case 'U':
		if len(b) >= 3 && b[1] == 'T' && b[2] == 'C' {
			return zoneUTC, 3, 0
		}
	case '+':
		return readOffset(b)
	case '-':
		spelling, n, seconds = readOffset(b)
		return spelling, n, -seconds
	}
	return zoneNone, 0, 0
}

// readOffset reads the digits of an offset that begins with its sign.
func readOffset(b []byte) (spelling uint8, n int, seconds int64) {
	if len(b) < 3 {
		return zoneNone, 0, 0
	}
	hour, minute, second := pair(b, 1), uint32(0), uint32(0)
	switch {
	case len(b) >= 6 && b[3] == ':':
		spelling, n, minute = zoneHHcolonMM, 6, pair(b, 4)
		if len(b) >= 9 && b[6] == ':' {
			spelling, n, second = zoneHHcolonMMcolonSS, 9, pair(b, 7)
		}
	case len(b) >= 5 && b[3] != ' ':
		spelling, n, minute = zoneHHMM, 5, pair(b, 3)
	default:
		spelling, n = zoneHH, 3
	}
	if hour > 23 || minute > 59 || second > 59 {
		return zoneNone, 0, 0
	}
	return spelling, n, int64(hour*3600 + minute*60 + second)
}

// maxAbbreviation bounds a zone's name: the longest one of the time zone
// database has 32 bytes (America/Argentina/ComodRivadavia), abbreviations 6.
const maxAbbreviation = 40

// goTail reports whether the whole of b is " ABBREVIATION", with or without
// " m=+0.1" after it.
func goTail(b []byte) bool {
	if len(b) < 2 || b[0] != ' ' {
		return false
	}
	n := 1
	for n < len(b) && nameByte(b[n]) {
		n++
	}
	if n == 1 || n > 1+maxAbbreviation {
		return false
	}
	return n == len(b) || monotonic(b[n:])
}

// nameByte reports whether c may stand in a zone's abbreviation or name. Zones
// without an abbreviation have their offset there: "-03", "+0545".
func nameByte(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' ||
		c == '+' || c == '-' || c == '_' || c == '/'
}

// monotonic reports whether the whole of b is Go's monotonic clock reading,
// " m=+245.848213123".
func monotonic(b []byte) bool {
	const prefix = " m="
	if len(b) < len(prefix)+2 || string(b[:len(prefix)]) != prefix {
		return false
	}
	if sign := b[len(prefix)]; sign != '+' && sign != '-' {
		return false
	}
	digits, points := 0, 0
	for _, c := range b[len(prefix)+1:] {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c == '.' && points == 0 && digits > 0:
			points++
		default:
			return false
		}
	}
	return digits > 0 && b[len(b)-1] != '.'
}
