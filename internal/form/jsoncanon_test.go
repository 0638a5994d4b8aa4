package form_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/form"
)

func canon(t *testing.T, text string) string {
	t.Helper()
	out, err := form.AppendCanonicalJSON([]byte("kept"), []byte(text))
	if err != nil {
		t.Fatalf("AppendCanonicalJSON(%q): %v", text, err)
	}
	got, ok := strings.CutPrefix(string(out), "kept")
	if !ok {
		t.Fatalf("AppendCanonicalJSON(%q) lost dst", text)
	}
	return got
}

func TestAppendCanonicalJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"names", " [ true , false,null ] ", "[true,false,null]"},
		{"empty", "[ [ ] , { } ]", "[[],{}]"},
		{"keys by length, then bytes", `{"bb":1,"a":2,"c":3,"é":4,"":5}`, `{"":5,"a":2,"c":3,"bb":1,"é":4}`},
		{"last duplicate", `{"a":1,"b":2,"a":{"y":1,"x":[2]},"\u0061":3}`, `{"a":3,"b":2}`},
		{"objects in objects", `{"b":{"d":1,"c":{"z":[{"q":1,"p":2}],"y":{}}},"a":[{"f":1,"e":2},{}]}`, `{"a":[{"e":2,"f":1},{}],"b":{"c":{"y":{},"z":[{"p":2,"q":1}]},"d":1}}`},
		{"escapes", `"\u0041\/\"\\\u005c\u0022\b\f\n\r\t\u0001\u001F\u00e9\ud83d\ude00\u007f"`, `"A/\"\\\\\"\b\f\n\r\t\u0001\u001fé😀` + "\x7f\""},
		{"escaped key", `{"\u00e9\n":1}`, `{"é\n":1}`},
		{"numbers", `[0,-0,0.0,-0.00e5,1,1.0,1.00,1e0,10e-1,0.1e1]`, `[0,0,0,0,1,1,1,1,1,1]`},
		{"fractions", `[0.5,5e-1,0.05,-1.50,123.456,1e-6,1e-7,0.000012]`, `[0.5,0.5,0.05,-1.5,123.456,0.000001,1e-7,0.000012]`},
		{"great numbers", `[1e3,100000000000000000000,1e21,1.5e300,123456789012345678901234567890,-12e130000]`, `[1000,100000000000000000000,1e21,15e299,12345678901234567890123456789e1,-12e130000]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := canon(t, tc.in)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := canon(t, got); again != got {
				t.Errorf("canonical form of %s is %s", got, again)
			}
		})
	}
}

// Pairs of a text and what PostgreSQL 15 prints of it as jsonb: both must have
// one canonical form.
func TestCanonicalJSONOfPostgres(t *testing.T) {
	t.Parallel()
	for src, sent := range map[string]string{
		`{"bb":1,"a":2,"é":3,"a":4}`:                   `{"a": 4, "bb": 1, "é": 3}`,
		`"\u0041\/\ud83d\ude00\u001f\u0008\u007f"`:     "\"A/😀\\u001f\\b\x7f\"",
		`[1.50,1e3,1E-3,-0,-0.0,1.5e3,100e-2,0.1e-10]`: `[1.50, 1000, 0.001, 0, 0.0, 1500, 1.00, 0.00000000001]`,
		`1e30`:                 `1000000000000000000000000000000`,
		`123456789e-20`:        `0.00000000000123456789`,
		`{"":{"":[{},[]]}}`:    `{"": {"": [{}, []]}}`,
		`{"b\n":1,"\u0062":2}`: `{"b": 2, "b\n": 1}`,
	} {
		if a, b := canon(t, src), canon(t, sent); a != b {
			t.Errorf("canonical forms of %s and %s differ:\n%s\n%s", src, sent, a, b)
		}
	}
}

func TestAppendCanonicalJSONErrors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                        "canonical JSON: not valid JSON at byte 0",
		`{"a":1,}`:                "canonical JSON: not valid JSON at byte 7",
		"\"\xff\"":                "canonical JSON: not valid UTF-8 at byte 1",
		`"\u0000"`:                `canonical JSON: a string holds \u0000, which jsonb cannot`,
		`{"\ud800":1}`:            "canonical JSON: a string holds half a surrogate pair, which jsonb cannot",
		`[1e999999]`:              "canonical JSON: a number is beyond numeric",
		"\"a\x00\"":               "canonical JSON: not valid JSON at byte 2",
		`[1,2` + "\x01":           "canonical JSON: not valid JSON at byte 4",
		strings.Repeat("[", 5001): "canonical JSON: nested too deeply at byte 5000",
	} {
		out, err := form.AppendCanonicalJSON([]byte("kept"), []byte(in))
		var je *form.JSONError
		if !errors.As(err, &je) || err.Error() != want || string(out) != "kept" {
			t.Errorf("AppendCanonicalJSON(%.20q) = %q, %v; want %s", in, out, err, want)
		}
	}
}

// checkCanon compares the value of the canonical form with that of the text.
func checkCanon(t *testing.T, s *form.JSONScanner, text []byte) {
	t.Helper()
	out, err := s.AppendCanonicalJSON(nil, text)
	facts := s.ScanJSON(text)
	if facts.FitsJSONB() != (err == nil) {
		t.Fatalf("AppendCanonicalJSON(%q): %v, but facts are %+v", text, err, facts)
	}
	if err != nil {
		return
	}
	if !json.Valid(out) {
		t.Fatalf("canonical form of %q is not valid: %q", text, out)
	}
	if a, b := oracleCanon(t, text), oracleCanon(t, out); a != b {
		t.Fatalf("canonical form of %q has another value: %q\n%s\n%s", text, out, a, b)
	}
	again, err := s.AppendCanonicalJSON(nil, out)
	if err != nil || !bytes.Equal(again, out) {
		t.Fatalf("canonical form of %q is not stable: %q, then %q, %v", text, out, again, err)
	}
}

// oracleCanon spells the value of a text in a way of its own, through
// encoding/json, which keeps the last duplicate.
func oracleCanon(t *testing.T, text []byte) string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
	var sb strings.Builder
	writeOracle(&sb, v)
	return sb.String()
}

func writeOracle(sb *strings.Builder, v any) {
	switch v := v.(type) {
	case json.Number:
		switch d, _ := form.ParseDecimal([]byte(v)); {
		case d.Exp < 500 && d.Exp > -500:
			r, _ := new(big.Rat).SetString(string(v))
			sb.WriteString(r.RatString())
		case d.IsZero():
			sb.WriteString("0")
		default:
			sb.WriteString("big") // big.Rat would take too long
		}
	case []any:
		sb.WriteString("[")
		for _, e := range v {
			writeOracle(sb, e)
			sb.WriteString(" ")
		}
		sb.WriteString("]")
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		sb.WriteString("{")
		for _, k := range keys {
			fmt.Fprintf(sb, "%q:", k)
			writeOracle(sb, v[k])
			sb.WriteString(" ")
		}
		sb.WriteString("}")
	default:
		fmt.Fprintf(sb, "%#v", v)
	}
}

// Two spellings of one value have one canonical form, and it has that value.
func TestCanonicalJSONRandom(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(19, 20))
	var s form.JSONScanner
	for range 20_000 {
		g := jsonGen{rng: rng}
		v := g.value(4)
		one, two := []byte(g.spell(v)), []byte(g.spell(v))
		a, errA := s.AppendCanonicalJSON(nil, one)
		b, errB := s.AppendCanonicalJSON(nil, two)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatalf("%q gives %q, %v\n%q gives %q, %v", one, a, errA, two, b, errB)
		}
		checkCanon(t, &s, one)
	}
}

// Deep objects out of order cost time in proportion to their size.
func TestCanonicalJSONDeep(t *testing.T) {
	t.Parallel()
	const depth = form.MaxJSONDepth
	text := strings.Repeat(`{"b":`, depth) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat(`,"a":1}`, depth)
	want := strings.Repeat(`{"a":1,"b":`, depth) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat(`}`, depth)
	if got := canon(t, text); got != want {
		t.Errorf("canonical form is %.80q...", got)
	}
}

func FuzzCanonicalJSON(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[2,{"d":1.50,"c":-0}],"b":"x\u0041"}`, `[1e5,0.001,123e-20]`, `{"":{"":{}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s form.JSONScanner
		checkCanon(t, &s, b)
	})
}

func BenchmarkAppendCanonicalJSON(b *testing.B) {
	var s form.JSONScanner
	dst := make([]byte, 0, 2*len(sampleJSON))
	b.SetBytes(int64(len(sampleJSON)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.AppendCanonicalJSON(dst, sampleJSON); err != nil {
			b.Fatal(err)
		}
	}
}
