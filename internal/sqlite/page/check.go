package page

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// FindingKind tells what a Finding is about.
type FindingKind uint8

const (
	// BadTree is a tree that cannot be walked: rows may be missing.
	BadTree FindingKind = iota
	// UsedTwice is a page with two uses; what it holds belongs to one at most.
	UsedTwice
	// BadFreelist is a list of free pages that does not hold together. All rows
	// can be read.
	BadFreelist
	// NeverUsed are pages that no tree, chain or list leads to. SQLite does not
	// miss them; but if damage cut them off, they may hold rows.
	NeverUsed
)

// Finding is something wrong with the use of pages.
type Finding struct {
	Object string // table or index; "" for the file as a whole
	Detail string
	Page   uint32
	Kind   FindingKind
}

// Account accounts for every page of a file: each must have exactly one use.
//
// What it proves, once every tree was walked, every table with Tree.Elsewhere
// was read to its end without an error by readers that have this Account, and
// Finish found nothing: the pages of the file are the interior pages and leaves
// of the trees that sqlite_schema names, the overflow pages of their rows, the
// freelist, the pointer-map pages and the lock-byte page, each exactly once. So
// no page with rows hangs outside, and no page is shared. With the readers' own
// checks (cells, records, order of rowids) it stands for PRAGMA quick_check.
//
// What it does not prove: that free blocks and fragments account for the bytes
// that cells leave, that interior cells keep apart, that
// pointer-map entries are right, that keys of indexes and WITHOUT ROWID tables
// are in order, that indexes agree with their tables, that values keep NOT NULL,
// CHECK and STRICT.
//
// It holds one bit for each page of the file. Its methods may be called from
// several goroutines at once, except Finish.
type Account struct {
	f    *File
	used []atomic.Uint64

	mu    sync.Mutex
	found []Finding
	more  int
}

// maxFindings bounds what a hostile file can make an Account remember.
const maxFindings = 100

// NewAccount begins an account.
func (f *File) NewAccount() *Account {
	return &Account{f: f, used: make([]atomic.Uint64, f.pageN/64+1)}
}

// claim notes a use of a valid page.
func (a *Account) claim(object string, pgno uint32) {
	bit := uint64(1) << (pgno % 64)
	if a.used[pgno/64].Or(bit)&bit != 0 {
		a.report(Finding{Object: object, Page: pgno, Kind: UsedTwice, Detail: "has a second use"})
	}
}

func (a *Account) report(f Finding) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.found) >= maxFindings {
		a.more++
		return
	}
	a.found = append(a.found, f)
}

// Tree is one tree that sqlite_schema names.
type Tree struct {
	Name  string
	Table string // of an index, else Name
	Root  uint32
	Index bool // CREATE INDEX or an automatic index
	// Elsewhere tells Walk that readers with the same Account will read every row:
	// it need not look at leaves.
	Elsewhere bool
}

// Trees gives sqlite_schema itself and the trees that it names.
func (a *Account) Trees(ctx context.Context) ([]Tree, error) {
	l := schemaLayout()
	r, err := a.f.Reader(ctx, l, Whole(), ReadOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // never fails
	trees := []Tree{{Name: l.Name, Table: l.Name, Root: l.Root}}
	vals := make([]row.Value, l.columnN)
	for {
		_, ok, err := r.Next(vals)
		if err != nil {
			return nil, err
		}
		if !ok {
			return trees, nil
		}
		kind, root := string(vals[0].Bytes), vals[3].Int()
		if vals[3].Class != row.Integer || root == 0 || kind != "table" && kind != "index" {
			continue
		}
		t := Tree{Name: string(vals[1].Bytes), Table: string(vals[2].Bytes), Index: kind == "index"}
		if root < 0 || root > int64(a.f.pageN) {
			a.report(Finding{Object: t.Name, Kind: BadTree, Detail: fmt.Sprintf("its root is page %d of %d", root, a.f.pageN)})
			continue
		}
		t.Root = uint32(root) //nolint:gosec // checked above
		trees = append(trees, t)
	}
}

// Walk accounts for the pages of one tree. What is wrong with the tree is a
// finding; errors are of ctx and of the operating system.
func (a *Account) Walk(ctx context.Context, t Tree) error {
	err := a.walk(ctx, t)
	var e *Error
	if errors.As(err, &e) {
		a.report(Finding{Object: t.Name, Page: e.Page, Kind: BadTree, Detail: e.What})
		return nil
	}
	return err
}

func (a *Account) walk(ctx context.Context, t Tree) error {
	claim := func(pgno uint32) { a.claim(t.Name, pgno) }
	index, err := a.f.isIndex(t.Root)
	if err != nil {
		return err
	}
	w := walk{ctx: ctx, f: a.f, part: Whole(), index: index, bare: t.Elsewhere, claim: claim}
	c := chain{f: a.f, claim: claim}
	defer w.close()
	defer c.close()
	if err := w.open(t.Root); err != nil {
		return err
	}
	for {
		ev, err := w.step()
		switch {
		case err != nil || ev == atEnd:
			return err
		case t.Elsewhere:
		case ev == atCell:
			err = c.follow(w.above, w.aboveAt)
		default:
			for i := 0; i < w.leaf.cellN && err == nil; i++ {
				err = c.follow(&w.leaf, i)
			}
		}
		if err != nil {
			return err
		}
	}
}

// follow visits the overflow pages of a cell.
func (c *chain) follow(n *node, i int) (err error) {
	var p payload
	if n.index {
		p, err = c.f.indexCell(n, i)
	} else {
		p, _, err = c.f.tableCell(n, i)
	}
	if err != nil || p.size == int64(p.local) {
		return err
	}
	return c.walk(n.pgno, p, func([]byte) {})
}

// isIndex tells the kind of a tree by its root page.
func (f *File) isIndex(root uint32) (bool, error) {
	if !f.valid(root) {
		return false, corrupt(root, "is the root of a tree, but the file has %d pages", f.pageN)
	}
	b := f.buffer()
	defer f.recycle(b)
	if err := f.read(*b, root, 1); err != nil {
		return false, err
	}
	kind := (*b)[0]
	return kind == indexLeaf || kind == indexInterior, nil
}

// Finish accounts for the pages outside of trees and gives all findings, at most
// 100 of each run of the account.
func (a *Account) Finish(ctx context.Context) ([]Finding, error) {
	f := a.f
	if f.lock <= f.pageN {
		a.claim("lock-byte page", f.lock)
	}
	if f.head.AutoVacuum {
		for pgno := uint32(2); pgno <= f.pageN; pgno++ {
			if f.ptrmap(pgno) {
				a.claim("pointer map", pgno)
			}
		}
	}
	if err := a.freelist(ctx); err != nil {
		return nil, err
	}
	a.unused()
	found := a.found
	if a.more > 0 {
		found = append(found, Finding{Kind: BadTree, Detail: fmt.Sprintf("and %d more findings", a.more)})
	}
	return found, nil
}

// freelist accounts for the free pages (file format, section 1.5).
func (a *Account) freelist(ctx context.Context) error {
	f := a.f
	b := f.buffer()
	defer f.recycle(b)
	bad := func(pgno uint32, format string, args ...any) {
		a.report(Finding{Object: "freelist", Page: pgno, Kind: BadFreelist, Detail: fmt.Sprintf(format, args...)})
	}
	seen := newBitmap(f.pageN)
	free := func(from, pgno uint32) bool {
		if !f.valid(pgno) {
			bad(from, "leads to page %d of %d", pgno, f.pageN)
			return false
		}
		if !seen.add(pgno) {
			bad(from, "leads to page %d twice", pgno)
			return false
		}
		a.claim("freelist", pgno)
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
func (a *Account) unused() {
	has := func(pgno uint32) bool { return a.used[pgno/64].Load()>>(pgno%64)&1 != 0 }
	for pgno := uint32(1); pgno <= a.f.pageN; pgno++ {
		if pgno%64 == 0 && a.used[pgno/64].Load() == 1<<64-1 {
			pgno += 63 // the loop adds the last
			continue
		}
		if has(pgno) {
			continue
		}
		first := pgno
		for pgno < a.f.pageN && !has(pgno+1) {
			pgno++
		}
		detail := "is never used"
		if pgno > first {
			detail = fmt.Sprintf("and all up to page %d are never used", pgno)
		}
		a.report(Finding{Page: first, Kind: NeverUsed, Detail: detail})
	}
}
