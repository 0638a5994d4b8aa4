package page

import (
	"context"
	"fmt"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Reader reads the rows of a part of a table. It implements row.Reader; text and
// blobs point into its buffers until the next call.
type Reader struct {
	walk    walk
	chain   chain
	decoder decoder
	layout  *Layout

	cell int // next cell of the leaf
	room int // bytes that the cells of the leaf may still take
	n    int64
	last int64
	any  bool // there was a row before
	live bool // there is a leaf
	done bool
	err  error
}

// ReadOptions are the choices of File.Reader. The zero value is good.
type ReadOptions struct {
	// Account hears of the overflow pages that are read, or is nil.
	Account *Account
}

// Reader opens a reader of a part of a table. It stops with ctx's error when ctx
// ends.
func (f *File) Reader(ctx context.Context, l *Layout, p Part, o ReadOptions) (*Reader, error) {
	r := &Reader{layout: l, decoder: newDecoder(l, f.head.Encoding), chain: chain{f: f}}
	if o.Account != nil {
		r.chain.claim = func(pgno uint32) { o.Account.claim(l.Name, pgno) }
	}
	r.walk = walk{ctx: ctx, f: f, part: p, index: l.Keyed}
	if err := r.walk.open(l.Root); err != nil {
		r.release()
		return nil, of(l.Name, err)
	}
	return r, nil
}

// Next implements row.Reader. An error ends the reader: it comes again. The
// rowid of a WITHOUT ROWID row is its ordinal in the part.
func (r *Reader) Next(vals []row.Value) (rowid int64, ok bool, err error) {
	if r.done || r.err != nil {
		return 0, false, r.err
	}
	if len(vals) != r.layout.columnN {
		return 0, false, fmt.Errorf("read %s: %d values for %d columns", r.layout.Name, len(vals), r.layout.columnN)
	}
	if r.layout.Keyed {
		ok, err = r.keyed(vals)
		rowid = r.n
	} else {
		rowid, ok, err = r.table(vals)
	}
	if err != nil {
		r.err = of(r.layout.Name, err)
		return 0, false, r.err
	}
	if !ok {
		r.done = true
		return 0, false, nil
	}
	r.n++
	return rowid, true, nil
}

// table reads the next row of a table b-tree.
func (r *Reader) table(vals []row.Value) (rowid int64, ok bool, err error) {
	w := &r.walk
	for {
		for !r.live || r.cell == w.leaf.cellN {
			if ok, err := r.nextLeaf(); err != nil || !ok {
				return 0, false, err
			}
		}
		p, rowid, err := w.f.tableCell(&w.leaf, r.cell)
		if err != nil {
			return 0, false, err
		}
		if err := r.order(rowid, p.end-w.leaf.cell(r.cell)); err != nil {
			return 0, false, err
		}
		r.cell++
		if rowid < w.part.Lo {
			continue
		}
		if rowid > w.part.Hi {
			return 0, false, nil
		}
		if err := r.decode(&w.leaf, p, vals); err != nil {
			return 0, false, err
		}
		if r.layout.alias >= 0 {
			vals[r.layout.alias].SetInt(rowid)
		}
		return rowid, true, nil
	}
}

// nextLeaf goes on to the next leaf; ok is false at the end.
func (r *Reader) nextLeaf() (ok bool, err error) {
	ev, err := r.walk.step()
	if err != nil || ev == atEnd {
		return false, err
	}
	n := &r.walk.leaf
	r.live, r.cell, r.room = true, 0, n.usable-n.ptrs-2*n.cellN
	return true, nil
}

// order checks that rowids ascend within the bounds of their leaf, and that its
// cells can all be on the page without sharing bytes.
func (r *Reader) order(rowid int64, size int) error {
	w := &r.walk
	if r.any && rowid <= r.last || rowid < w.lo || rowid > w.hi {
		return corrupt(w.leaf.pgno, "rowid %d out of order", rowid)
	}
	r.last, r.any = rowid, true
	if r.room -= max(size, minCell); r.room < 0 {
		return corrupt(w.leaf.pgno, "its cells overlap")
	}
	return nil
}

// keyed reads the next row of a WITHOUT ROWID table.
func (r *Reader) keyed(vals []row.Value) (ok bool, err error) {
	w := &r.walk
	n, i := &w.leaf, r.cell
	for !r.live || r.cell == w.leaf.cellN {
		ev, err := w.step()
		if err != nil || ev == atEnd {
			return false, err
		}
		if ev == atCell {
			r.live = false
			n, i = w.above, w.aboveAt
			break
		}
		r.live, r.cell, r.room = true, 0, w.leaf.usable-w.leaf.ptrs-2*w.leaf.cellN
		n, i = &w.leaf, 0
	}
	p, err := w.f.indexCell(n, i)
	if err != nil {
		return false, err
	}
	if n.leaf {
		if r.room -= max(p.end-n.cell(i), minCell); r.room < 0 {
			return false, corrupt(n.pgno, "its cells overlap")
		}
		r.cell++
	}
	return true, r.decode(n, p, vals)
}

// decode turns a cell's record into values.
func (r *Reader) decode(n *node, p payload, vals []row.Value) error {
	data, size := n.data[p.at:], p.local
	if p.overflow != 0 || p.size > int64(p.local) {
		full, err := r.chain.record(n, p)
		if err != nil {
			return err
		}
		data, size = full[:len(full)+padding], len(full)
	}
	if wrong := r.decoder.record(data, size, vals); wrong != "" {
		if r.layout.Keyed {
			return corrupt(n.pgno, "row %d: %s", r.n+1, wrong)
		}
		return corrupt(n.pgno, "rowid %d: %s", r.last, wrong)
	}
	return nil
}

// Close implements row.Reader.
func (r *Reader) Close() error {
	r.done = true
	r.release()
	return nil
}

func (r *Reader) release() {
	r.walk.close()
	r.chain.close()
}
