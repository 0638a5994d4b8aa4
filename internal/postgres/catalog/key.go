package catalog

// Index is an index of a table.
type Index struct {
	OID    uint32
	Name   string
	Method string // btree, hash, gin ...
	Def    string // pg_get_indexdef, names qualified
	Size   int64  // in bytes
	// Keys are what it is sorted by or, for a unique one, what it holds apart.
	Keys    []IndexKey
	Include []string // columns that it only carries
	// Predicate is the condition of a partial index, or "".
	Predicate string

	Unique  bool
	Primary bool
	// NullsNotDistinct tells a unique index under which two NULLs are equal.
	NullsNotDistinct bool
	// Overlaps tells a temporal key (WITHOUT OVERLAPS), whose last column holds
	// ranges apart. Since PostgreSQL 18.
	Overlaps bool
	// Constraint names the primary key, unique or exclusion constraint that the
	// index carries out, or is "".
	Constraint                    string
	Exclusion                     bool
	Deferrable, InitiallyDeferred bool

	Valid     bool // and ready: it may be trusted, and is kept up to date
	Clustered bool // CLUSTER follows it
	Replica   bool // it is the table's replica identity
	Attached  bool // part of a partitioned table's index
}

// Columns gives the columns of the keys; ok is false if one of the keys is an
// expression.
func (x *Index) Columns() (names []string, ok bool) {
	for _, k := range x.Keys {
		if k.Column == "" {
			return nil, false
		}
		names = append(names, k.Column)
	}
	return names, true
}

// IndexKey is one key of an index: a column or an expression.
type IndexKey struct {
	Column     string // or ""
	Expression string // or ""
}

// Check is a check constraint.
type Check struct {
	Name      string
	Columns   []string // that it looks at
	Def       string   // pg_get_constraintdef
	Validated bool
	Enforced  bool // since PostgreSQL 18 there are some that are not
	NoInherit bool
}

// ForeignKey is a foreign key. Its ends may stand in schemas that were not
// read.
type ForeignKey struct {
	OID     uint32
	Name    string
	Table   Ref
	Columns []string
	// Parent is the table that is referenced, by ParentColumns in the same
	// order.
	Parent        Ref
	ParentColumns []string
	// OnUpdate and OnDelete are as DDL has them: NO ACTION, RESTRICT, CASCADE,
	// SET NULL, SET DEFAULT.
	OnUpdate, OnDelete string
	// Full tells MATCH FULL: all columns NULL, or none.
	Full                          bool
	Deferrable, InitiallyDeferred bool
	Validated                     bool
	Enforced                      bool // since PostgreSQL 18 there are some that are not
	Inherited                     bool // a partition's share of its parent's
	Def                           string
}

// Self tells whether a table references itself.
func (f *ForeignKey) Self() bool { return f.Table.OID == f.Parent.OID }
