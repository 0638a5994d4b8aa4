package merge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Standing is what becomes of a row of the table that has the key of one of ours.
type Standing uint8

// What may become of rows that stand.
const (
	Refused  Standing = iota // there must be none
	Kept                     // it stays as it is, and ours is left out
	Replaced                 // it gets the values of ours
)

// KeyColumn is the column of Rows.From that names a row for people.
const KeyColumn = "litehaul key"

// Rows are rows that are to go into a table. In all that is written here their
// alias is v, and that of the table's rows t.
type Rows struct {
	Into *catalog.Relation
	// From is the relation that holds them, ready to stand in a statement: the
	// columns bear the names and types of the table's, and KeyColumn is there.
	From string
	// Columns are those of the table that the rows have.
	Columns []string
	// Key are the columns by which a row is found in the table, or none.
	Key      []string
	Standing Standing
}

// Stage writes the statement that makes a temporary table, until the end of the
// transaction, with columns of the types of a table's, under other names. Both
// tables are as they stand in a statement, the new one without schema.
func Stage(name, table string, columns, names []string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = postgres.Quote(c) + " AS " + postgres.Quote(names[i])
	}
	return fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM ONLY %s WITH NO DATA", name, strings.Join(list, ", "), table)
}

// Equal compares two expressions as a unique key or foreign key over a type
// does, whatever the role's search_path finds. Postgres has no = for domains
// over enums, only for the enums themselves.
func Equal(t *catalog.Type, a, b string) string {
	schema := "pg_catalog"
	switch p := t.Plain(); p.Class {
	case catalog.Scalar, catalog.Other:
		schema = p.Schema
	case catalog.Enum:
		a, b = "CAST("+a+" AS "+p.Text+")", "CAST("+b+" AS "+p.Text+")"
	case catalog.Array, catalog.Domain:
	}
	return a + " OPERATOR(" + postgres.Quote(schema) + ".=) " + b
}

// Show writes a value of a type for people, its beginning where it is long.
func Show(t *catalog.Type, expr string) string {
	text := fmt.Sprintf("left(CAST(%s AS text), 60)", expr)
	if t.Plain().Base.IsText() {
		return "quote_literal(" + text + ")"
	}
	return text
}

// Same tells whether the rows of two aliases have the same key.
func (m *Rows) Same(a, b string) string {
	return m.identity(m.named(a), m.named(b))
}

// Image compares the rows of two aliases by some columns, bit by bit: op is *= or
// *<>. Types without an equality of their own compare too.
func Image(a, op, b string, columns []string) string {
	return fmt.Sprintf("CAST(ROW(%s) AS record) OPERATOR(pg_catalog.%s) CAST(ROW(%s) AS record)", of(a, columns), op, of(b, columns))
}

// of lists columns of an alias.
func of(alias string, columns []string) string { return strings.Join(each(alias, columns), ", ") }

func each(alias string, columns []string) []string {
	out := make([]string, len(columns))
	for i, name := range columns {
		out[i] = alias + "." + postgres.Quote(name)
	}
	return out
}

// table gives the table's name.
func (m *Rows) table() string { return postgres.Qualify(m.Into.Schema, m.Into.Name) }

// joined selects from our rows and those that stand under their keys.
func (m *Rows) joined() string {
	return fmt.Sprintf("FROM %s v JOIN ONLY %s t ON %s", m.From, m.table(), m.Same("v", "t"))
}

// has tells whether the rows have all of the columns.
func (m *Rows) has(names []string) bool {
	missing := func(name string) bool { return !slices.Contains(m.Columns, name) }
	return len(names) > 0 && !slices.ContainsFunc(names, missing)
}
