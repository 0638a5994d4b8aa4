package pipeline

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// errDropped says of an object why it is not made.
var errDropped = errors.New("a column that it needs is left behind")

// leaves tells whether the user lets go of a column.
func (r *run) leaves(src *schema.Table, i int) bool {
	if x := r.maps[src]; x != nil && x.drop[i] {
		return true
	}
	return slices.ContainsFunc(r.cfg.DropColumns, func(x string) bool {
		return strings.EqualFold(x, src.Name+"."+src.Columns[i].Name)
	})
}

// checkDrops refuses to let go of what is not there, or of all of a table.
func (r *run) checkDrops() error {
	for _, name := range r.cfg.DropColumns {
		known := slices.ContainsFunc(r.all, func(t *schema.Table) bool {
			return slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return strings.EqualFold(name, t.Name+"."+c.Name) })
		})
		if !known {
			return &Error{
				Err:  fmt.Errorf("no column %s, which --drop-column names", name),
				Hint: "litehaul inspect lists tables and columns", Code: ExitUsage,
			}
		}
	}
	for _, t := range r.tables {
		left := 0
		for i := range t.src.Columns {
			if !r.leaves(t.src, i) {
				left++
			}
		}
		if left == 0 {
			return &Error{
				Err:  fmt.Errorf("no column of table %s is left to load", t.src.Name),
				Hint: "leave the table behind as a whole, with --exclude", Code: ExitUsage,
			}
		}
	}
	return nil
}

// dropDecisions takes the columns that are left behind out of what was decided
// for tables that the run makes.
func (r *run) dropDecisions() {
	for _, t := range r.tables {
		for i := range t.decisions {
			if r.leaves(t.src, i) {
				t.decisions[i] = typemap.Decision{Column: convert.Column{Skip: true}, Proven: true, Evidence: t.decisions[i].Evidence}
			}
		}
	}
}

// reportDrop puts a column that is left behind into the report.
func (r *run) reportDrop(src *schema.Table, i int) {
	why := "--drop-column"
	if x := r.maps[src]; x != nil && x.drop[i] {
		why = "the plan leaves it behind"
	}
	r.object(Object{Kind: "column", Table: src.Name, Name: src.Columns[i].Name, Status: "left out", Why: why})
}

// lacks tells whether one of the columns is not carried over.
func (t *table) lacks(cols ...int) bool {
	return slices.ContainsFunc(cols, func(c int) bool { return c >= 0 && t.decisions[c].Skip })
}
