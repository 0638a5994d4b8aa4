package form_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/litehaul/litehaul/internal/form"
)

func TestValidText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		bad      int
		nul      bool
	}{
		{"empty", "", -1, false},
		{"ascii", "hello", -1, false},
		{"control characters", "\x01\x7f\t", -1, false},
		{"two bytes", "é", -1, false},
		{"three bytes", "€", -1, false},
		{"four bytes", "😀", -1, false},
		{"last character", "\U0010FFFF", -1, false},
		{"mixed", strings.Repeat("a", 31) + "é" + strings.Repeat("b", 40), -1, false},
		{"nul", "ab\x00c", 2, true},
		{"nul after long run", strings.Repeat("a", 40) + "\x00", 40, true},
		{"nul after non-ascii", "é\x00", 2, true},
		{"stray continuation", "a\x80", 1, false},
		{"overlong two bytes", "\xc0\x80", 0, false},
		{"overlong three bytes", "\xe0\x9f\xbf", 0, false},
		{"overlong four bytes", "\xf0\x8f\xbf\xbf", 0, false},
		{"surrogate", "x\xed\xa0\x80", 1, false},
		{"above U+10FFFF", "\xf4\x90\x80\x80", 0, false},
		{"cut short", "abc\xe2\x82", 3, false},
		{"latin-1", "caf\xe9 x", 3, false},
		{"byte ff", "\xff", 0, false},
		{"first offence counts", "\x00\xff", 0, true},
		{"first offence counts 2", "\xff\x00", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ok, bad, nul := form.ValidText([]byte(tc.in))
			if ok != (tc.bad < 0) || bad != tc.bad || nul != tc.nul {
				t.Errorf("ValidText(%q) = %v, %d, %v; want bad %d, nul %v", tc.in, ok, bad, nul, tc.bad, tc.nul)
			}
		})
	}
}

// checkText compares with the standard library.
func checkText(t *testing.T, b []byte) {
	t.Helper()
	want := -1
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if b[i] == 0 || r == utf8.RuneError && n == 1 {
			want = i
			break
		}
		i += n
	}
	ok, bad, nul := form.ValidText(b)
	if ok != (want < 0) || bad != want || nul != (want >= 0 && b[want] == 0) {
		t.Fatalf("ValidText(%q) = %v, %d, %v; want bad %d", b, ok, bad, nul, want)
	}
	if ok && form.RuneCount(b) != len([]rune(string(b))) {
		t.Fatalf("RuneCount(%q) = %d", b, form.RuneCount(b))
	}
}

func TestValidTextRandom(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "abcdefgh", "é", "€", "😀", "\x00", "\x80", "\xe2\x82", "\xed\xa0\x80", "\xf5", "\xc3"}
	for range 20_000 {
		var b []byte
		for range rng.IntN(12) {
			// Mostly valid pieces, so that offences lie anywhere.
			n := 5
			if rng.IntN(8) == 0 {
				n = len(pieces)
			}
			b = append(b, pieces[rng.IntN(n)]...)
		}
		checkText(t, b)
	}
}

func FuzzValidText(f *testing.F) {
	f.Add([]byte("plain text of some length, then é and 😀"))
	f.Add([]byte("0123456789abcdef\x00"))
	f.Fuzz(func(t *testing.T, b []byte) { checkText(t, b) })
}

func TestValidTextAllocs(t *testing.T) {
	b := []byte(strings.Repeat("plain ascii and é 😀 ", 20))
	zeroAllocs(t, "ValidText", func() { _, _, _ = form.ValidText(b) })
	zeroAllocs(t, "RuneCount", func() { _ = form.RuneCount(b) })
}

func BenchmarkValidText(b *testing.B) {
	for _, bc := range []struct{ name, piece string }{
		{"ascii", "The quick brown fox jumps over the lazy dog. "},
		{"german", "Zwölf Boxkämpfer jagen Viktor über den Sylter Deich. "},
		{"japanese", "いろはにほへとちりぬるを"},
	} {
		b.Run(bc.name, func(b *testing.B) {
			text := bytes.Repeat([]byte(bc.piece), 20)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if ok, _, _ := form.ValidText(text); !ok {
					b.Fatal("not valid")
				}
			}
		})
	}
}
