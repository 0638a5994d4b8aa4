package form_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/form"
)

// What PostgreSQL 15 says to each of these as json and jsonb.
func TestScanJSON(t *testing.T) {
	t.Parallel()
	type facts = form.JSONFacts
	for _, tc := range []struct {
		name, in string
		want     facts
	}{
		{"null", "null", facts{Valid: true, Kind: form.JSONNull}},
		{"true", " true ", facts{Valid: true, Kind: form.JSONTrue}},
		{"false", "\tfalse\r\n", facts{Valid: true, Kind: form.JSONFalse}},
		{"number", "-0.5e+10", facts{Valid: true, Kind: form.JSONNumber}},
		{"minus zero", "-0", facts{Valid: true, Kind: form.JSONNumber}},
		{"string", `"héllo \" \\ \/ \b\f\n\r\t \u00e9"`, facts{Valid: true, Kind: form.JSONString}},
		{"delete character", "\"\x7f\"", facts{Valid: true, Kind: form.JSONString}},
		{"empty array", "[]", facts{Valid: true, Kind: form.JSONArray, Depth: 1}},
		{"empty object", "{ }", facts{Valid: true, Kind: form.JSONObject, Depth: 1}},
		{"nested", `{"a":[1,{"b":[]},null],"c":"d"}`, facts{Valid: true, Kind: form.JSONObject, Depth: 4}},
		{"indented", "{\n            \"a\" :\n\t1 , \"b\":2\n}", facts{Valid: true, Kind: form.JSONObject, Depth: 1}},
		{"nul escape", `"a\u0000"`, facts{Valid: true, Kind: form.JSONString, NulEscape: true}},
		{"nul escape in a key", `{"a\u0000":1}`, facts{Valid: true, Kind: form.JSONObject, Depth: 1, NulEscape: true}},
		{"escaped backslash before u0000", `"\\u0000"`, facts{Valid: true, Kind: form.JSONString}},
		{"surrogate pair", `"\ud83d\uDE00"`, facts{Valid: true, Kind: form.JSONString}},
		{"high surrogate", `"\ud800x"`, facts{Valid: true, Kind: form.JSONString, LoneSurrogate: true}},
		{"low surrogate", `"\udc00"`, facts{Valid: true, Kind: form.JSONString, LoneSurrogate: true}},
		{"two high surrogates", `"\ud800\ud800\udc00"`, facts{Valid: true, Kind: form.JSONString, LoneSurrogate: true}},
		{"surrogate before escape", `"\ud83d\n"`, facts{Valid: true, Kind: form.JSONString, LoneSurrogate: true}},
		{"duplicate", `{"a":1,"b":2,"a":3}`, facts{Valid: true, Kind: form.JSONObject, Depth: 1, DuplicateKey: true}},
		{"escaped duplicate", `{"a":1,"\u0061":3}`, facts{Valid: true, Kind: form.JSONObject, Depth: 1, DuplicateKey: true}},
		{"same key in other objects", `{"a":{"a":1},"b":[{"a":1},{"a":2}]}`, facts{Valid: true, Kind: form.JSONObject, Depth: 3}},
		{"duplicate after nested", `{"a":{"b":1},"a":{}}`, facts{Valid: true, Kind: form.JSONObject, Depth: 2, DuplicateKey: true}},
		{"duplicate inside", `[{"x":1},{"k":1,"k":1}]`, facts{Valid: true, Kind: form.JSONArray, Depth: 2, DuplicateKey: true}},
		{"empty keys", `{"":1,"":2}`, facts{Valid: true, Kind: form.JSONObject, Depth: 1, DuplicateKey: true}},
		{"greatest exponent", "1e131071", facts{Valid: true, Kind: form.JSONNumber}},
		{"huge exponent", "1e131072", facts{Valid: true, Kind: form.JSONNumber, HugeNumber: true}},
		{"huge in array", "[10e131071]", facts{Valid: true, Kind: form.JSONArray, Depth: 1, HugeNumber: true}},
		{"least exponent", "1e-16383", facts{Valid: true, Kind: form.JSONNumber}},
		{"tiny exponent", "1e-16384", facts{Valid: true, Kind: form.JSONNumber, HugeNumber: true}},
		{"tiny zero", "0e-16384", facts{Valid: true, Kind: form.JSONNumber, HugeNumber: true}},
		{"zero of great exponent", "0e1073741822", facts{Valid: true, Kind: form.JSONNumber}},
		{"zero of greater exponent", "0e1073741823", facts{Valid: true, Kind: form.JSONNumber, HugeNumber: true}},
		{"most whole digits", strings.Repeat("9", 131072), facts{Valid: true, Kind: form.JSONNumber}},
		{"too many whole digits", strings.Repeat("9", 131073), facts{Valid: true, Kind: form.JSONNumber, HugeNumber: true}},
		{"most fraction digits", "0." + strings.Repeat("0", 16383), facts{Valid: true, Kind: form.JSONNumber}},
		{"too many fraction digits", "1." + strings.Repeat("0", 16384), facts{Valid: true, Kind: form.JSONNumber, HugeNumber: true}},
		{"fraction moved by exponent", "0.0001e131075", facts{Valid: true, Kind: form.JSONNumber}},
		{"deepest", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), facts{Valid: true, Kind: form.JSONArray, Depth: 5000}},
		{"too deep", strings.Repeat("[", 5001) + strings.Repeat("]", 5001), facts{Depth: 5001}},
		{"bad utf-8", "\"a\xff\"", facts{BadUTF8: true}},
		{"surrogate in utf-8", "\"\xed\xa0\x80\"", facts{BadUTF8: true}},
		{"bad utf-8 in a key", "{\"a\xc3\":1}", facts{BadUTF8: true, Depth: 1}},
		{"nul byte in string", "\"a\x00\"", facts{NulByte: true}},
		{"nul byte after", "1\x00", facts{NulByte: true}},
		{"nul byte before", "\x00", facts{NulByte: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, form.ScanJSON([]byte(tc.in))); diff != "" {
				t.Errorf("%.60q (-want +got):\n%s", tc.in, diff)
			}
		})
	}
}

func TestScanJSONRefuses(t *testing.T) {
	t.Parallel()
	var s form.JSONScanner
	for _, in := range []string{
		"", "  ", "tru", "truex", "nul", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1x", "0x1F", "1 2",
		`"`, `"a`, `"\`, `"\v"`, `"\x41"`, `"\u12"`, `"\u12g4"`, `'a'`, "\"\x01\"", "\"\n\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}",
		"{", "}", "{]", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{a:1}`, `{1:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1]`, `{"a"}`,
		`{"a":}`, `[]]`, `{}{}`, "\ufeff1", "\u00a01", "\v1", "// c\n1", "1//", "[1]]", "\xff",
	} {
		f := s.ScanJSON([]byte(in))
		if f.Valid || f.Kind != form.JSONInvalid || f.FitsJSONB() {
			t.Errorf("ScanJSON(%q) = %+v", in, f)
		}
		if json.Valid([]byte(in)) {
			t.Errorf("encoding/json takes %q", in)
		}
	}
}

// oracle finds the facts with encoding/json and naive code. It differs from
// Postgres in what it takes: invalid UTF-8 and 10000 levels.
func oracle(b []byte) (f form.JSONFacts) {
	f.Valid = json.Valid(b) && utf8.Valid(b)
	if !f.Valid {
		return f
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var stack oracleStack
	for {
		before := dec.InputOffset()
		tok, err := dec.Token()
		if err == io.EOF {
			return f
		}
		if text, ok := tok.(string); ok {
			raw := b[before:dec.InputOffset()]
			nul, lone := escapes(raw)
			f.NulEscape = f.NulEscape || nul
			f.LoneSurrogate = f.LoneSurrogate || lone
			if lone { // encoding/json makes all of them U+FFFD
				text = string(raw[bytes.IndexByte(raw, '"'):])
			}
			tok = text
		}
		if stack.token(tok) {
			f.DuplicateKey = true
		}
		f.Depth = max(f.Depth, len(stack))
	}
}

// oracleStack holds the open containers of a text.
type oracleStack []struct {
	keys  map[string]bool // nil for an array
	value bool            // a value comes next, not a key
}

// token takes the next token and reports whether it is a key for the second
// time.
func (s *oracleStack) token(tok json.Token) (duplicate bool) {
	delim, isDelim := tok.(json.Delim)
	if delim == '}' || delim == ']' {
		*s = (*s)[:len(*s)-1]
		return false
	}
	if len(*s) > 0 {
		top := &(*s)[len(*s)-1]
		if top.keys != nil && !top.value {
			key := tok.(string)
			duplicate = top.keys[key]
			top.keys[key], top.value = true, true
			return duplicate
		}
		top.value = false
	}
	if isDelim {
		*s = append(*s, struct {
			keys  map[string]bool
			value bool
		}{})
		if delim == '{' {
			(*s)[len(*s)-1].keys = map[string]bool{}
		}
	}
	return false
}

// escapes looks at the \u escapes of a string.
func escapes(raw []byte) (nul, lone bool) {
	var units []uint16
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			units = append(units, 'x')
			continue
		}
		i++
		if raw[i] != 'u' {
			units = append(units, 'x')
			continue
		}
		var u uint16
		_, _ = fmt.Sscanf(string(raw[i+1:i+5]), "%x", &u)
		nul = nul || u == 0
		units = append(units, u)
		i += 4
	}
	for i := 0; i < len(units); i++ {
		if !utf16.IsSurrogate(rune(units[i])) {
			continue
		}
		if i+1 < len(units) && utf16.DecodeRune(rune(units[i]), rune(units[i+1])) != utf8.RuneError {
			i++
			continue
		}
		lone = true
	}
	return nul, lone
}

func checkScan(t *testing.T, s *form.JSONScanner, b []byte) {
	t.Helper()
	got, want := s.ScanJSON(b), oracle(b)
	if got.Depth > form.MaxJSONDepth {
		return
	}
	if !got.Valid {
		want.Depth, got.Depth = 0, 0
		want.NulEscape, want.LoneSurrogate, want.DuplicateKey = got.NulEscape, got.LoneSurrogate, got.DuplicateKey
	}
	if want.LoneSurrogate {
		// The oracle compares such keys as written.
		want.DuplicateKey = got.DuplicateKey
	}
	want.BadUTF8, want.NulByte, want.Kind, want.HugeNumber = got.BadUTF8, got.NulByte, got.Kind, got.HugeNumber
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q (-want +got):\n%s", b, diff)
	}
}

func TestScanJSONRandom(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(17, 18))
	var s form.JSONScanner
	for range 20_000 {
		g := jsonGen{rng: rng}
		text := []byte(g.spell(g.value(4)))
		checkScan(t, &s, text)
		// And with a byte or two changed, mostly not valid any more.
		for range 1 + rng.IntN(2) {
			text[rng.IntN(len(text))] = "\"\\{}[]:,01e.-+tfnu a\x00\x1f\xc3\xa9"[rng.IntN(24)]
		}
		checkScan(t, &s, text)
	}
}

// Objects of many keys take the sorting way.
func TestScanJSONManyKeys(t *testing.T) {
	t.Parallel()
	var s form.JSONScanner
	for _, n := range []int{2, 15, 16, 17, 18, 1000, 100_000} {
		var b bytes.Buffer
		b.WriteByte('{')
		for i := range n {
			// The same first and last bytes: all hashes are equal.
			fmt.Fprintf(&b, `"prefix_%08d_suffix":%d,`, i, i)
		}
		plain := append(bytes.Clone(b.Bytes()), `"last":1}`...)
		if f := s.ScanJSON(plain); !f.Valid || f.DuplicateKey {
			t.Errorf("%d keys: %+v", n, f)
		}
		fmt.Fprintf(&b, `"prefix_%08d_suffi\u0078":0}`, n/2)
		if f := s.ScanJSON(b.Bytes()); !f.Valid || !f.DuplicateKey {
			t.Errorf("%d keys and one again: %+v", n, f)
		}
	}
}

func TestJSONKindString(t *testing.T) {
	t.Parallel()
	if got := form.JSONObject.String() + "," + form.JSONKind(99).String(); got != "object,invalid" {
		t.Errorf("String() = %q", got)
	}
}

func FuzzScanJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"x\u0000\ud800"],"a":null}`, ` [true, false ] `, `{"k":{"k":{}}}`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s form.JSONScanner
		checkScan(t, &s, b)
	})
}

// sampleJSON is about 2 kB of a usual document.
var sampleJSON = func() []byte {
	var b bytes.Buffer
	b.WriteString(`{"items": [`)
	for i := range 12 {
		fmt.Fprintf(&b, `{"id": %d, "name": "Item number %d", "price": %d.99, "tags": ["new", "sale", "größe"], "active": true, "note": null, "url": "https:\/\/example.org\/%d"}, `, i, i, i, i)
	}
	b.WriteString(`{}], "total": 12, "next": "a\nb"}`)
	return b.Bytes()
}()

func TestJSONAllocs(t *testing.T) {
	var s form.JSONScanner
	escaped := []byte(`{"a\u00e9":1,"b\n":{"c\t":[1,2,{"x":null}]}}`)
	dst := make([]byte, 0, 4096)
	zeroAllocs(t, "ScanJSON", func() {
		if f := s.ScanJSON(sampleJSON); !f.Valid {
			t.Error("not valid")
		}
		_ = s.ScanJSON(escaped)
	})
	zeroAllocs(t, "AppendCanonicalJSON", func() {
		if _, err := s.AppendCanonicalJSON(dst, sampleJSON); err != nil {
			t.Error(err)
		}
		_, _ = s.AppendCanonicalJSON(dst, escaped)
	})
}

func BenchmarkScanJSON(b *testing.B) {
	for _, bc := range []struct {
		name string
		text []byte
	}{
		{"document", sampleJSON},
		{"short", []byte(`{"theme":"dark","size":12}`)},
		{"long string", []byte(`"` + strings.Repeat("The quick brown fox. ", 100) + `"`)},
		{"numbers", []byte("[" + strings.Repeat("12.5,100,-3,", 100) + "0]")},
	} {
		b.Run(bc.name, func(b *testing.B) {
			var s form.JSONScanner
			b.SetBytes(int64(len(bc.text)))
			b.ReportAllocs()
			for b.Loop() {
				if f := s.ScanJSON(bc.text); !f.Valid {
					b.Fatal("not valid")
				}
			}
		})
	}
}
