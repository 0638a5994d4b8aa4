package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// Rules is what is known about one framework.
type Rules struct {
	// Name is how its users call it.
	Name string
	// Proofs and Clues tell that it made a schema: one proof does, or two
	// clues. Tables of Books may count among them.
	Proofs, Clues []Sign
	// Books are its bookkeeping tables.
	Books []Book
	// Seeds are tables that it fills by itself in each new database.
	Seeds []Seed
	// Generic tells how it refers to rows of any table.
	Generic []Generic
	// Columns say what columns mean, the first that fits first.
	Columns []Column
	// Zone is where datetimes without a zone belong.
	Zone Zone
}

// Strength is how much a bookkeeping table tells.
type Strength uint8

// The strengths: others have such a table too; it is one of two clues that
// are needed; nobody else has it.
const (
	Nothing Strength = iota
	Clue
	Proof
)

// Book is a table in which a framework keeps its own accounts, mostly which
// migrations have run. In tables that an application already made it is left
// alone: each database has its own.
type Book struct {
	Table string
	// Columns that it must have, "name" or "name type" with commas between; a
	// type is the beginning of the declared one.
	Columns string
	// Only tells that it has no further columns.
	Only  bool
	Shows Strength
	// Compare names the columns by which source and target should have the
	// same rows, with commas between; "" where there is nothing to compare.
	Compare string
	// PerEngine tells that migrations are written for each database engine by
	// itself, so that other rows need not mean another schema.
	PerEngine bool
}

// Seed is a table that a framework fills by itself in each new database, so
// that the target has such rows already, under other ids.
type Seed struct {
	Table string
	// Key is the natural key by which source and target rows are the same.
	Key []KeyColumn
}

// KeyColumn is a column of a natural key. Via names the seeded table that the
// column refers to, whose own natural key stands in its place.
type KeyColumn struct{ Column, Via string }

// Generic tells how a framework refers to a row of any table: one column
// refers to the row that names the table, another holds the row's key.
type Generic struct {
	// Parent is the table of names, Type and Object the endings of the two
	// columns' names; what stands before them is the same.
	Parent, Type string
	Object       []string
	// Target names the table that a row of Parent stands for, with its columns
	// in braces.
	Target string
}

// Zone is where datetimes without a zone belong.
type Zone struct {
	// Name is of the IANA database, "" where the framework does not say.
	Name string
	// Sure tells that an application cannot choose otherwise, Loose that many do:
	// then it gives a type no zone that has none.
	Sure, Loose bool
	// Why says by what.
	Why string
}

// Column says what some columns mean. The conditions that are set must all
// hold.
type Column struct {
	// Decl lists declared types in lower case, with | between; (*) stands for
	// any arguments. "" is any declaration.
	Decl string
	// Table and Name are found in the names; Default in the text of the
	// DEFAULT.
	Table, Name, Default *regexp.Regexp
	// Key tells that the column must be the whole primary key.
	Key bool

	Type sqltype.Kind
	Form typemap.Form
	// Strict asks more of the values, Declared less, see Hint.
	Strict, Declared bool
	// Why is the reason in words.
	Why string
}
