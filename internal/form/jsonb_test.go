package form_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/form"
)

// elem builds one JSONB element with the shortest header.
func elem(kind byte, payload string) string {
	switch n := len(payload); {
	case n < 12:
		return string([]byte{byte(n)<<4 | kind}) + payload
	case n < 1<<8:
		return string([]byte{0xC0 | kind, byte(n)}) + payload
	case n < 1<<16:
		return string([]byte{0xD0 | kind, byte(n >> 8), byte(n)}) + payload
	default:
		return string([]byte{0xE0 | kind, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + payload
	}
}

const (
	tNull, tTrue, tFalse, tInt, tInt5, tFloat, tFloat5      = 0, 1, 2, 3, 4, 5, 6
	tText, tTextJ, tText5, tTextRaw, tArray, tObject   byte = 7, 8, 9, 10, 11, 12
)

func TestDecodeJSONB(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, blob, want string }{
		{"null", "\x00", "null"},
		{"true", "\x01", "true"},
		{"false", "\x02", "false"},
		{"int", elem(tInt, "-120"), "-120"},
		{"zero", elem(tInt, "0"), "0"},
		{"minus zero", elem(tInt, "-0"), "-0"},
		{"hex", elem(tInt5, "0x1F"), "31"},
		{"negative hex", elem(tInt5, "-0XfF"), "-255"},
		{"greatest hex", elem(tInt5, "0xffffffffffffffff"), "18446744073709551615"},
		{"hex beyond 64 bits", elem(tInt5, "-0x10000000000000000"), "-9.0e999"},
		{"float", elem(tFloat, "-1.5e+3"), "-1.5e+3"},
		{"infinity as sqlite stores it", elem(tFloat, "9e999"), "9e999"},
		{"no digit before the point", elem(tFloat5, "-.5"), "-0.5"},
		{"no digit after the point", elem(tFloat5, "5."), "5.0"},
		{"no digit after the point, exponent", elem(tFloat5, "5.e-3"), "5.0e-3"},
		{"plain float as float5", elem(tFloat5, "0.5E1"), "0.5E1"},
		{"exponent only as float5", elem(tFloat5, "1e5"), "1e5"},
		{"text", elem(tText, "it's é"), `"it's é"`},
		{"empty text", elem(tText, ""), `""`},
		{"text with escapes", elem(tTextJ, `a\"\u00e9\n`), `"a\"\u00e9\n"`},
		{"raw text", elem(tTextRaw, "\"\\\x01\n/é"), `"\"\\\u0001\n/é"`},
		{"text5 quotes", elem(tText5, `\'a"b\'`), `"'a\"b'"`},
		{"text5 escapes", elem(tText5, `\v\0\x41\n\u00e9`), `"\u000b\u0000\u0041\n\u00e9"`},
		{"text5 control characters", elem(tText5, "\t\x01"), `"\t\u0001"`},
		{"text5 line continuations", elem(tText5, "a\\\nb\\\r\nc\\\rd\\\u2028e\\\u2029f"), `"abcdef"`},
		{"array", elem(tArray, elem(tInt, "1")+"\x00"+elem(tArray, "")), "[1,null,[]]"},
		{"object", elem(tObject, elem(tText, "a")+elem(tInt, "1")+elem(tTextRaw, "b\"")+elem(tObject, "")), `{"a":1,"b\"":{}}`},
		{"long headers", "\xcb\x06\xd3\x00\x011\xb3\x00", ""},
		{"header of 1 byte", "\xc3\x011", "1"},
		{"header of 2 bytes", "\xd3\x00\x011", "1"},
		{"header of 4 bytes", "\xe3\x00\x00\x00\x011", "1"},
		{"header of 8 bytes", "\xf3\x00\x00\x00\x00\x00\x00\x00\x011", "1"},
		{"deepest", nested(1000), strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
		{"too deep", nested(1001), ""},
		{"empty", "", ""},
		{"reserved 13", elem(13, ""), ""},
		{"reserved 14", elem(14, ""), ""},
		{"reserved 15", elem(15, ""), ""},
		{"null with payload", elem(tNull, "a"), ""},
		{"null with long header", "\xc0\x00", ""},
		{"true with payload", elem(tTrue, "a"), ""},
		{"trailing byte", "\x00\x00", ""},
		{"payload cut short", "\x231", ""},
		{"header cut short", "\xd3\x00", ""},
		{"8-byte header cut short", "\xf3\x00\x00\x00\x00\x00\x00\x01", ""},
		{"size beyond everything", "\xf3\xff\xff\xff\xff\xff\xff\xff\xff1", ""},
		{"size overflow", "\xf3\x80\x00\x00\x00\x00\x00\x00\x011", ""},
		{"empty int", elem(tInt, ""), ""},
		{"int without digits", elem(tInt, "-"), ""},
		{"int with plus", elem(tInt, "+1"), ""},
		{"int with leading zero", elem(tInt, "01"), ""},
		{"int with a point", elem(tInt, "1.0"), ""},
		{"int with space", elem(tInt, " 1"), ""},
		{"hex without digits", elem(tInt5, "0x"), ""},
		{"hex without prefix", elem(tInt5, "1F"), ""},
		{"hex with plus", elem(tInt5, "+0x1"), ""},
		{"hex with other letters", elem(tInt5, "0x1G"), ""},
		{"float without point", elem(tFloat, "12"), ""},
		{"float missing digits", elem(tFloat, "5."), ""},
		{"float5 without point", elem(tFloat5, "12"), ""},
		{"float5 lone point", elem(tFloat5, "."), ""},
		{"float5 lone minus", elem(tFloat5, "-"), ""},
		{"float5 point and exponent", elem(tFloat5, ".e5"), ""},
		{"float5 leading zero", elem(tFloat5, "00.5"), ""},
		{"float5 empty exponent", elem(tFloat5, "1.e"), ""},
		{"float5 exponent alone", elem(tFloat5, "e5"), ""},
		{"float5 rest", elem(tFloat5, "1.5x"), ""},
		{"text with quote", elem(tText, `a"b`), ""},
		{"text with backslash", elem(tText, `a\n`), ""},
		{"text with control character", elem(tText, "a\n"), ""},
		{"text with bad utf-8", elem(tText, "\xff"), ""},
		{"textj with quote", elem(tTextJ, `a"b`), ""},
		{"textj with json5 escape", elem(tTextJ, `\x41`), ""},
		{"textj cut escape", elem(tTextJ, `a\`), ""},
		{"textj short \\u", elem(tTextJ, `\u12`), ""},
		{"text5 cut escape", elem(tText5, `a\`), ""},
		{"text5 short \\x", elem(tText5, `\x4`), ""},
		{"text5 octal", elem(tText5, `\07`), ""},
		{"text5 unknown escape", elem(tText5, `\q`), ""},
		{"text5 bad utf-8", elem(tText5, "a\xe2\x80"), ""},
		{"text5 cut line separator", elem(tText5, "\\\xe2\x80"), ""},
		{"raw with bad utf-8", elem(tTextRaw, "\xc3"), ""},
		{"array element too long", elem(tArray, "\x231"), ""},
		{"array with reserved element", elem(tArray, "\x0d"), ""},
		{"object with odd elements", elem(tObject, elem(tText, "a")), ""},
		{"object with number as key", elem(tObject, elem(tInt, "1")+elem(tInt, "1")), ""},
		{"object with object as key", elem(tObject, elem(tObject, "")+elem(tInt, "1")), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := form.DecodeJSONB([]byte("kept"), []byte(tc.blob))
			if ok != (tc.want != "") || string(got) != "kept"+tc.want {
				t.Errorf("DecodeJSONB(%.40q) = %.60q, %v; want %.60q", tc.blob, got, ok, tc.want)
			}
			if form.ValidJSONB([]byte(tc.blob)) != ok {
				t.Errorf("ValidJSONB disagrees with DecodeJSONB")
			}
			if ok && !json.Valid(got[len("kept"):]) {
				t.Errorf("not valid JSON: %.60q", got)
			}
		})
	}
}

// nested gives n arrays inside each other.
func nested(n int) string {
	s := ""
	for range n {
		s = elem(tArray, s)
	}
	return s
}

// checkJSONB holds what must hold for any blob.
func checkJSONB(t *testing.T, blob []byte) (json5 []byte, ok bool) {
	t.Helper()
	out, ok := form.DecodeJSONB(nil, blob)
	if form.ValidJSONB(blob) != ok {
		t.Fatalf("ValidJSONB(%x) = %v, DecodeJSONB says %v", blob, !ok, ok)
	}
	if ok && !form.ScanJSON(out).Valid {
		t.Fatalf("DecodeJSONB(%x) = %q: not valid JSON", blob, out)
	}
	return out, ok
}

// damage changes a byte or two of a blob, or cuts it.
func damage(rng *rand.Rand, blob []byte) []byte {
	blob = bytes.Clone(blob)
	for range 1 + rng.IntN(2) {
		switch i := rng.IntN(len(blob)); rng.IntN(4) {
		case 0:
			blob[i] = byte(rng.Uint32())
		case 1:
			blob[i] ^= 1 << rng.IntN(8)
		case 2:
			blob[i] = `\"'0xX.eE+-u`[rng.IntN(12)]
		case 3:
			if i > 0 {
				blob = blob[:i]
			}
		}
	}
	return blob
}

func FuzzDecodeJSONB(f *testing.F) {
	f.Add([]byte(elem(tObject, elem(tText, "a")+elem(tArray, elem(tInt5, "0x1F")+elem(tFloat5, ".5")+elem(tText5, `\x41`)))))
	f.Add([]byte(elem(tTextJ, `\u00e9`)))
	f.Add([]byte("\xf3\x00\x00\x00\x00\x00\x00\x00\x011"))
	f.Fuzz(func(t *testing.T, blob []byte) { checkJSONB(t, blob) })
}

var sampleJSONB = []byte(elem(tArray, strings.Repeat(
	elem(tObject, elem(tText, "id")+elem(tInt, "12345")+elem(tText, "name")+elem(tText, "Item number one")+
		elem(tText, "price")+elem(tFloat, "12.99")+elem(tText, "note")+elem(tTextJ, `a\nb`)+elem(tText, "ok")+"\x01"), 20)))

func TestJSONBAllocs(t *testing.T) {
	dst := make([]byte, 0, 4096)
	zeroAllocs(t, "DecodeJSONB", func() {
		if _, ok := form.DecodeJSONB(dst, sampleJSONB); !ok {
			t.Error("refused")
		}
		if !form.ValidJSONB(sampleJSONB) {
			t.Error("not valid")
		}
	})
}

func BenchmarkDecodeJSONB(b *testing.B) {
	dst := make([]byte, 0, 4096)
	b.SetBytes(int64(len(sampleJSONB)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := form.DecodeJSONB(dst, sampleJSONB); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkValidJSONB(b *testing.B) {
	b.SetBytes(int64(len(sampleJSONB)))
	b.ReportAllocs()
	for b.Loop() {
		if !form.ValidJSONB(sampleJSONB) {
			b.Fatal("refused")
		}
	}
}
