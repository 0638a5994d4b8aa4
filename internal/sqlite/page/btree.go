package page

// The types of b-tree pages (file format, section 1.6).
const (
	indexInterior = 0x02
	tableInterior = 0x05
	indexLeaf     = 0x0a
	tableLeaf     = 0x0d

	leafHeader     = 8
	interiorHeader = 12
	minCell        = 4  // a cell takes at least that much
	tableSpill     = 35 // a record that leaves less than this of its leaf goes on elsewhere
)

// node is one b-tree page in a buffer. data reaches at least padding bytes
// beyond the page's end; what lies there is read but never believed.
type node struct {
	data   []byte
	ptrs   int // where the cell pointers begin
	cellN  int
	usable int
	top    int // where the content area begins
	low    int // where the cell pointers end
	pgno   uint32
	leaf   bool
	index  bool
}

// parse reads the header of a b-tree page and checks that it is of the wanted
// kind of tree.
func (f *File) parse(data []byte, pgno uint32, index bool) (n node, err error) {
	at := 0
	if pgno == 1 {
		at = HeaderSize
	}
	n = node{data: data, pgno: pgno, index: index, usable: f.head.Usable()}
	switch kind := data[at]; {
	case kind == tableLeaf && !index, kind == indexLeaf && index:
		n.leaf, n.ptrs = true, at+leafHeader
	case kind == tableInterior && !index, kind == indexInterior && index:
		n.ptrs = at + interiorHeader
	default:
		return n, corrupt(pgno, "of type %d is no page of this tree", kind)
	}
	n.cellN = u16(data[at+3:])
	if n.cellN*(minCell+2) > n.usable-n.ptrs {
		return n, corrupt(pgno, "has no room for %d cells", n.cellN)
	}
	n.low = n.ptrs + 2*n.cellN
	if n.top = u16(data[at+5:]); n.top == 0 {
		n.top = maxPageSize
	}
	if n.top > n.usable {
		return n, corrupt(pgno, "its content begins at %d, beyond its end", n.top)
	}
	return n, nil
}

// cell gives the offset of the i-th cell, or 0 when it is outside the content of
// the page.
func (n *node) cell(i int) int {
	at := u16(n.data[n.ptrs+2*i:])
	if at < n.low || at < n.top || at > n.usable-minCell {
		return 0
	}
	return at
}

func (n *node) headerSize() int {
	if n.leaf {
		return leafHeader
	}
	return interiorHeader
}

// child gives the i-th child of an interior page, the right-most one for cellN.
// Its cells were checked by File.checkInterior.
func (n *node) child(i int) uint32 {
	if i == n.cellN {
		const rightmost = 4 // bytes before the cell pointers
		return u32(n.data[n.ptrs-rightmost:])
	}
	return u32(n.data[u16(n.data[n.ptrs+2*i:]):])
}

// key gives the rowid in the i-th cell of an interior table page.
func (n *node) key(i int) int64 {
	v, _ := varint(n.data[u16(n.data[n.ptrs+2*i:])+4:])
	return int64(v) //nolint:gosec // the same 64 bits
}

// checkInterior checks the cells and children of an interior page, and that the
// keys of a table ascend strictly within the bounds that the page above gives.
func (f *File) checkInterior(n *node, lo, hi int64) error {
	for i := 0; i <= n.cellN; i++ {
		if i < n.cellN && n.cell(i) == 0 {
			return corrupt(n.pgno, "cell %d lies outside the page", i)
		}
		if child := n.child(i); !f.valid(child) || child == 1 {
			return corrupt(n.pgno, "child %d of %d", child, f.pageN)
		}
		if n.index || i == n.cellN {
			continue
		}
		if _, w := varint(n.data[n.cell(i)+4:]); n.cell(i)+4+w > n.usable {
			return corrupt(n.pgno, "cell %d lies outside the page", i)
		}
		key := n.key(i)
		if key < lo || key >= hi {
			return corrupt(n.pgno, "key %d out of order", key)
		}
		lo = key + 1
	}
	return nil
}

// payload is where a row's record is: local bytes on its page, the rest on a
// chain of overflow pages.
type payload struct {
	start    int    // of the cell in the page
	at       int    // of the local part
	local    int    // bytes of it
	end      int    // of the cell
	size     int64  // of the whole record
	overflow uint32 // first page of the chain, or 0
}

// place finds the parts of a record of the given size whose content begins at
// p.at (file format, section 1.6: U, X, M and K are its names). It gives false
// when the cell reaches beyond the page or the record beyond the file.
func (f *File) place(n *node, p *payload, size uint64) bool {
	u := n.usable
	x := u - tableSpill
	if n.index {
		x = (u-12)*64/255 - 23
	}
	if size <= uint64(x) { //nolint:gosec // positive
		p.local, p.size = int(size), int64(size) //nolint:gosec // at most x
		p.end = p.at + p.local
		return p.end <= u
	}
	if size > f.mostPayload() {
		return false
	}
	p.size = int64(size) //nolint:gosec // below mostPayload
	m := (u-12)*32/255 - 23
	p.local = m + int((p.size-int64(m))%int64(u-4))
	if p.local > x {
		p.local = m
	}
	p.end = p.at + p.local + 4
	if p.end > u {
		return false
	}
	p.overflow = u32(n.data[p.at+p.local:])
	return true
}

// mostPayload bounds a record: by the file, and by what SQLite itself can hold.
func (f *File) mostPayload() uint64 {
	const maxLength = 1<<31 - 1
	return min(maxLength, uint64(f.pageN)*uint64(f.head.PageSize)) //nolint:gosec // positive
}

// indexCell places the record of the i-th cell of an index page.
func (f *File) indexCell(n *node, i int) (p payload, err error) {
	p.start = n.cell(i)
	if p.start == 0 {
		return p, corrupt(n.pgno, "cell %d lies outside the page", i)
	}
	p.at = p.start
	if !n.leaf {
		p.at += 4
	}
	size, w := varint(n.data[p.at:])
	p.at += w
	if !f.place(n, &p, size) {
		return p, corrupt(n.pgno, "cell %d with %d bytes does not fit", i, size)
	}
	return p, nil
}

// tableCell places the record of the i-th cell of a table leaf.
func (f *File) tableCell(n *node, i int) (p payload, rowid int64, err error) {
	p.start = n.cell(i)
	if p.start == 0 {
		return p, 0, corrupt(n.pgno, "cell %d lies outside the page", i)
	}
	size, w := varint(n.data[p.start:])
	p.at = p.start + w
	key, w := varint(n.data[p.at:])
	p.at += w
	if !f.place(n, &p, size) {
		return p, 0, corrupt(n.pgno, "cell %d with %d bytes does not fit", i, size)
	}
	return p, int64(key), nil //nolint:gosec // the same 64 bits
}

// varint decodes a variable-length integer (file format, section 1.6): up to
// eight bytes of seven bits, then one of eight. b must have nine bytes.
func varint(b []byte) (v uint64, width int) {
	_ = b[8]
	for i := range 8 {
		v = v<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return v, i + 1
		}
	}
	return v<<8 | uint64(b[8]), 9
}
