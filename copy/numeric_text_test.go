package pgcopy_test

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestNumericText(t *testing.T) {
	t.Parallel()
	checkGolden(t, numericTextCases())
}

func numericTextCases() []encoderCase {
	text := func(s string, dscale int) func([]byte) []byte {
		b := []byte(s)
		return func(dst []byte) []byte {
			dst, err := pgcopy.AppendNumericText(dst, b, dscale)
			if err != nil {
				return nil
			}
			return dst
		}
	}
	return []encoderCase{
		{"fraction", "numeric", "-12.500", "0000000c 0002 0000 4000 0003 000c 1388", text("-12.500", -1)},
		{"exponent", "numeric", "0.0000001", "0000000a 0001 fffe 0000 0007 000a", text("1e-7", -1)},
		{"no whole part", "numeric", "0.5", "0000000a 0001 ffff 0000 0001 1388", text(".5", -1)},
		{"no fraction", "numeric", "5", "0000000a 0001 0000 0000 0000 0005", text("5.", -1)},
		{"plus", "numeric", "3", "0000000a 0001 0000 0000 0000 0003", text("+3", -1)},
		{"zeros around", "numeric", "12.50", "0000000c 0002 0000 0000 0002 000c 1388", text("00000012.50", -1)},
		{"exponent eats scale", "numeric", "15.0", "0000000a 0001 0000 0000 0001 000f", text("1.50e1", -1)},
		{"exponent ends scale", "numeric", "15000", "0000000c 0002 0001 0000 0000 0001 1388", text("1.5E+04", -1)},
		{"negative zero", "numeric", "0.00", "00000008 0000 0000 0000 0002", text("-0.00", -1)},
		{"zero with exponent", "numeric", "0.00000", "00000008 0000 0000 0000 0005", text("0e-5", -1)},
		{"groups apart", "numeric", "10000.0001", "0000000e 0003 0001 0000 0004 0001 0000 0001", text("10000.0001", -1)},
		{
			"many digits", "numeric", "123456789012345678901234567890.12",
			"0000001a 0009 0007 0000 0002 000c 0d80 1ed2 04d2 162e 2334 0d80 1ed2 04b0",
			text("123456789012345678901234567890.12", -1),
		},
		{"largest", "numeric", "9" + strings.Repeat("0", 131071), "0000000a 0001 7fff 0000 0000 2328", text("9e131071", -1)},
		{"deepest", "numeric", "0." + strings.Repeat("0", 16382) + "1", "0000000a 0001 f000 0000 3fff 000a", text("1e-16383", -1)},
		{"column scale", "numeric(12,3)", "1.500", "0000000c 0002 0000 0000 0003 0001 1388", text("1.5", 3)},
		{"zeros beyond scale", "numeric(12,3)", "1.500", "0000000c 0002 0000 0000 0003 0001 1388", text("1.50000", 3)},
		{"whole in scale", "numeric(12,3)", "-700.000", "0000000a 0001 0000 4000 0003 02bc", text("-7e2", 3)},
	}
}

func TestNumericTextErrors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		dscale     int
		want       error
	}{
		{"empty", "", -1, pgcopy.ErrNumericSyntax},
		{"sign only", "-", -1, pgcopy.ErrNumericSyntax},
		{"two signs", "+-1", -1, pgcopy.ErrNumericSyntax},
		{"point only", ".", -1, pgcopy.ErrNumericSyntax},
		{"two points", "1.2.3", -1, pgcopy.ErrNumericSyntax},
		{"exponent only", "e5", -1, pgcopy.ErrNumericSyntax},
		{"exponent without digits", "1e", -1, pgcopy.ErrNumericSyntax},
		{"exponent sign only", "1e+", -1, pgcopy.ErrNumericSyntax},
		{"exponent with point", "1e1.5", -1, pgcopy.ErrNumericSyntax},
		{"space in front", " 1", -1, pgcopy.ErrNumericSyntax},
		{"space behind", "1 ", -1, pgcopy.ErrNumericSyntax},
		{"comma", "1,5", -1, pgcopy.ErrNumericSyntax},
		{"underscore", "1_000", -1, pgcopy.ErrNumericSyntax},
		{"hexadecimal", "0x10", -1, pgcopy.ErrNumericSyntax},
		{"NaN", "NaN", -1, pgcopy.ErrNumericSyntax},
		{"infinity", "Infinity", -1, pgcopy.ErrNumericSyntax},
		{"NUL", "1\x00", -1, pgcopy.ErrNumericSyntax},
		{"Arabic digit", "٣", -1, pgcopy.ErrNumericSyntax},
		{"one digit too many", "1.2345", 3, pgcopy.ErrNumericScale},
		{"small", "1e-7", 6, pgcopy.ErrNumericScale},
		{"no scale", "0.5", 0, pgcopy.ErrNumericScale},
		{"too large", "1e131072", -1, pgcopy.ErrNumericRange},
		{"too deep", "1e-16384", -1, pgcopy.ErrNumericRange},
		{"zero too deep", "0e-16384", -1, pgcopy.ErrNumericRange},
		{"scale too large", "1", 16384, pgcopy.ErrNumericRange},
		{"exponent too large", "0e99999999999999999999", -1, pgcopy.ErrNumericRange},
		{"exponent too small", "0e-1073741823", 0, pgcopy.ErrNumericRange},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := pgcopy.AppendNumericText([]byte("kept"), []byte(c.text), c.dscale)
			if !errors.Is(err, c.want) || string(got) != "kept" {
				t.Errorf("%q: got %q, %v, want %v", c.text, got, err, c.want)
			}
		})
	}
}

// decimalText draws decimal text of every shape that is accepted.
func decimalText(t *rapid.T) string {
	mantissa := rapid.StringMatching(`[+-]?(0{0,9}[0-9]{1,24}(\.[0-9]{0,24}0{0,9})?|\.0{0,9}[0-9]{1,24})`).Draw(t, "mantissa")
	return mantissa + rapid.StringMatching(`([eE][+-]?0{0,3}[0-9]{1,2})?`).Draw(t, "exponent")
}

func TestNumericTextKeepsValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := decimalText(t)
		checkNumericText(t, text)
	})
}

// TestNumericTextShort: the path for short text agrees with the general one,
// which an exponent of 0 leads to.
func TestNumericTextShort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+-]?[0-9]{0,18}(\.[0-9]{0,18})?`).Draw(t, "text")
		dscale := rapid.IntRange(-1, 18).Draw(t, "dscale")
		got, err := pgcopy.AppendNumericText(nil, []byte(text), dscale)
		want, wantErr := pgcopy.AppendNumericText(nil, []byte(text+"e0"), dscale)
		if !bytes.Equal(got, want) || !errors.Is(err, wantErr) {
			t.Fatalf("%q with scale %d: got % x, %v, want % x, %v", text, dscale, got, err, want, wantErr)
		}
	})
}

// checkNumericText compares the encoder with math/big for text that both take:
// the value, the natural scale, and that a smaller scale is refused.
func checkNumericText(t fataler, text string) {
	t.Helper()
	field, err := pgcopy.AppendNumericText(nil, []byte(text), -1)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	got, scale := readNumeric(t, field)
	want, ok := new(big.Rat).SetString(text)
	if !ok || got.Cmp(want) != 0 {
		t.Fatalf("%q: got %s, want %s", text, got, want)
	}
	least, exact := want.FloatPrec()
	if !exact || least > scale {
		t.Fatalf("%q: scale %d hides digits, %d are needed", text, scale, least)
	}
	for dscale := max(least-1, 0); dscale <= least+1; dscale++ {
		field, err := pgcopy.AppendNumericText(nil, []byte(text), dscale)
		if dscale < least {
			if !errors.Is(err, pgcopy.ErrNumericScale) {
				t.Fatalf("%q with scale %d: got error %v", text, dscale, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%q with scale %d: %v", text, dscale, err)
		}
		if got, scale := readNumeric(t, field); got.Cmp(want) != 0 || scale != dscale {
			t.Fatalf("%q with scale %d: got %s with scale %d", text, dscale, got, scale)
		}
	}
}

func FuzzNumericText(f *testing.F) {
	for _, s := range []string{
		"0", "-12.500", "1e-7", ".5", "5.", "+3", "", ".", "-", "1e", "1e+", "1.2.3", "00.000e9",
		"9999.99990000", "10000", "1e131071", "1e-16383", "0e1073741822", "1E-99999999999", "12e5x", " 1", "NaN",
	} {
		f.Add([]byte(s), -1)
		f.Add([]byte(s), 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, dscale int) {
		field, err := pgcopy.AppendNumericText(nil, text, dscale)
		if err != nil {
			if len(field) != 0 {
				t.Fatalf("%q: %v, but the buffer has % x", text, err, field)
			}
			return
		}
		if err := checkNumeric(field); err != nil {
			t.Fatalf("%q: field % x: %v", text, field, err)
		}
		if len(field) > 4000 || len(text) > 4000 {
			return // math/big is slow there
		}
		if e := strings.IndexAny(string(text), "eE"); e < 0 || len(text)-e < 6 {
			got, _ := readNumeric(t, field)
			if want, ok := new(big.Rat).SetString(string(text)); !ok || got.Cmp(want) != 0 {
				t.Fatalf("%q: got %s, want %s", text, got, want)
			}
		}
	})
}
