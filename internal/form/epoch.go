package form

import "math"

// Unit is the unit, with its epoch, in which numbers count time. A column has
// one unit: negative, zero, year-1000 and year-9999 values occur, so it is
// judged from all values of the column and never from one.
type Unit uint8

// The units.
const (
	NoUnit       Unit = iota
	Seconds           // since 1970-01-01: Unix time
	Millis            // since 1970-01-01: JavaScript, Java, Prisma, Room
	Micros            // since 1970-01-01: Peewee, Firefox
	Nanos             // since 1970-01-01: Go's UnixNano
	JulianDay         // days since -4713-11-24 12:00 (proleptic Gregorian): SQLite's julianday()
	DotNetTicks       // 100 ns since 0001-01-01: sqlite-net
	WebKitMicros      // microseconds since 1601-01-01: Chromium
	FileTime          // 100 ns since 1601-01-01: Windows
	CoreData          // seconds since 2001-01-01: Apple
	YYYYMMDD          // the decimal digits of a date
	EpochDays         // days since 1970-01-01
)

// UnitN is the number of units, for arrays indexed by Unit.
const UnitN = 12

var unitNames = [UnitN]string{
	"no unit", "seconds", "milliseconds", "microseconds", "nanoseconds", "Julian days", ".NET ticks",
	"WebKit microseconds", "FILETIME", "Core Data seconds", "YYYYMMDD", "days",
}

// String names the unit for reports.
func (u Unit) String() string {
	if u >= UnitN {
		return unitNames[NoUnit]
	}
	return unitNames[u]
}

// Epochs in microseconds since 2000-01-01.
const (
	epoch1970 = -946_684_800 * int64(microsPerSecond)
	epoch1601 = epoch1970 - 11_644_473_600*int64(microsPerSecond)
	epoch2001 = 31_622_400 * int64(microsPerSecond) // 2000 was a leap year
	epoch0001 = minMicros
)

// scale says how a linear unit counts: micros2000 = epoch + n*mul/div, where
// one of mul and div is 1.
type scale struct{ epoch, mul, div int64 }

var scales = [UnitN]scale{
	Seconds:      {epoch1970, microsPerSecond, 1},
	Millis:       {epoch1970, 1000, 1},
	Micros:       {epoch1970, 1, 1},
	Nanos:        {epoch1970, 1, 1000},
	DotNetTicks:  {epoch0001, 1, 10},
	WebKitMicros: {epoch1601, 1, 1},
	FileTime:     {epoch1601, 1, 10},
	CoreData:     {epoch2001, microsPerSecond, 1},
	EpochDays:    {epoch1970, microsPerDay, 1},
}

// FromInt converts n of unit u to microseconds since 2000-01-01 00:00:00 UTC,
// by exact integer arithmetic. What is finer than a microsecond is cut toward
// the past; cut tells that it was not 0. ok holds for the years 1 to 9999.
func (u Unit) FromInt(n int64) (micros2000 int64, cut, ok bool) {
	switch u {
	case NoUnit:
		return 0, false, false
	case JulianDay:
		// Beyond the range of the calendar the product could overflow.
		if n < 0 || n > maxJulianDay {
			return 0, false, false
		}
		micros2000, ok = fromJulianMillis(n * millisPerDay)
		return micros2000, false, ok
	case YYYYMMDD:
		return fromDigits(n)
	}
	if u >= UnitN {
		return 0, false, false
	}
	s := &scales[u]
	quot, rem := floorDiv(n, s.div)
	// Within the calendar every linear unit has |quot*mul| < 2^59: check before
	// multiplying.
	if quot < (minMicros-s.epoch)/s.mul || quot > (maxMicros-s.epoch)/s.mul {
		return 0, false, false
	}
	return quot*s.mul + s.epoch, rem != 0, true
}

// FromReal converts f of unit u to microseconds since 2000-01-01 00:00:00 UTC,
// rounded to the nearest (Julian days to the millisecond, as SQLite does). cut
// tells that the way back, the same instant counted in u as a double, is not f:
// that f held more than the microseconds do. ok holds for the years 1 to 9999
// (nanoseconds: 1677 to 2262), never for an infinity or NaN.
func (u Unit) FromReal(f float64) (micros2000 int64, cut, ok bool) {
	if u == NoUnit || u >= UnitN || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false, false
	}
	switch u {
	case JulianDay:
		return fromJulianReal(f)
	case YYYYMMDD:
		if f != math.Floor(f) || math.Abs(f) > 1e9 {
			return 0, false, false
		}
		return fromDigits(int64(f))
	}
	s := &scales[u]
	var n int64 // microseconds since the unit's epoch
	var back float64
	if s.div == 1 {
		n, back, ok = s.expand(f)
	} else {
		n, back, ok = s.shrink(f)
	}
	if !ok || n < minMicros-s.epoch || n > maxMicros-s.epoch {
		return 0, false, false
	}
	return n + s.epoch, back != f, true
}

// exactInt is 2^53: integers up to it are doubles.
const exactInt = 1 << 53

// expand converts f of a unit of one or more microseconds, and back.
func (s *scale) expand(f float64) (n int64, back float64, ok bool) {
	whole := math.Floor(f)
	if whole < float64(minMicros-s.epoch)/float64(s.mul)-1 || whole > float64(maxMicros-s.epoch)/float64(s.mul)+1 {
		return 0, 0, false
	}
	// f - whole is exact, so only the product of the fraction is rounded.
	n = int64(whole)*s.mul + int64(math.RoundToEven((f-whole)*float64(s.mul)))
	if -exactInt <= n && n <= exactInt {
		return n, float64(n) / float64(s.mul), true
	}
	quot, rem := floorDiv(n, s.mul)
	return n, float64(quot) + float64(rem)/float64(s.mul), true
}

// shrink converts f of a unit of less than a microsecond, and back. Such units
// are 64-bit counts wherever they come from: a double beyond them is refused.
func (s *scale) shrink(f float64) (n int64, back float64, ok bool) {
	// Doubles this large lie 1024 apart, so rounding up cannot overflow.
	if f <= math.MinInt64 || f >= math.MaxInt64 {
		return 0, 0, false
	}
	whole := math.Floor(f)
	n, rem := floorDiv(int64(whole), s.div)
	if twice := 2 * (float64(rem) + (f - whole)); twice > float64(s.div) || twice == float64(s.div) && n&1 == 1 {
		n++
	}
	return n, float64(n * s.div), true
}

// Julian days count milliseconds inside SQLite (date.c: iJD), from noon of
// -4713-11-24 of the proleptic Gregorian calendar.
const (
	millisPerDay    = 86_400_000
	julian2000      = 211_813_444_800_000 // 2451544.5 days: 2000-01-01 00:00:00
	maxJulianDay    = 5_373_484           // 9999-12-31 12:00:00
	maxJulianMillis = 464_269_060_799_999 // 9999-12-31 23:59:59.999, date.c: validJulianDay
)

func fromJulianMillis(n int64) (micros2000 int64, ok bool) {
	micros2000 = (n - julian2000) * 1000
	if n > maxJulianMillis || micros2000 < minMicros {
		return 0, false
	}
	return micros2000, true
}

func fromJulianReal(f float64) (micros2000 int64, cut, ok bool) {
	if f < 0 || f > maxJulianDay+1 {
		return 0, false, false
	}
	// The conversions keep an architecture with fused multiply-add from
	// rounding once where SQLite rounds twice.
	n := int64(float64(f*millisPerDay) + 0.5)
	micros2000, ok = fromJulianMillis(n)
	if !ok {
		return 0, false, false
	}
	return micros2000, float64(n)/millisPerDay != f, true
}

// fromDigits reads the decimal digits of n as YYYYMMDD.
func fromDigits(n int64) (micros2000 int64, cut, ok bool) {
	if n < 1_01_01 || n > 9999_12_31 {
		return 0, false, false
	}
	d := uint32(n)
	days, ok := civil(d/10_000, d/100%100, d%100)
	if !ok {
		return 0, false, false
	}
	return int64(days) * microsPerDay, false, true
}
