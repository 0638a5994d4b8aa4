package page

import (
	"context"
	"math"
)

// maxDepth bounds the levels of a tree. With two cells on each interior page, the
// fewest that SQLite writes, 2^32 pages need 32 levels.
const maxDepth = 40

// event is what a walk came to.
type event uint8

const (
	atEnd  event = iota
	atLeaf       // walk.leaf, with rowids between lo and hi in a table
	atCell       // a row on the interior page of an index: walk.above, walk.aboveAt
)

// level is one interior page on the way down to the present leaf.
type level struct {
	buf  []byte // a copy of its own
	node node
	next int // child to visit next, 0 to cellN
	// lo and hi bound the rowids below, both inclusive.
	lo, hi int64
	// cellDue tells that the row after the child just finished comes next.
	cellDue bool
}

// walk goes through the leaves of one tree in key order, over a part of it. Its
// maker sets the first group of fields.
type walk struct {
	ctx   context.Context //nolint:containedctx // lives within one reader
	f     *File
	part  Part
	index bool
	bare  bool   // leaves are visited without reading them
	clerk *clerk // hears of each page visited and of interior pages, or is nil

	height int // interior levels above every leaf
	stack  []level
	spare  [][]byte // page buffers of levels that were left
	ord    uint32   // subtrees at part.Depth met so far
	seen   bitmap

	buf *[]byte // run of leaves
	run run

	leaf    node
	lo, hi  int64
	above   *node
	aboveAt int
	started bool
}

// open finds the height of the tree and checks the root.
func (w *walk) open(root uint32) error {
	f := w.f
	w.buf, w.seen = f.buffer(), newBitmap(f.pageN)
	if !f.valid(root) {
		return corrupt(root, "is the root of a tree, but the file has %d pages", f.pageN)
	}
	for pgno := root; ; w.height++ {
		if w.height > maxDepth {
			return corrupt(root, "its tree has more than %d levels", maxDepth)
		}
		if err := f.read(*w.buf, pgno, 1); err != nil {
			return err
		}
		n, err := f.parse(*w.buf, pgno, w.index)
		if err != nil {
			return err
		}
		if n.leaf {
			break
		}
		if err := f.checkInterior(&n, math.MinInt64, math.MaxInt64); err != nil {
			return err
		}
		pgno = n.child(0)
	}
	w.run = run{}
	if w.height > 0 {
		return w.push(root, nil, math.MinInt64, math.MaxInt64)
	}
	w.lo, w.hi = math.MinInt64, math.MaxInt64
	return w.load(root, nil)
}

// step goes on to the next leaf or interior row.
func (w *walk) step() (event, error) {
	if w.height == 0 {
		if w.started || w.part.To > 0 && w.part.From > 0 {
			return atEnd, nil
		}
		w.started = true
		return atLeaf, nil
	}
	for len(w.stack) > 0 {
		top := &w.stack[len(w.stack)-1]
		if top.cellDue {
			top.cellDue = false
			if w.inside() || w.mine() {
				w.above, w.aboveAt = &top.node, top.next-1
				return atCell, nil
			}
		}
		if top.next > top.node.cellN || w.past(top) {
			w.pop()
			continue
		}
		ev, err := w.descend(top)
		if err != nil || ev != atEnd {
			return ev, err
		}
	}
	return atEnd, nil
}

// inside tells whether the present interior page belongs to a subtree of the
// part: then all of it does.
func (w *walk) inside() bool { return len(w.stack) > int(w.part.Depth) }

// mine tells whether what comes next, above the subtrees, belongs to the part: a
// subtree, or the row before one.
func (w *walk) mine() bool {
	return w.part.To == 0 || w.part.From <= w.ord && w.ord < w.part.To
}

// past tells whether all that follows is beyond the part.
func (w *walk) past(top *level) bool {
	if w.part.To > 0 {
		return !w.inside() && w.ord >= w.part.To
	}
	lo, _ := w.bounds(top, top.next)
	return lo > w.part.Hi
}

// bounds gives the rowids that a child may have.
func (w *walk) bounds(l *level, i int) (lo, hi int64) {
	lo, hi = l.lo, l.hi
	if w.index {
		return lo, hi
	}
	if i > 0 {
		lo = l.node.key(i-1) + 1 // never wraps: the key is below hi
	}
	if i < l.node.cellN {
		hi = l.node.key(i)
	}
	return lo, hi
}

// descend visits the next child. It gives atEnd where that was no leaf.
func (w *walk) descend(top *level) (event, error) {
	i := top.next
	depth := len(w.stack) // of the child
	top.next++
	top.cellDue = w.index && i < top.node.cellN
	if w.part.To > 0 && depth == int(w.part.Depth) {
		mine := w.mine()
		w.ord++
		if !mine {
			return atEnd, nil
		}
	}
	lo, hi := w.bounds(top, i)
	if depth < w.height {
		return atEnd, w.push(top.node.child(i), top, lo, hi)
	}
	if w.bare {
		return atEnd, w.visit(top.node.child(i), top)
	}
	w.lo, w.hi = lo, hi
	if err := w.load(top.node.child(i), top); err != nil {
		return atEnd, err
	}
	return atLeaf, nil
}

// visit notes a page below top, or the root; none is visited twice.
func (w *walk) visit(pgno uint32, top *level) error {
	if !w.seen.add(pgno) {
		return corrupt(pgno, "is reached twice in one tree")
	}
	switch {
	case w.clerk == nil:
	case top == nil:
		w.clerk.page(pgno, mapRoot, 0)
	default:
		w.clerk.page(pgno, mapTree, top.node.pgno)
	}
	return nil
}

// push goes down to an interior page, and there to the first child that can hold
// rowids of the part.
func (w *walk) push(pgno uint32, top *level, lo, hi int64) error {
	if err := w.visit(pgno, top); err != nil {
		return err
	}
	var buf []byte
	if n := len(w.spare); n > 0 {
		buf, w.spare = w.spare[n-1], w.spare[:n-1]
	} else {
		buf = make([]byte, w.f.head.PageSize+padding)
	}
	if err := w.f.read(buf, pgno, 1); err != nil {
		return err
	}
	n, err := w.f.parse(buf, pgno, w.index)
	if err != nil {
		return err
	}
	if n.leaf {
		return corrupt(pgno, "is a leaf above the level of leaves")
	}
	if err := w.f.checkInterior(&n, lo, hi); err != nil {
		return err
	}
	if w.clerk != nil {
		if err := w.clerk.audit(&n); err != nil {
			return err
		}
	}
	l := level{buf: buf, node: n, lo: lo, hi: hi}
	for !w.index && l.next < n.cellN && n.key(l.next) < w.part.Lo {
		l.next++
	}
	w.stack = append(w.stack, l)
	return nil
}

func (w *walk) pop() {
	top := &w.stack[len(w.stack)-1]
	w.spare = append(w.spare, top.buf)
	w.stack = w.stack[:len(w.stack)-1]
}

// load makes a page the present leaf. The leaves after it, as far as top says
// where they are, are read with it when they are close behind.
func (w *walk) load(pgno uint32, top *level) error {
	if err := w.visit(pgno, top); err != nil {
		return err
	}
	if !w.run.holds(pgno) {
		if err := w.ctx.Err(); err != nil {
			return context.Cause(w.ctx)
		}
		got, err := w.f.readRun(*w.buf, pgno, w.ahead(pgno, top))
		if err != nil {
			return err
		}
		w.run = run{first: pgno, n: uint32(got)} //nolint:gosec // a run is short
	}
	n, err := w.f.parse((*w.buf)[w.run.offset(pgno, w.f.head.PageSize):], pgno, w.index)
	if err != nil {
		return err
	}
	if !n.leaf {
		return corrupt(pgno, "is an interior page on the level of leaves")
	}
	w.leaf = n
	return nil
}

// maxGap is how many pages that are not wanted one read takes along: pages of an
// index or of another table that grew at the same time.
const maxGap = 3

// ahead tells how many pages to read from a leaf on.
func (w *walk) ahead(pgno uint32, top *level) int {
	if top == nil {
		return 1
	}
	last, limit := pgno, pgno+uint32(w.f.runPages())-1 //nolint:gosec // wraps only near the end of a full file
	ord := w.ord
	for i := top.next; i <= top.node.cellN; i++ { // top.next is the child after the present one
		c := top.node.child(i)
		if c <= last || c-last > maxGap+1 || c > limit {
			break
		}
		if w.part.To > 0 && int(w.part.Depth) == w.height {
			if ord >= w.part.To {
				break
			}
			ord++
		} else if lo, _ := w.bounds(top, i); lo > w.part.Hi {
			break
		}
		last = c
	}
	return int(last-pgno) + 1
}

func (w *walk) close() {
	w.f.recycle(w.buf)
	w.buf = nil
}
