// Package syntax turns the SQL text that SQLite keeps in its schema into
// trees: CREATE TABLE, INDEX, VIEW, TRIGGER and VIRTUAL TABLE statements,
// expressions and SELECTs, after SQLite's own grammar and tokenizer.
//
// It never executes anything and never passes text through: what it does not
// understand is an error with a position. Input is hostile by assumption; depth
// and size are bounded.
package syntax

// Expr is a node of an expression tree.
type Expr interface{ isExpr() }

// LiteralKind tells literals apart.
type LiteralKind uint8

// The literals of SQLite's grammar. Digit separators (1_000) are taken out of
// numbers. A decimal LitInt beyond 64 bits is a REAL to SQLite. TRUE and FALSE
// are literals only where no column has that name: who resolves names looks
// for the column first.
const (
	LitNull   LiteralKind = iota
	LitInt                // decimal or 0x hexadecimal digits, without sign
	LitFloat              // digits with point or exponent, without sign
	LitString             // Text holds the unquoted content
	LitBlob               // Text holds the decoded bytes
	LitTrue               // TRUE, unquoted
	LitFalse              // FALSE, unquoted
	LitCurrentTime
	LitCurrentDate
	LitCurrentTimestamp
)

type (
	// Literal is a constant. Text is its content (see LiteralKind).
	Literal struct {
		Text string
		Kind LiteralKind
	}

	// Name is a column reference, perhaps qualified. DoubleQuoted tells that
	// the last part stood in double quotes: SQLite reads such a name as a
	// string where no column fits.
	Name struct {
		Schema, Table, Column string
		DoubleQuoted          bool
	}

	// Bind is a parameter (?, ?1, :a, @a, $a).
	Bind struct{ Text string }

	// Unary is -x, +x, ~x, NOT x. Op is upper case.
	Unary struct {
		X  Expr
		Op string
	}

	// Binary is l Op r for arithmetic, comparison, ||, ->, ->>, AND, OR, &, |,
	// <<, >>. Op is canonical: "=" for ==, "<>" for !=, upper case words.
	Binary struct {
		L, R Expr
		Op   string
	}

	// Is is x IS [NOT] y and x IS [NOT] DISTINCT FROM y, the latter turned
	// into the former (IS DISTINCT FROM is IS NOT). ISNULL, NOTNULL and NOT
	// NULL become Is with a NULL literal.
	Is struct {
		L, R Expr
		Not  bool
	}

	// Like is x [NOT] LIKE|GLOB|REGEXP|MATCH pattern [ESCAPE e].
	Like struct {
		X, Pattern, Escape Expr
		Op                 string // LIKE, GLOB, REGEXP, MATCH
		Not                bool
	}

	// Between is x [NOT] BETWEEN lo AND hi.
	Between struct {
		X, Lo, Hi Expr
		Not       bool
	}

	// In is x [NOT] IN (list), (select), a table name or a table function.
	// Select and List both nil tell that it is the table.
	In struct {
		X             Expr
		Select        *Select // or nil
		List          []Expr  // empty but not nil for IN ()
		Schema, Table string  // or ""
		Args          []Expr  // table-valued function when non-nil
		Not           bool
	}

	// Collate is x COLLATE name.
	Collate struct {
		X         Expr
		Collation string
	}

	// Cast is CAST(x AS type). Type holds the words as written with one space
	// between: DOUBLE PRECISION, DECIMAL(10,2); or the content of a quoted word.
	Cast struct {
		X    Expr
		Type string
	}

	// Case is CASE [operand] WHEN ... THEN ... [ELSE ...] END.
	Case struct {
		Operand, Else Expr // or nil
		Whens         []When
	}

	// Call is a function call. Name is lower case.
	Call struct {
		Name     string
		Args     []Expr
		OrderBy  []Ordering
		Filter   Expr    // or nil
		Over     *Window // or nil
		Star     bool    // count(*)
		Distinct bool
	}

	// Exists is [NOT] EXISTS (select); NOT is a Unary around it.
	Exists struct{ Select *Select }

	// Subquery is a scalar (select).
	Subquery struct{ Select *Select }

	// Tuple is a row value (a, b, ...). A single parenthesised expression is
	// the expression itself.
	Tuple struct{ List []Expr }

	// Raise is RAISE(...), found in triggers only.
	// Text is IGNORE, or the action, a comma and the message.
	Raise struct{ Text string }
)

func (*Literal) isExpr()  {}
func (*Name) isExpr()     {}
func (*Bind) isExpr()     {}
func (*Unary) isExpr()    {}
func (*Binary) isExpr()   {}
func (*Is) isExpr()       {}
func (*Like) isExpr()     {}
func (*Between) isExpr()  {}
func (*In) isExpr()       {}
func (*Collate) isExpr()  {}
func (*Cast) isExpr()     {}
func (*Case) isExpr()     {}
func (*Call) isExpr()     {}
func (*Exists) isExpr()   {}
func (*Subquery) isExpr() {}
func (*Tuple) isExpr()    {}
func (*Raise) isExpr()    {}

// When is one WHEN cond THEN result arm of a Case.
type When struct{ Cond, Result Expr }

// Ordering is one term of an ORDER BY, of an index or of a key.
type Ordering struct {
	X     Expr
	Desc  bool
	Nulls string // "", "FIRST" or "LAST"
}

// Window is an OVER clause: a name, or a definition. Frame is the frame's text
// rebuilt from its tokens ("ROWS BETWEEN 1 PRECEDING AND CURRENT ROW"), "" for
// none. Bounds are the expressions within Frame: anything but a literal there
// must not be trusted as text.
type Window struct {
	Name        string
	Base        string // the named window that a definition extends, or ""
	PartitionBy []Expr
	OrderBy     []Ordering
	Frame       string
	Bounds      []Expr
}

// Select is a SELECT statement, perhaps compound, perhaps with CTEs.
type Select struct {
	With      []CTE
	Recursive bool
	Cores     []SelectCore // one, or the arms of a compound
	Ops       []string     // between Cores: UNION, UNION ALL, INTERSECT, EXCEPT
	OrderBy   []Ordering
	Limit     Expr // or nil
	Offset    Expr // or nil
}

// CTE is one WITH item.
type CTE struct {
	Name    string
	Columns []string
	Select  *Select
}

// SelectCore is one arm: SELECT ... FROM ... or VALUES ....
type SelectCore struct {
	Columns  []ResultColumn
	From     *Source // or nil
	Where    Expr
	GroupBy  []Expr
	Having   Expr
	Windows  []NamedWindow
	Values   [][]Expr // VALUES rows, instead of all the rest
	Distinct bool
}

// NamedWindow is a WINDOW name AS (...) item.
type NamedWindow struct {
	Name   string
	Window Window
}

// ResultColumn is one item after SELECT: an expression with an alias, * or t.*.
type ResultColumn struct {
	X     Expr   // nil for a star
	Alias string // "" for none
	Table string // t of t.*
	Star  bool
}

// Source is what stands after FROM: a table, a subquery, a table function or
// a join of two sources.
type Source struct {
	// Join, when set, makes this a join of Left and Right. All joins bind
	// equally, to the left: "a, b JOIN c" is (a, b) JOIN c, unlike elsewhere.
	// Even a CROSS join may carry On or Using. A join may have an Alias.
	Join        string // "", "CROSS" (also comma), "INNER", "LEFT", "RIGHT", "FULL"
	Left, Right *Source
	Natural     bool
	On          Expr
	Using       []string

	Schema, Table string // a table or view
	Args          []Expr // table-valued function when non-nil
	Select        *Select
	Alias         string
}

// CreateTable is a CREATE TABLE statement.
type CreateTable struct {
	Name         string
	Columns      []ColumnDef
	Constraints  []TableConstraint
	WithoutRowid bool
	Strict       bool
	AsSelect     bool // CREATE TABLE ... AS: never stored in sqlite_schema
}

// ColumnDef is one column of a CREATE TABLE.
type ColumnDef struct {
	Name        string
	Type        string // see Cast; "" for none
	Constraints []ColumnConstraint
}

// ConstraintKind tells constraints apart.
type ConstraintKind uint8

// The kinds of column and table constraints.
const (
	PrimaryKey ConstraintKind = iota
	NotNull
	Unique
	Check
	Default
	CollateWith
	References // a foreign key
	Generated
	NullAllowed // an explicit NULL
)

// ColumnConstraint is one constraint of a column. Fields beyond Kind and Name
// are set as the kind needs.
type ColumnConstraint struct {
	Kind          ConstraintKind
	Name          string // of CONSTRAINT name, or ""
	X             Expr   // check, default, generated
	Text          string // source text of X, or the collation
	Conflict      string // ON CONFLICT word, or ""
	Desc          bool   // PRIMARY KEY DESC
	Autoincrement bool
	Stored        bool // generated: STORED
	FK            *ForeignKey
}

// TableConstraint is a constraint that stands after the columns.
type TableConstraint struct {
	Kind          ConstraintKind // PrimaryKey, Unique, Check, References
	Name          string
	Columns       []Ordering // keys: column names as Name or Collate trees
	X             Expr
	Text          string
	Conflict      string
	Autoincrement bool
	FK            *ForeignKey
}

// ForeignKey is a REFERENCES clause, with its own columns when it is a table
// constraint.
type ForeignKey struct {
	Columns           []string // of the child; nil for a column constraint
	Table             string
	Parent            []string // nil: the parent's primary key
	OnDelete          string   // "", NO ACTION, RESTRICT, SET NULL, SET DEFAULT, CASCADE
	OnUpdate          string
	Match             string // "" or the name after MATCH
	Deferrable        bool
	InitiallyDeferred bool
}

// CreateIndex is a CREATE INDEX statement.
type CreateIndex struct {
	Name, Table string
	Unique      bool
	Columns     []Ordering // expressions; a plain column is a Name, perhaps in a Collate
	Where       Expr
	WhereText   string
}

// CreateView is a CREATE VIEW statement.
type CreateView struct {
	Name    string
	Columns []string
	Select  *Select
}

// CreateTrigger is as much of a CREATE TRIGGER as a report needs.
type CreateTrigger struct {
	Name, Table string
	Timing      string // BEFORE, AFTER, INSTEAD OF, ""
	Event       string // INSERT, UPDATE, DELETE
}

// CreateVirtualTable is a CREATE VIRTUAL TABLE statement.
type CreateVirtualTable struct {
	Name, Module string
	Args         []string // texts between the commas
}
