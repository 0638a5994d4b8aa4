// Package sample chooses which rows of a SQLite database go into a sample, so that
// the sample is whole: a row goes in only with all the rows that its foreign keys
// reference, as far as the source has them.
//
// Conditions come first. A row that does not meet the condition of its table is left
// out, and so is every row that references, in one step or several, a row that is
// left out: what remains is the source as if those rows had never been there.
//
// Of what remains, a share can be drawn. Small tables go in whole, and so do those
// that the caller names. Of a table that references no table of which rows are drawn,
// they are drawn by a hash of their keys: the same rows each time. Of others, the rows
// whose owner is drawn are taken: the row that one of their foreign keys references (see
// chooser.owner). Last come the parents that rows lack.
//
// All sets of rows lie in tables of a temporary database of SQLite's own, beside a
// connection that reads the source, and SQLite compares keys as its foreign keys do.
// What comes of it is a file with the numbers of rows, eight bytes each, from which
// any number of readers are filtered. So memory does not grow with the source. The
// source is never written to.
package sample

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Table is a table of the source.
type Table struct {
	Schema *schema.Table
	// Conditions are expressions in SQL, all of which hold for the rows that go in.
	Conditions []string
	// Whole tells to take all rows that meet the conditions.
	Whole bool
}

// Reference is a foreign key between two tables, given by their places. The columns
// of the parent are a key of it.
type Reference struct {
	Child, Parent int
	Key           *schema.ForeignKey
	ParentColumns []int
}

// Request says what is to be chosen.
type Request struct {
	Tables     []Table
	References []Reference
	// Share is the share of rows to draw, above 0 and at most 1; 0 draws none, and
	// takes what the conditions leave.
	Share float64
	// Small is how many rows a table has at most that goes in whole when others are
	// drawn from.
	Small int
}

// ConditionError is a condition that cannot be asked.
type ConditionError struct {
	Table, Condition string
	Err              error
}

// Error names the table and the condition.
func (e *ConditionError) Error() string {
	return fmt.Sprintf("table %s: condition %s: %v", e.Table, e.Condition, e.Err)
}

// Unwrap gives what is wrong with it.
func (e *ConditionError) Unwrap() error { return e.Err }

// UnnamedError is a table whose rows SQL cannot name: its columns take all the names of
// the rowid.
type UnnamedError struct{ Table string }

// Error names the table.
func (e *UnnamedError) Error() string {
	return fmt.Sprintf("table %s: its columns take all the names of the rowid, so no rows of it can be chosen", e.Table)
}

// Choice is what was chosen. Its file goes with Close, or with the process where files
// can lose their names while they are open.
type Choice struct {
	file   *os.File
	named  bool    // the file still has its name
	tables []*Rows // nil: all rows
}

// Rows are the rows that go in of one table.
type Rows struct {
	file *os.File
	// The list of n numbers is sorted, and begins at an offset of the file.
	offset, n int64
	listed    bool // it has the rows that go in, not those that stay
	ordinals  bool // rows are numbered in the order of the table's tree
	left      int64
}

// Table gives the rows of the i-th table, nil where all of them go in.
func (c *Choice) Table(i int) *Rows { return c.tables[i] }

// Left gives the number of rows that stay behind.
func (r *Rows) Left() int64 { return r.left }

// Ordinals tells that rows are known by their place in the table's tree, from 0 on:
// the table must be read by one reader, from its beginning.
func (r *Rows) Ordinals() bool { return r.ordinals }

// Close gives the choice up. Readers must not be used after it.
func (c *Choice) Close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	if c.named {
		err = errors.Join(err, os.Remove(c.file.Name()))
	}
	c.file = nil
	if err != nil {
		return fmt.Errorf("remove the list of rows: %w", err)
	}
	return nil
}

// chooser chooses. Sets of rows are tables of the scratch database: temp.gone has those
// that stay behind, temp.kept those that were drawn or added. Both number tables as
// the request does and rows as relation.id gives them.
type chooser struct {
	x      *sqlite.Scratch
	req    Request
	tables []*relation
	parts  [][]int // strongly connected by references, parents first
}

// Choose chooses rows. Its errors are *ConditionError, *UnnamedError, those of package
// sqlite, or of ctx.
func Choose(ctx context.Context, snap *sqlite.Snapshot, req Request) (*Choice, error) {
	x, err := snap.Scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	req.Tables = slices.Clone(req.Tables) // Whole is filled in
	c := &chooser{x: x, req: req}
	for _, step := range []func() error{c.open, c.filter, c.draw, c.complete} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c.lists()
}

// open checks the conditions and makes the sets.
func (c *chooser) open() error {
	for i := range c.req.Tables {
		r, err := newRelation(c.x, i, c.req.Tables[i].Schema)
		if err != nil {
			return err
		}
		c.tables = append(c.tables, r)
	}
	for i, t := range c.req.Tables {
		for _, cond := range t.Conditions {
			if err := c.tables[i].check(c.x, cond); err != nil {
				return &ConditionError{Table: t.Schema.Name, Condition: cond, Err: err}
			}
		}
	}
	c.parts = components(len(c.tables), c.req.References)
	for _, r := range c.tables {
		if err := r.number(c.x); err != nil {
			return err
		}
	}
	for _, set := range []string{"gone", "kept"} {
		if err := c.x.Exec("CREATE TEMP TABLE " + set + "(t INTEGER, id INTEGER, PRIMARY KEY (t, id)) WITHOUT ROWID"); err != nil {
			return err
		}
	}
	// Within a circle, who references whom: children by parents, and the reverse.
	return c.x.Exec("CREATE TEMP TABLE edge(pt INTEGER, p INTEGER, ct INTEGER, c INTEGER, PRIMARY KEY (pt, p, ct, c)) WITHOUT ROWID")
}

// count counts a set's rows of one table.
func (c *chooser) count(set string, i int) (n int64, err error) {
	err = c.x.Query(fmt.Sprintf("SELECT count(*) FROM temp.%s WHERE t = %d", set, i), func(vals []row.Value) error {
		n = vals[0].Int()
		return nil
	})
	return n, err
}
