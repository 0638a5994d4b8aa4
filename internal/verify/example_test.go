package verify_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

// Two sides are equal when their digests are, in whatever order rows come.
func ExampleHasher() {
	h := verify.NewHasher([]sqltype.Type{{Kind: sqltype.JSONB}})
	var source, target verify.Digest
	for _, doc := range []string{`{"a":1, "b":2}`, `[]`} {
		hi, lo, _ := h.Hash(jsonb(doc))
		source.Add(hi, lo)
	}
	for _, doc := range []string{`[]`, `{"b":2,"a":1}`} {
		hi, lo, _ := h.Hash(jsonb(doc))
		target.Add(hi, lo)
	}
	fmt.Println(source == target, target.Rows)
	// Output: true 2
}
