package form_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/form"
)

var sampleUUID = [16]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4c, 0xde, 0x8f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd}

func dashedText(u [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func TestParseUUID(t *testing.T) {
	t.Parallel()
	d := dashedText(sampleUUID)
	for _, tc := range []struct {
		name, in string
		form     form.UUIDForm
	}{
		{"dashed", d, form.Dashed36},
		{"dashed upper", strings.ToUpper(d), form.Dashed36},
		{"hex", hex.EncodeToString(sampleUUID[:]), form.Hex32},
		{"hex upper", strings.ToUpper(hex.EncodeToString(sampleUUID[:])), form.Hex32},
		{"braced", "{" + d + "}", form.Braced38},
		{"urn", "urn:uuid:" + d, form.URN45},
		{"urn upper", "URN:UUID:" + strings.ToUpper(d), form.URN45},
		{"empty", "", form.NotUUID},
		{"short", d[:35], form.NotUUID},
		{"long", d + "0", form.NotUUID},
		{"space", d + " ", form.NotUUID},
		{"wrong dash", "0123456-789ab-4cde-8f01-23456789abcd", form.NotUUID},
		{"no hex", "g" + d[1:], form.NotUUID},
		{"no hex at end", d[:35] + "g", form.NotUUID},
		{"half braced", "{" + d + ")", form.NotUUID},
		{"parenthesised", "(" + d + ")", form.NotUUID},
		{"urn of another kind", "urn:oidc:" + d, form.NotUUID},
		{"32 other bytes", strings.Repeat("z", 32), form.NotUUID},
		{"dash in hex", strings.Repeat("0", 31) + "-", form.NotUUID},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u, f, ok := form.ParseUUID([]byte(tc.in))
			if f != tc.form || ok != (tc.form != form.NotUUID) {
				t.Fatalf("ParseUUID(%q) = form %v, %v; want %v", tc.in, f, ok, tc.form)
			}
			want := [16]byte{}
			if ok {
				want = sampleUUID
			}
			if u != want {
				t.Errorf("ParseUUID(%q) = %x, want %x", tc.in, u, want)
			}
		})
	}
}

func TestUUIDVariant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8": true,  // version 1
		"0189f7e1-6b5c-7000-bfff-000000000000": true,  // version 7
		"0189f7e1-6b5c-8000-8000-000000000000": true,  // version 8
		"0189f7e1-6b5c-9000-8000-000000000000": false, // version 9
		"0189f7e1-6b5c-0000-8000-000000000000": false, // version 0
		"0189f7e1-6b5c-4000-7000-000000000000": false, // NCS variant
		"0189f7e1-6b5c-4000-c000-000000000000": false, // Microsoft variant
		"00000000-0000-0000-0000-000000000000": false,
		"ffffffff-ffff-ffff-ffff-ffffffffffff": false,
		"d41d8cd9-8f00-b204-e980-0998ecf8427e": false, // MD5 of nothing
	} {
		u, _, ok := form.ParseUUID([]byte(text))
		if !ok || form.UUIDVariant(u) != want {
			t.Errorf("UUIDVariant(%s) = %v, want %v", text, !want, want)
		}
	}
}

func TestDotNetUUID(t *testing.T) {
	t.Parallel()
	// The example of Guid.ToByteArray in .NET's documentation.
	const text = "35918bc9-196d-40ea-9779-889d79b753f0"
	stored := []byte{0xC9, 0x8B, 0x91, 0x35, 0x6D, 0x19, 0xEA, 0x40, 0x97, 0x79, 0x88, 0x9D, 0x79, 0xB7, 0x53, 0xF0}
	if got := dashedText(form.DotNetUUID(stored)); got != text {
		t.Errorf("DotNetUUID = %s, want %s", got, text)
	}
	if got := form.DotNetUUID(stored[:15]); got != [16]byte{} {
		t.Errorf("DotNetUUID of 15 bytes = %x", got)
	}
}

func TestUUIDFormString(t *testing.T) {
	t.Parallel()
	if got := form.Dashed36.String() + "," + form.UUIDForm(99).String(); got != "dashed,not a UUID" {
		t.Errorf("String() = %q", got)
	}
}

func FuzzParseUUID(f *testing.F) {
	f.Add([]byte(dashedText(sampleUUID)))
	f.Add([]byte(hex.EncodeToString(sampleUUID[:])))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, kind, ok := form.ParseUUID(b)
		if !ok {
			if kind != form.NotUUID || u != [16]byte{} {
				t.Errorf("ParseUUID(%q) refused but gave %v %x", b, kind, u)
			}
			return
		}
		d := dashedText(u)
		want := map[form.UUIDForm]string{
			form.Dashed36: d, form.Hex32: hex.EncodeToString(u[:]), form.Braced38: "{" + d + "}", form.URN45: "urn:uuid:" + d,
		}[kind]
		if !strings.EqualFold(string(b), want) {
			t.Errorf("ParseUUID(%q) = %s as %v", b, d, kind)
		}
	})
}

func TestUUIDAllocs(t *testing.T) {
	b := []byte(dashedText(sampleUUID))
	zeroAllocs(t, "ParseUUID", func() {
		u, _, _ := form.ParseUUID(b)
		_ = form.UUIDVariant(u)
		_ = form.DotNetUUID(u[:])
	})
}

func BenchmarkParseUUID(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	var u [16]byte
	for i := range u {
		u[i] = byte(rng.Uint32())
	}
	for _, in := range []string{dashedText(u), hex.EncodeToString(u[:])} {
		b.Run(fmt.Sprint(len(in)), func(b *testing.B) {
			text := []byte(in)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, ok := form.ParseUUID(text); !ok {
					b.Fatal("no UUID")
				}
			}
		})
	}
}
