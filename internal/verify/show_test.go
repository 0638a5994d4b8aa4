package verify_test

import (
	"strings"
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

// TestKeysAreReadable: rows that are only in the target are named by values a
// reader can look for, whatever the type of the key.
func TestKeysAreReadable(t *testing.T) {
	t.Parallel()
	uuid := [16]byte{0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00}
	for _, test := range []struct {
		kind  sqltype.Kind
		field []byte
		want  string
	}{
		{sqltype.Int2, []byte{0, 0, 0, 2, 0xff, 0xfe}, "-2"},
		{sqltype.Int4, []byte{0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff}, "-1"},
		{sqltype.Int8, pgcopy.AppendInt8(nil, -9), "-9"},
		{sqltype.Bool, []byte{0, 0, 0, 1, 1}, "true"},
		{sqltype.Float8, pgcopy.AppendFloat8(nil, 1.5), "1.5"},
		{sqltype.Numeric, []byte{0, 0, 0, 12, 0, 2, 0, 0, 0, 0, 0, 2, 0, 1, 0x09, 0xc4}, "1.25"},
		{sqltype.Text, pgcopy.AppendText(nil, []byte("a\n")), `"a\n"`},
		{sqltype.Citext, pgcopy.AppendText(nil, []byte("Ä")), `"Ä"`},
		{sqltype.Text, pgcopy.AppendText(nil, []byte(strings.Repeat("x", 100))), `"` + strings.Repeat("x", 60) + `"...`},
		{sqltype.Bytea, pgcopy.AppendBytea(nil, []byte{1, 0xab}), "x'01ab'"},
		{sqltype.UUID, pgcopy.AppendBytea(nil, uuid[:]), "123e4567-e89b-12d3-a456-426614174000"},
		{sqltype.Date, []byte{0, 0, 0, 4, 0, 0, 0, 1}, "2000-01-02"},
		{sqltype.Timestamp, pgcopy.AppendInt8(nil, 1_500_000), "2000-01-01 00:00:01.5"},
		{sqltype.TimestampTZ, pgcopy.AppendInt8(nil, 0), "2000-01-01 00:00:00Z"},
		{sqltype.Time, pgcopy.AppendInt8(nil, 3_600_000_000), "01:00:00.000000"},
		{sqltype.Int8, []byte{0, 0, 0, 1, 7}, "0x07"}, // not what the type says: still shown
		{sqltype.Int8, pgcopy.AppendNull(nil), "NULL"},
	} {
		s := verify.NewSearch([]verify.Column{{Name: "k", Type: sqltype.Type{Kind: test.kind}}}, []int{0}, 1)
		for !s.Done() {
			if err := s.Target(test.field); err != nil {
				t.Fatal(err)
			}
			if err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}
		keys, _ := s.Keys()
		if want := "k=" + test.want + " is only in the target"; len(keys) != 1 || keys[0] != want {
			t.Errorf("%s: %q, want %q", test.kind, keys, want)
		}
	}
}
