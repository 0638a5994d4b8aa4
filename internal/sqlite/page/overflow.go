package page

// chain reads the overflow pages of records (file format, section 1.7) into a
// buffer that is used again for the next record.
type chain struct {
	f    *File
	buf  *[]byte // a run of pages
	full []byte  // the record
	seen bitmap
	// clerk hears of each page of a chain, or is nil.
	clerk *clerk
}

const chainHeader = 4 // each page of a chain begins with the number of the next

// record assembles a record that reaches beyond its page. The bytes are valid
// until the next call, padding bytes behind them can be read.
func (c *chain) record(n *node, p payload) ([]byte, error) {
	full := c.full[:0]
	full = append(full, n.data[p.at:p.at+p.local]...)
	err := c.walk(n.pgno, p, func(b []byte) { full = append(full, b...) })
	if err != nil {
		return nil, err
	}
	size := len(full)
	full = append(full, make([]byte, padding)...)
	c.full = full
	return full[:size], nil
}

// walk hands the content of the chain's pages to f, piece by piece. The chain
// must be as long as the record needs, and end there.
func (c *chain) walk(from uint32, p payload, each func([]byte)) error {
	if c.buf == nil {
		c.buf = c.f.buffer()
	}
	var r run
	per := c.f.head.Usable() - chainHeader
	ahead := 1
	next, kind := p.overflow, mapOverflowFirst
	for rest := p.size - int64(p.local); rest > 0; {
		if !c.f.valid(next) || next == 1 {
			return corrupt(from, "overflow chain leads to page %d of %d", next, c.f.pageN)
		}
		if err := c.visit(next); err != nil {
			return err
		}
		if c.clerk != nil {
			c.clerk.page(next, kind, from)
		}
		kind = mapOverflowNext
		if !r.holds(next) {
			left := int((rest + int64(per) - 1) / int64(per))
			most := int(min(chunkPages, c.f.pageN-next)) + 1 // pages up to the end of the file
			ahead = min(ahead, left, c.f.runPages(), most)
			got, err := c.f.readRun(*c.buf, next, ahead)
			if err != nil {
				return err
			}
			r = run{first: next, n: uint32(got)} //nolint:gosec // a run is short
			ahead = 1
		}
		b := (*c.buf)[r.offset(next, c.f.head.PageSize):]
		take := min(rest, int64(per))
		each(b[chainHeader : chainHeader+take])
		rest -= take
		from = next
		if next = u32(b); next == from+1 {
			ahead = min(2*max(ahead, int(r.n)), c.f.runPages()) // long values lie in one piece
		}
	}
	if next != 0 {
		return corrupt(from, "overflow chain goes on after its end, to page %d", next)
	}
	return nil
}

// visit notes a page of a chain: none belongs to two chains, or twice to one.
func (c *chain) visit(pgno uint32) error {
	if c.seen.chunks == nil {
		c.seen = newBitmap(c.f.pageN)
	}
	if !c.seen.add(pgno) {
		return corrupt(pgno, "is part of two overflow chains")
	}
	return nil
}

func (c *chain) close() {
	c.f.recycle(c.buf)
	c.buf = nil
}

// run is which pages a buffer holds.
type run struct{ first, n uint32 }

func (r run) holds(pgno uint32) bool { return pgno-r.first < r.n }

func (r run) offset(pgno uint32, pageSize int) int { return int(pgno-r.first) * pageSize }
