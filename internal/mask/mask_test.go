package mask_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/mask"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func text(s string) row.Value {
	var v row.Value
	v.SetText([]byte(s))
	return v
}

func integer(n int64) row.Value {
	var v row.Value
	v.SetInt(n)
	return v
}

func show(v row.Value) string {
	switch v.Class {
	case row.Null:
		return "NULL"
	case row.Integer:
		return fmt.Sprint(v.Int())
	case row.Real:
		return fmt.Sprintf("real %v", v.Real())
	case row.Text:
		return "'" + string(v.Bytes) + "'"
	case row.Blob:
	}
	return fmt.Sprintf("x%x", v.Bytes)
}

func how(t testing.TB, s string) mask.How {
	t.Helper()
	h, err := mask.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	if h.String() != s {
		t.Errorf("%q is written %q", s, h)
	}
	return h
}

// What a seed makes of a value stays so in later versions: fixtures that were masked
// before fit those that are masked after.
func TestMask(t *testing.T) {
	t.Parallel()
	var blob, null, half row.Value
	blob.SetBlob([]byte{1, 2, 3})
	half.SetReal(1.5)
	txt, narrow := sqltype.Type{Kind: sqltype.Text}, sqltype.Type{Kind: sqltype.Varchar, Length: 10}
	for name, tt := range map[string]struct {
		how, collation string
		typ            sqltype.Type
		in             row.Value
		want           string // "" for an error
	}{
		"null":                  {how: "null", typ: txt, in: text("Ann"), want: "NULL"},
		"NULL stays":            {how: "hash", typ: txt, in: null, want: "NULL"},
		"NULL stays no text":    {how: "const:x", typ: txt, in: null, want: "NULL"},
		"text":                  {how: "hash", typ: txt, in: text("Ann"), want: "'41e786575c0b66c8bd3dffbcd1922c8a'"},
		"case tells":            {how: "hash", typ: txt, in: text("ANN"), want: "'de38fea103756ab96de3dffe0c458276'"},
		"text without case":     {how: "hash", typ: txt, collation: "NOCASE", in: text("Ann"), want: "'8d769a5ca1411472fb0d15547f72d758'"},
		"other case":            {how: "hash", typ: txt, collation: "NOCASE", in: text("aNN"), want: "'8d769a5ca1411472fb0d15547f72d758'"},
		"blanks at the end":     {how: "hash", typ: txt, collation: "RTRIM", in: text("Ann  "), want: "'41e786575c0b66c8bd3dffbcd1922c8a'"},
		"empty text stays":      {how: "hash", typ: txt, in: text(""), want: "''"},
		"short column":          {how: "hash", typ: narrow, in: text("Ann"), want: "'41e786575c'"},
		"number in a text":      {how: "hash", typ: txt, in: integer(7), want: "'f66606f20c38b3a514ba1892b5be7474'"},
		"the same as text":      {how: "hash", typ: txt, in: text("7"), want: "'f66606f20c38b3a514ba1892b5be7474'"},
		"small integer":         {how: "hash", typ: sqltype.Type{Kind: sqltype.Int4}, in: integer(7), want: "7034"},
		"integer as text":       {how: "hash", typ: sqltype.Type{Kind: sqltype.Int4}, in: text("7"), want: "7034"},
		"half is no integer":    {how: "hash", typ: sqltype.Type{Kind: sqltype.Int4}, in: half},
		"uuid":                  {how: "hash", typ: sqltype.Type{Kind: sqltype.UUID}, in: text("00112233-4455-6677-8899-aabbccddeeff"), want: "'ea3d53e6-e1f3-4afc-9560-3b4be9caaaf3'"},
		"uuid in another form":  {how: "hash", typ: sqltype.Type{Kind: sqltype.UUID}, in: text("{00112233-4455-6677-8899-AABBCCDDEEFF}"), want: "'ea3d53e6-e1f3-4afc-9560-3b4be9caaaf3'"},
		"no uuid":               {how: "hash", typ: sqltype.Type{Kind: sqltype.UUID}, in: text("secret")},
		"bytes":                 {how: "hash", typ: sqltype.Type{Kind: sqltype.Bytea}, in: blob, want: "x2100167f4b7e95e5495c400c424c12a74e55fd5c35fedfa33d185f1d28875ad9"},
		"name":                  {how: "fake-name", typ: txt, in: text("Ann"), want: "'Frida Larsen'"},
		"name in a short one":   {how: "fake-name", typ: sqltype.Type{Kind: sqltype.Varchar, Length: 4}, in: text("Ann"), want: "'Frid'"},
		"email":                 {how: "fake-email", typ: txt, in: text("a@b.c"), want: "'alice.kaya.69edd7e35958@example.com'"},
		"email in a narrow one": {how: "fake-email", typ: sqltype.Type{Kind: sqltype.Varchar, Length: 24}, in: text("a@b.c"), want: "'69edd7e35958@example.com'"},
		"empty email stays":     {how: "fake-email", typ: txt, in: text(""), want: "''"},
		"phone":                 {how: "fake-phone", typ: txt, in: text("0123"), want: "'+1-700-555-0105'"},
		"phone in a narrow one": {how: "fake-phone", typ: sqltype.Type{Kind: sqltype.Varchar, Length: 11}, in: text("0123"), want: "'17005550105'"},
		"phone in a short one":  {how: "fake-phone", typ: sqltype.Type{Kind: sqltype.Varchar, Length: 4}, in: text("0123"), want: "'0105'"},
		"redacted":              {how: "redact", typ: narrow, in: text("Zoë W"), want: "'xxxxx'"},
		"zero":                  {how: "zero", typ: sqltype.Type{Kind: sqltype.Numeric}, in: half, want: "0"},
		"empty":                 {how: "zero", typ: txt, in: text("Ann"), want: "''"},
		"constant text":         {how: "const:a:b", typ: txt, in: text("Ann"), want: "'a:b'"},
		"constant number":       {how: "const:12", typ: sqltype.Type{Kind: sqltype.Int4}, in: integer(3), want: "12"},
		"constant real":         {how: "const:1.5", typ: sqltype.Type{Kind: sqltype.Float8}, in: integer(3), want: "real 1.5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := mask.New(mask.NewSecret([]byte("0123456789abcdef")), how(t, tt.how), tt.typ, tt.collation)
			v := tt.in
			err := m.Mask(&v)
			switch {
			case tt.want == "" && err == nil:
				t.Errorf("got %s, want an error", show(v))
			case tt.want == "":
				if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "1.5") {
					t.Errorf("the error shows the value: %v", err)
				}
			case err != nil || show(v) != tt.want:
				t.Errorf("got %s (%v), want %s", show(v), err, tt.want)
			}
		})
	}
}

// Integers stay apart, and within the width that they had.
func TestIntegers(t *testing.T) {
	t.Parallel()
	typ := sqltype.Type{Kind: sqltype.Int8}
	m := mask.New(mask.NewSecret([]byte("a")), how(t, "hash"), typ, "")
	other := mask.New(mask.NewSecret([]byte("b")), how(t, "hash"), typ, "")
	apply := func(m *mask.Masker, n int64) int64 {
		v := integer(n)
		if err := m.Mask(&v); err != nil {
			t.Fatal(err)
		}
		return v.Int()
	}
	seen, same := map[int64]bool{}, 0
	for n := int64(-1 << 15); n < 1<<15; n++ {
		got := apply(m, n)
		if seen[got] || got < -1<<15 || got >= 1<<15 || (got < 0) != (n < 0) {
			t.Fatalf("%d becomes %d", n, got)
		}
		seen[got] = true
		if got == apply(other, n) {
			same++
		}
	}
	if same > 100 {
		t.Errorf("another secret gives the same for %d of 65,536 numbers", same)
	}
	for _, n := range []int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64} {
		if got := apply(m, n); got > -1<<53 && got < 1<<53 {
			t.Errorf("%d becomes %d", n, got)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		a, b := rapid.Int64().Draw(r, "a"), rapid.Int64().Draw(r, "b")
		x, y := apply(m, a), apply(m, b)
		if (a == b) != (x == y) {
			r.Fatalf("%d and %d become %d and %d", a, b, x, y)
		}
		for _, width := range []int{16, 32, 54} {
			lo, hi := int64(-1)<<(width-1), int64(1)<<(width-1)
			if lo <= a && a < hi && (x < lo || x >= hi) {
				r.Fatalf("%d becomes %d, beyond %d bits", a, x, width)
			}
		}
	})
}

// What keeps values apart does so, also in the narrowest column that it takes.
func TestDistinct(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		how string
		typ sqltype.Type
	}{
		{"hash", sqltype.Type{Kind: sqltype.Text}},
		{"hash", sqltype.Type{Kind: sqltype.UUID}},
		{"hash", sqltype.Type{Kind: sqltype.Bytea}},
		{"fake-email", sqltype.Type{Kind: sqltype.Text}},
		{"fake-email", sqltype.Type{Kind: sqltype.Varchar, Length: 24}},
	} {
		h := how(t, tt.how)
		if err := h.Fits(tt.typ); err != nil || !h.Distinct() {
			t.Fatalf("%s of %s: %v", tt.how, tt.typ.SQL(), err)
		}
		m := mask.New(mask.NewSecret([]byte("a")), h, tt.typ, "")
		seen := map[string]bool{}
		for n := range 20000 {
			v := text(fmt.Sprintf("%08x-0000-4000-8000-000000000000", n))
			if err := m.Mask(&v); err != nil {
				t.Fatal(err)
			}
			if got := string(v.Bytes); seen[got] || tt.typ.Length > 0 && len(got) > tt.typ.Length {
				t.Fatalf("%s of %s: %q", tt.how, tt.typ.SQL(), got)
			} else {
				seen[got] = true
			}
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	kinds := map[string]sqltype.Type{
		"text": {Kind: sqltype.Text}, "int": {Kind: sqltype.Int4}, "numeric": {Kind: sqltype.Numeric}, "bool": {Kind: sqltype.Bool},
		"uuid": {Kind: sqltype.UUID}, "bytea": {Kind: sqltype.Bytea}, "jsonb": {Kind: sqltype.JSONB}, "timestamptz": {Kind: sqltype.TimestampTZ},
	}
	for word, want := range map[string]string{
		"null": "bool bytea int jsonb numeric text timestamptz uuid", "const:x": "bool bytea int jsonb numeric text timestamptz uuid",
		"hash": "bytea int text uuid", "fake-name": "text", "fake-email": "text", "fake-phone": "text", "redact": "text", "zero": "bool int numeric text",
	} {
		var got []string
		for _, kind := range strings.Fields("bool bytea int jsonb numeric text timestamptz uuid") {
			if how(t, word).Fits(kinds[kind]) == nil {
				got = append(got, kind)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s goes with %s, want %s", word, s, want)
		}
	}
	if err := how(t, "fake-email").Fits(sqltype.Type{Kind: sqltype.Varchar, Length: 20}); err == nil {
		t.Error("addresses of 20 characters")
	}
	for _, bad := range []string{"", "const", "fake", "Hash", "hash:x"} {
		if h, err := mask.Parse(bad); err == nil {
			t.Errorf("%q is read as %v", bad, h)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	m := mask.New(mask.NewSecret([]byte("a")), how(t, "hash"), sqltype.Type{Kind: sqltype.Text}, "")
	n := mask.New(mask.NewSecret([]byte("a")), how(t, "hash"), sqltype.Type{Kind: sqltype.Int8}, "")
	in := []byte("ann@example.org")
	var v row.Value
	if got := testing.AllocsPerRun(100, func() {
		v.SetText(in)
		_ = m.Mask(&v)
		v.SetInt(1234567)
		_ = n.Mask(&v)
	}); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

func Example() {
	email, err := mask.Parse("fake-email")
	if err != nil {
		fmt.Println(err)
		return
	}
	secret := mask.NewSecret([]byte("a secret of your own"))
	m := mask.New(secret, email, sqltype.Type{Kind: sqltype.Text}, "NOCASE")
	for _, address := range []string{"ann@shop.example", "Ann@shop.example", "bob@shop.example"} {
		var v row.Value
		v.SetText([]byte(address))
		if err := m.Mask(&v); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(v.Bytes))
	}
	// Output:
	// lin.farkas.86f5241fdf58@example.com
	// lin.farkas.86f5241fdf58@example.com
	// lara.fischer.2fb4efff622f@example.com
}
