package form_test

import (
	"math"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/form"
)

func TestBand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		n    int64
		want form.Unit
	}{
		{0, form.NoUnit},
		{-1_700_000_000, form.NoUnit},
		{19_675, form.NoUnit},
		{2_441_744, form.NoUnit},
		{2_441_745, form.JulianDay},
		{2_488_069, form.JulianDay},
		{2_488_070, form.NoUnit},
		{1973_03_02, form.NoUnit},
		{1973_03_03, form.YYYYMMDD},
		{2024_02_29, form.YYYYMMDD},
		{2023_02_29, form.NoUnit},
		{2099_12_31, form.YYYYMMDD},
		{2100_01_01, form.NoUnit},
		{99_999_999, form.NoUnit},
		{100_000_000, form.Seconds},
		{1_700_000_000, form.Seconds},
		{4_102_444_799, form.Seconds},
		{4_102_444_800, form.NoUnit},
		{1_700_000_000_000, form.Millis},
		{1_700_000_000_000_000, form.Micros},
		{13_253_907_345_678_901, form.WebKitMicros},
		{132_539_073_456_789_010, form.FileTime},
		{637_450_057_456_789_010, form.DotNetTicks},
		{1_700_000_000_000_000_000, form.Nanos},
		{999_999_999_999_999_999, form.NoUnit},
		{math.MaxInt64, form.NoUnit},
		{math.MinInt64, form.NoUnit},
	} {
		if got := form.Band(tc.n); got != tc.want {
			t.Errorf("Band(%d) = %v, want %v", tc.n, got, tc.want)
		}
		f := float64(tc.n)
		if math.Abs(f) < 1<<53 {
			if got := form.BandReal(f); got != tc.want {
				t.Errorf("BandReal(%v) = %v, want %v", f, got, tc.want)
			}
		}
	}
	for f, want := range map[float64]form.Unit{
		2_459_274.0242612846: form.JulianDay, 1_700_000_000.25: form.Seconds, 2024_02_29.5: form.NoUnit, -0.5: form.NoUnit,
		math.Inf(1): form.NoUnit, math.Inf(-1): form.NoUnit, 1e300: form.NoUnit, 1.7e18: form.Nanos,
	} {
		if got := form.BandReal(f); got != want {
			t.Errorf("BandReal(%v) = %v, want %v", f, got, want)
		}
	}
	if got := form.BandReal(math.NaN()); got != form.NoUnit {
		t.Errorf("BandReal(NaN) = %v", got)
	}
}

// Every instant of the plausible years lies in its unit's band and in no
// other: the bands do not overlap.
func TestBandHoldsItsUnit(t *testing.T) {
	t.Parallel()
	day := time.Date(1973, 3, 4, 0, 0, 0, 0, time.UTC)
	for day.Year() < 2100 {
		s := day.Unix()
		numbers := map[form.Unit]int64{
			form.Seconds: s, form.Millis: s * 1e3, form.Micros: s * 1e6,
			form.DotNetTicks: (s + 62_135_596_800) * 1e7, form.WebKitMicros: (s + 11_644_473_600) * 1e6,
			form.FileTime:  (s + 11_644_473_600) * 1e7,
			form.YYYYMMDD:  int64(day.Year()*10000 + int(day.Month())*100 + day.Day()),
			form.JulianDay: s/86_400 + 2_440_588,
		}
		if day.Year() > 2001 {
			numbers[form.Nanos] = s * 1e9
		}
		for u, n := range numbers {
			if got := form.Band(n); got != u {
				t.Fatalf("Band(%d) of %v = %v, want %v", n, day, got, u)
			}
			micros, _, ok := u.FromInt(n)
			if u == form.JulianDay {
				micros -= 12 * 3600 * 1e6
			}
			if !ok || micros != micros2000(day) {
				t.Fatalf("%v.FromInt(%d) = %d, %v; want %v", u, n, micros, ok, day)
			}
		}
		day = day.AddDate(0, 0, 1)
	}
}

func BenchmarkBand(b *testing.B) {
	b.SetBytes(8)
	b.ReportAllocs()
	for b.Loop() {
		if form.Band(1_700_000_000_123) != form.Millis {
			b.Fatal("wrong band")
		}
	}
}
