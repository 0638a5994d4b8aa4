package typemap

import (
	"math/bits"
	"slices"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// MaxExamples is how many offending cells of one column and kind a profile
// keeps. All of them are counted.
const MaxExamples = 20

// Example is one value of a column that made a candidate type impossible.
type Example struct {
	Key   string // of its row: "id=17" or "rowid=17"
	Value string // as a reader knows it: 'text', x'00ff', 12
}

// Table is the profile of one table: all values of all columns.
type Table struct {
	Schema  *schema.Table
	Columns []Column
	Rows    int64
	// Bytes is the size of all text and blobs plus 8 for each value.
	Bytes int64

	examples map[exampleID][]Example
	s        scratch
}

type exampleID struct {
	column int
	miss   Miss
}

// NewTable makes an empty profile. probes has one entry per column; see
// Probes. The profile serves one goroutine.
func NewTable(t *schema.Table, probes []Probe) *Table {
	p := &Table{Schema: t, Columns: make([]Column, len(t.Columns)), examples: map[exampleID][]Example{}}
	for i := range p.Columns {
		p.Columns[i].Probes = probes[i]
		p.Columns[i].odd = oddClasses(t.Columns[i])
		if c := t.Columns[i]; c.NotNull || c.PKOrdinal > 0 || probes[i]&ProbeNull != 0 {
			p.Columns[i].odd |= 1 << row.Null
		}
	}
	return p
}

// Add takes one row, a value for each column. It allocates only for the
// examples that it keeps.
func (p *Table) Add(rowid int64, vals []row.Value) {
	p.Rows++
	size := 8 * len(vals)
	columns := p.Columns[:len(vals)]
	for i := range vals {
		c, v := &columns[i], &vals[i]
		c.Count[v.Class]++
		switch v.Class {
		case row.Null:
		case row.Integer:
			c.addInt(v.Int())
		case row.Real:
			c.addReal(v.Real())
		case row.Text:
			size += len(v.Bytes)
			c.Bytes += int64(len(v.Bytes))
			c.addText(v.Bytes, &p.s)
		case row.Blob:
			size += len(v.Bytes)
			c.Bytes += int64(len(v.Bytes))
			c.addBlob(v.Bytes, &p.s)
		}
		if c.odd>>v.Class&1 != 0 {
			c.addOdd(v.Class)
		}
		if c.fresh != 0 {
			p.keep(i, c.fresh, rowid, vals)
			c.fresh = 0
		}
	}
	p.Bytes += int64(size)
}

// keep takes a cell as an example of each of the misses.
func (p *Table) keep(col int, misses uint32, rowid int64, vals []row.Value) {
	ex := Example{Key: Key(p.Schema, rowid, vals), Value: Show(&vals[col])}
	for ; misses != 0; misses &= misses - 1 {
		id := exampleID{col, Miss(bits.TrailingZeros32(misses))} //nolint:gosec // at most 32
		p.examples[id] = append(p.examples[id], ex)
	}
}

// Merge adds the profile of another part of the same table. Parts must be
// merged in storage order, so that the first example stays the first.
func (p *Table) Merge(o *Table) {
	p.Rows += o.Rows
	p.Bytes += o.Bytes
	for i := range p.Columns {
		c, part := &p.Columns[i], &o.Columns[i]
		c.merge(part)
		if gone := c.forgot | part.forgot; gone != 0 {
			c.Forget(gone)
		}
	}
	for id, list := range o.examples {
		room := MaxExamples - len(p.examples[id])
		p.examples[id] = append(p.examples[id], list[:min(room, len(list))]...)
	}
}

// Examples gives the kept cells of a column that miss a form, in storage
// order.
func (p *Table) Examples(col int, m Miss) []Example { return p.examples[exampleID{col, m}] }

// BadText gives the kept cells whose text Postgres cannot hold.
func (p *Table) BadText(col int) []Example {
	return slices.Concat(p.Examples(col, MissNUL), p.Examples(col, MissUTF8))
}
