package form

// DateForm is the text layout of a date or timestamp: a small number with one
// value per layout, less than DateFormN, so that a profile can count the
// layouts of a column in an array. The zero DateForm is no date.
//
// Its bits: 0-1 start (1 date only, 2 space, 3 'T' before the time), 2-5
// precision, 6-8 zone, 9 a space before the zone, 10 Go's time.String.
type DateForm uint16

// DateFormN is greater than every DateForm, for arrays indexed by it.
const DateFormN = 1 << 11

const (
	formDateOnly = 1
	formSpace    = 2
	formT        = 3

	precisionShift = 2
	precisionMask  = 0xF
	zoneShift      = 6
	zoneMask       = 0x7
	zoneSpaced     = 1 << 9
	goString       = 1 << 10
)

// Precisions of the time: minutes, seconds, or 1 to 9 digits of a second's
// fraction (precSeconds + digits); longer ones are all precLonger.
const (
	precMinutes = 0
	precSeconds = 1
	precLonger  = precSeconds + 10
)

// Spellings of the zone.
const (
	zoneNone = iota
	zoneZ
	zoneLowerZ
	zoneUTC
	zoneHH
	zoneHHMM
	zoneHHcolonMM
	zoneHHcolonMMcolonSS
)

var zoneLayouts = [8]string{
	"", "Z", "z", "UTC", "+HH", "+HHMM", "+HH:MM", "+HH:MM:SS",
}

// FractionDigits gives the number of digits after the second's point, 10 for
// ten or more.
func (f DateForm) FractionDigits() int {
	return max(0, int(f>>precisionShift&precisionMask)-precSeconds)
}

// String gives the layout, such as "YYYY-MM-DD HH:MM:SS.ffffff+HH:MM". It
// allocates: it is for reports.
func (f DateForm) String() string {
	start := f & 3
	if start == 0 || f >= DateFormN {
		return "not a date"
	}
	s := "YYYY-MM-DD"
	if start == formDateOnly {
		return s
	}
	if start == formT {
		s += "THH:MM"
	} else {
		s += " HH:MM"
	}
	if f>>precisionShift&precisionMask >= precSeconds {
		s += ":SS"
	}
	switch n := f.FractionDigits(); {
	case n > 9:
		s += ".fffffffff..."
	case n > 0:
		s += ".fffffffff"[:1+n]
	}
	if f&zoneSpaced != 0 {
		s += " "
	}
	s += zoneLayouts[f>>zoneShift&zoneMask]
	if f&goString != 0 {
		s += " ZONE (Go time.String)"
	}
	return s
}
