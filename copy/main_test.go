package pgcopy_test

import (
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// encoderCase is one value in one column. The cases of all type families serve
// four tests: golden bytes, no allocation, the round trip through a server and
// the benchmarks.
type encoderCase struct {
	name   string
	column string // the type as DDL writes it
	text   string // what the server shows for it; "NULL" for NULL
	hex    string // the field, spaces are ignored
	encode func(dst []byte) []byte
}

// family is the cases of one file.
type family struct {
	name  string
	cases []encoderCase
}

func families() []family {
	return []family{
		{"scalar", scalarCases()},
		{"text", textCases()},
		{"datetime", datetimeCases()},
		{"network", networkCases()},
		{"array", arrayCases()},
		{"numeric", numericCases()},
		{"numeric text", numericTextCases()},
		{"numeric float", numericFloatCases()},
	}
}

func checkGolden(t *testing.T, cases []encoderCase) {
	t.Helper()
	prefix := []byte("kept")
	for _, c := range cases {
		t.Run(c.column+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			got := c.encode(slices.Clone(prefix))
			if !strings.HasPrefix(string(got), string(prefix)) {
				t.Fatalf("encoder lost what the buffer held: % x", got)
			}
			want := strings.ReplaceAll(c.hex, " ", "")
			if diff := cmp.Diff(want, hex.EncodeToString(got[len(prefix):])); diff != "" {
				t.Errorf("field (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEncodersAllocateNothing(t *testing.T) {
	dst := make([]byte, 0, 64<<10)
	for _, f := range families() {
		for _, c := range f.cases {
			if n := testing.AllocsPerRun(10, func() { dst = c.encode(dst[:0]) }); n != 0 {
				t.Errorf("%s/%s/%s: %v allocations", f.name, c.column, c.name, n)
			}
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	dst := make([]byte, 0, 64<<10)
	for _, f := range families() {
		for _, c := range f.cases {
			b.Run(f.name+"/"+c.column+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(c.encode(dst[:0]))))
				for b.Loop() {
					dst = c.encode(dst[:0])
				}
			})
		}
	}
}
