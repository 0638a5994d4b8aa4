package pgcopy_test

import (
	"encoding/hex"
	"strings"
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestText(t *testing.T) {
	t.Parallel()
	checkGolden(t, textCases())
}

func textCases() []encoderCase {
	text := func(s string) func([]byte) []byte {
		b := []byte(s)
		return func(dst []byte) []byte { return pgcopy.AppendText(dst, b) }
	}
	jsonb := func(s string) func([]byte) []byte {
		b := []byte(s)
		return func(dst []byte) []byte { return pgcopy.AppendJSONB(dst, b) }
	}
	long := strings.Repeat("ab", 10_000)
	return append(bytesCases(), []encoderCase{
		{"null", "text", "NULL", "ffffffff", pgcopy.AppendNull},
		{"empty", "text", "", "00000000", text("")},
		{"word", "text", "abc", "00000003 616263", text("abc")},
		{"characters", "text", "é€𝄞", "00000009 c3a9 e282ac f09d849e", text("é€𝄞")},
		{"control bytes", "text", "\\\t\n\x01", "00000004 5c090a01", text("\\\t\n\x01")},
		{"long", "text", long, "00004e20" + hex.EncodeToString([]byte(long)), text(long)},
		{
			"string", "text", "abc", "00000003 616263",
			func(dst []byte) []byte { return pgcopy.AppendTextString(dst, "abc") },
		},
		{"word", "varchar(3)", "äbc", "00000004 c3a4 6263", text("äbc")},
		{"word", "citext", "AbC", "00000003 416243", text("AbC")},
		{"word", "mood", "happy", "00000005 6861707079", text("happy")},
		{"document", "json", `{"b": 1,"a":[ ]}`, "00000010 7b2262223a20312c2261223a5b205d7d", text(`{"b": 1,"a":[ ]}`)},
		{"kept spelling", "jsonb", `{"a": 1}`, "00000009 01 7b2261223a20317d", jsonb(`{"a": 1}`)},
	}...)
}

func bytesCases() []encoderCase {
	bpchar := func(s string, n int) func([]byte) []byte {
		b := []byte(s)
		return func(dst []byte) []byte { return pgcopy.AppendBpchar(dst, b, n) }
	}
	bytea := func(b ...byte) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendBytea(dst, b) }
	}
	u := [16]byte{0xa0, 0xee, 0xbc, 0x99, 0x9c, 0x0b, 0x4e, 0xf8, 0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38, 0x0a, 0x11}
	return []encoderCase{
		{"padded", "character(3)", "é", "00000004 c3a9 2020", bpchar("é", 3)},
		{"empty", "character(3)", "", "00000003 202020", bpchar("", 3)},
		{"full", "character(3)", "abc", "00000003 616263", bpchar("abc", 3)},
		{"cut", "character(3)", "ab", "00000003 616220", bpchar("ab   ", 3)},
		{"no length", "bpchar", "ab ", "00000003 616220", bpchar("ab ", 0)},
		{"empty", "bytea", `\x`, "00000000", bytea()},
		{"bytes", "bytea", `\x00ff80`, "00000003 00ff80", bytea(0, 0xff, 0x80)},
		{
			"uuid", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
			"00000010 a0eebc99 9c0b 4ef8 bb6d 6bb9bd380a11",
			func(dst []byte) []byte { return pgcopy.AppendUUID(dst, u) },
		},
	}
}

// TestBpcharTooLong: characters beyond n are not the encoder's to drop.
func TestBpcharTooLong(t *testing.T) {
	t.Parallel()
	got := pgcopy.AppendBpchar(nil, []byte("abcd  "), 3)
	if want := "\x00\x00\x00\x04abcd"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
