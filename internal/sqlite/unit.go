package sqlite

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Unit is what one reader reads: a table, a range of its rowids, a view or a
// virtual table.
type Unit struct {
	Name string
	// Table is set for ordinary tables; views and virtual tables have only
	// their columns.
	Table   *schema.Table
	Columns []*schema.Column
	// Lo and Hi bound the rowids, both inclusive. Only tables that can be cut
	// (see Ranged) have other bounds than the widest.
	Lo, Hi int64
	// Where is a condition on the rows, in SQL; only OpenReader heeds it.
	Where string
	// Subtrees is the part of a WITHOUT ROWID table that OpenPages reads; the zero
	// value is all of it.
	Subtrees page.Subtrees
}

// TableUnit is the whole of a table.
func TableUnit(t *schema.Table) Unit {
	return Unit{Name: t.Name, Table: t, Columns: t.Columns, Lo: math.MinInt64, Hi: math.MaxInt64}
}

// ViewUnit is the whole of a view.
func ViewUnit(v *schema.View) Unit {
	return Unit{Name: v.Name, Columns: v.Columns, Lo: math.MinInt64, Hi: math.MaxInt64}
}

// VirtualUnit is the whole of a virtual table, as its module shows it.
func VirtualUnit(v *schema.VirtualTable) Unit {
	return Unit{Name: v.Name, Columns: v.Columns, Lo: math.MinInt64, Hi: math.MaxInt64}
}

// Ranged tells whether the unit's table can be cut into ranges of rowids: it has
// rowids, and a name by which to speak of them.
func (u Unit) Ranged() bool { return u.Table != nil && rowidName(u.Table) != "" }

// Whole tells whether the unit is all of its table.
func (u Unit) Whole() bool {
	return u.Lo == math.MinInt64 && u.Hi == math.MaxInt64 && u.Subtrees == page.Subtrees{}
}

// rowidName gives an expression for the table's rowid, or "" where there is none
// or where columns of the table take all its names.
func rowidName(t *schema.Table) string {
	if t.WithoutRowid {
		return ""
	}
	if t.RowidAlias >= 0 {
		return quote(t.Columns[t.RowidAlias].Name)
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if t.Column(name) < 0 {
			return name
		}
	}
	return ""
}

// Bounds of the walk through interior pages that Units takes.
const (
	maxSplitPages = 4096
	splitSlack    = 8 // separators wanted per unit, so that units come out even
)

// Units cuts a table into at most n units with about the same number of leaf
// pages, in the order of rowids. Together they cover every rowid that can exist.
// The cuts are keys of the B-tree's interior pages; where these make no sense,
// and for tables that cannot be cut, there is one unit. A damaged page is no
// error here: it will be one for the reader. But a tree out of order can end a
// range early without an error; RowCount and Check tell.
func (s *Snapshot) Units(ctx context.Context, t *schema.Table, n int) ([]Unit, error) {
	whole := TableUnit(t)
	if n < 2 || !whole.Ranged() || t.RootPage < 2 {
		return []Unit{whole}, nil
	}
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer s.release(c)
	defer c.watch(ctx)()
	keys, err := c.separators(t.RootPage, n*splitSlack)
	if err != nil {
		return nil, ended(ctx, fmt.Errorf("cut table %s: %w", t.Name, err))
	}
	return cut(whole, keys, n), nil
}

// cut divides the whole at every len(keys)/n-th key.
func cut(whole Unit, keys []int64, n int) []Unit {
	if !slices.IsSorted(keys) {
		return []Unit{whole}
	}
	n = min(n, len(keys)+1)
	units := make([]Unit, 0, n)
	lo := whole.Lo
	for i := 1; i < n; i++ {
		key := keys[i*(len(keys)+1)/n-1]
		if key < lo || key == math.MaxInt64 {
			continue
		}
		u := whole
		u.Lo, u.Hi = lo, key
		units = append(units, u)
		lo = key + 1
	}
	last := whole
	last.Lo = lo
	return append(units, last)
}

// separators collects the keys of the interior pages below root (file format,
// section 1.6), level by level, until there are enough. It gives nil when a page
// is not what it should be. A key is the largest rowid of its left subtree.
func (c *conn) separators(root uint32, enough int) ([]int64, error) {
	st, err := c.prepare(`SELECT data FROM sqlite_dbpage('main') WHERE pgno = ?1`)
	if err != nil {
		return nil, err
	}
	defer st.close()
	level, keys := []uint32{root}, []int64(nil)
	seen := 0
	for len(keys) < enough && len(level) > 0 && seen < maxSplitPages {
		var nextLevel []uint32
		var merged []int64
		for i, pgno := range level {
			if seen++; seen > maxSplitPages {
				return keys, nil
			}
			children, own, err := st.interior(pgno)
			if err != nil {
				return nil, err
			}
			if children == nil {
				return keys, nil // leaves: nothing finer
			}
			merged = append(merged, own...)
			if i < len(keys) {
				merged = append(merged, keys[i])
			}
			nextLevel = append(nextLevel, children...)
		}
		level, keys = nextLevel, merged
	}
	return keys, nil
}

// The header of an interior table page.
const (
	interiorTable  = 0x05
	interiorHeader = 12
)

// interior reads the child pages and keys of an interior table page, or nothing
// where the page is none.
func (st *stmt) interior(pgno uint32) (children []uint32, keys []int64, err error) {
	st.reset()
	if err := st.bindInt(1, int64(pgno)); err != nil {
		return nil, nil, err
	}
	ok, err := st.step()
	if err != nil || !ok {
		return nil, nil, err
	}
	page := st.blob(0)
	if len(page) < interiorHeader || page[0] != interiorTable {
		return nil, nil, nil
	}
	cells := int(binary.BigEndian.Uint16(page[3:]))
	for i := range cells {
		at := interiorHeader + 2*i
		if at+2 > len(page) {
			return nil, nil, nil
		}
		cell := int(binary.BigEndian.Uint16(page[at:]))
		if cell+5 > len(page) {
			return nil, nil, nil
		}
		key, ok := varint(page[cell+4:])
		if !ok {
			return nil, nil, nil
		}
		children = append(children, binary.BigEndian.Uint32(page[cell:]))
		keys = append(keys, key)
	}
	return append(children, binary.BigEndian.Uint32(page[8:])), keys, nil
}

// varint decodes SQLite's 64-bit variable-length integer: up to eight bytes of
// seven bits, then one of eight.
func varint(b []byte) (int64, bool) {
	var v uint64
	for i := range min(len(b), 9) {
		if i == 8 {
			return int64(v<<8 | uint64(b[i])), true //nolint:gosec // the same 64 bits
		}
		v = v<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return int64(v), true //nolint:gosec // the same 64 bits
		}
	}
	return 0, false
}
