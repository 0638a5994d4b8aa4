package form_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/form"
)

func at(text string) int64 {
	t, err := time.Parse("2006-01-02 15:04:05.999999", text)
	if err != nil {
		panic(err)
	}
	return micros2000(t)
}

func TestFromInt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		unit form.Unit
		n    int64
		want string // "" for refused
		cut  bool
	}{
		{"unix epoch", form.Seconds, 0, "1970-01-01 00:00:00", false},
		{"seconds", form.Seconds, 1_700_000_000, "2023-11-14 22:13:20", false},
		{"negative seconds", form.Seconds, -1, "1969-12-31 23:59:59", false},
		{"first second", form.Seconds, -62_135_596_800, "0001-01-01 00:00:00", false},
		{"year 0", form.Seconds, -62_135_596_801, "", false},
		{"last second", form.Seconds, 253_402_300_799, "9999-12-31 23:59:59", false},
		{"year 10000", form.Seconds, 253_402_300_800, "", false},
		{"seconds overflow", form.Seconds, math.MaxInt64, "", false},
		{"seconds underflow", form.Seconds, math.MinInt64, "", false},
		{"millis", form.Millis, 1_700_000_000_123, "2023-11-14 22:13:20.123", false},
		{"negative millis", form.Millis, -1, "1969-12-31 23:59:59.999", false},
		{"last milli", form.Millis, 253_402_300_799_999, "9999-12-31 23:59:59.999", false},
		{"millis of year 10000", form.Millis, 253_402_300_800_000, "", false},
		{"micros", form.Micros, 1_700_000_000_123_456, "2023-11-14 22:13:20.123456", false},
		{"micros overflow", form.Micros, math.MinInt64, "", false},
		{"nanos", form.Nanos, 1_700_000_000_123_456_000, "2023-11-14 22:13:20.123456", false},
		{"nanos cut", form.Nanos, 1_700_000_000_123_456_789, "2023-11-14 22:13:20.123456", true},
		{"negative nanos cut", form.Nanos, -1, "1969-12-31 23:59:59.999999", true},
		{"greatest nanos", form.Nanos, math.MaxInt64, "2262-04-11 23:47:16.854775", true},
		{"least nanos", form.Nanos, math.MinInt64, "1677-09-21 00:12:43.145224", true},
		{"julian day", form.JulianDay, 2_451_545, "2000-01-01 12:00:00", false},
		{"first julian day", form.JulianDay, 1_721_426, "0001-01-01 12:00:00", false},
		{"julian day of year 0", form.JulianDay, 1_721_425, "", false},
		{"last julian day", form.JulianDay, 5_373_484, "9999-12-31 12:00:00", false},
		{"julian day of year 10000", form.JulianDay, 5_373_485, "", false},
		{"julian overflow", form.JulianDay, math.MaxInt64, "", false},
		{"negative julian", form.JulianDay, -1, "", false},
		{"ticks zero", form.DotNetTicks, 0, "0001-01-01 00:00:00", false},
		{"ticks of unix epoch", form.DotNetTicks, 621_355_968_000_000_000, "1970-01-01 00:00:00", false},
		{"ticks cut", form.DotNetTicks, 621_355_968_000_000_011, "1970-01-01 00:00:00.000001", true},
		{"DateTime.MaxValue", form.DotNetTicks, 3_155_378_975_999_999_999, "9999-12-31 23:59:59.999999", true},
		{"ticks of year 10000", form.DotNetTicks, 3_155_378_976_000_000_000, "", false},
		{"negative ticks", form.DotNetTicks, -1, "", false},
		{"webkit", form.WebKitMicros, 13_253_907_345_678_901, "2020-12-31 16:55:45.678901", false},
		{"webkit zero", form.WebKitMicros, 0, "1601-01-01 00:00:00", false},
		{"filetime of unix epoch", form.FileTime, 116_444_736_000_000_000, "1970-01-01 00:00:00", false},
		{"filetime cut", form.FileTime, 9, "1601-01-01 00:00:00", true},
		{"core data zero", form.CoreData, 0, "2001-01-01 00:00:00", false},
		{"core data", form.CoreData, -978_307_200, "1970-01-01 00:00:00", false},
		{"digits", form.YYYYMMDD, 2024_02_29, "2024-02-29 00:00:00", false},
		{"no leap day", form.YYYYMMDD, 2023_02_29, "", false},
		{"month 13", form.YYYYMMDD, 2023_13_01, "", false},
		{"digits zero", form.YYYYMMDD, 0, "", false},
		{"digits negative", form.YYYYMMDD, -2023_01_01, "", false},
		{"digits overflow", form.YYYYMMDD, math.MaxInt64, "", false},
		{"digits year 10000", form.YYYYMMDD, 10000_01_01, "", false},
		{"days", form.EpochDays, 19_675, "2023-11-14 00:00:00", false},
		{"days overflow", form.EpochDays, math.MaxInt64, "", false},
		{"last day", form.EpochDays, 2_932_896, "9999-12-31 00:00:00", false},
		{"day of year 10000", form.EpochDays, 2_932_897, "", false},
		{"no unit", form.NoUnit, 1, "", false},
		{"unknown unit", form.Unit(200), 1, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			micros, cut, ok := tc.unit.FromInt(tc.n)
			if tc.want == "" {
				if ok || cut || micros != 0 {
					t.Fatalf("%v.FromInt(%d) = %d, %v, %v; want refused", tc.unit, tc.n, micros, cut, ok)
				}
				return
			}
			if want := at(tc.want); !ok || micros != want || cut != tc.cut {
				t.Errorf("%v.FromInt(%d) = %d, %v, %v; want %d, %v", tc.unit, tc.n, micros, cut, ok, want, tc.cut)
			}
		})
	}
}

func TestFromReal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		unit form.Unit
		f    float64
		want string
		cut  bool
	}{
		{"seconds", form.Seconds, 1_700_000_000, "2023-11-14 22:13:20", false},
		{"seconds with micros", form.Seconds, 1_700_000_000.123456, "2023-11-14 22:13:20.123456", false},
		{"one ulp beside them", form.Seconds, math.Nextafter(1_700_000_000.123456, 0), "2023-11-14 22:13:20.123456", true},
		{"negative", form.Seconds, -0.5, "1969-12-31 23:59:59.5", false},
		{"tiny", form.Seconds, 1e-9, "1970-01-01 00:00:00", true},
		{"last second", form.Seconds, 253_402_300_799, "9999-12-31 23:59:59", false},
		{"year 10000", form.Seconds, 253_402_300_800, "", false},
		{"rounds up to year 10000", form.Seconds, math.Nextafter(253_402_300_800, 0), "9999-12-31 23:59:59.999969", false},
		{"infinity", form.Seconds, math.Inf(1), "", false},
		{"minus infinity", form.Millis, math.Inf(-1), "", false},
		{"nan", form.Seconds, math.NaN(), "", false},
		{"huge", form.Seconds, 1e300, "", false},
		{"minus huge", form.Nanos, -1e300, "", false},
		{"millis", form.Millis, 1_700_000_000_123, "2023-11-14 22:13:20.123", false},
		{"millis with micros", form.Millis, 1_700_000_000_123.456, "2023-11-14 22:13:20.123456", false},
		{"micros", form.Micros, 1_700_000_000_123_456, "2023-11-14 22:13:20.123456", false},
		{"half micros to even", form.Micros, 1_700_000_000_123_456.5, "2023-11-14 22:13:20.123456", true},
		{"nanos", form.Nanos, 1.7e18, "2023-11-14 22:13:20", false},
		{"nanos beyond int64", form.Nanos, 9.3e18, "", false},
		{"least nanos", form.Nanos, math.MinInt64, "", false},
		{"nanos before 1970", form.Nanos, -1.7e18, "1916-02-18 01:46:40", false},
		{"greatest nanos", form.Nanos, math.Nextafter(math.MaxInt64, 0), "2262-04-11 23:47:16.854775", false},
		{"ticks", form.DotNetTicks, 621_355_968_000_000_000, "1970-01-01 00:00:00", false},
		{"core data", form.CoreData, 722_000_000.5, "2023-11-18 11:33:20.5", false},
		{"core data of 1970", form.CoreData, -978_307_200, "1970-01-01 00:00:00", false},
		{"days", form.EpochDays, 0.5, "1970-01-01 12:00:00", false},
		{"julian", form.JulianDay, 2_451_544.5, "2000-01-01 00:00:00", false},
		{"julian of sqlite", form.JulianDay, 2_459_274.0242612846, "2021-02-28 12:34:56.175", false},
		{"julian with more digits", form.JulianDay, 2_459_274.024261285, "2021-02-28 12:34:56.175", true},
		{"julian before year 1", form.JulianDay, 1_721_425.4, "", false},
		{"first julian", form.JulianDay, 1_721_425.5, "0001-01-01 00:00:00", false},
		{"julian year 10000", form.JulianDay, 5_373_484.5, "", false},
		{"negative julian", form.JulianDay, -1, "", false},
		{"digits", form.YYYYMMDD, 20240229, "2024-02-29 00:00:00", false},
		{"digits not whole", form.YYYYMMDD, 20240229.5, "", false},
		{"digits huge", form.YYYYMMDD, 1e20, "", false},
		{"no unit", form.NoUnit, 1, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			micros, cut, ok := tc.unit.FromReal(tc.f)
			if tc.want == "" {
				if ok || cut || micros != 0 {
					t.Fatalf("%v.FromReal(%v) = %d, %v, %v; want refused", tc.unit, tc.f, micros, cut, ok)
				}
				return
			}
			if want := at(tc.want); !ok || micros != want || cut != tc.cut {
				t.Errorf("%v.FromReal(%v) = %d, %v, %v; want %d, %v", tc.unit, tc.f, micros, cut, ok, want, tc.cut)
			}
		})
	}
}

// linear gives the epoch (micros2000) and the unit's length as a fraction of
// microseconds, written down apart from the code.
var linear = map[form.Unit]struct {
	epoch    string
	num, den int64
}{
	form.Seconds:      {"1970-01-01 00:00:00", 1_000_000, 1},
	form.Millis:       {"1970-01-01 00:00:00", 1000, 1},
	form.Micros:       {"1970-01-01 00:00:00", 1, 1},
	form.Nanos:        {"1970-01-01 00:00:00", 1, 1000},
	form.DotNetTicks:  {"0001-01-01 00:00:00", 1, 10},
	form.WebKitMicros: {"1601-01-01 00:00:00", 1, 1},
	form.FileTime:     {"1601-01-01 00:00:00", 1, 10},
	form.CoreData:     {"2001-01-01 00:00:00", 1_000_000, 1},
	form.EpochDays:    {"1970-01-01 00:00:00", 86_400_000_000, 1},
}

// checkInt compares FromInt with big rational arithmetic.
func checkInt(t *testing.T, n int64) {
	t.Helper()
	for u, l := range linear {
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(n), big.NewInt(l.num)), big.NewInt(l.den))
		exact.Add(exact, new(big.Rat).SetInt64(at(l.epoch)))
		floor := new(big.Int).Div(exact.Num(), exact.Denom()) // Euclidean: floor for a positive divisor
		in := floor.Cmp(big.NewInt(at("0001-01-01 00:00:00"))) >= 0 && floor.Cmp(big.NewInt(at("9999-12-31 23:59:59.999999"))) <= 0
		micros, cut, ok := u.FromInt(n)
		if ok != in || ok && (micros != floor.Int64() || cut == exact.IsInt()) {
			t.Fatalf("%v.FromInt(%d) = %d, %v, %v; exact %v", u, n, micros, cut, ok, exact.FloatString(4))
		}
	}
}

// checkReal says that FromReal gives the nearest microsecond, and that cut is
// false for every double that is the nearest one to a whole microsecond of the
// years around the bands.
func checkReal(t *testing.T, f float64) {
	t.Helper()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return
	}
	for u, l := range linear {
		micros, _, ok := u.FromReal(f)
		if !ok {
			continue
		}
		exact := new(big.Rat).SetFloat64(f)
		exact.Mul(exact, big.NewRat(l.num, l.den))
		exact.Add(exact, new(big.Rat).SetInt64(at(l.epoch)))
		diff := exact.Sub(exact, new(big.Rat).SetInt64(micros))
		// A product or quotient rounded to 53 bits may miss a tie by this much.
		if diff.Abs(diff).Cmp(big.NewRat(500_100, 1_000_000)) > 0 {
			t.Fatalf("%v.FromReal(%v) = %d, off by %s µs", u, f, micros, diff.FloatString(6))
		}
	}
}

func TestFromRandom(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	for range 4_000 {
		n := int64(rng.Uint64()) >> rng.IntN(64)
		checkInt(t, n)
		checkReal(t, float64(n)+rng.Float64())
		checkReal(t, math.Float64frombits(rng.Uint64()))
	}
}

// A double that an application made of a whole microsecond is never called cut.
func TestFromRealRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	lo, hi := at("1900-01-01 00:00:00"), at("2200-01-01 00:00:00")
	for range 50_000 {
		want := lo + rng.Int64N(hi-lo)
		for _, u := range []form.Unit{form.Seconds, form.Millis, form.Micros, form.CoreData} {
			l := linear[u]
			f, _ := big.NewRat(want-at(l.epoch), l.num).Float64() // nearest double
			if micros, cut, ok := u.FromReal(f); !ok || cut || micros != want {
				t.Fatalf("%v.FromReal(%v) = %d, %v, %v; want %d", u, f, micros, cut, ok, want)
			}
		}
		day := float64(want/1000+211_813_444_800_000) / 86_400_000
		if micros, cut, ok := form.JulianDay.FromReal(day); !ok || cut || micros/1000 != want/1000 {
			t.Fatalf("JulianDay.FromReal(%v) = %d, %v, %v; want %d", day, micros, cut, ok, want/1000*1000)
		}
	}
}

func TestUnitString(t *testing.T) {
	t.Parallel()
	if got := form.DotNetTicks.String() + "," + form.Unit(99).String(); got != ".NET ticks,no unit" {
		t.Errorf("String() = %q", got)
	}
}

func FuzzUnits(f *testing.F) {
	f.Add(int64(1_700_000_000), 1_700_000_000.123456)
	f.Add(int64(621_355_968_000_000_000), 2_459_274.0242612846)
	f.Fuzz(func(t *testing.T, n int64, r float64) {
		checkInt(t, n)
		checkReal(t, r)
		for u := range form.Unit(form.UnitN + 1) {
			lo, hi := at("0001-01-01 00:00:00"), at("9999-12-31 23:59:59.999999")
			if m, _, ok := u.FromInt(n); ok && (m < lo || m > hi) {
				t.Errorf("%v.FromInt(%d) = %d, out of range", u, n, m)
			}
			if m, _, ok := u.FromReal(r); ok && (m < lo || m > hi) {
				t.Errorf("%v.FromReal(%v) = %d, out of range", u, r, m)
			}
		}
		_ = form.Band(n)
		_ = form.BandReal(r)
	})
}

func TestEpochAllocs(t *testing.T) {
	zeroAllocs(t, "units", func() {
		for u := range form.Unit(form.UnitN) {
			_, _, _ = u.FromInt(1_700_000_000)
			_, _, _ = u.FromReal(2_451_545.25)
		}
		_ = form.Band(1_700_000_000)
		_ = form.BandReal(1_700_000_000.5)
	})
}

func BenchmarkFromInt(b *testing.B) {
	b.SetBytes(8)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := form.Millis.FromInt(1_700_000_000_123); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkFromReal(b *testing.B) {
	b.SetBytes(8)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := form.Seconds.FromReal(1_700_000_000.123456); !ok {
			b.Fatal("refused")
		}
	}
}
