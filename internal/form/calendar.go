package form

// The proleptic Gregorian calendar, counted from 2000-01-01 as Postgres counts
// dates and timestamps (src/include/datatype/timestamp.h, POSTGRES_EPOCH_JDATE).

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond

	// minDay and maxDay are 0001-01-01 and 9999-12-31.
	minDay, maxDay = -730_119, 2_921_939
	// minMicros and maxMicros bound the instants of the years 1 to 9999.
	minMicros = int64(minDay) * microsPerDay
	maxMicros = (int64(maxDay)+1)*microsPerDay - 1
)

// daysBefore holds the days of a common year before each month.
var daysBefore = [13]int32{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}

// daysIn holds the days of each month of a common year.
var daysIn = [13]uint32{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// civil gives the day number of a date, ok if there is such a day in the years
// 1 to 9999.
func civil(year, month, day uint32) (days int32, ok bool) {
	if year-1 > 9998 || month-1 > 11 || day == 0 {
		return 0, false
	}
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	last := daysIn[month]
	if leap && month == 2 {
		last = 29
	}
	if day > last {
		return 0, false
	}
	past := int32(year - 1)
	days = past*365 + past/4 - past/100 + past/400 + daysBefore[month] + int32(day) - 1 + minDay //nolint:gosec // at most 31
	if leap && month > 2 {
		days++
	}
	return days, true
}

// noDigits is what pair and quad give for bytes that are no digits: more than
// any number they could hold.
const noDigits = 10_000

// pair reads two decimal digits at b[i:].
func pair(b []byte, i int) uint32 {
	hi, lo := uint32(b[i])-'0', uint32(b[i+1])-'0'
	if hi > 9 || lo > 9 {
		return noDigits
	}
	return hi*10 + lo
}

// quad reads four decimal digits at b[i:].
func quad(b []byte, i int) uint32 {
	hi, lo := pair(b, i), pair(b, i+2)
	if hi == noDigits || lo == noDigits {
		return noDigits
	}
	return hi*100 + lo
}

// floorDiv gives the quotient rounded toward minus infinity and the remainder,
// which is never negative. d must be positive.
func floorDiv(n, d int64) (quot, rem int64) {
	quot, rem = n/d, n%d
	if rem < 0 {
		quot--
		rem += d
	}
	return quot, rem
}
