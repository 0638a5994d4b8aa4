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

	cell   int    // next cell of the leaf
	cellN  int    // its cells, 0 before the first leaf
	tally  tally  // of them
	spaces spaces // for leaves that the tally does not prove sound
	clerk  *clerk // of the account, or nil
	n      int64  // rows so far
	last   int64  // rowid of the row before
	any    bool   // there was one
	done   bool
	err    error
}

// ReadOptions are the choices of File.Reader. The zero value is good.
type ReadOptions struct {
	// Account hears of the overflow pages that are read and of what is wrong with
	// the space on leaves, or is nil.
	Account *Account
}

// Reader opens a reader of a part of a table. It stops with ctx's error when ctx
// ends.
func (f *File) Reader(ctx context.Context, l *Layout, p Part, o ReadOptions) (*Reader, error) {
	r := &Reader{layout: l, decoder: newDecoder(l, f.head.Encoding), chain: chain{f: f}}
	if o.Account != nil {
		r.clerk = o.Account.clerk(l.Name)
		r.chain.clerk = r.clerk
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
		if r.clerk != nil {
			r.clerk.a.count(r.layout.Root, r.n)
		}
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
		start, at, end, rowid := w.leaf.localCell(r.cell)
		var p payload
		if start == 0 {
			if p, rowid, err = w.f.tableCell(&w.leaf, r.cell); err != nil {
				return 0, false, err
			}
			start, end = p.start, p.end
		}
		// Rowids ascend within the bounds of their leaf.
		if rowid < w.lo || rowid > w.hi || rowid <= r.last && r.any {
			return 0, false, corrupt(w.leaf.pgno, "rowid %d out of order", rowid)
		}
		r.last, r.any = rowid, true
		r.tally.add(start, end)
		r.cell++
		if rowid < w.part.Lo {
			continue
		}
		if rowid > w.part.Hi {
			return 0, false, nil
		}
		if at == 0 {
			err = r.decode(&w.leaf, p, vals)
		} else if wrong := r.decoder.record(w.leaf.data[at:], end-at, vals); wrong != "" {
			err = r.wrong(&w.leaf, wrong)
		}
		if err != nil {
			return 0, false, err
		}
		if r.layout.alias >= 0 {
			vals[r.layout.alias].SetInt(rowid)
		}
		return rowid, true, nil
	}
}

// localCell is File.tableCell for the cells that most tables consist of: with a
// record below 16 KiB, all of it on the page, from at to end. It gives 0 for
// others.
func (n *node) localCell(i int) (start, at, end int, rowid int64) {
	if start = n.cell(i); start == 0 {
		return 0, 0, 0, 0
	}
	b := n.data[start:]
	size, w := int(b[0]), 1
	if size >= 0x80 {
		if b[1] >= 0x80 {
			return 0, 0, 0, 0
		}
		size, w = size&0x7f<<7|int(b[1]), 2
	}
	key, kw := varint(b[w:])
	at = start + w + kw
	if end = at + size; end > n.usable || size > n.usable-tableSpill {
		return 0, 0, 0, 0
	}
	return start, at, end, int64(key) //nolint:gosec // the same 64 bits
}

// step leaves the present leaf, all of whose cells were read, and goes on.
func (r *Reader) step() (event, error) {
	if r.cellN > 0 && !r.tally.simple() {
		if err := r.audit(); err != nil {
			return atEnd, err
		}
	}
	r.cellN = 0
	return r.walk.step()
}

// audit looks at the leaf's use of its bytes. Cells that share some are an error,
// whatever else is wrong is the account's.
func (r *Reader) audit() error {
	n := &r.walk.leaf
	fault, what, err := r.spaces.audit(r.walk.f, n)
	if fault == sharedBytes && err == nil {
		return corrupt(n.pgno, "%s", what)
	}
	if r.clerk != nil {
		r.clerk.space(n.pgno, fault, what)
	}
	return err
}

// enter begins with the cells of the walk's leaf.
func (r *Reader) enter() {
	n := &r.walk.leaf
	r.cell, r.cellN = 0, n.cellN
	r.tally.begin(n)
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
		r.tally.add(p.start, p.end)
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
		return r.wrong(n, wrong)
	}
	return nil
}

// wrong tells what is wrong with the record of the present row.
func (r *Reader) wrong(n *node, what string) error {
	if r.layout.Keyed {
		return corrupt(n.pgno, "row %d: %s", r.n+1, what)
	}
	return corrupt(n.pgno, "rowid %d: %s", r.last, what)
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
