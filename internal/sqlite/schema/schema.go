// Package schema is the model of a SQLite database's schema: what the pragmas
// and the parsed DDL together tell about tables, keys, indexes, views.
//
// It is pure data: package sqlite fills it, everything above reads it.
package schema

import "github.com/litehaul/litehaul/internal/sqlite/syntax"

// Schema is one database file's schema. Lists stand in the order of creation
// (rowid of sqlite_schema).
type Schema struct {
	Tables   []*Table
	Views    []*View
	Virtual  []*VirtualTable
	Triggers []*Trigger
	// Broken lists schema entries that could not be read or parsed.
	Broken []Broken

	Encoding      string // "UTF-8", "UTF-16le", "UTF-16be"
	PageSize      int
	UserVersion   int32
	ApplicationID int32
}

// Broken is a schema entry that SQLite or the parser does not understand.
type Broken struct {
	Type, Name, SQL string
	Err             error
	// Damage tells that the engine itself could not load the entry, so that
	// what hangs on it is out of reach. Otherwise only this program did not
	// understand a part of its text, and its rows can be read.
	Damage bool
}

// Affinity is a column's type affinity ("Datatypes in SQLite", section 3.1).
type Affinity uint8

// The five affinities.
const (
	AffBlob Affinity = iota // also called NONE
	AffText
	AffNumeric
	AffInteger
	AffReal
)

// Table is an ordinary table, rowid or WITHOUT ROWID.
type Table struct {
	Name     string
	SQL      string
	RootPage uint32
	Columns  []*Column
	// PrimaryKey is nil when the table has none. For a rowid alias it holds
	// that one column.
	PrimaryKey *Key
	// RowidAlias is the index of the INTEGER PRIMARY KEY column, or -1.
	RowidAlias   int
	Uniques      []*Key // UNIQUE constraints, in order
	Indexes      []*Index
	ForeignKeys  []*ForeignKey
	Checks       []*Check
	WithoutRowid bool
	Strict       bool
	// Autoincrement tells that the rowid never goes down again; Seq is the
	// row of sqlite_sequence (0 where there is none).
	Autoincrement bool
	Seq           int64
}

// Column finds a column by name as SQLite does, folding ASCII case. It gives
// -1 when there is none.
func (t *Table) Column(name string) int {
	for i, c := range t.Columns {
		if equalFold(c.Name, name) {
			return i
		}
	}
	return -1
}

// Generation tells how a column gets its value.
type Generation uint8

// Ordinary columns, and the two kinds of generated ones.
const (
	NotGenerated Generation = iota
	Virtual                 // computed when read; takes no place in the record
	Stored
)

// Column is one column of a table, in declaration order, hidden ones left out.
type Column struct {
	Name      string
	DeclType  string // as written, "" for none
	Affinity  Affinity
	NotNull   bool
	Collation string // upper case; "" and BINARY are the same
	// Default is the parsed default, nil where there is none or where it
	// could not be parsed; DefaultSQL is its text.
	Default    syntax.Expr
	DefaultSQL string
	Generated  Generation
	Generator  syntax.Expr // parsed expression of a generated column
	GenSQL     string
	// PKOrdinal is the 1-based place in the primary key, or 0.
	PKOrdinal int
}

// KeyPart is one column of a key. Collation is upper case, "" for BINARY.
type KeyPart struct {
	Column    int // index into Table.Columns
	Desc      bool
	Collation string
}

// Key is a primary key or a UNIQUE constraint. Name is the constraint's name
// or "".
type Key struct {
	Name  string
	Parts []KeyPart
}

// Index is a CREATE INDEX (the automatic indexes of keys are not listed).
type Index struct {
	Name     string
	SQL      string
	Unique   bool
	Parts    []IndexPart
	Where    syntax.Expr // nil for a full index
	WhereSQL string
}

// IndexPart is one term of an index: a column, or an expression when Column
// is -1.
type IndexPart struct {
	Column    int
	X         syntax.Expr // the expression, when Column is -1
	Collation string      // upper case, "" for BINARY
	Desc      bool
}

// ForeignKey is one foreign key of a child table.
type ForeignKey struct {
	Name    string // of CONSTRAINT name, or ""
	Columns []int  // of the child
	Parent  string // the parent's name as written
	// ParentColumns are names as written; empty means the parent's primary
	// key. ParentTable resolves them.
	ParentColumns     []string
	OnDelete          string // NO ACTION, RESTRICT, SET NULL, SET DEFAULT, CASCADE
	OnUpdate          string
	Deferrable        bool
	InitiallyDeferred bool
}

// Check is a CHECK constraint of a table or column.
type Check struct {
	Name string
	X    syntax.Expr // nil when it could not be parsed
	SQL  string
	Err  error // why X is nil
}

// View is a CREATE VIEW.
type View struct {
	Name string
	SQL  string
	Tree *syntax.CreateView // nil when it could not be parsed
	// Columns are nil when the engine cannot prepare the view; Err says why.
	Columns []*Column
	Err     error
}

// VirtualTable is a CREATE VIRTUAL TABLE with its shadow tables.
type VirtualTable struct {
	Name    string
	Module  string // lower case: fts3, fts4, fts5, rtree, ...
	SQL     string
	Shadows []string
	// ShadowTables are the same tables, in the same order, as they can be
	// read. They are not in Schema.Tables.
	ShadowTables []*Table
	// Columns are known only where the engine has the module; hidden ones are
	// left out. Err says why they are not known.
	Columns []*Column
	Err     error
}

// Trigger is a CREATE TRIGGER.
type Trigger struct {
	Name, Table, SQL string
	Tree             *syntax.CreateTrigger // nil when it could not be parsed
}

// Table finds a table by name as SQLite does, folding ASCII case, or nil.
func (s *Schema) Table(name string) *Table {
	for _, t := range s.Tables {
		if equalFold(t.Name, name) {
			return t
		}
	}
	return nil
}

// equalFold compares as SQLite compares identifiers: ASCII letters only.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
