package form_test

import (
	"fmt"
	"testing"

	"github.com/litehaul/litehaul/internal/form"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	const minute, second = int64(60_000_000), int64(1_000_000)
	for _, tc := range []struct {
		in     string
		micros int64
		cut    bool
		ok     bool
	}{
		{"00:00", 0, false, true},
		{"12:34", (12*60 + 34) * minute, false, true},
		{"12:34:56", (12*60+34)*minute + 56*second, false, true},
		{"12:34:56.5", (12*60+34)*minute + 56*second + 500_000, false, true},
		{"23:59:59.999999", 24*60*minute - 1, false, true},
		{"23:59:59.9999999", 24*60*minute - 1, true, true},
		{"23:59:59.9999990", 24*60*minute - 1, false, true},
		{"00:00:00.0000001", 0, true, true},
		{"24:00", 0, false, false},
		{"24:00:00", 0, false, false},
		{"23:60", 0, false, false},
		{"23:59:60", 0, false, false},
		{"1:23", 0, false, false},
		{"12:34:", 0, false, false},
		{"12:34:5", 0, false, false},
		{"12:34:56.", 0, false, false},
		{"12:34:56 ", 0, false, false},
		{" 12:34:56", 0, false, false},
		{"12:34:56Z", 0, false, false},
		{"12:34Z", 0, false, false},
		{"12-34", 0, false, false},
		{"1a:34", 0, false, false},
		{"", 0, false, false},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			for name, parse := range map[string]func() (int64, bool, bool){
				"ParseTime":      func() (int64, bool, bool) { return form.ParseTime([]byte(tc.in)) },
				"ParseTimeOnDay": func() (int64, bool, bool) { return form.ParseTimeOnDay([]byte("2000-01-01 " + tc.in)) },
			} {
				if micros, cut, ok := parse(); micros != tc.micros || cut != tc.cut || ok != tc.ok {
					t.Errorf("%s = %d, %v, %v; want %d, %v, %v", name, micros, cut, ok, tc.micros, tc.cut, tc.ok)
				}
			}
		})
	}
	for _, in := range []string{"12:34:56", "2000-01-02 12:34:56", "1970-01-01 12:34:56", "2000-01-01T12:34:56", "2000-01-01", "2000-01-01 "} {
		if _, _, ok := form.ParseTimeOnDay([]byte(in)); ok {
			t.Errorf("ParseTimeOnDay(%q) accepted", in)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add([]byte("12:34:56.789"))
	f.Add([]byte("23:59"))
	f.Fuzz(func(t *testing.T, b []byte) {
		micros, cut, ok := form.ParseTime(b)
		day, okDay := form.ParseTimestamp(append([]byte("2000-01-01 "), b...))
		if !ok {
			if okDay && !day.Zoned {
				t.Errorf("ParseTime refuses %q, ParseTimestamp does not", b)
			}
			return
		}
		if !okDay || day.Micros != micros || day.Cut != cut {
			t.Errorf("ParseTime(%q) = %d, %v; ParseTimestamp on the day gives %+v, %v", b, micros, cut, day, okDay)
		}
		whole := micros / 1_000_000
		text := fmt.Sprintf("%02d:%02d:%02d.%06d", whole/3600, whole/60%60, whole%60, micros%1_000_000)
		if n := min(len(text), len(b)); string(b[:n]) != text[:n] {
			t.Errorf("ParseTime(%q) = %s", b, text)
		}
	})
}

func BenchmarkParseTime(b *testing.B) {
	in := []byte("12:34:56.789012")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := form.ParseTime(in); !ok {
			b.Fatal("no time")
		}
	}
}
