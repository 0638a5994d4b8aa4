package form_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/form"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in             string
		whole, frac    int // as written
		exp            int
		needInt, needF int
	}{
		{"0", 0, 0, 0, 0, 0},
		{"-0", 0, 0, 0, 0, 0},
		{"0.00", 0, 2, 0, 0, 0},
		{"1", 1, 0, 0, 1, 0},
		{"+12.30", 2, 2, 0, 2, 1},
		{"-12.345", 2, 3, 0, 2, 3},
		{"00012", 2, 0, 0, 2, 0},
		{"1200", 4, 0, 0, 4, 0},
		{"0.05", 0, 2, 0, 0, 2},
		{".5", 0, 1, 0, 0, 1},
		{"5.", 1, 0, 0, 1, 0},
		{"1.50e1", 1, 2, 1, 2, 0},
		{"1.5e-3", 1, 1, -3, 0, 4},
		{"1E+5", 1, 0, 5, 6, 0},
		{"100e-2", 3, 0, -2, 1, 0},
		{"0e99", 0, 0, 99, 0, 0},
		{"12345678901234567890.123456789", 20, 9, 0, 20, 9},
		{"1e99999999999999999999", 1, 0, 1 << 30, 1<<30 + 1, 0},
		{"1e-99999999999999999999", 1, 0, -1 << 30, 0, 1 << 30},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			d, ok := form.ParseDecimal([]byte(tc.in))
			if !ok || d.Int != tc.whole || d.Frac != tc.frac || d.Exp != tc.exp || d.Special != form.Finite || d.Neg != (tc.in[0] == '-') {
				t.Fatalf("%+v, %v; want %+v", d, ok, tc)
			}
			if whole, frac := d.Digits(); whole != tc.needInt || frac != tc.needF {
				t.Errorf("Digits() = %d, %d; want %d, %d", whole, frac, tc.needInt, tc.needF)
			}
			if d.IsZero() != (tc.needInt+tc.needF == 0) {
				t.Errorf("IsZero() = %v", d.IsZero())
			}
		})
	}
	for _, in := range []string{
		"", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e5.5", "1.2.3", "1_000", "0x1F", " 1", "1 ", "1a", "--1", "+-1",
		"1,5", "$5", "1e5e5", "١", "1\x00",
	} {
		if d, ok := form.ParseDecimal([]byte(in)); ok || d != (form.Decimal{}) {
			t.Errorf("ParseDecimal(%q) = %+v, %v", in, d, ok)
		}
	}
}

// What PostgreSQL 15's numeric says to each of these.
func TestParseDecimalSpecial(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]form.Decimal{
		"NaN":       {Special: form.NaN},
		"nan":       {Special: form.NaN},
		"Infinity":  {Special: form.Infinite},
		"inf":       {Special: form.Infinite},
		"+INF":      {Special: form.Infinite},
		"-infinity": {Special: form.Infinite, Neg: true},
	} {
		d, ok := form.ParseDecimal([]byte(in))
		if !ok || d != want {
			t.Errorf("ParseDecimal(%q) = %+v, %v", in, d, ok)
		}
		if !d.Fits(0, 0) || d.Fits(10, 2) != (want.Special == form.NaN) || d.IsZero() {
			t.Errorf("%q: Fits or IsZero is wrong", in)
		}
	}
	for _, in := range []string{"-NaN", "+nan", "infi", "infinityx", "nanx", "na"} {
		if _, ok := form.ParseDecimal([]byte(in)); ok {
			t.Errorf("ParseDecimal(%q) accepted", in)
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   string
		p, s int
		want bool
	}{
		{"0", 1, 0, true},
		{"0.000", 1, 0, true},
		{"9", 1, 0, true},
		{"10", 1, 0, false},
		{"9.5", 2, 1, true},
		{"9.50", 2, 1, true},
		{"9.55", 2, 1, false},
		{"99.5", 2, 1, false},
		{"0.5", 1, 1, true},
		{"1.0", 1, 1, false},
		{"0.05", 2, 3, true},
		{"0.5", 2, 3, false},
		{"1200", 2, -2, true},
		{"1250", 2, -2, false},
		{"12000", 2, -2, false},
		{"1e3", 4, 0, true},
		{"1e3", 3, 0, false},
		{"1.5e-3", 5, 4, true},
		{"1.5e-3", 5, 3, false},
		{"1e131071", 0, 0, true},
		{"1e131072", 0, 0, false},
		{"1e-16383", 0, 0, true},
		{"1e-16384", 0, 0, false},
		{"0e-99999", 0, 0, true},
		{"007", 1, 0, true},
	} {
		d, ok := form.ParseDecimal([]byte(tc.in))
		if !ok || d.Fits(tc.p, tc.s) != tc.want {
			t.Errorf("%s fits numeric(%d,%d) = %v, want %v", tc.in, tc.p, tc.s, !tc.want, tc.want)
		}
	}
}

// checkDecimal compares with math/big.
func checkDecimal(t *testing.T, text string, p, s int) {
	t.Helper()
	d, ok := form.ParseDecimal([]byte(text))
	if !ok || d.Special != form.Finite || d.Exp > 2000 || d.Exp < -2000 {
		return
	}
	v, good := new(big.Rat).SetString(text)
	if !good {
		t.Fatalf("ParseDecimal(%q) accepted, big.Rat did not", text)
	}
	if d.IsZero() != (v.Sign() == 0) {
		t.Fatalf("%q: IsZero() = %v", text, d.IsZero())
	}
	pow := func(e int) *big.Rat {
		r := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil))
		if e < 0 {
			r.Inv(r)
		}
		return r
	}
	fits := new(big.Rat).Mul(v, pow(s)).IsInt() && new(big.Rat).Abs(v).Cmp(pow(p-s)) < 0
	if d.Fits(p, s) != fits {
		t.Fatalf("%q fits numeric(%d,%d) = %v, math/big says %v", text, p, s, !fits, fits)
	}
	whole, frac := d.Digits()
	if n := whole + frac; n > 0 && (!d.Fits(n, frac) || frac > 0 && d.Fits(n+1, frac-1)) {
		t.Fatalf("%q: Digits() = %d, %d is not what it needs", text, whole, frac)
	}
}

func TestDecimalRandom(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 12))
	digits := func(n int) string {
		var sb strings.Builder
		for range rng.IntN(n) {
			sb.WriteByte("0001234567899"[rng.IntN(13)])
		}
		return sb.String()
	}
	for range 100_000 {
		text := []string{"", "-", "+"}[rng.IntN(3)] + digits(8) + "." + digits(8)
		if rng.IntN(2) == 0 {
			text += "e" + strconv.Itoa(rng.IntN(20)-10)
		}
		checkDecimal(t, text, 1+rng.IntN(12), rng.IntN(12)-3)
	}
}

func TestFloatDecimal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		f           float64
		whole, frac int
		neg         bool
	}{
		{0, 0, 0, false},
		{math.Copysign(0, -1), 0, 0, true},
		{12.3, 2, 1, false},
		{-0.1, 0, 1, true},
		{0.30000000000000004, 0, 17, false},
		{1e21, 22, 0, false},
		{1e300, 301, 0, false},
		{5e-324, 0, 324, false},
		{math.MaxFloat64, 309, 0, false},
		{-2.2250738585072014e-308, 0, 324, true},
		{1 << 53, 16, 0, false},
	} {
		d := form.FloatDecimal(tc.f)
		if d.Int != tc.whole || d.Frac != tc.frac || d.Neg != tc.neg || d.Exp != 0 || d.Special != form.Finite {
			t.Errorf("FloatDecimal(%v) = %+v, want %d, %d", tc.f, d, tc.whole, tc.frac)
		}
	}
	if d := form.FloatDecimal(math.Inf(-1)); d.Special != form.Infinite || !d.Neg {
		t.Errorf("FloatDecimal(-Inf) = %+v", d)
	}
	if d := form.FloatDecimal(math.NaN()); d.Special != form.NaN {
		t.Errorf("FloatDecimal(NaN) = %+v", d)
	}
	rng := rand.New(rand.NewPCG(13, 14))
	for range 20_000 {
		f := math.Float64frombits(rng.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		want, _ := form.ParseDecimal(strconv.AppendFloat(nil, f, 'f', -1, 64))
		got := form.FloatDecimal(f)
		want.Int, want.Frac = want.Digits()
		if got != want {
			t.Fatalf("FloatDecimal(%v) = %+v, want %+v", f, got, want)
		}
	}
}

func checkCanonicalInt(t *testing.T, b []byte) {
	t.Helper()
	want, err := strconv.ParseInt(string(b), 10, 64)
	wantOK := err == nil && strconv.FormatInt(want, 10) == string(b)
	if !wantOK {
		want = 0
	}
	if n, ok := form.CanonicalInt(b); n != want || ok != wantOK {
		t.Fatalf("CanonicalInt(%q) = %d, %v; want %d, %v", b, n, ok, want, wantOK)
	}
}

func TestCanonicalInt(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", "0", "-0", "+0", "00", "1", "-1", "+1", "01", "-01", "10", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "9999999999999999999", "10000000000000000000", "18446744073709551616",
		"1.0", "1e3", " 1", "1 ", "-", "1a", "0x1",
	} {
		checkCanonicalInt(t, []byte(in))
	}
	rng := rand.New(rand.NewPCG(15, 16))
	for range 20_000 {
		checkCanonicalInt(t, strconv.AppendInt(nil, int64(rng.Uint64())>>rng.IntN(64), 10))
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add("12.30", 10, 2)
	f.Add("-1.5e-3", 3, -2)
	f.Add("Infinity", 1, 0)
	f.Fuzz(func(t *testing.T, text string, p, s int) {
		checkCanonicalInt(t, []byte(text))
		if len(text) > 1000 || p < 1 || p > 1000 || s < -1000 || s > 1000 {
			return
		}
		checkDecimal(t, text, p, s)
	})
}

func TestDecimalAllocs(t *testing.T) {
	b, n := []byte("-12345.6789e-3"), []byte("-1234567890")
	zeroAllocs(t, "decimals", func() {
		d, _ := form.ParseDecimal(b)
		_ = d.Fits(10, 2)
		d = form.FloatDecimal(0.30000000000000004)
		_ = d.Fits(10, 2)
		_, _ = form.CanonicalInt(n)
	})
}

func BenchmarkParseDecimal(b *testing.B) {
	in := []byte("-12345.6789")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := form.ParseDecimal(in); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkFloatDecimal(b *testing.B) {
	b.SetBytes(8)
	b.ReportAllocs()
	for b.Loop() {
		if d := form.FloatDecimal(1234.56); d.Frac != 2 {
			b.Fatal("wrong")
		}
	}
}

func BenchmarkCanonicalInt(b *testing.B) {
	in := []byte("1234567890")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := form.CanonicalInt(in); !ok {
			b.Fatal("refused")
		}
	}
}
