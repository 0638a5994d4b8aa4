package form_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/form"
)

var epoch2000 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// micros2000 gives what Timestamp.Micros counts, for any year.
func micros2000(t time.Time) int64 {
	return (t.Unix()-epoch2000.Unix())*1_000_000 + int64(t.Nanosecond()/1000)
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	noon := time.Date(2021, 2, 28, 12, 34, 0, 0, time.UTC)
	second := noon.Add(56 * time.Second)
	for _, tc := range []struct {
		in     string
		want   time.Time // in UTC
		layout string    // "!" begins an instant that is Zoned, "~" one that is Cut
	}{
		{"2021-02-28", time.Date(2021, 2, 28, 0, 0, 0, 0, time.UTC), "YYYY-MM-DD"},
		{"2021-02-28 12:34", noon, "YYYY-MM-DD HH:MM"},
		{"2021-02-28T12:34", noon, "YYYY-MM-DDTHH:MM"},
		{"2021-02-28 12:34:56", second, "YYYY-MM-DD HH:MM:SS"},
		{"2021-02-28T12:34:56.7", second.Add(700 * time.Millisecond), "YYYY-MM-DDTHH:MM:SS.f"},
		{"2021-02-28 12:34:56.123456", second.Add(123456 * time.Microsecond), "YYYY-MM-DD HH:MM:SS.ffffff"},
		{"2021-02-28 12:34:56.1234567", second.Add(123456 * time.Microsecond), "~YYYY-MM-DD HH:MM:SS.fffffff"},
		{"2021-02-28 12:34:56.123456000", second.Add(123456 * time.Microsecond), "YYYY-MM-DD HH:MM:SS.fffffffff"},
		{"2021-02-28 12:34:56.9999999999", second.Add(999999 * time.Microsecond), "~YYYY-MM-DD HH:MM:SS.fffffffff..."},
		{"2021-02-28 12:34:56.0000000000", second, "YYYY-MM-DD HH:MM:SS.fffffffff..."},
		{"1969-12-31 23:59:59.9999999", time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), "~YYYY-MM-DD HH:MM:SS.fffffff"},
		{"2021-02-28T12:34:56Z", second, "!YYYY-MM-DDTHH:MM:SSZ"},
		{"2021-02-28T12:34:56.789Z", second.Add(789 * time.Millisecond), "!YYYY-MM-DDTHH:MM:SS.fffZ"},
		{"2021-02-28 12:34:56z", second, "!YYYY-MM-DD HH:MM:SSz"},
		{"2021-02-28 12:34:56 Z", second, "!YYYY-MM-DD HH:MM:SS Z"},
		{"2021-02-28 12:34:56 UTC", second, "!YYYY-MM-DD HH:MM:SS UTC"},
		{"2021-02-28 12:34:56UTC", second, "!YYYY-MM-DD HH:MM:SSUTC"},
		{"2021-02-28 12:34+01", noon.Add(-time.Hour), "!YYYY-MM-DD HH:MM+HH"},
		{"2021-02-28 12:34:56-0330", second.Add(210 * time.Minute), "!YYYY-MM-DD HH:MM:SS+HHMM"},
		{"2021-02-28 12:34:56.789 +00:00", second.Add(789 * time.Millisecond), "!YYYY-MM-DD HH:MM:SS.fff +HH:MM"},
		{"2021-02-28 12:34:56+23:59", second.Add(-24*time.Hour + time.Minute), "!YYYY-MM-DD HH:MM:SS+HH:MM"},
		{"2021-02-28 12:34:56+00:53:28", second.Add(-53*time.Minute - 28*time.Second), "!YYYY-MM-DD HH:MM:SS+HH:MM:SS"},
		{"2021-02-28 12:34:56 +1100 AEDT", second.Add(-11 * time.Hour), "!YYYY-MM-DD HH:MM:SS +HHMM ZONE (Go time.String)"},
		{"2021-02-28 12:34:56.5 +1100 AEDT m=+245.848213123", second.Add(500*time.Millisecond - 11*time.Hour), "!YYYY-MM-DD HH:MM:SS.f +HHMM ZONE (Go time.String)"},
		{"2021-02-28 12:34:56.123456789 -0300 -03 m=-0.5", second.Add(123456*time.Microsecond + 3*time.Hour), "~!YYYY-MM-DD HH:MM:SS.fffffffff +HHMM ZONE (Go time.String)"},
		{"0001-01-01 00:00:00 +0000 UTC", time.Time{}, "!YYYY-MM-DD HH:MM:SS +HHMM ZONE (Go time.String)"},
		{"0001-01-01 00:00:00+01:00", time.Time{}.Add(-time.Hour), "!YYYY-MM-DD HH:MM:SS+HH:MM"},
		{"9999-12-31 23:59:59.999999", time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), "YYYY-MM-DD HH:MM:SS.ffffff"},
		{"2000-02-29", time.Date(2000, 2, 29, 0, 0, 0, 0, time.UTC), "YYYY-MM-DD"},
		{"2024-02-29", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), "YYYY-MM-DD"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			got, ok := form.ParseTimestamp([]byte(tc.in))
			if !ok {
				t.Fatalf("refused")
			}
			layout, cut := strings.CutPrefix(tc.layout, "~")
			layout, zoned := strings.CutPrefix(layout, "!")
			want := form.Timestamp{
				Micros: micros2000(tc.want), Zoned: zoned, Cut: cut, DateOnly: len(tc.in) == 10, Form: got.Form,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Form.String() != layout || got.Form >= form.DateFormN {
				t.Errorf("layout %q (%d), want %q", got.Form, got.Form, layout)
			}
		})
	}
}

func TestParseTimestampRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", "2021", "2021-02", "2021-2-28", "21-02-28", "20210228", "2021/02/28", "0000-01-01", "10000-01-01", "12021-01-01",
		"-2021-01-01", "+2021-01-01", "2021-00-10", "2021-13-10", "2021-01-00", "2021-01-32", "2021-02-29", "1900-02-29", "2100-02-29",
		"2021-04-31", " 2021-02-28", "2021-02-28 ", "2021-02-28\n", "2021-02-28T", "2021-02-28 12", "2021-02-28 12:", "2021-02-28 12:3",
		"2021-02-28t12:34", "2021-02-28  12:34", "2021-02-28_12:34", "2021-02-28 24:00", "2021-02-28 24:00:00", "2021-02-28 12:60",
		"2021-02-28 12:34:60", "2021-02-28 12:34:", "2021-02-28 12:34:5", "2021-02-28 12:34:56.", "2021-02-28 12:34:56,5",
		"2021-02-28 12:34.5", "2021-02-28 12:34:56 ", "2021-02-28 12:34:56  Z", "2021-02-28 12:34:56ZZ", "2021-02-28 12:34:56 GMT",
		"2021-02-28 12:34:56utc", "2021-02-28 12:34:56+", "2021-02-28 12:34:56+1", "2021-02-28 12:34:56+24", "2021-02-28 12:34:56+24:00",
		"2021-02-28 12:34:56+01:60", "2021-02-28 12:34:56+010", "2021-02-28 12:34:56+01:0", "2021-02-28 12:34:56+01:00:60",
		"2021-02-28 12:34:56+01:00:0", "2021-02-28 12:34:56+01:00 ", "2021-02-28Z", "2021-02-28+01:00", "2021-02-28 +01:00",
		"2021-02-28 12:34:56 +1100 ", "2021-02-28 12:34:56+1100 AEDT", "2021-02-28T12:34:56 +1100 AEDT", "2021-02-28 12:34 +1100 AEDT",
		"2021-02-28 12:34:56 +11:00 AEDT", "2021-02-28 12:34:56 +1100 AEDT ", "2021-02-28 12:34:56 +1100 AE DT",
		"2021-02-28 12:34:56 +1100 AEDT m=", "2021-02-28 12:34:56 +1100 AEDT m=245", "2021-02-28 12:34:56 +1100 AEDT m=+",
		"2021-02-28 12:34:56 +1100 AEDT m=+1.", "2021-02-28 12:34:56 +1100 AEDT m=+1.2.3", "2021-02-28 12:34:56 +1100 m=+1.5",
		"2021-02-28 12:34:56 +1100 AEDT m=+1 ", "2021-02-28 12:34:56 +1100 " + strings.Repeat("A", 41), "now", "2021-02-2a", "2o21-02-28",
		"2021-02-28 12:34:56 +", "2021-02-28 12:34:56 U", "２021-02-28", "2021-02-28\x0012:34",
	} {
		if got, ok := form.ParseTimestamp([]byte(in)); ok || got != (form.Timestamp{}) {
			t.Errorf("ParseTimestamp(%q) = %+v, %v; want none", in, got, ok)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	// Every day of the calendar, against the time package.
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	want := int32(-730119)
	buf := make([]byte, 0, 10)
	for day.Year() < 10000 {
		buf = day.AppendFormat(buf[:0], time.DateOnly)
		if got, ok := form.ParseDate(buf); !ok || got != want {
			t.Fatalf("ParseDate(%s) = %d, %v; want %d", buf, got, ok, want)
		}
		day = day.AddDate(0, 0, 1)
		want++
	}
	for _, in := range []string{"", "2021-02-29", "2021-02-28 ", "2021-02-28 00:00:00", "0000-12-31", "2021-02-2"} {
		if got, ok := form.ParseDate([]byte(in)); ok || got != 0 {
			t.Errorf("ParseDate(%q) = %d, %v", in, got, ok)
		}
	}
}

// randomTime gives an instant of the years 1 to 9999 with a few nanoseconds.
func randomTime(rng *rand.Rand) time.Time {
	lo, hi := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).Unix(), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	nanos := []int64{0, 5e8, 123e6, 123456e3, 123456789, 1, 999999999}
	return time.Unix(lo+rng.Int64N(hi-lo), nanos[rng.IntN(len(nanos))]).UTC()
}

func TestParseTimestampAgainstTime(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	layouts := []string{
		time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05.000", "2006-01-02 15:04:05.000000",
		time.RFC3339, time.RFC3339Nano, "2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.000 -07:00",
		"2006-01-02 15:04:05-0700", "2006-01-02 15:04:05-07", "2006-01-02 15:04:05-07:00:00",
		"2006-01-02 15:04:05.999999999 -0700 MST",
	}
	for range 50_000 {
		at := randomTime(rng)
		layout := layouts[rng.IntN(len(layouts))]
		quarters := rng.IntN(2*14*4+1) - 14*4
		at = at.In(time.FixedZone([]string{"", "CEST"}[rng.IntN(2)], quarters*15*60))
		text := at.Format(layout)
		offset, isGo := strings.CutSuffix(layout, " MST")
		plain := text
		if isGo {
			// The time package does not read back every abbreviation it prints.
			plain = text[:strings.LastIndexByte(text, ' ')]
		}
		want, err := time.Parse(offset, plain)
		if err != nil {
			t.Fatalf("time.Parse(%q, %q): %v", layout, text, err)
		}
		got, ok := form.ParseTimestamp([]byte(text))
		if !ok || got.Micros != micros2000(want) || got.Cut != (want.Nanosecond()%1000 != 0) {
			t.Fatalf("ParseTimestamp(%q) = %+v, %v; want micros %d of %v", text, got, ok, micros2000(want), want)
		}
	}
}

func TestParseTimestampGoString(t *testing.T) {
	t.Parallel()
	now := time.Now() // with a monotonic reading
	got, ok := form.ParseTimestamp([]byte(now.String()))
	if !ok || got.Micros != micros2000(now) || !got.Zoned {
		t.Errorf("ParseTimestamp(%q) = %+v, %v", now.String(), got, ok)
	}
}

func FuzzParseTimestamp(f *testing.F) {
	for _, s := range []string{
		"2021-01-02", "2021-01-02 15:04:05.999999999 +1100 AEDT m=+245.8", "2021-01-02T15:04:05Z",
		"2021-01-02 15:04", "9999-12-31 23:59:59.999999+00:00:01",
	} {
		f.Add([]byte(s))
	}
	layouts := []string{
		time.DateOnly, "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04-0700", "2006-01-02 15:04:05-0700", "2006-01-02 15:04-07", "2006-01-02 15:04:05-07",
		"2006-01-02 15:04-07:00:00", "2006-01-02 15:04:05-07:00:00",
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := form.ParseTimestamp(b)
		if !ok {
			if got != (form.Timestamp{}) {
				t.Fatalf("refused %q but gave %+v", b, got)
			}
			return
		}
		text := plainZone(string(b))
		for _, l := range layouts {
			if want, err := time.Parse(l, text); err == nil {
				if got.Micros != micros2000(want) {
					t.Errorf("ParseTimestamp(%q) = %+v; time.Parse(%q) says %v", b, got, text, want)
				}
				return
			}
		}
		t.Errorf("ParseTimestamp(%q) = %+v (%s), but time.Parse reads %q in no layout", b, got, got.Form, text)
	})
}

// plainZone brings an accepted timestamp into a spelling that the time package
// reads: a space before the time, the zone right after it and without Go's
// abbreviation, UTC as Z.
func plainZone(text string) string {
	if len(text) == len(time.DateOnly) {
		return text
	}
	date, rest := text[:len(time.DateOnly)], text[len(time.DateOnly)+1:]
	clock, zone, _ := strings.Cut(rest, " ")
	zone, _, _ = strings.Cut(zone, " ")
	clock += zone
	for _, utc := range []string{"UTC", "z"} {
		if c, ok := strings.CutSuffix(clock, utc); ok {
			clock = c + "Z"
		}
	}
	return date + " " + clock
}

func TestTimestampAllocs(t *testing.T) {
	b := []byte("2021-01-02 15:04:05.999999999 +1100 AEDT m=+245.8")
	zeroAllocs(t, "ParseTimestamp", func() { _, _ = form.ParseTimestamp(b) })
	zeroAllocs(t, "ParseDate", func() { _, _ = form.ParseDate(b[:10]) })
	zeroAllocs(t, "ParseTime", func() { _, _, _ = form.ParseTime(b[11:29]) })
}

func BenchmarkParseTimestamp(b *testing.B) {
	for _, in := range []string{
		"2021-01-02", "2021-01-02 15:04:05", "2021-01-02 15:04:05.123456", "2021-01-02T15:04:05.123Z",
		"2021-01-02 15:04:05.999999999 +1100 AEDT m=+245.8",
	} {
		b.Run(fmt.Sprintf("%.30s", in), func(b *testing.B) {
			text := []byte(in)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := form.ParseTimestamp(text); !ok {
					b.Fatal("no timestamp")
				}
			}
		})
	}
}
