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

	cell  int   // next cell of the leaf
	cellN int   // its cells, 0 before the first leaf
	room  int   // bytes of the leaf that its cells have not explained yet
	n     int64 // rows so far
	last  int64 // rowid of the row before
	any   bool  // there was one
	done  bool
	err   error
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
		for r.cell >= r.cellN {
			if ev, err := r.step(); err != nil || ev == atEnd {
				return 0, false, err
			}
			r.enter()
		}
		p, rowid, ok := r.local()
		if !ok {
			if p, rowid, err = w.f.tableCell(&w.leaf, r.cell); err != nil {
				return 0, false, err
			}
		}
		// Rowids ascend within the bounds of their leaf.
		if rowid < w.lo || rowid > w.hi || rowid <= r.last && r.any {
			return 0, false, corrupt(w.leaf.pgno, "rowid %d out of order", rowid)
		}
		r.last, r.any = rowid, true
		r.room -= max(p.end-p.start, minCell)
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

// local is tableCell for the cells that most tables consist of: with a record
// below 16 KiB, all of it on the page. It gives false for others.
func (r *Reader) local() (p payload, rowid int64, ok bool) {
	n := &r.walk.leaf
	if p.start = n.cell(r.cell); p.start == 0 {
		return p, 0, false
	}
	b := n.data[p.start:]
	size, w := int(b[0]), 1
	if size >= 0x80 {
		if b[1] >= 0x80 {
			return p, 0, false
		}
		size, w = size&0x7f<<7|int(b[1]), 2
	}
	key, kw := varint(b[w:])
	p.at = p.start + w + kw
	p.local, p.size, p.end = size, int64(size), p.at+size
	return p, int64(key), p.end <= n.usable && size <= n.usable-tableSpill //nolint:gosec // the same 64 bits
}

// step leaves the present leaf, all of whose cells were read, and goes on.
func (r *Reader) step() (event, error) {
	if r.cellN > 0 && r.room != 0 {
		if err := r.walk.f.checkOverlap(&r.walk.leaf); err != nil {
			return atEnd, err
		}
	}
	r.cellN = 0
	return r.walk.step()
}

// enter begins with the cells of the walk's leaf.
func (r *Reader) enter() {
	n := &r.walk.leaf
	r.cell, r.cellN, r.room = 0, n.cellN, n.room()
}

// keyed reads the next row of a WITHOUT ROWID table.
func (r *Reader) keyed(vals []row.Value) (ok bool, err error) {
	w := &r.walk
	n, i := &w.leaf, r.cell
	for r.cell >= r.cellN {
		ev, err := r.step()
		if err != nil || ev == atEnd {
			return false, err
		}
		if ev == atCell {
			n, i = w.above, w.aboveAt
			break
		}
		r.enter()
		n, i = &w.leaf, 0
	}
	p, err := w.f.indexCell(n, i)
	if err != nil {
		return false, err
	}
	if n.leaf {
		r.room -= max(p.end-p.start, minCell)
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
