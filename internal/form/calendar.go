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

// daysBefore holds the days before each month of a common and of a leap year.
var daysBefore = [2][13]int32{
	{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334},
	{0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335},
}

// daysIn holds the days of each month of a common and of a leap year.
var daysIn = [2][13]uint32{
	{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
	{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
}

// maxYear is the last year.
const maxYear = 9999

// newYears holds the first day of each year, and of the year after the last.
// Looking a year up takes no division, and no branch that the dates of a column
// decide.
var newYears = func() (t [maxYear + 2]int32) {
	t[1] = minDay
	for year := 1; year <= maxYear; year++ {
		t[year+1] = t[year] + 365
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			t[year+1]++
		}
	}
	return t
}()

// civil gives the day number of a date, ok if there is such a day in the years
// 1 to 9999.
func civil(year, month, day uint32) (days int32, ok bool) {
	if year-1 >= maxYear || month-1 > 11 {
		return 0, false
	}
	first := newYears[year]
	leap := uint32(newYears[year+1]-first-365) & 1 //nolint:gosec // 0 or 1
	if day-1 >= daysIn[leap][month] {
		return 0, false
	}
	return first + daysBefore[leap][month] + int32(day) - 1, true //nolint:gosec // at most 31
}

// noDigits is what pair gives for bytes that are no digits: more than any number
// they could hold.
const noDigits = 10_000

// pair reads two decimal digits at b[i:].
func pair(b []byte, i int) uint32 {
	hi, lo := uint32(b[i])-'0', uint32(b[i+1])-'0'
	if hi > 9 || lo > 9 {
		return noDigits
	}
	return hi*10 + lo
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
