package page

import "errors"

// The kinds of pages in a pointer map (file format, section 1.8).
const (
	mapRoot          mapKind = 1
	mapFree          mapKind = 2
	mapOverflowFirst mapKind = 3
	mapOverflowNext  mapKind = 4
	mapTree          mapKind = 5

	mapEntry = 5 // bytes: the kind, the parent
)

type mapKind uint8

// clerk notes the pages of one object for an account. It belongs to one reader
// or walk.
type clerk struct {
	a      *Account
	object string
	spaces spaces
	maps   [mapSlots]mapPage
}

// mapSlots is how many pages of the pointer map a clerk keeps at hand: those of
// 52 MB of file with pages of 4 KiB.
const mapSlots = 16

// mapPage is one page of the pointer map.
type mapPage struct {
	pgno uint32
	data []byte
}

func (a *Account) clerk(object string) *clerk { return &clerk{a: a, object: object} }

// page notes a use of a valid page, and compares it with the pointer map where
// the file has one.
func (c *clerk) page(pgno uint32, kind mapKind, parent uint32) {
	c.a.claim(c.object, pgno)
	if !c.a.f.head.AutoVacuum || pgno == 1 || c.a.partial && kind == mapRoot {
		return
	}
	entry, err := c.entry(pgno)
	switch {
	case errors.Is(err, ErrCorrupt):
	case err != nil:
		c.a.fail(err)
		return
	case mapKind(entry[0]) == kind && u32(entry[1:]) == parent:
		return
	}
	c.a.report(Finding{Object: c.object, Page: pgno, Kind: BadPointerMap, Detail: "is not where the pointer map says"})
}

// entry gives a page's entry of the pointer map.
func (c *clerk) entry(pgno uint32) ([]byte, error) {
	f := c.a.f
	at := f.mapOf(pgno)
	if !f.valid(at) || at >= pgno {
		return nil, corrupt(pgno, "has no place in the pointer map")
	}
	m := &c.maps[at/f.mapStride()%mapSlots]
	if m.pgno != at {
		if m.data == nil {
			m.data = make([]byte, f.head.PageSize+padding)
		}
		m.pgno = 0
		if err := f.read(m.data, at, 1); err != nil {
			return nil, err
		}
		m.pgno = at
	}
	return m.data[int(pgno-at-1)*mapEntry:][:mapEntry], nil
}

// mapStride is how many pages there are from one page of the pointer map to the
// next.
func (f *File) mapStride() uint32 {
	return uint32(f.head.Usable()/mapEntry) + 1 //nolint:gosec // at most 13108
}

// mapOf gives the page of the pointer map that covers a page after the first.
func (f *File) mapOf(pgno uint32) uint32 {
	stride := f.mapStride()
	at := (pgno-2)/stride*stride + 2
	if at == f.lock {
		at++
	}
	return at
}

// audit looks at a page's use of its bytes.
func (c *clerk) audit(n *node) error {
	fault, what, err := c.spaces.audit(c.a.f, n)
	if err == nil {
		c.space(n.pgno, fault, what)
	}
	return err
}

// space notes what an audit found.
func (c *clerk) space(pgno uint32, fault spaceFault, what string) {
	kind := BadTree
	switch fault {
	case spaceSound:
		return
	case badBooks:
		kind = BadSpace
	case hiddenBytes, sharedBytes:
	}
	c.a.report(Finding{Object: c.object, Page: pgno, Kind: kind, Detail: what})
}
