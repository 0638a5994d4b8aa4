// Package verify proves that what stands in Postgres is what was read from
// SQLite: order-independent digests of tuples on both sides, and, where they
// differ, a search for the columns and keys that do.
//
// It compares the bytes of binary COPY: what the encoders sent, and what COPY
// TO gives back. jsonb alone, also in arrays, has more than one spelling of a
// value; both sides go through one canonical form.
package verify

import (
	"encoding/binary"
	"errors"
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
	jsonb []spelling // per field; nil when none has jsonb
	canon form.JSONScanner
	buf   []byte
}

// spelling tells where a field has jsonb.
type spelling uint8

const (
	oneSpelling spelling = iota // nowhere
	isJSONB
	hasJSONB // an array of it
)

// NewHasher makes a Hasher for tuples whose fields have these types.
func NewHasher(types []sqltype.Type) *Hasher {
	h := &Hasher{}
	for i, t := range types {
		how := oneSpelling
		switch {
		case t.Kind == sqltype.JSONB:
			how = isJSONB
		case t.Kind == sqltype.Array && t.Elem == sqltype.JSONB:
			how = hasJSONB
		default:
			continue
		}
		if h.jsonb == nil {
			h.jsonb = make([]spelling, len(types))
		}
		h.jsonb[i] = how
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
		var err error
		if h.buf, err = h.field(h.buf, h.jsonb[i], it.Value()); err != nil {
			return nil, fmt.Errorf("field %d: %w", i+1, err)
		}
	}
	return h.buf, it.Err()
}

// field appends a field in its canonical form.
func (h *Hasher) field(dst []byte, how spelling, value []byte) ([]byte, error) {
	switch {
	case value == nil:
		return pgcopy.AppendNull(dst), nil
	case how == oneSpelling:
		return pgcopy.AppendBytea(dst, value), nil
	}
	start := len(dst)
	dst = pgcopy.AppendText(dst, nil) // room for the length
	var err error
	if how == isJSONB {
		dst, err = h.document(dst, value)
	} else {
		dst, err = h.array(dst, value)
	}
	if err != nil {
		return dst, err
	}
	patchLength(dst[start:])
	return dst, nil
}

// document appends jsonb without its length.
func (h *Hasher) document(dst, value []byte) ([]byte, error) {
	if len(value) == 0 || value[0] != 1 {
		return dst, errors.New("jsonb of an unknown version")
	}
	dst, err := h.canon.AppendCanonicalJSON(dst, value[1:])
	if err != nil {
		return dst, fmt.Errorf("jsonb: %w", err)
	}
	return dst, nil
}

// The head of an array (array_send): the number of dimensions, whether there are
// NULLs, the OID of the elements' type, and for each dimension its length and
// lower bound, 32 bits each.
const (
	arrayHead      = 12
	arrayDimension = 8
)

// array appends an array of jsonb without its length.
func (h *Hasher) array(dst, value []byte) ([]byte, error) {
	const most = 6 // dimensions, MAXDIM
	if len(value) < arrayHead {
		return dst, errors.New("array of jsonb is cut off")
	}
	dims := binary.BigEndian.Uint32(value)
	if dims > most || len(value) < arrayHead+arrayDimension*int(dims) {
		return dst, errors.New("array of jsonb is malformed")
	}
	head := arrayHead + arrayDimension*int(dims)
	dst = append(dst, value[:head]...)
	it := pgcopy.NewFields(value[head:])
	for it.Next() {
		var err error
		if dst, err = h.field(dst, isJSONB, it.Value()); err != nil {
			return dst, err
		}
	}
	return dst, it.Err()
}

// patchLength writes the length of a field that was appended with none.
func patchLength(field []byte) {
	binary.BigEndian.PutUint32(field, uint32(len(field)-4)) //nolint:gosec // below 1 GiB
}
