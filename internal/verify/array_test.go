package verify_test

import (
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

// documents is a field: an array of jsonb, "" for NULL.
func documents(list ...string) []byte {
	out, mark := pgcopy.BeginArray(nil, pgcopy.OID(sqltype.JSONB), true, len(list))
	for _, s := range list {
		if s == "" {
			out = pgcopy.AppendNull(out)
		} else {
			out = pgcopy.AppendJSONB(out, []byte(s))
		}
	}
	return pgcopy.EndArray(out, mark)
}

func TestDigestOfArrays(t *testing.T) {
	t.Parallel()
	of := []sqltype.Type{{Kind: sqltype.Array, Elem: sqltype.JSONB}}
	base := digest(t, of, documents(`{"b": 1, "a": [2.50]}`, "", `"x"`))
	for _, test := range []struct {
		name  string
		field []byte
		same  bool
	}{
		{"spelt otherwise", documents(`{"a":[2.50],"b":1}`, "", `"\u0078"`), true},
		{"another order", documents("", `{"b": 1, "a": [2.50]}`, `"x"`), false},
		{"another value", documents(`{"b": 1, "a": [2.5, 0]}`, "", `"x"`), false},
		{"one more", documents(`{"b": 1, "a": [2.50]}`, "", `"x"`, ""), false},
		{"none", documents(), false},
		{"NULL", pgcopy.AppendNull(nil), false},
	} {
		if same := digest(t, of, test.field) == base; same != test.same {
			t.Errorf("%s: equal %t, want %t", test.name, same, test.same)
		}
	}
}

func TestDigestOfBrokenArrays(t *testing.T) {
	t.Parallel()
	h := verify.NewHasher([]sqltype.Type{{Kind: sqltype.Array, Elem: sqltype.JSONB}})
	for _, b := range [][]byte{{}, {0, 0, 0, 1}, {0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 14, 218}, make([]byte, 13)} {
		if _, _, err := h.Hash(pgcopy.AppendBytea(nil, b)); err == nil {
			t.Errorf("%x: no error", b)
		}
	}
}
