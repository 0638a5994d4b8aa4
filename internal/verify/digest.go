// Package verify proves that what stands in Postgres is what was read from
// SQLite: order-independent digests of tuples on both sides, and, where they
// differ, a search for the columns and keys that do.
//
// It compares the bytes of binary COPY: what the encoders sent, and what COPY
// TO gives back. jsonb alone has more than one spelling of a value; both sides
// go through one canonical form.
package verify

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/zeebo/xxh3"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// Digest is the sum modulo 2^128 of the xxh3-128 hashes of a set of tuples,
// with their number. The order of the tuples does not matter.
type Digest struct {
	Hi, Lo uint64
	Rows   int64
}

// Add adds one tuple's hash.
func (d *Digest) Add(hi, lo uint64) {
	var carry uint64
	d.Lo, carry = bits.Add64(d.Lo, lo, 0)
	d.Hi, _ = bits.Add64(d.Hi, hi, carry)
	d.Rows++
}

// Merge adds the digest of other tuples.
func (d *Digest) Merge(o Digest) {
	rows := d.Rows + o.Rows
	d.Add(o.Hi, o.Lo)
	d.Rows = rows
}

// String writes the sum as 32 hexadecimal digits.
func (d Digest) String() string { return fmt.Sprintf("%016x%016x", d.Hi, d.Lo) }

// Hasher hashes tuples of one table. It holds scratch memory and serves one
// goroutine.
type Hasher struct {
	jsonb []bool // per field; nil when no field is jsonb
	canon form.JSONScanner
	buf   []byte
}

// NewHasher makes a Hasher for tuples whose fields have these types.
func NewHasher(types []sqltype.Type) *Hasher {
	h := &Hasher{}
	for i, t := range types {
		if t.Kind == sqltype.JSONB {
			if h.jsonb == nil {
				h.jsonb = make([]bool, len(types))
			}
			h.jsonb[i] = true
		}
	}
	return h
}

// Hash gives the hash of a tuple, the sequence of its fields as COPY has them.
func (h *Hasher) Hash(tuple []byte) (hi, lo uint64, err error) {
	if h.jsonb != nil {
		if tuple, err = h.canonical(tuple); err != nil {
			return 0, 0, err
		}
	}
	sum := xxh3.Hash128(tuple)
	return sum.Hi, sum.Lo, nil
}

// canonical rewrites the tuple's jsonb fields. The result is valid until the
// next call.
func (h *Hasher) canonical(tuple []byte) ([]byte, error) {
	h.buf = h.buf[:0]
	it := pgcopy.NewFields(tuple)
	for i := 0; it.Next(); i++ {
		value := it.Value()
		if value == nil {
			h.buf = pgcopy.AppendNull(h.buf)
			continue
		}
		if !h.jsonb[i] {
			h.buf = pgcopy.AppendBytea(h.buf, value)
			continue
		}
		if len(value) == 0 || value[0] != 1 {
			return nil, fmt.Errorf("field %d: jsonb of an unknown version", i+1)
		}
		start := len(h.buf)
		h.buf = pgcopy.AppendText(h.buf, nil) // room for the length
		var err error
		if h.buf, err = h.canon.AppendCanonicalJSON(h.buf, value[1:]); err != nil {
			return nil, fmt.Errorf("field %d: jsonb: %w", i+1, err)
		}
		patchLength(h.buf[start:])
	}
	return h.buf, it.Err()
}

// patchLength writes the length of a field that was appended with none.
func patchLength(field []byte) {
	binary.BigEndian.PutUint32(field, uint32(len(field)-4)) //nolint:gosec // below 1 GiB
}
