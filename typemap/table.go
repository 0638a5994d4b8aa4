package typemap

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// MaxExamples is how many offending cells of one column a profile keeps. All
// of them are counted.
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
	// Bytes is the size of all text and blobs plus 8 for each number.
	Bytes int64

	examples map[exampleID][]Example
	s        scratch
}

type exampleID struct {
	column int
	miss   Miss
}

// NewTable makes an empty profile. probes has one entry per column; see
// Probes.
func NewTable(t *schema.Table, probes []Probe) *Table {
	p := &Table{Schema: t, Columns: make([]Column, len(t.Columns)), examples: map[exampleID][]Example{}}
	for i := range p.Columns {
		p.Columns[i].Probes = probes[i]
		p.Columns[i].odd = oddClasses(t.Columns[i])
		if c := t.Columns[i]; c.NotNull || c.PKOrdinal > 0 {
			p.Columns[i].odd |= 1 << row.Null
		}
	}
	return p
}

// Add takes one row. It allocates only for the examples that it keeps.
func (p *Table) Add(rowid int64, vals []row.Value) {
	p.Rows++
	for i := range vals {
		c := &p.Columns[i]
		v := &vals[i]
		bad := c.BadText
		miss := c.add(v, &p.s)
		p.Bytes += int64(len(v.Bytes)) + 8
		if miss != MissNone {
			p.keep(i, miss, rowid, vals)
		} else if c.BadText != bad && c.BadText <= MaxExamples {
			p.keep(i, MissUTF8, rowid, vals)
		}
	}
}

func (p *Table) keep(col int, m Miss, rowid int64, vals []row.Value) {
	id := exampleID{col, m}
	p.examples[id] = append(p.examples[id], Example{
		Key:   Key(p.Schema, rowid, vals),
		Value: Show(&vals[col]),
	})
}

// Merge adds the profile of another part of the same table. Parts must be
// merged in storage order, so that the first example stays the first.
func (p *Table) Merge(o *Table) {
	p.Rows += o.Rows
	p.Bytes += o.Bytes
	for i := range p.Columns {
		p.Columns[i].merge(&o.Columns[i])
	}
	for id, list := range o.examples {
		room := MaxExamples - len(p.examples[id])
		p.examples[id] = append(p.examples[id], list[:min(room, len(list))]...)
	}
}

// Examples gives the kept cells of a column that miss a form.
func (p *Table) Examples(col int, m Miss) []Example { return p.examples[exampleID{col, m}] }

// BadText gives the kept cells whose text Postgres cannot hold.
func (p *Table) BadText(col int) []Example {
	out := append([]Example(nil), p.Examples(col, MissNUL)...)
	return append(out, p.Examples(col, MissUTF8)...)
}

// Key names a row by its primary key, or by its rowid where it has none.
func Key(t *schema.Table, rowid int64, vals []row.Value) string {
	if t.PrimaryKey == nil {
		return "rowid=" + strconv.FormatInt(rowid, 10)
	}
	parts := make([]string, len(t.PrimaryKey.Parts))
	for i, k := range t.PrimaryKey.Parts {
		parts[i] = t.Columns[k.Column].Name + "=" + Show(&vals[k.Column])
	}
	return strings.Join(parts, ", ")
}

// maxShown is how many bytes of a value a report shows.
const maxShown = 60

// Show writes a value as SQLite's quote() does, cut to a readable length.
func Show(v *row.Value) string {
	switch v.Class {
	case row.Integer:
		return strconv.FormatInt(v.Int(), 10)
	case row.Real:
		return strconv.FormatFloat(v.Real(), 'g', -1, 64)
	case row.Text:
		b, more := v.Bytes, ""
		if len(b) > maxShown {
			b, more = b[:maxShown], fmt.Sprintf("... (%d bytes)", len(v.Bytes))
		}
		if utf8.Valid(b) && more == "" && plain(b) {
			return "'" + strings.ReplaceAll(string(b), "'", "''") + "'"
		}
		return strconv.QuoteToGraphic(string(b)) + more
	case row.Blob:
		b, more := v.Bytes, ""
		if len(b) > maxShown/2 {
			b, more = b[:maxShown/2], fmt.Sprintf("... (%d bytes)", len(v.Bytes))
		}
		return fmt.Sprintf("x'%x'%s", b, more)
	}
	return "NULL"
}

func plain(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
