package page_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func show(v *row.Value) string {
	switch v.Class {
	case row.Integer:
		return fmt.Sprint(v.Int())
	case row.Real:
		return fmt.Sprintf("%vr", v.Real())
	case row.Text:
		return fmt.Sprintf("%q", v.Bytes)
	case row.Blob:
		return fmt.Sprintf("x'%x'", v.Bytes)
	case row.Null:
	}
	return "NULL"
}

func TestVarint(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in    string
		want  uint64
		width int
	}{
		{"\x00", 0, 1},
		{"\x7f", 127, 1},
		{"\x81\x00", 128, 2},
		{"\xff\x7f", 16383, 2},
		{"\x81\x80\x00", 16384, 3},
		{"\x80\x80\x00", 0, 3}, // longer than it must be
		{"\xff\xff\xff\xff\xff\xff\xff\x7f", 1<<56 - 1, 8},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff", math.MaxUint64, 9},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\x00", math.MaxUint64 - 255, 9},
		{"\x80\x80\x80\x80\x80\x80\x80\x80\x80", 128, 9}, // the ninth byte has eight bits
	} {
		if v, w := page.Varint([]byte(tc.in)); v != tc.want || w != tc.width {
			t.Errorf("%x: %d in %d bytes, want %d in %d", tc.in, v, w, tc.want, tc.width)
		}
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, record string
		columns      int
		real         int
		want         string // values, or what is wrong after "!"
	}{
		{"all classes", "\x06\x00\x08\x09\x10\x13" + "\xca\xfe" + "abc", 5, -1, `NULL 0 1 x'cafe' "abc"`},
		{
			"integers", "\x07\x01\x02\x03\x04\x05\x06" + "\xff" + "\x80\x00" + "\x7f\xff\xff" + "\x80\x00\x00\x00" +
				"\xff\xff\xff\xff\xff\xfe" + "\x7f\xff\xff\xff\xff\xff\xff\xff", 6, -1,
			"-1 -32768 8388607 -2147483648 -2 9223372036854775807",
		},
		{"real", "\x03\x07\x07" + "\x3f\xf8\x00\x00\x00\x00\x00\x00" + "\x80\x00\x00\x00\x00\x00\x00\x00", 2, -1, "1.5r -0r"},
		{"NaN is NULL", "\x02\x07" + "\x7f\xf8\x00\x00\x00\x00\x00\x01", 1, -1, "NULL"},
		{"infinity", "\x02\x07" + "\xff\xf0\x00\x00\x00\x00\x00\x00", 1, -1, "-Infr"},
		{"integers of a REAL column", "\x03\x01\x08" + "\x05", 2, 0, "5r 0"},
		{"one of a REAL column", "\x02\x09", 1, 0, "1r"},
		{"text of a REAL column", "\x02\x0f" + "x", 1, 0, `"x"`},
		{"empty text and blob", "\x03\x0c\x0d", 2, -1, `x'' ""`},
		{"NUL and invalid UTF-8 stay", "\x02\x13\x00\xffa", 1, -1, `"\x00\xffa"`},
		{"short", "\x02\x09", 3, -1, `1 "absent" "absent"`},
		{"no columns", "\x01", 1, -1, `"absent"`},
		{"more columns than the table", "\x03\x09\x01\x07", 1, -1, "1"},
		{"long serial type", "\x03\x81\x0c" + strings.Repeat("b", 64), 1, -1, "x'" + strings.Repeat("62", 64) + "'"},
		{"empty", "", 1, -1, "!empty record"},
		{"header beyond the record", "\x05\x09", 1, -1, "!record header does not fit its record"},
		{"header without itself", "\x00\x09", 1, -1, "!record header does not fit its record"},
		{"value beyond the record", "\x02\x04\x00\x00", 1, -1, "!value reaches beyond its record"},
		{"text beyond the record", "\x02\x13ab", 1, -1, "!value reaches beyond its record"},
		{"text of 2^62 bytes", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1, -1, "!value reaches beyond its record"},
		{"serial type 10", "\x02\x0a", 1, -1, "!reserved serial type"},
		{"serial type 11", "\x02\x0b", 1, -1, "!reserved serial type"},
		{"bytes left over", "\x02\x09\x00", 1, -1, "!record header does not match its record"},
		{"serial type beyond the header", "\x02\x81\x00" + strings.Repeat("b", 58), 1, -1, "!record header does not match its record"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			vals, wrong := page.DecodeRecord([]byte(tc.record), tc.columns, tc.real, page.UTF8)
			got := "!" + wrong
			if wrong == "" {
				var list []string
				for i := range vals {
					list = append(list, show(&vals[i]))
				}
				got = strings.Join(list, " ")
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"ascii", "\x00a\x00b", "ab"},
		{"two and three bytes", "\x00\xe9\x6f\x22", "é漢"},
		{"pair", "\xd8\x3d\xde\x00", "😀"},
		{"NUL", "\x00\x00\x00a", "\x00a"},
		{"surrogate at the end", "\xd8\x00", "\xed\xa0\x80"},
		{"surrogate before a letter", "\xd8\x00\x00a", "\xf0\x90\x81\xa1"},
		{"low surrogate first", "\xdc\x00\x00a", "\xf0\x90\x81\xa1"},
		{"odd byte", "\x00ab", "a"},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := page.UTF16([]byte(tc.in), page.UTF16BE); string(got) != tc.want {
				t.Errorf("big-endian: %q, want %q", got, tc.want)
			}
			swapped := []byte(tc.in)
			for i := 0; i+1 < len(swapped); i += 2 {
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			}
			if got := page.UTF16(swapped, page.UTF16LE); string(got) != tc.want {
				t.Errorf("little-endian: %q, want %q", got, tc.want)
			}
		})
	}
}
