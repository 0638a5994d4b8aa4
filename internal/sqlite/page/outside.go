package page

import (
	"context"
	"errors"
	"fmt"
)

// outside accounts for the pages outside of trees.
func (a *Account) outside(ctx context.Context) error {
	f := a.f
	if f.lock <= f.pageN {
		a.claim("lock-byte page", f.lock)
	}
	if f.head.AutoVacuum {
		for pgno := uint32(2); pgno <= f.pageN; {
			at := f.mapOf(pgno)
			if at <= f.pageN {
				a.claim("pointer map", at)
			}
			pgno += f.mapStride()
		}
		if root := a.maxRoot.Load(); root != f.head.LargestRoot {
			a.report(Finding{
				Object: "file header", Page: 1, Kind: BadFreelist,
				Detail: fmt.Sprintf("the largest root is page %d, not %d", root, f.head.LargestRoot),
			})
		}
	}
	if err := a.freelist(ctx); err != nil {
		return err
	}
	return a.unused(ctx)
}

// freelist accounts for the free pages (file format, section 1.5).
func (a *Account) freelist(ctx context.Context) error {
	f := a.f
	b := f.buffer()
	defer f.recycle(b)
	bad := func(pgno uint32, format string, args ...any) {
		a.report(Finding{Object: "freelist", Page: pgno, Kind: BadFreelist, Detail: fmt.Sprintf(format, args...)})
	}
	seen, clerk := newBitmap(f.pageN), a.clerk("freelist")
	free := func(from, pgno uint32) bool {
		if !f.valid(pgno) {
			bad(from, "leads to page %d of %d", pgno, f.pageN)
			return false
		}
		if !seen.add(pgno) {
			bad(from, "leads to page %d twice", pgno)
			return false
		}
		clerk.page(pgno, mapFree, 0)
		return true
	}
	n := uint32(0)
	from := uint32(1)
	for trunk := f.head.FreeTrunk; trunk != 0; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if !free(from, trunk) {
			return nil
		}
		if err := f.read(*b, trunk, 1); errors.Is(err, ErrCorrupt) {
			bad(trunk, "cannot be read")
			return nil
		} else if err != nil {
			return err
		}
		leafN := u32((*b)[4:])
		if leafN > uint32(f.head.Usable()/4-2) { //nolint:gosec // at most 16382
			bad(trunk, "has no room for %d pages", leafN)
			return nil
		}
		for i := range leafN {
			free(trunk, u32((*b)[8+4*i:]))
		}
		n += leafN + 1
		from, trunk = trunk, u32(*b)
	}
	if n != f.head.FreeCount {
		bad(1, "has %d pages, the header says %d", n, f.head.FreeCount)
	}
	return nil
}

// unused reports the pages without a use, neighbours together.
func (a *Account) unused(ctx context.Context) error {
	l := lost{f: a.f, buf: a.f.buffer(), keyed: a.keyed.Load()}
	defer a.f.recycle(l.buf)
	has := func(pgno uint32) bool { return a.used[pgno/64].Load()>>(pgno%64)&1 != 0 }
	for pgno := uint32(1); pgno <= a.f.pageN; pgno++ {
		if pgno%64 == 0 && a.used[pgno/64].Load() == 1<<64-1 {
			pgno += 63 // the loop adds the last
			continue
		}
		if has(pgno) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		first, rows := pgno, l.rows(pgno)
		for pgno < a.f.pageN && !has(pgno+1) && l.rows(pgno+1) == rows {
			pgno++
		}
		found := Finding{Page: first, Kind: NeverUsed, Detail: "is never used"}
		if pgno > first {
			found.Detail = fmt.Sprintf("and all up to page %d are never used", pgno)
		}
		if rows {
			found.Kind = CutOff
			found.Detail += ", but look like leaves with rows"
		}
		a.report(found)
	}
	return nil
}

// lost looks at pages that nothing leads to.
type lost struct {
	f     *File
	keyed bool // leaves of indexes may hold rows
	buf   *[]byte
	run   run
}

// rows tells whether a page looks like a leaf with at least one cell: all of its
// cells can be placed.
func (l *lost) rows(pgno uint32) bool {
	f := l.f
	if !f.valid(pgno) {
		return false
	}
	if !l.run.holds(pgno) {
		n := min(f.runPages(), int(f.pageN-pgno)+1)
		if pgno < f.lock {
			n = min(n, int(f.lock-pgno))
		}
		got, err := f.readRun(*l.buf, pgno, n)
		if err != nil {
			return false
		}
		l.run = run{first: pgno, n: uint32(got)} //nolint:gosec // a run is short
	}
	data := (*l.buf)[l.run.offset(pgno, f.head.PageSize):]
	n, err := f.parse(data, pgno, l.keyed && data[0] == indexLeaf)
	if err != nil || !n.leaf || n.cellN == 0 {
		return false
	}
	for i := range n.cellN {
		if _, _, err := f.leafCell(&n, i); err != nil {
			return false
		}
	}
	return true
}

// LooksLost tells whether a page that has no use looks like a leaf with rows, cut
// off by damage; keyed tells that the file has WITHOUT ROWID tables.
func (f *File) LooksLost(pgno uint32, keyed bool) bool {
	l := lost{f: f, buf: f.buffer(), keyed: keyed}
	defer f.recycle(l.buf)
	return l.rows(pgno)
}
