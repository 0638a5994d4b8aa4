package form

import "math"

// The plausible bands: where numbers of a unit lie when they mean times that
// applications write, from 1973-03-03 09:46:40 (10^8 seconds) to the end of
// 2099. Below 10^8 a number of seconds looks like any other number.
//
// The bands of integers are disjoint. Two corners are cut for that: .NET ticks
// of 1973 to 2099 are nanoseconds of 1989 and 1990, so the nanosecond band
// begins at 10^18 (2001-09-09), before which nothing wrote nanoseconds;
// YYYYMMDD ends far below 10^8. Days since 1970 (1157 to 47481) and Core Data
// seconds (0 to 3.1*10^9, within Seconds and below) look like other numbers and
// have no band: they need other evidence.
const (
	bandFrom = 100_000_000   // 1973-03-03 09:46:40, seconds since 1970
	bandTo   = 4_102_444_800 // 2100-01-01 00:00:00

	// From the Unix epoch to others, in seconds.
	since1601 = 11_644_473_600
	since0001 = 62_135_596_800

	ticksPerSecond = 10_000_000
)

// band is a half-open range of the numbers of one unit.
type band struct {
	from, to int64
	unit     Unit
}

// bands stand in ascending order.
var bands = [...]band{
	{2_441_745, 2_488_070, JulianDay}, // noon of 1973-03-03 to noon of 2100-01-01
	{1973_03_03, 2100_01_01, YYYYMMDD},
	{bandFrom, bandTo, Seconds},
	{bandFrom * 1000, bandTo * 1000, Millis},
	{bandFrom * microsPerSecond, bandTo * microsPerSecond, Micros},
	{(since1601 + bandFrom) * microsPerSecond, (since1601 + bandTo) * microsPerSecond, WebKitMicros},
	{(since1601 + bandFrom) * ticksPerSecond, (since1601 + bandTo) * ticksPerSecond, FileTime},
	{(since0001 + bandFrom) * ticksPerSecond, (since0001 + bandTo) * ticksPerSecond, DotNetTicks},
	{1_000_000_000_000_000_000, bandTo * 1_000_000_000, Nanos},
}

// Band gives the one unit in whose plausible band n lies, NoUnit if there is
// none. It is evidence, not proof: ids and hashes lie in bands too.
func Band(n int64) Unit {
	for i := range bands {
		if n < bands[i].from {
			break
		}
		if n >= bands[i].to {
			continue
		}
		if bands[i].unit == YYYYMMDD {
			if _, _, ok := YYYYMMDD.FromInt(n); !ok {
				break
			}
		}
		return bands[i].unit
	}
	return NoUnit
}

// BandReal is Band for a double: the band of its whole part, but a YYYYMMDD
// must be whole.
func BandReal(f float64) Unit {
	// Also false for NaN. 2^62 lies above every band.
	if !(f >= 0 && f < 1<<62) {
		return NoUnit
	}
	whole := math.Floor(f)
	u := Band(int64(whole))
	if u == YYYYMMDD && whole != f {
		return NoUnit
	}
	return u
}
