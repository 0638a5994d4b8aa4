// Package keyset holds the values of key columns in bounded memory, so that
// orphans of foreign keys and duplicates of keys are found before a row is
// written.
//
// Integer keys, which nearly all are, go into a chunked bitmap while the
// profile reads them anyway. Everything else is hashed, to 64 bits, and checked
// in as many passes as the memory bound asks for. Duplicates are looked at
// again by their bytes; an orphan whose hash collides with a key that exists
// (one in 2^64 for each key) is left for Postgres to find.
package keyset

import (
	"math/bits"
	"slices"
)

const (
	chunkBits  = 1 << 16
	chunkWords = chunkBits / 64
	chunkBytes = chunkBits / 8
)

type chunk [chunkWords]uint64

// Bitmap is a set of int64 in chunks of 65,536 neighbouring numbers. It gives
// up (Full) rather than grow beyond its bound: keys spread over the whole
// range of int64 are better hashed.
type Bitmap struct {
	chunks map[int64]*chunk
	near   []*chunk // those of chunks with small ids, by id: keys count up from 0
	last   *chunk
	lastID int64
	limit  int
	full   bool
}

// NewBitmap makes an empty set of at most maxBytes.
func NewBitmap(maxBytes int) *Bitmap {
	return &Bitmap{chunks: map[int64]*chunk{}, limit: max(1, maxBytes/chunkBytes), lastID: -1 << 62}
}

// Add puts n into the set.
func (b *Bitmap) Add(n int64) {
	if id := n >> 16; id != b.lastID || b.last == nil {
		if b.full || !b.find(id) {
			return
		}
	}
	low := uint64(n) & (chunkBits - 1) //nolint:gosec // the low 16 bits, whatever the sign
	b.last[low/64] |= 1 << (low % 64)
}

// find makes the chunk of id the last one used. It is false when the set is
// full. Keys that come in no order change chunks at nearly every row, and a map
// is slow to ask so often.
func (b *Bitmap) find(id int64) bool {
	if uint64(id) < uint64(len(b.near)) && b.near[id] != nil { //nolint:gosec // a negative id is no index
		b.last, b.lastID = b.near[id], id
		return true
	}
	c := b.chunks[id]
	if c == nil {
		if len(b.chunks) >= b.limit {
			b.giveUp()
			return false
		}
		c = new(chunk)
		b.chunks[id] = c
	}
	if 0 <= id && id < int64(b.limit) {
		for int64(len(b.near)) <= id {
			b.near = append(b.near, nil)
		}
		b.near[id] = c
	}
	b.last, b.lastID = c, id
	return true
}

func (b *Bitmap) giveUp() { b.full, b.chunks, b.near, b.last = true, nil, nil, nil }

// Full tells that the set gave up: it then says nothing about its members.
func (b *Bitmap) Full() bool { return b.full }

// Has tells whether n is in the set.
func (b *Bitmap) Has(n int64) bool {
	c := b.chunks[n>>16]
	if c == nil {
		return false
	}
	low := uint64(n) & (chunkBits - 1) //nolint:gosec // the low 16 bits, whatever the sign
	return c[low/64]&(1<<(low%64)) != 0
}

// Merge adds all of o.
func (b *Bitmap) Merge(o *Bitmap) {
	if o.full {
		b.giveUp()
	}
	for id, src := range o.chunks {
		if b.full || !b.find(id) {
			return
		}
		for i, w := range src {
			b.last[i] |= w
		}
	}
}

// Without lists in ascending order the first max members that o does not
// have.
func (b *Bitmap) Without(o *Bitmap, maxN int) []int64 {
	ids := make([]int64, 0, len(b.chunks))
	for id := range b.chunks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var out []int64
	for _, id := range ids {
		theirs := o.chunks[id]
		for i, w := range b.chunks[id] {
			if theirs != nil {
				w &^= theirs[i]
			}
			for ; w != 0; w &= w - 1 {
				if len(out) == maxN {
					return out
				}
				out = append(out, id<<16|int64(i*64+bits.TrailingZeros64(w)))
			}
		}
	}
	return out
}
