package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Gap is a stretch of a damaged table that could not be read.
type Gap struct {
	Table string
	// Lo and Hi bound the rowids of the rows that may be lost, both inclusive,
	// when Rowids is set. Tables without rowids have none.
	Lo, Hi int64
	Rowids bool
	Err    error
}

// OpenSalvage reads what can be read of a damaged table. It goes forward until
// an error and backward from the end until an error; what lies between is split
// where the tree's interior pages say that a leaf ends, or halved where they say
// nothing, and each part is tried again. The number of steps is bounded. A table
// without rowids is read forward, and backward by its primary key where that has
// a plain order.
//
// No row comes twice. Each stretch given up is told to onGap, at the latest
// when Next reports the end; rows of a damaged table come in no particular order. Next returns no error for damage; it does
// for the end of ctx and other causes.
func (s *Snapshot) OpenSalvage(ctx context.Context, t *schema.Table, onGap func(Gap)) (row.Reader, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, asDamage(t.Name, err)
	}
	v := &salvage{ctx: ctx, s: s, c: c, t: t, onGap: onGap, stop: c.watch(ctx)}
	if TableUnit(t).Ranged() && (t.RowidAlias >= 0 || len(t.Columns) < maxColumns) {
		err = v.openRowids()
	} else {
		err = v.openKeys()
	}
	if err != nil {
		_ = v.Close() // the error that matters is at hand
		return nil, ended(ctx, asDamage(t.Name, fmt.Errorf("salvage %s: %w", t.Name, err)))
	}
	return v, nil
}

// salvage is the reader of a damaged table. It runs one statement at a time;
// follow decides, at the end of each, which is next.
type salvage struct {
	ctx   context.Context //nolint:containedctx // as in reader
	s     *Snapshot
	c     *conn
	t     *schema.Table
	onGap func(Gap)
	stop  func()

	first  int32 // result column of the first value
	st     *stmt // the one that runs
	take   func(vals []row.Value) (rowid int64, ok bool)
	follow func(failure error) error
	owned  []*stmt
	done   bool
	closed bool
}

// Next implements row.Reader.
func (v *salvage) Next(vals []row.Value) (rowid int64, ok bool, err error) {
	if len(vals) != len(v.t.Columns) {
		return 0, false, fmt.Errorf("salvage %s: %d values for %d columns", v.t.Name, len(vals), len(v.t.Columns))
	}
	for !v.done {
		if v.ctx.Err() != nil {
			return 0, false, context.Cause(v.ctx)
		}
		found, failure := v.st.step()
		if found {
			failure = v.c.guard("read row", func() error { v.st.row(vals, v.first); return nil })
		}
		if found && failure == nil {
			if rowid, ok = v.take(vals); ok {
				return rowid, true, nil
			}
			continue
		}
		if err = failure; v.canFollow(failure) {
			err = v.follow(failure)
		}
		if err != nil {
			v.done = true
			return 0, false, ended(v.ctx, fmt.Errorf("salvage %s: %w", v.t.Name, err))
		}
	}
	return 0, false, nil
}

// canFollow tells whether a scan ended in a way that leaves others worth trying.
// A bad sector (an I/O error) is damage too, but it ends the transaction.
func (v *salvage) canFollow(failure error) bool {
	if failure == nil {
		return true
	}
	var e *Error
	return errors.As(failure, &e) && (e.Damaged() || e.Code == sqlite3.SQLITE_IOERR) && v.s.joined(v.c)
}

// Close implements row.Reader.
func (v *salvage) Close() error {
	if v.closed {
		return nil
	}
	v.closed, v.done = true, true
	v.stop()
	for _, st := range v.owned {
		st.close()
	}
	v.s.release(v.c)
	return nil
}

// prepare compiles one of the salvage's statements.
func (v *salvage) prepare(sql string) (*stmt, error) {
	st, err := v.c.prepare(sql)
	if err != nil {
		return nil, err
	}
	v.owned = append(v.owned, st)
	st.utf16 = v.s.info.Encoding != "UTF-8"
	if n := st.columns() - int(v.first); n != len(v.t.Columns) {
		return nil, fmt.Errorf("the schema has %d columns, the engine reads %d", len(v.t.Columns), n)
	}
	return st, nil
}

// Bounds of the search by rowid. A leaf that cannot be read at all costs
// 2^maxBarren splits of two scans each, some tens of microseconds a scan.
const (
	maxScans  = 1 << 16
	maxBarren = 5
)

// span is a stretch of rowids to read, both ends inclusive. barren counts the
// halvings above it that gave no row.
type span struct {
	lo, hi int64
	barren int
}

// search is the salvage of a table with rowids.
type search struct {
	v                 *salvage
	forward, backward *stmt
	leafEnds          []int64 // rowids at which leaves end, as far as known
	open              []span  // still to be read; the last one is next
	at                span
	seen              runs
	gave              bool // the current span gave a row
	scanN             int
	gap               *Gap // found last; the next one may continue it
}

func (v *salvage) openRowids() (err error) {
	key := rowidName(v.t)
	what := key + ", *"
	v.first = 1
	if v.t.RowidAlias >= 0 {
		what, v.first = "*", 0
	}
	all := "SELECT " + what + " FROM main." + quote(v.t.Name) + " NOT INDEXED"
	sql := all + " WHERE " + key + " BETWEEN ?1 AND ?2 ORDER BY " + key
	f := &search{v: v}
	if f.forward, err = v.prepare(sql); err != nil {
		return err
	}
	if f.backward, err = v.prepare(sql + " DESC"); err != nil {
		return err
	}
	// A damaged interior page makes this list shorter, and the search longer.
	f.leafEnds, err = v.c.separators(v.t.RootPage, math.MaxInt)
	if err != nil && v.c.dead {
		return err
	}
	slices.Sort(f.leafEnds)
	v.take, v.follow = f.take, f.follow
	// First as every reader does, without a seek.
	f.at = span{lo: math.MinInt64, hi: math.MaxInt64}
	v.st, err = v.prepare(all)
	return err
}

// next begins the next span, forward.
func (f *search) next() error {
	if len(f.open) == 0 {
		f.v.done = true
		f.tell()
		return nil
	}
	f.at = f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	f.gave = false
	return f.scan(f.forward)
}

// scan begins a statement on the current span.
func (f *search) scan(st *stmt) error {
	f.scanN++
	f.v.st = st
	f.seen.begin(st == f.backward)
	st.reset()
	if err := st.bindInt(1, f.at.lo); err != nil {
		return err
	}
	return st.bindInt(2, f.at.hi)
}

// take judges a row that was read. One that came before is dropped; one of which
// that cannot be told is dropped too, and told as a gap.
func (f *search) take(vals []row.Value) (int64, bool) {
	v := f.v
	rowid := v.st.int(0)
	if v.first == 0 {
		rowid = vals[v.t.RowidAlias].Int()
	}
	fresh, known := f.seen.add(rowid)
	if fresh {
		f.gave = true
	} else if !known {
		f.lose(rowid, rowid, &DamagedError{
			Table: v.t.Name, Detail: fmt.Sprintf("rowid %d out of order, perhaps of a row read before", rowid),
		})
	}
	return rowid, fresh
}

// follow is called at the end of a scan.
func (f *search) follow(failure error) error {
	if failure == nil {
		return f.next()
	}
	reached, ok := f.seen.reached()
	if f.v.st != f.backward {
		if ok && reached >= f.at.lo {
			if reached >= f.at.hi {
				return f.next()
			}
			f.at.lo = reached + 1
		}
		return f.scan(f.backward)
	}
	if ok && reached <= f.at.hi {
		if reached <= f.at.lo {
			return f.next()
		}
		f.at.hi = reached - 1
	}
	f.split(failure)
	return f.next()
}

// split divides the current span, both ends of which fail, or gives it up.
func (f *search) split(failure error) {
	lo, hi := f.seen.trim(f.at.lo, f.at.hi)
	if lo > hi {
		return
	}
	barren := 0
	at, known := f.leafEnd(lo, hi)
	if !known {
		if barren = f.at.barren + 1; f.gave {
			barren = 0
		}
		at = middle(lo, hi)
	}
	if lo == hi || barren > maxBarren || f.scanN >= maxScans {
		f.lose(lo, hi, asDamage(f.v.t.Name, failure))
		return
	}
	f.open = append(f.open, span{at + 1, hi, barren}, span{lo, at, barren})
}

// lose notes a gap. Spans are tried from left to right, so the parts of one gap
// follow each other.
func (f *search) lose(lo, hi int64, err error) {
	if f.gap != nil && f.gap.Hi < lo && f.gap.Hi+1 == lo {
		f.gap.Hi = hi
		return
	}
	f.tell()
	f.gap = &Gap{Table: f.v.t.Name, Lo: lo, Hi: hi, Rowids: true, Err: err}
}

// tell hands the noted gap over.
func (f *search) tell() {
	if f.gap != nil {
		f.v.onGap(*f.gap)
		f.gap = nil
	}
}

// leafEnd gives the first known end of a leaf within [lo, hi).
func (f *search) leafEnd(lo, hi int64) (int64, bool) {
	i, _ := slices.BinarySearch(f.leafEnds, lo)
	if i < len(f.leafEnds) && f.leafEnds[i] < hi {
		return f.leafEnds[i], true
	}
	return 0, false
}

// middle divides [lo, hi], lo < hi. Rowids are dense near those that exist, and
// the span may be open-ended: a wide one is divided by half its magnitude.
func middle(lo, hi int64) int64 {
	width := uint64(hi) - uint64(lo) //nolint:gosec // modular: right for every lo <= hi
	const wide = 32
	if n := bits.Len64(width); n > wide {
		if lo < 0 && hi < math.MaxInt64/2 { // rows are near hi
			return hi - int64(1)<<(n/2)
		}
		return lo + int64(1)<<(n/2)
	}
	return lo + int64(width/2) //nolint:gosec // below 2^31
}
