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
	// BadTree is a tree that cannot be walked, or a page of one whose cells do not
	// account for its bytes: rows may be missing or wrong.
	BadTree FindingKind = iota
	// UsedTwice is a page with two uses; what it holds belongs to one at most.
	UsedTwice
	// CutOff are pages that no tree, chain or list leads to, but that look like
	// leaves with rows.
	CutOff
	// BadPointerMap is a page that the pointer map places elsewhere: one of the two
	// leads wrong.
	BadPointerMap
	// BadFreelist is a list of free pages that does not hold together. All rows
	// can be read.
	BadFreelist
	// BadSpace is a page that counts its free bytes wrong, too few for a row.
	BadSpace
	// NeverUsed are other pages that nothing leads to.
	NeverUsed
)

// Finding is something wrong with the use of pages.
type Finding struct {
	Object string // table or index; "" for the file as a whole
	Detail string
	Page   uint32
	Kind   FindingKind
}

// Account accounts for every page of a file: each must have exactly one use, and
// so must each byte of a page that holds cells.
//
// What it proves, once every tree was walked, every table with Tree.Elsewhere
// was read to its end without an error by readers that have this Account, and
// Finish found nothing: the pages of the file are the interior pages and leaves
// of the trees that sqlite_schema names, the overflow pages of their rows, the
// freelist, the pointer-map pages and the lock-byte page, each exactly once, and
// as the pointer map says. So no page with rows hangs outside, and no page is
// shared; no row hides in the bytes of a page, and no two share any. Rowids
// ascend. That is what PRAGMA quick_check says about pages, and in all of these
// an Account is at least as strict.
//
// What it does not prove, as quick_check does not: that keys of indexes and
// WITHOUT ROWID tables are in order, that indexes agree with their tables. What
// quick_check tells of values (NOT NULL, CHECK, STRICT) it does not look at, nor
// at the records of trees that are not Elsewhere.
//
// It holds one bit for each page of the file, and up to 16 pages of the pointer
// map for each reader and walk. Its methods may be called from several
// goroutines at once, except Finish.
type Account struct {
	f       *File
	partial bool
	used    []atomic.Uint64
	maxRoot atomic.Uint32
	keyed   atomic.Bool // there are WITHOUT ROWID tables

	mu    sync.Mutex
	cells map[uint32]int64 // rows or entries, by root
	found []Finding
	more  int
	err   error // of the operating system
}

// maxFindings bounds what a hostile file can make an Account remember.
const maxFindings = 100

// NewAccount begins an account of the whole file, or a partial one: of some
// trees, which says nothing of pages outside of them.
func (f *File) NewAccount(partial bool) *Account {
	return &Account{
		f: f, partial: partial, used: make([]atomic.Uint64, f.pageN/64+1), cells: map[uint32]int64{},
	}
}

// Cells gives the number of rows or index entries that walks and readers have
// met in the tree at root, when they are done.
func (a *Account) Cells(root uint32) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cells[root]
}

// count adds to the cells of a tree.
func (a *Account) count(root uint32, n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cells[root] += n
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

// fail keeps the first error that is not one of content.
func (a *Account) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.err = err
	}
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
		if root > 0 && root <= int64(a.f.pageN) { // else 0, which Walk reports
			t.Root = uint32(root) //nolint:gosec // checked above
		}
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
	index, err := a.f.isIndex(t.Root)
	if err != nil {
		return err
	}
	a.root(t.Root)
	if index && !t.Index {
		a.keyed.Store(true)
	}
	clerk := a.clerk(t.Name)
	w := walk{ctx: ctx, f: a.f, part: Whole(), index: index, bare: t.Elsewhere, clerk: clerk}
	c := chain{f: a.f, clerk: clerk}
	defer w.close()
	defer c.close()
	if err := w.open(t.Root); err != nil {
		return err
	}
	l := leaves{w: &w, c: &c, clerk: clerk}
	for {
		ev, err := w.step()
		switch {
		case err != nil || ev == atEnd:
			a.count(t.Root, l.cellN)
			return err
		case t.Elsewhere:
		case ev == atCell:
			l.cellN++
			err = c.follow(w.above, w.aboveAt)
		default:
			err = l.leaf()
		}
		if err != nil {
			return err
		}
	}
}

// root notes the largest root page.
func (a *Account) root(pgno uint32) {
	for {
		old := a.maxRoot.Load()
		if pgno <= old || a.maxRoot.CompareAndSwap(old, pgno) {
			return
		}
	}
}

// leaves checks the leaves of a tree whose rows nobody reads.
type leaves struct {
	w      *walk
	c      *chain
	clerk  *clerk
	spaces spaces
	cellN  int64
	last   int64
	any    bool
}

// leaf checks the present leaf: its cells, their overflow chains, the order of
// rowids and the use of its bytes.
func (l *leaves) leaf() error {
	n := &l.w.leaf
	l.cellN += int64(n.cellN)
	l.spaces.clear(n.usable)
	apart := true
	for i := range n.cellN {
		start, end := n.shortCell(i)
		if start == 0 {
			var err error
			if start, end, err = l.cell(n, i); err != nil {
				return err
			}
		}
		apart = l.spaces.mark(start, end) && apart
	}
	fault, what := l.spaces.finish(n, apart)
	l.clerk.space(n.pgno, fault, what)
	return nil
}

// cell checks one cell and follows its overflow chain.
func (l *leaves) cell(n *node, i int) (start, end int, err error) {
	p, rowid, err := l.w.f.leafCell(n, i)
	if err != nil {
		return 0, 0, err
	}
	if !n.index {
		if rowid < l.w.lo || rowid > l.w.hi || l.any && rowid <= l.last {
			return 0, 0, corrupt(n.pgno, "rowid %d out of order", rowid)
		}
		l.last, l.any = rowid, true
	}
	if p.size > int64(p.local) {
		err = l.c.walk(n.pgno, p, func([]byte) {})
	}
	return p.start, max(p.end, p.start+minCell), err
}

// leafCell places the record of a cell of a leaf of either kind.
func (f *File) leafCell(n *node, i int) (p payload, rowid int64, err error) {
	if n.index {
		p, err = f.indexCell(n, i)
		return p, 0, err
	}
	return f.tableCell(n, i)
}

// follow visits the overflow pages of a cell on an interior page of an index.
func (c *chain) follow(n *node, i int) error {
	p, err := c.f.indexCell(n, i)
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

// Finish accounts for the pages outside of trees, unless the account is a partial
// one, and gives all findings, at most 100. An error is of ctx or of the operating
// system.
func (a *Account) Finish(ctx context.Context) ([]Finding, error) {
	if !a.partial {
		if err := a.outside(ctx); err != nil {
			return nil, err
		}
	}
	found := a.found
	if a.more > 0 {
		found = append(found, Finding{Kind: BadTree, Detail: fmt.Sprintf("and %d more findings", a.more)})
	}
	return found, a.err
}
