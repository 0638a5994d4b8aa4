package page

import "math/bits"

// tally adds up the cells of a leaf while they are read. Cells that SQLite wrote
// one after the other lie one before the other, downwards, and together they
// fill the content area: then no two of them share a byte, and none is missing.
// Where it is not that simple, the page is worth a spaces.audit.
type tally struct {
	low   int // where the cell before began
	room  int // bytes of the content area that no cell has explained yet
	wrong int // negative when a cell did not end before the one before began
}

// begin starts with a leaf none of whose cells were read.
func (t *tally) begin(n *node) {
	head := n.data[n.ptrs-leafHeader:]
	t.low, t.room, t.wrong = n.usable, n.usable-n.top-int(head[7]), 0
	if u16(head[1:]) != 0 || n.top < n.low { // free blocks
		t.wrong = -1
	}
}

// add takes the next cell.
func (t *tally) add(start, end int) {
	t.wrong |= t.low - end
	t.low = start
	t.room -= max(end-start, minCell)
}

// simple tells whether the cells that were added prove the page sound.
func (t *tally) simple() bool { return t.wrong|t.room|-t.room >= 0 }

// spaces checks what every byte of a page is used for (file format, section
// 1.6). It holds one bit for each byte of a page.
type spaces struct{ used []uint64 }

// spaceFault is what a page's use of its bytes may mean.
type spaceFault uint8

const (
	spaceSound spaceFault = iota
	// badBooks: what the page says of its free bytes is wrong. Its rows are not.
	badBooks
	// hiddenBytes: bytes that nothing accounts for are enough for a row.
	hiddenBytes
	// sharedBytes: two cells, or a cell and a free block, share bytes.
	sharedBytes
)

// audit accounts for the content area of a page, all of whose cells can be
// placed. It finds what PRAGMA quick_check finds about it.
func (s *spaces) audit(f *File, n *node) (fault spaceFault, what string, err error) {
	s.clear(n.usable)
	apart := true
	for i := range n.cellN {
		start, end := n.shortCell(i)
		if start == 0 {
			if start, end, err = f.extent(n, i); err != nil {
				return spaceSound, "", err
			}
		}
		apart = s.mark(start, end) && apart
	}
	fault, what = s.finish(n, apart)
	return fault, what, nil
}

// finish accounts for what the cells left, all of which have been marked; apart
// tells whether they share no bytes.
func (s *spaces) finish(n *node, apart bool) (fault spaceFault, what string) {
	if !apart {
		return sharedBytes, "its cells share bytes"
	}
	head := n.data[n.ptrs-n.headerSize():]
	for free := u16(head[1:]); free != 0; {
		const header = 4 // offset of the next block, size
		if free < n.top || free > n.usable-header {
			return sharedBytes, "a free block lies outside its content"
		}
		next, end := u16(n.data[free:]), free+u16(n.data[free+2:])
		if end < free+header || end > n.usable || next != 0 && next < end+header {
			return sharedBytes, "its free blocks make no sense"
		}
		if !s.mark(free, end) {
			return sharedBytes, "a cell lies in a free block"
		}
		free = next
	}
	fragments, longest := s.gaps(n.top, n.usable)
	switch {
	case fragments != int(head[7]) && longest >= minCell:
		return hiddenBytes, "bytes that nothing accounts for may hold a row"
	case fragments != int(head[7]):
		return badBooks, "its fragments are counted wrong"
	case n.top < n.low:
		return badBooks, "its content begins before its cell pointers end"
	}
	return spaceSound, ""
}

// shortCell gives the place of a cell of an index leaf whose record is so short
// that a page of any size keeps all of it, and 0 for other cells.
func (n *node) shortCell(i int) (start, end int) {
	const always = 94 // of X in the smallest page (file format, section 1.6)
	start = n.cell(i)
	size := int(n.data[start])
	end = start + 1 + size
	if !n.leaf || !n.index || size > always || size < minCell-1 || end > n.usable {
		return 0, 0
	}
	return start, end
}

// clear forgets all marks and makes room for size bytes.
func (s *spaces) clear(size int) {
	if n := size/64 + 1; n > len(s.used) {
		s.used = make([]uint64, n)
	}
	clear(s.used)
}

// mark notes the bytes from start to end-1, at least one, as used, and tells
// whether none was.
func (s *spaces) mark(start, end int) bool {
	at, last := start>>6, (end-1)>>6
	mask := ^uint64(0) << (start & 63)
	free := true
	for ; at < last; at++ {
		free = free && s.used[at]&mask == 0
		s.used[at] |= mask
		mask = ^uint64(0)
	}
	mask &= ^uint64(0) >> (63 - (end-1)&63)
	free = free && s.used[at]&mask == 0
	s.used[at] |= mask
	return free
}

// gaps counts the bytes without a mark, and those of the longest piece up to a
// length that matters.
func (s *spaces) gaps(start, end int) (n, longest int) {
	run := 0
	for at := start; at < end; {
		word := ^s.used[at>>6] >> (at & 63) // ones are unused
		left := min(64-at&63, end-at)
		if word == 0 {
			at, run = at+left, 0
			continue
		}
		if zeros := bits.TrailingZeros64(word); zeros > 0 {
			at, run = at+min(zeros, left), 0
			continue
		}
		ones := min(bits.TrailingZeros64(^word), left)
		at, run, n = at+ones, run+ones, n+ones
		longest = max(longest, run)
	}
	return n, longest
}

// extent gives where a cell begins and ends, in any kind of page.
func (f *File) extent(n *node, i int) (start, end int, err error) {
	var p payload
	switch {
	case n.index:
		p, err = f.indexCell(n, i)
	case n.leaf:
		p, _, err = f.tableCell(n, i)
	default:
		const child = 4
		if p.start = n.cell(i); p.start == 0 {
			return 0, 0, corrupt(n.pgno, "cell %d lies outside the page", i)
		}
		_, w := varint(n.data[p.start+child:])
		if p.end = p.start + child + w; p.end > n.usable {
			err = corrupt(n.pgno, "cell %d lies outside the page", i)
		}
	}
	return p.start, max(p.end, p.start+minCell), err
}
