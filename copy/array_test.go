package pgcopy_test

import (
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

func TestArray(t *testing.T) {
	t.Parallel()
	checkGolden(t, arrayCases())
}

func arrayCases() []encoderCase {
	return []encoderCase{
		{
			"empty", "integer[]", "{}", "0000000c 00000000 00000000 00000017",
			func(dst []byte) []byte {
				dst, mark := pgcopy.BeginArray(dst, pgcopy.OID(sqltype.Int4), true, 0)
				return pgcopy.EndArray(dst, mark)
			},
		},
		{
			"two", "integer[]", "{7,-1}",
			"00000024 00000001 00000000 00000017 00000002 00000001 00000004 00000007 00000004 ffffffff",
			func(dst []byte) []byte {
				dst, mark := pgcopy.BeginArray(dst, pgcopy.OID(sqltype.Int4), false, 2)
				dst = pgcopy.AppendInt4(dst, 7)
				dst = pgcopy.AppendInt4(dst, -1)
				return pgcopy.EndArray(dst, mark)
			},
		},
		{
			"with null", "text[]", `{a,NULL,""}`,
			"00000021 00000001 00000001 00000019 00000003 00000001 00000001 61 ffffffff 00000000",
			func(dst []byte) []byte {
				dst, mark := pgcopy.BeginArray(dst, pgcopy.OID(sqltype.Text), true, 3)
				dst = pgcopy.AppendTextString(dst, "a")
				dst = pgcopy.AppendNull(dst)
				dst = pgcopy.AppendTextString(dst, "")
				return pgcopy.EndArray(dst, mark)
			},
		},
		{
			"numbers", "numeric[]", "{5}",
			"00000022 00000001 00000000 000006a4 00000001 00000001 0000000a 0001 0000 0000 0000 0005",
			func(dst []byte) []byte {
				dst, mark := pgcopy.BeginArray(dst, pgcopy.OID(sqltype.Numeric), false, 1)
				dst = pgcopy.AppendNumericInt(dst, 5, 0)
				return pgcopy.EndArray(dst, mark)
			},
		},
	}
}
