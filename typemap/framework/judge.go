package framework

import (
	"fmt"
	"slices"
	"time"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// Judge counts how the values of a table stand to all that its frameworks say
// about its columns. It serves one goroutine; those of parts of a table are
// merged in storage order.
type Judge struct {
	table   *schema.Table
	columns []judged
	lost    []int // by the last row
}

// judged is one column with hints, in the order in which they are to be taken.
type judged struct {
	col   int
	empty int64 // empty texts: they break every hint, but nothing else may
	left  int   // hints that no value has broken yet
	trial []trial
}

// trial is how the values of a column stand to one hint.
type trial struct {
	hint   *Hint
	tally  Tally
	broken *typemap.Example // the first value that does not keep it
}

// Judge makes an empty Judge of a table, nil where nothing is said about its
// columns. A column that is the rowid stays what it is, because Postgres numbers
// it, and so does one that is computed from others.
func (fs Findings) Judge(t *schema.Table) *Judge {
	j := &Judge{table: t}
	for col := range t.Columns {
		if col == t.RowidAlias || t.Columns[col].Generated != schema.NotGenerated {
			continue
		}
		c := judged{col: col}
		for _, h := range fs.Hints(t, col) {
			if h.Type.Kind == sqltype.JSON && inKey(t, col) {
				continue // which json cannot be in
			}
			h.Whole = inKey(t, col)
			c.trial = append(c.trial, trial{hint: &h})
		}
		if c.left = len(c.trial); c.left > 0 {
			j.columns = append(j.columns, c)
		}
	}
	if len(j.columns) == 0 {
		return nil
	}
	return j
}

// inKey tells whether a column is part of a key or an index.
func inKey(t *schema.Table, col int) bool {
	has := func(parts []schema.KeyPart) bool {
		return slices.ContainsFunc(parts, func(p schema.KeyPart) bool { return p.Column == col })
	}
	if t.PrimaryKey != nil && has(t.PrimaryKey.Parts) {
		return true
	}
	for _, k := range t.Uniques {
		if has(k.Parts) {
			return true
		}
	}
	for _, ix := range t.Indexes {
		if slices.ContainsFunc(ix.Parts, func(p schema.IndexPart) bool { return p.Column == col }) {
			return true
		}
	}
	return slices.ContainsFunc(t.ForeignKeys, func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, col) })
}

// Add takes one row, a value for each column of the table. It gives the columns
// of which this row has broken the last hint, valid until the next call.
func (j *Judge) Add(rowid int64, vals []row.Value) (lost []int) {
	j.lost = j.lost[:0]
	for i := range j.columns {
		c := &j.columns[i]
		v := &vals[c.col]
		switch {
		case v.Class == row.Null, c.left == 0:
			continue
		case v.Class == row.Text && len(v.Bytes) == 0:
			c.empty++
			continue
		}
		for k := range c.trial {
			x := &c.trial[k]
			if x.broken != nil {
				continue // one value is enough
			}
			x.hint.Count(&x.tally, v)
			if x.tally.broken() {
				x.broken = &typemap.Example{Key: typemap.Key(j.table, rowid, vals), Value: typemap.Show(v)}
				if c.left--; c.left == 0 {
					j.lost = append(j.lost, c.col)
				}
			}
		}
	}
	return j.lost
}

// broken tells whether some value keeps none of the forms.
func (t *Tally) broken() bool { return t.Fit[0] != t.Values && t.Fit[1] != t.Values }

// Merge adds what was counted of the next part of the table.
func (j *Judge) Merge(o *Judge) {
	for i := range j.columns {
		c, part := &j.columns[i], &o.columns[i]
		c.empty += part.empty
		for k := range c.trial {
			x, y := &c.trial[k], &part.trial[k]
			x.tally.Merge(&y.tally)
			if x.broken == nil {
				x.broken = y.broken
			}
		}
	}
}

// Hinted gives what is to be made of a column's hints: the first that all its
// values keep, or else the reason why the first does not count, where the
// declaration left no doubt that it was meant. Nil where neither is known.
func (j *Judge) Hinted(col int) *typemap.Hinted {
	for i := range j.columns {
		if c := &j.columns[i]; c.col == col {
			return c.hinted()
		}
	}
	return nil
}

func (c *judged) hinted() *typemap.Hinted {
	for k := range c.trial {
		x := &c.trial[k]
		if x.broken != nil {
			continue
		}
		if form, ok := x.hint.Holds(&x.tally); ok {
			h := x.hint.hinted(form)
			h.Broken, h.ButEmpty = c.empty > 0, c.empty > 0
			return h
		}
	}
	for k := range c.trial {
		if x := &c.trial[k]; x.hint.Declared && x.broken != nil {
			h := x.hint.hinted(x.hint.Form)
			h.Broken = true
			h.Why = fmt.Sprintf("not %s: %s at %s", h.Why, x.broken.Value, x.broken.Key)
			return h
		}
	}
	return nil
}

// hinted tells package typemap of the hint.
func (h *Hint) hinted(form typemap.Form) *typemap.Hinted {
	out := &typemap.Hinted{Framework: h.Framework, Type: h.Type, Form: form, Why: h.Why}
	if h.Zone != "" {
		// A zone that this machine does not know says nothing.
		out.Zone, _ = time.LoadLocation(h.Zone)
	}
	return out
}
