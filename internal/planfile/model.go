package planfile

import (
	"fmt"
	"strings"
)

// Version is the version of the form that is written, and the only one read.
const Version = 1

// Plan is everything that a run decides before it writes.
type Plan struct {
	// Name is that of the file, for messages; "" where there is none.
	Name   string
	Source Source
	// Into is Create or Existing.
	Into string
	// Applications are the frameworks that made the source, with the evidence.
	// They stand in comments.
	Applications []string
	// Schema is where the tables go that name no schema of their own.
	Schema    string
	SchemaPos Pos
	IntoPos   Pos
	// Policies are those in force, in the order in which they are written.
	Policies []Policy
	// Tables are those of the source, in its order.
	Tables []Table
	// Hazards and LeftOut stand in comments.
	Hazards []Hazard
	LeftOut []LeftOut
}

// The values of Plan.Into.
const (
	Create   = "create"   // the run makes its tables
	Existing = "existing" // tables that an application made
)

// Source says which file a plan was made for.
type Source struct {
	// File is the name of the file, relative to the plan's own folder or
	// without any; never absolute.
	File string
	// Hash is that of the schema's text, with everything that is carried over.
	Hash string
	Pos  Pos
}

// Policy is one choice that holds for the whole run, named as its flag.
type Policy struct {
	Name, Value string
	// Allowed are the words that Value may be, nil where it is free.
	Allowed []string
	Pos     Pos // of the value
}

// Action is what becomes of a table or a column.
type Action string

// The actions. Columns are never compared.
const (
	Load    Action = "load"
	Skip    Action = "skip"    // left behind
	Compare Action = "compare" // bookkeeping of a framework: compared with the target's own and left alone
)

// Table is one table of the source.
type Table struct {
	Name   string
	Action Action
	Rows   int64
	// To is the table of the target. Without a schema it is in Plan.Schema.
	To Name
	// Source and Target are hashes of the definitions on both sides, "" where
	// there is none or nothing depends on it.
	Source, Target string
	Columns        []Column
	// Why says in a comment why the table is not loaded.
	Why string

	Pos, ActionPos, RowsPos, ToPos Pos
}

// Column is one column of a table.
type Column struct {
	Name string
	// Declared is the type that the source declares, "" for none.
	Declared string
	Action   Action
	// To is the column of the target, "" for the same name.
	To string
	// Type is the Postgres type, "" where it is left to litehaul.
	Type string
	// Forms tell how the values stand in the source, as --form names them; none
	// where they are what the type reads.
	Forms []string
	// Evidence says what the values are and Why what made the type so. They
	// stand in a comment.
	Evidence, Why string

	Pos, ActionPos, DeclaredPos, ToPos, TypePos, FormPos Pos
}

// Hazard is something that litehaul does not decide on its own.
type Hazard struct {
	Code, Table, Column string
	Message             string
	Count               int64
	// Settled is the policy that decided it, "" where none has; Hint then says
	// which could.
	Settled, Hint string
}

// LeftOut is an object that is not carried over as it is.
type LeftOut struct {
	Kind, Table, Name string
	Status            string // changed, left out
	Why               string
}

// Table finds a table by its name in the source, folding ASCII case as SQLite
// does; nil if there is none.
func (p *Plan) Table(name string) *Table {
	for i := range p.Tables {
		if foldASCII(p.Tables[i].Name) == foldASCII(name) {
			return &p.Tables[i]
		}
	}
	return nil
}

// Column finds a column likewise.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if foldASCII(t.Columns[i].Name) == foldASCII(name) {
			return &t.Columns[i]
		}
	}
	return nil
}

// Policy gives the value of a policy and whether the plan names it.
func (p *Plan) Policy(name string) (Policy, bool) {
	for _, x := range p.Policies {
		if x.Name == name {
			return x, true
		}
	}
	return Policy{}, false
}

// At names a place of the plan for a message: plan.yaml:12:5.
func (p *Plan) At(pos Pos) string {
	name := p.Name
	if name == "" {
		name = "plan"
	}
	if pos == (Pos{}) {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, pos.Line, pos.Column)
}

// Pos is a place in a file, line and column from 1; the zero Pos is of what was
// never written.
type Pos struct{ Line, Column int }

// foldASCII lowers the letters that SQLite folds in identifiers.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
