// Package translate rebuilds SQLite expressions and SELECT statements, given
// as trees of package syntax, as Postgres SQL text.
//
// A SQLite file is hostile input, so nothing of its text is ever passed
// through: every operator and function has a rule of its own, every identifier
// and literal is quoted here, and depth and size of the output are bounded.
// What cannot be rebuilt with the same meaning is an *Unsupported error, so
// that the caller leaves the object out and reports it. The package never
// connects to anything.
//
// SQLite types values, Postgres types columns. Each subexpression therefore
// carries its Postgres type and the SQLite affinity that takes part in
// comparisons; what SQLite converts silently is converted here, when the
// conversion is exact, and refused otherwise.
package translate

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// Bounds on what hostile trees may ask for. SQLite's own limit on expression
// depth is 1000 (SQLITE_MAX_EXPR_DEPTH).
const (
	maxDepth = 1000
	maxSQL   = 256 << 10
)

// Unit tells that a date or time column held epoch integers in SQLite.
type Unit uint8

// The units of integer times. NoUnit means that the values were texts.
const (
	NoUnit Unit = iota
	Seconds
	Milliseconds
	Microseconds
	Nanoseconds
)

// perSecond is how many of a unit make a second.
func (u Unit) perSecond() int64 {
	return [...]int64{NoUnit: 0, Seconds: 1, Milliseconds: 1e3, Microseconds: 1e6, Nanoseconds: 1e9}[u]
}

// Column is a column that expressions may name.
type Column struct {
	// Name is the name in SQLite, matched by folding ASCII case; Target is
	// the name in Postgres, unquoted.
	Name, Target string
	// Type is the type of the Postgres column.
	Type sqltype.Type
	// Affinity is that of the SQLite column: it decides how SQLite compares.
	Affinity schema.Affinity
	// NoCase and RTrim tell the column's collation.
	NoCase, RTrim bool
	// Unit is set for date and time columns whose values were integers.
	Unit Unit
	// Local tells a timestamptz column whose texts were times of another zone
	// than UTC: SQLite's functions and comparisons know nothing of it.
	Local bool
	// NotNull tells that no value is NULL.
	NotNull bool
	// Words and Digits tell what a boolean column held in SQLite: texts such as
	// 't' and 'true', or 0 and 1. SQLite never takes one for the other; neither
	// is known of a column without values.
	Words, Digits bool

	// definite tells that the numbers are integers or reals as Type says; set
	// for the columns of views.
	definite bool
}

// Relation is a table or view: what FROM names, or what a CHECK belongs to.
type Relation struct {
	// Name is the name in SQLite; Schema and Target say where it lives in
	// Postgres, unquoted. Schema "" leaves the name unqualified.
	Name, Schema, Target string
	Columns              []Column
	// RowidAlias is the name of the INTEGER PRIMARY KEY column, or "".
	RowidAlias string
	// Key holds the names of the primary key's columns. It may be set only
	// where Postgres has that key when the view is created: GROUP BY the key
	// then determines the other columns.
	Key []string
}

// Catalog finds the tables and views that a SELECT may read. Names fold ASCII
// case.
type Catalog interface {
	Relation(name string) (*Relation, bool)
}

// Context tells where an expression will stand.
type Context uint8

// The places for expressions.
const (
	// Check is a CHECK constraint: a condition.
	Check Context = iota
	// Index is a term of an index that is not unique: its meaning is which
	// queries it serves, so case is folded as queries in Postgres do.
	Index
	// UniqueIndex is a term of a unique index.
	UniqueIndex
	// Predicate is the WHERE of a partial index: an immutable condition.
	Predicate
	// Generated is a stored generated column: immutable, cast to Want.Type.
	Generated
	// defaultValue and view are set by Default and Select.
	defaultValue
	view
)

// immutable tells whether only IMMUTABLE functions may be used.
func (c Context) immutable() bool {
	return c == Index || c == UniqueIndex || c == Predicate || c == Generated
}

// condition tells whether a boolean is wanted.
func (c Context) condition() bool { return c == Check || c == Predicate }

// Want says what an expression is for. Type is used by Generated only.
type Want struct {
	Context Context
	Type    sqltype.Type
}

// Result is a rebuilt expression.
type Result struct {
	// SQL is safe to stand where the context asks: index terms are
	// parenthesised, the others are to be put into CHECK (...), WHERE ... and
	// GENERATED ALWAYS AS (...) STORED.
	SQL  string
	Type sqltype.Type
}

// Unsupported tells what cannot be rebuilt with the same meaning, in one line.
type Unsupported struct {
	What       string // the construct: "function glob()"
	Why        string
	Suggestion string // what a person can write instead, or ""
}

// Error gives what and why; the suggestion is for the report.
func (u *Unsupported) Error() string { return u.What + ": " + u.Why }

// unsupported makes the error; its parts lose line breaks and excess length,
// because names from the file may stand in them.
func unsupported(what, why, suggestion string) *Unsupported {
	return &Unsupported{What: oneLine(what), Why: oneLine(why), Suggestion: oneLine(suggestion)}
}

// oneLine bounds a message and replaces control characters.
func oneLine(s string) string {
	const limit = 300
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return s
}

// Expr rebuilds an expression over the columns of rel, which may be nil when
// no column may be named. Columns are written unqualified.
func Expr(e syntax.Expr, rel *Relation, want Want) (Result, error) {
	b := newBuilder(want.Context, nil)
	if rel != nil {
		b.frame = tableFrame(rel)
	}
	t, err := b.expr(e)
	if err != nil {
		return Result{}, err
	}
	switch {
	case want.Context.condition():
		t, err = b.condition(t)
	case want.Context == Generated:
		t, err = b.assign(t, want.Type)
	default:
		t, err = b.indexTerm(t)
	}
	if err != nil {
		return Result{}, err
	}
	return Result{SQL: t.sql, Type: t.typ}, nil
}

// builder holds the state of one rebuilding.
type builder struct {
	ctx   Context
	cat   Catalog
	frame *frame // innermost names, nil when none may be used
	ctes  []*Relation
	later []string // names of CTEs that are not defined yet
	unit  Unit     // of the numbers of the column that a DEFAULT is for
	local bool     // its texts are times of another zone than UTC
	depth int
	// volatileN counts volatile functions, so that a caller can tell whether
	// a subexpression used one.
	volatileN int
	columnN   int             // counts column references
	aliases   map[string]bool // taken in this statement, folded
}

func newBuilder(ctx Context, cat Catalog) *builder {
	return &builder{ctx: ctx, cat: cat, aliases: map[string]bool{}}
}

// indexTerm writes a term as an index needs it: in parentheses, ordered as
// SQLite orders.
func (b *builder) indexTerm(t term) (term, error) {
	t, err := b.output(t)
	if err != nil {
		return term{}, err
	}
	if t.cls == clsJSON && t.typ.Kind == sqltype.JSON {
		return term{}, unsupported("index on json", "the type json has no order in Postgres", "use jsonb")
	}
	if t.coll == collNoCase {
		t = b.folded(t)
	}
	t.sql = "(" + t.sql + ")"
	return t, nil
}

// enter bounds recursion; the returned function leaves.
func (b *builder) enter() (func(), error) {
	b.depth++
	if b.depth > maxDepth {
		return nil, unsupported("expression", fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
	}
	return func() { b.depth-- }, nil
}
