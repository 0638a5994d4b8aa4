package page

import (
	"context"
	"math"
)

// Part is what one reader reads of a table. Parts of a rowid table are ranges of
// rowids, those of a WITHOUT ROWID table are subtrees.
type Part struct {
	Lo, Hi   int64 // both inclusive
	Subtrees       // of a WITHOUT ROWID table
}

// Subtrees are the subtrees From to To-1 below the pages at a depth of a tree,
// counted in key order from 0, each with the row before it on a page above. The
// zero value is the whole tree.
type Subtrees struct {
	Depth, From, To uint32
}

// Whole is all of a table.
func Whole() Part { return Part{Lo: math.MinInt64, Hi: math.MaxInt64} }

// Bounds of the walk through interior pages that Split takes.
const (
	splitSlack    = 8       // subtrees wanted per part, so that parts come out even
	maxSplitNodes = 1 << 16 // subtrees looked at; 1 MiB
	maxWeighed    = 1 << 12 // subtrees whose leaves are counted
)

// twig is one subtree in the level that a tree is cut at.
type twig struct {
	pgno   uint32
	weight uint32 // leaves, or 1 where they were not counted
	hi     int64  // largest rowid
}

// Split cuts a table into at most n parts with about the same number of leaf
// pages. Together they are the whole table, in key order. It reads only interior
// pages.
func (f *File) Split(ctx context.Context, l *Layout, n int) ([]Part, error) {
	if n < 2 {
		return []Part{Whole()}, nil
	}
	s := splitter{ctx: ctx, f: f, index: l.Keyed, buf: f.buffer(), seen: newBitmap(f.pageN)}
	defer f.recycle(s.buf)
	if err := s.run(l.Root, n); err != nil {
		return nil, of(l.Name, err)
	}
	return s.cut(n), nil
}

// splitter goes down a tree level by level.
type splitter struct {
	ctx    context.Context //nolint:containedctx // lives within one call
	f      *File
	index  bool
	buf    *[]byte
	level  []twig
	depth  uint32
	leaves bool // the level is that of the leaves
	seen   bitmap
}

// interior reads an interior page; ok is false for a leaf.
func (s *splitter) interior(pgno uint32) (n node, ok bool, err error) {
	if err := s.ctx.Err(); err != nil {
		return n, false, context.Cause(s.ctx)
	}
	if !s.f.valid(pgno) {
		return n, false, corrupt(pgno, "is the root of a tree, but the file has %d pages", s.f.pageN)
	}
	if err := s.f.read(*s.buf, pgno, 1); err != nil {
		return n, false, err
	}
	if n, err = s.f.parse(*s.buf, pgno, s.index); err != nil || n.leaf {
		return n, false, err
	}
	// The bounds of the level above are the reader's to check.
	err = s.f.checkInterior(&n, math.MinInt64, math.MaxInt64)
	return n, true, err
}

func (s *splitter) run(root uint32, n int) error {
	s.level = []twig{{pgno: root, weight: 1, hi: math.MaxInt64}}
	for !s.leaves && len(s.level) < n*splitSlack && s.depth < maxDepth {
		next, err := s.expand()
		if err != nil {
			return err
		}
		if s.leaves || len(next) > maxSplitNodes {
			break
		}
		s.level = next
		s.depth++
	}
	if s.leaves || len(s.level) > maxWeighed {
		return nil
	}
	for i := range s.level {
		page, ok, err := s.interior(s.level[i].pgno)
		if err != nil {
			return err
		}
		if !ok {
			s.leaves = true
			break
		}
		s.level[i].weight = uint32(page.cellN) + 1 //nolint:gosec // at most 65536
	}
	return nil
}

// expand gives the level below the present one, or finds that there is none.
func (s *splitter) expand() ([]twig, error) {
	var next []twig
	for _, t := range s.level {
		page, ok, err := s.interior(t.pgno)
		if err != nil {
			return nil, err
		}
		if !ok {
			s.leaves = true
			return nil, nil
		}
		if !s.seen.add(t.pgno) {
			return nil, corrupt(t.pgno, "is reached twice in one tree")
		}
		for i := 0; i <= page.cellN && len(next) <= maxSplitNodes; i++ {
			hi := t.hi
			if i < page.cellN && !s.index {
				hi = page.key(i)
			}
			next = append(next, twig{pgno: page.child(i), weight: 1, hi: hi})
		}
	}
	return next, nil
}

// cut divides the level where the sum of leaves passes each n-th of the whole.
func (s *splitter) cut(n int) []Part {
	var total, sum, done uint64
	for _, t := range s.level {
		total += uint64(t.weight)
	}
	var parts []Part
	p := Whole()
	p.Depth = s.depth
	for i, t := range s.level {
		sum += uint64(t.weight)
		last := i == len(s.level)-1
		if !last && sum*uint64(n) < (done+1)*total { //nolint:gosec // n is positive
			continue
		}
		// The bounds come from pages that no reader has checked yet. A cut that
		// would leave the order is left out, so that the parts stay the whole.
		if !last && !s.index && (t.hi < p.Lo || t.hi == math.MaxInt64) {
			continue
		}
		done = sum * uint64(n) / total //nolint:gosec // n is positive
		p.To = uint32(i) + 1
		p.Hi = t.hi
		if last {
			p.Hi = math.MaxInt64
		}
		parts = append(parts, s.only(p))
		p.From, p.Lo = p.To, t.hi+1 // of the last one nobody asks
	}
	if len(parts) == 1 {
		return []Part{Whole()}
	}
	return parts
}

// only keeps of a part what fits the kind of tree.
func (s *splitter) only(p Part) Part {
	if s.index {
		p.Lo, p.Hi = math.MinInt64, math.MaxInt64
		return p
	}
	p.Subtrees = Subtrees{}
	return p
}
