package page

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Layout is how the records of one table become its columns. It is made once per
// table and may be shared by readers.
type Layout struct {
	// Name is the table's, for errors.
	Name string
	// Root is the root page of its b-tree.
	Root uint32
	// Keyed tells that the rows are in an index b-tree (WITHOUT ROWID).
	Keyed bool

	columnN int
	alias   int // the column that is the rowid, or -1
	slots   []slot
	inOrder bool  // the fields of a record are the columns, one by one
	reals   []int // REAL columns
	// absent are the values of columns that a record is too short for.
	absent []row.Value
}

// slot is one field of a record.
type slot struct {
	column int32
	real   bool // integers are REAL values stored short (file format, section 2.3)
}

// CanRead tells whether the rows of a table can be had from its pages alone, and
// if not, why.
func CanRead(t *schema.Table) (ok bool, why string) {
	_, why = layout(t)
	return why == "", why
}

// NewLayout gives the layout of a table that CanRead accepts.
func NewLayout(t *schema.Table) (*Layout, error) {
	l, why := layout(t)
	if why != "" {
		return nil, fmt.Errorf("table %q cannot be read from its pages: %s", t.Name, why)
	}
	return l, nil
}

func layout(t *schema.Table) (l *Layout, why string) {
	if t.RootPage < 2 {
		return nil, "it has no b-tree"
	}
	l = &Layout{
		Name: t.Name, Root: t.RootPage, Keyed: t.WithoutRowid, columnN: len(t.Columns), alias: t.RowidAlias,
		absent: make([]row.Value, len(t.Columns)),
	}
	for i, c := range t.Columns {
		if c.Affinity == schema.AffReal {
			l.reals = append(l.reals, i)
		}
		if c.Generated == schema.Virtual {
			return nil, fmt.Sprintf("column %q is computed when it is read", c.Name)
		}
		if l.absent[i], why = absentValue(c); why != "" {
			return nil, fmt.Sprintf("column %q: %s", c.Name, why)
		}
	}
	if l.alias >= 0 && !strings.EqualFold(t.Columns[l.alias].DeclType, "INTEGER") {
		return nil, "its rowid column is not an INTEGER" // a schema that lost an index
	}
	if !l.Keyed {
		for i, c := range t.Columns {
			l.add(i, c)
		}
		l.inOrder = true
		return l, ""
	}
	if t.PrimaryKey == nil || len(t.PrimaryKey.Parts) == 0 {
		return nil, "its primary key is not known"
	}
	why = l.keyed(t)
	return l, why
}

func (l *Layout) add(i int, c *schema.Column) {
	l.slots = append(l.slots, slot{column: int32(i), real: c.Affinity == schema.AffReal}) //nolint:gosec // at most 32767 columns
}

// keyed orders the fields of a WITHOUT ROWID table (file format, section 2.4):
// the columns of the key, then the others. A column named twice in the key is
// there once, unless the second time has another collation.
func (l *Layout) keyed(t *schema.Table) (why string) {
	inKey := make([]bool, len(t.Columns))
	known := map[schema.KeyPart]bool{}
	for _, p := range t.PrimaryKey.Parts {
		if p.Column < 0 || p.Column >= len(t.Columns) {
			return "its primary key is not known"
		}
		part := schema.KeyPart{Column: p.Column, Collation: p.Collation}
		if part.Collation == "BINARY" {
			part.Collation = ""
		}
		if !known[part] {
			l.add(p.Column, t.Columns[p.Column])
		}
		known[part], inKey[p.Column] = true, true
	}
	for i, c := range t.Columns {
		if !inKey[i] {
			l.add(i, c)
		}
	}
	return ""
}

// schemaLayout is the layout of sqlite_schema, which no schema describes.
func schemaLayout() *Layout {
	const columnN = 5 // type, name, tbl_name, rootpage, sql
	l := &Layout{Name: "sqlite_schema", Root: 1, columnN: columnN, alias: -1, absent: make([]row.Value, columnN)}
	for i := range int32(columnN) {
		l.slots = append(l.slots, slot{column: i})
	}
	return l
}
