package pgcopy_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestNumericFloat(t *testing.T) {
	t.Parallel()
	checkGolden(t, numericFloatCases())
}

func numericFloatCases() []encoderCase {
	float := func(f float64, dscale int) func([]byte) []byte {
		return func(dst []byte) []byte {
			dst, err := pgcopy.AppendNumericFloat(dst, f, dscale)
			if err != nil {
				return nil
			}
			return dst
		}
	}
	return []encoderCase{
		{"money", "numeric", "12.34", "0000000c 0002 0000 0000 0002 000c 0d48", float(12.34, -1)},
		{"whole", "numeric", "-700", "0000000a 0001 0000 4000 0000 02bc", float(-700, -1)},
		{"tenth", "numeric", "0.1", "0000000a 0001 ffff 0000 0001 03e8", float(0.1, -1)},
		{"sum of tenths", "numeric", "0.30000000000000004", "00000012 0005 ffff 0000 0011 0bb8 0000 0000 0000 0fa0", float(0.30000000000000004, -1)},
		{"negative zero", "numeric", "0", "00000008 0000 0000 0000 0000", float(math.Copysign(0, -1), -1)},
		{"2^53", "numeric", "9007199254740992", "00000010 0004 0003 0000 0000 232f 07c8 1562 03e0", float(1<<53, -1)},
		{"2^53 - 1", "numeric", "9007199254740991", "00000010 0004 0003 0000 0000 232f 07c8 1562 03df", float(1<<53-1, -1)},
		{"large", "numeric", "1" + strings.Repeat("0", 23), "0000000a 0001 0005 0000 0000 03e8", float(1e23, -1)},
		{"seven digits", "numeric", "0.0000001", "0000000a 0001 fffe 0000 0007 000a", float(1e-7, -1)},
		{"13 digits", "numeric", "0.0000000000001", "0000000a 0001 fffc 0000 000d 03e8", float(1e-13, -1)},
		{"least", "numeric", "0." + strings.Repeat("0", 323) + "5", "0000000a 0001 ffaf 0000 0144 0005", float(5e-324, -1)},
		{"column scale", "numeric(12,3)", "12.500", "0000000c 0002 0000 0000 0003 000c 1388", float(12.5, 3)},
		{"column scale, printed", "numeric(20,3)", "123456789012345.620", "00000012 0005 0003 0000 0003 007b 11d7 22c5 0929 1838", float(123456789012345.62, 3)},
		{"NaN", "numeric", "NaN", "00000008 0000 0000 c000 0000", float(math.NaN(), -1)},
		{"infinity", "numeric", "Infinity", "00000008 0000 0000 d000 0020", float(math.Inf(1), -1)},
		{"-infinity", "numeric", "-Infinity", "00000008 0000 0000 f000 0020", float(math.Inf(-1), 3)},
	}
}

func TestNumericFloatErrors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		f      float64
		dscale int
		want   error
	}{
		{"short", 12.345, 2, pgcopy.ErrNumericScale},
		{"printed", 0.30000000000000004, 16, pgcopy.ErrNumericScale},
		{"scale too large", 1, 16384, pgcopy.ErrNumericRange},
		{"scale too large, printed", 1e23, 16384, pgcopy.ErrNumericRange},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := pgcopy.AppendNumericFloat([]byte("kept"), c.f, c.dscale)
			if !errors.Is(err, c.want) || string(got) != "kept" {
				t.Errorf("got %q, %v, want %v", got, err, c.want)
			}
		})
	}
}

// checkNumericFloat compares with the plain notation of strconv.
func checkNumericFloat(t fataler, f float64) {
	t.Helper()
	plain := strconv.AppendFloat(nil, f, 'f', -1, 64)
	want, err := pgcopy.AppendNumericText(nil, plain, -1)
	if err != nil {
		t.Fatalf("%s: %v", plain, err)
	}
	if got, err := pgcopy.AppendNumericFloat(nil, f, -1); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s: got % x, %v, want % x", plain, got, err, want)
	}
	for dscale := range 14 {
		want, wantErr := pgcopy.AppendNumericText(nil, plain, dscale)
		got, err := pgcopy.AppendNumericFloat(nil, f, dscale)
		if !bytes.Equal(got, want) || !errors.Is(err, wantErr) {
			t.Fatalf("%s with scale %d: got % x, %v, want % x, %v", plain, dscale, got, err, want, wantErr)
		}
	}
}

func TestNumericFloatIsShortest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkNumericFloat(t, rapid.Float64().Draw(t, "f"))
	})
}

// TestNumericFloatFastPath looks where the path without printing could go
// wrong: decimals of few digits, their neighbours among the doubles, and the
// edge of 15 digits.
func TestNumericFloatFastPath(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		whole := float64(r.Int64N(1 << (1 + r.IntN(54))))
		f := whole / math.Pow10(r.IntN(20))
		for _, f := range []float64{f, math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1)), -f} {
			checkNumericFloat(t, f)
		}
	}
	for k := range 20 {
		edge := 1e15 / math.Pow10(k)
		for _, f := range []float64{edge, math.Nextafter(edge, 0), math.Nextafter(edge, 2e15), edge - math.Pow10(-k)} {
			checkNumericFloat(t, f)
		}
	}
}
