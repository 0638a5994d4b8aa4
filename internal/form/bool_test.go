package form_test

import (
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/form"
)

func TestParseBool(t *testing.T) {
	t.Parallel()
	words := []struct {
		no, yes string
		word    form.BoolWord
	}{
		{"0", "1", form.BoolDigit},
		{"f", "t", form.BoolTF},
		{"false", "true", form.BoolTrue},
		{"n", "y", form.BoolYN},
		{"no", "yes", form.BoolYes},
		{"off", "on", form.BoolOn},
	}
	for _, tc := range words {
		for _, in := range []string{tc.no, strings.ToUpper(tc.no), tc.yes, strings.ToUpper(tc.yes), strings.ToUpper(tc.yes[:1]) + tc.yes[1:]} {
			want := strings.EqualFold(in, tc.yes)
			v, w := form.ParseBoolWord([]byte(in))
			if v != want || w != tc.word {
				t.Errorf("ParseBoolWord(%q) = %v, %v; want %v, %v", in, v, w, want, tc.word)
			}
			if v, ok := form.ParseBool([]byte(in)); v != want || !ok {
				t.Errorf("ParseBool(%q) = %v, %v", in, v, ok)
			}
		}
	}
	for _, in := range []string{"", "2", "tr", "fals", "truee", "o", "of", "ye", " t", "t ", "1.0", "\x00", "TRUe\x00", "nо", "@n", "tr\x15e"} {
		if v, ok := form.ParseBool([]byte(in)); v || ok {
			t.Errorf("ParseBool(%q) = %v, %v; want none", in, v, ok)
		}
	}
	if got := form.BoolTrue.String(); got != "true/false" {
		t.Errorf("BoolTrue.String() = %q", got)
	}
	if got := form.BoolWord(200).String(); got != "not a boolean" {
		t.Errorf("BoolWord(200).String() = %q", got)
	}
}

func FuzzParseBool(f *testing.F) {
	f.Add([]byte("true"))
	f.Add([]byte("OFF"))
	truth := map[string]bool{
		"t": true, "f": false, "true": true, "false": false, "yes": true, "no": false,
		"on": true, "off": false, "y": true, "n": false, "1": true, "0": false,
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, ok := form.ParseBool(b)
		want, wantOK := false, false
		// Not strings.ToLower: K (Kelvin) and other letters fold to ASCII there.
		low := []byte(string(b))
		for i, c := range low {
			if 'A' <= c && c <= 'Z' {
				low[i] = c + 32
			}
		}
		want, wantOK = truth[string(low)]
		if v != want || ok != wantOK {
			t.Errorf("ParseBool(%q) = %v, %v; want %v, %v", b, v, ok, want, wantOK)
		}
	})
}

func TestParseBoolAllocs(t *testing.T) {
	b := []byte("False")
	zeroAllocs(t, "ParseBool", func() { _, _ = form.ParseBool(b) })
}

func BenchmarkParseBool(b *testing.B) {
	in := []byte("false")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := form.ParseBool(in); !ok {
			b.Fatal("no boolean")
		}
	}
}
