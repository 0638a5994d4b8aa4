package page

// chunkPages is how many pages one chunk of a bitmap covers: 4 KiB of bits.
const chunkPages = 1 << 15

// bitmap is a set of pages, made in chunks as it fills: a walk over a part of a
// large file costs bits for that part only.
type bitmap struct {
	chunks []*[chunkPages / 64]uint64
}

func newBitmap(pageN uint32) bitmap {
	return bitmap{chunks: make([]*[chunkPages / 64]uint64, pageN/chunkPages+1)}
}

// add puts a valid page into the set and tells whether it was new.
func (b *bitmap) add(pgno uint32) bool {
	c := b.chunks[pgno/chunkPages]
	if c == nil {
		c = new([chunkPages / 64]uint64)
		b.chunks[pgno/chunkPages] = c
	}
	word, bit := &c[pgno%chunkPages/64], uint64(1)<<(pgno%64)
	fresh := *word&bit == 0
	*word |= bit
	return fresh
}
