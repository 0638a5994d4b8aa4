package rebuild

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// Kind is what an Item is.
type Kind string

// The kinds of items, as the control table has them.
const (
	Index      Kind = "index"
	ForeignKey Kind = "foreign key"
	Trigger    Kind = "trigger"
)

// ranks order the kinds: a foreign key's check is quicker with the indexes
// there, and triggers fire again when all else is done.
var ranks = map[Kind]int{Index: 0, ForeignKey: 1, Trigger: 2}

// Item is one object that is off, and how it comes back.
type Item struct {
	ID     int64  // in its schema's control table
	Run    string // that took it off
	Kind   Kind
	Schema string // of the table and of the control table
	Table  string
	Name   string
	// ParentSchema and Parent are the table that a foreign key references.
	ParentSchema, Parent string
	Drop, Create         string
	// Created tells a foreign key that stands, NOT VALID, and only waits for the
	// check of the rows.
	Created bool

	then       []string // statements that follow Create in its transaction
	validate   string   // in a transaction of its own, or ""
	tablespace string   // of an index, "" for the database's own
	path       string   // the search_path of the session that puts it back
}

// String names the item for a person.
func (i Item) String() string {
	return fmt.Sprintf("%s %s of %s", i.Kind, postgres.Quote(i.Name), postgres.Qualify(i.Schema, i.Table))
}

// Kept is an object that could have been taken off but for a reason.
type Kept struct {
	Kind          Kind
	Schema, Table string
	Name          string
	Reason        string // in words that follow "is left alone:"
}

// String names the object and the reason.
func (k Kept) String() string {
	return fmt.Sprintf("%s %s of %s is left alone: %s", k.Kind, postgres.Quote(k.Name), postgres.Qualify(k.Schema, k.Table), k.Reason)
}

// Scope says what to take off.
type Scope struct {
	Indexes     bool // those that carry out no constraint
	ForeignKeys bool // those that point from the table
	// To limits them to those that reference one of these tables; nil stands for all.
	To       []uint32
	Triggers bool // all that somebody made, whatever they fire on
}

// Request says what Detach is to do.
type Request struct {
	Scope
	Run string // names the run for whoever reads the control table
	// Settings are for the transaction; lock_timeout bounds the wait for others.
	Settings []Setting
}

// Setting is a server setting for a transaction, such as maintenance_work_mem.
type Setting struct{ Name, Value string }

// apply makes the settings hold until tx ends.
func apply(ctx context.Context, tx pgx.Tx, settings []Setting) error {
	for _, s := range settings {
		if _, err := tx.Exec(ctx, "select set_config($1, $2, true)", s.Name, s.Value); err != nil {
			return fmt.Errorf("set %s: %w", s.Name, err)
		}
	}
	return nil
}

// kinds lists what the scope holds.
func (s Scope) kinds() []string {
	var out []string
	for _, k := range []struct {
		kind Kind
		on   bool
	}{{Index, s.Indexes}, {ForeignKey, s.ForeignKeys}, {Trigger, s.Triggers}} {
		if k.on {
			out = append(out, string(k.kind))
		}
	}
	return out
}

// Error is an error that a user can do something about.
type Error struct {
	Err  error
	Hint string // one line, begins in lower case
}

// Error gives the message without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// order sorts items into the order in which they come back.
func order(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(ranks[a.Kind], ranks[b.Kind]), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.ID, b.ID))
	})
}
