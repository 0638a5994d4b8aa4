package pgcopy_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestNumeric(t *testing.T) {
	t.Parallel()
	checkGolden(t, numericCases())
}

func numericCases() []encoderCase {
	whole := func(n int64, dscale int) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendNumericInt(dst, n, dscale) }
	}
	return []encoderCase{
		{"null", "numeric", "NULL", "ffffffff", pgcopy.AppendNull},
		{"zero", "numeric", "0", "00000008 0000 0000 0000 0000", whole(0, 0)},
		{"one", "numeric", "1", "0000000a 0001 0000 0000 0000 0001", whole(1, 0)},
		{"minus one", "numeric", "-1", "0000000a 0001 0000 4000 0000 0001", whole(-1, 0)},
		{"two groups", "numeric", "12345", "0000000c 0002 0001 0000 0000 0001 0929", whole(12345, 0)},
		{"zero groups cut", "numeric", "500000000", "0000000a 0001 0002 0000 0000 0005", whole(500_000_000, 0)},
		{"zero group kept", "numeric", "300000007", "0000000e 0003 0002 0000 0000 0003 0000 0007", whole(300_000_007, 0)},
		{
			"least", "numeric", "-9223372036854775808",
			"00000012 0005 0004 4000 0000 039a 0d2c 0170 1565 16b0", whole(math.MinInt64, 0),
		},
		{"negative scale", "numeric", "7", "0000000a 0001 0000 0000 0000 0007", whole(7, -1)},
		{"scale", "numeric(12,3)", "42.000", "0000000a 0001 0000 0000 0003 002a", whole(42, 3)},
		{"zero with scale", "numeric(12,3)", "0.000", "00000008 0000 0000 0000 0003", whole(0, 3)},
		{"NaN", "numeric", "NaN", "00000008 0000 0000 c000 0000", pgcopy.AppendNumericNaN},
		{
			"infinity", "numeric", "Infinity", "00000008 0000 0000 d000 0020",
			func(dst []byte) []byte { return pgcopy.AppendNumericInf(dst, false) },
		},
		{
			"-infinity", "numeric", "-Infinity", "00000008 0000 0000 f000 0020",
			func(dst []byte) []byte { return pgcopy.AppendNumericInf(dst, true) },
		},
	}
}

func TestNumericIntKeepsValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, dscale := rapid.Int64().Draw(t, "n"), rapid.IntRange(0, 20).Draw(t, "dscale")
		got, gotScale := readNumeric(t, pgcopy.AppendNumericInt(nil, n, dscale))
		if want := new(big.Rat).SetInt64(n); got.Cmp(want) != 0 || gotScale != dscale {
			t.Fatalf("got %s with scale %d, want %s with scale %d", got, gotScale, want, dscale)
		}
	})
}

// TestNumericIntClampsScale: no scale reaches the sign or the flag bits.
func TestNumericIntClampsScale(t *testing.T) {
	t.Parallel()
	_, scale := readNumeric(t, pgcopy.AppendNumericInt(nil, 1, 1<<20))
	if scale != pgcopy.MaxNumericScale {
		t.Errorf("scale is %d, want %d", scale, pgcopy.MaxNumericScale)
	}
}

// fataler is what readNumeric needs of *testing.T and *rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// readNumeric decodes a finite numeric field with the arithmetic of math/big
// and fails when its form is not the one that the server stores.
func readNumeric(t fataler, field []byte) (value *big.Rat, scale int) {
	t.Helper()
	if err := checkNumeric(field); err != nil {
		t.Fatalf("field % x: %v", field, err)
	}
	word := func(i int) uint16 { return binary.BigEndian.Uint16(field[4+2*i:]) }
	n, weight := int(word(0)), int(int16(word(1)))
	whole := new(big.Int)
	for i := range n {
		whole.Mul(whole, big.NewInt(10000)).Add(whole, big.NewInt(int64(word(4+i))))
	}
	value = new(big.Rat).SetInt(whole)
	if n > 0 {
		power := new(big.Int).Exp(big.NewInt(10000), big.NewInt(int64(abs(weight-n+1))), nil)
		if weight-n+1 < 0 {
			value.Quo(value, new(big.Rat).SetInt(power))
		} else {
			value.Mul(value, new(big.Rat).SetInt(power))
		}
	}
	if word(2) == 0x4000 {
		value.Neg(value)
	}
	return value, int(word(3))
}

// checkNumeric checks the length, the sign and the ends of a numeric field.
func checkNumeric(field []byte) error {
	if len(field) < 12 || int(binary.BigEndian.Uint32(field)) != len(field)-4 {
		return fmt.Errorf("length does not match")
	}
	word := func(i int) uint16 { return binary.BigEndian.Uint16(field[4+2*i:]) }
	n, sign := int(word(0)), word(2)
	switch {
	case len(field) != 12+2*n:
		return fmt.Errorf("%d groups do not fill it", n)
	case sign != 0 && sign != 0x4000:
		return fmt.Errorf("sign is %#x", sign)
	case n == 0 && (sign != 0 || word(1) != 0):
		return fmt.Errorf("zero has a sign or a weight")
	case n > 0 && (word(4) == 0 || word(3+n) == 0):
		return fmt.Errorf("a zero group at an end")
	}
	for i := range n {
		if word(4+i) > 9999 {
			return fmt.Errorf("group %d is %d", i, word(4+i))
		}
	}
	return nil
}

func abs(n int) int { return max(n, -n) }
