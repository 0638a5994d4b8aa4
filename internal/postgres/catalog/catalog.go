package catalog

import "fmt"

// Catalog is what stands in some schemas, as of one moment.
type Catalog struct {
	Version   int    // server_version_num, 150018
	Role      string // whose rights it tells
	Temp      bool   // the role may make temporary tables
	Schemas   []Schema
	Relations []*Relation // by schema and name

	byOID map[uint32]*Relation
}

// Schema is one of the schemas asked for that exists.
type Schema struct {
	OID   uint32
	Name  string
	Usage bool // the role may name what is in it
	// Create tells whether the role may make relations in it, which takes
	// indexes too: an owner without it cannot put an index back.
	Create bool
}

// Schema finds a schema that was read, or nil if there is none of that name.
func (c *Catalog) Schema(name string) *Schema {
	for i := range c.Schemas {
		if c.Schemas[i].Name == name {
			return &c.Schemas[i]
		}
	}
	return nil
}

// Relation finds a relation by its exact names, or nil.
func (c *Catalog) Relation(schema, name string) *Relation {
	for _, r := range c.Relations {
		if r.Schema == schema && r.Name == name {
			return r
		}
	}
	return nil
}

// ByOID finds a relation of the schemas that were read, or nil.
func (c *Catalog) ByOID(oid uint32) *Relation { return c.byOID[oid] }

// Kind is what a relation is.
type Kind byte

// The kinds of relations, as pg_class.relkind has them. Sequences, indexes and
// composite types are told with what they belong to, or not at all.
const (
	Table            Kind = 'r'
	Partitioned      Kind = 'p'
	View             Kind = 'v'
	MaterializedView Kind = 'm'
	ForeignTable     Kind = 'f'
)

// String gives the kind in words.
func (k Kind) String() string {
	switch k {
	case Table:
		return "table"
	case Partitioned:
		return "partitioned table"
	case View:
		return "view"
	case MaterializedView:
		return "materialized view"
	case ForeignTable:
		return "foreign table"
	}
	return fmt.Sprintf("relation of kind %q", byte(k))
}

// Ref names a relation, which may stand in a schema that was not read.
type Ref struct {
	OID          uint32
	Schema, Name string
}

// Relation is something that has columns.
type Relation struct {
	Ref
	Kind  Kind
	Owner string
	// Owned tells whether the role has the owner's rights: it is the owner, or
	// inherits from it, or is a superuser.
	Owned  bool
	Rights Rights
	// Rows is the server's estimate, -1 where it has none yet.
	Rows int64
	// Size is in bytes, without indexes and out-of-line values.
	Size int64

	Unlogged  bool
	Partition bool // of a partitioned table
	// Parents and Children are the direct ones, of partitioning and of
	// inheritance.
	Parents, Children []Ref
	RowSecurity       bool // policies are in force for those whom they concern
	ForceRowSecurity  bool // the owner too
	// RowSecurityApplies tells whether they are for this role.
	RowSecurityApplies bool

	Columns []*Column // in order
	// Primary is the index of the primary key, or nil. It is in Indexes too.
	Primary *Index
	Indexes []*Index // by name
	Checks  []*Check // by name
	// ForeignKeys point from this relation, ReferencedBy at it. A key within
	// one relation is in both.
	ForeignKeys, ReferencedBy []*ForeignKey
	Triggers                  []*Trigger // by name, in the order in which they fire
	Rules                     []*Rule
}

// Column finds a column by its exact name, or nil.
func (r *Relation) Column(name string) *Column {
	for _, c := range r.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Uniques lists the indexes, the primary key's among them, that hold rows
// apart: unique and valid. Some hold for some rows only, see Index.Predicate.
func (r *Relation) Uniques() []*Index {
	var out []*Index
	for _, x := range r.Indexes {
		if x.Unique && x.Valid {
			out = append(out, x)
		}
	}
	return out
}

// MayLock tells whether the role may lock the table against writers: owning it is
// enough, or any of the rights to change rows that stand.
func (r *Relation) MayLock() bool {
	return r.Owned || r.Rights&(Update|Delete|Truncate) != 0
}

// Rights are what a role may do with all columns of a relation.
type Rights uint8

// The rights, as GRANT names them.
const (
	Select Rights = 1 << iota
	Insert
	Update
	Delete
	Truncate
	References
	TriggerRight
)

// Has tells whether all the rights of want are there.
func (r Rights) Has(want Rights) bool { return r&want == want }

// Rule is a rewrite rule, other than the one that makes a view a view.
type Rule struct {
	Name    string
	Event   string // SELECT, UPDATE, INSERT or DELETE
	Instead bool
	Enabled bool // in ordinary sessions
}

// Trigger is a trigger that somebody made, in contrast to those that carry out
// foreign keys.
type Trigger struct {
	Name string
	// State is pg_trigger.tgenabled: O fires in ordinary sessions, D never, R
	// in replicas' sessions, A always.
	State byte
	// Function is qualified, quoted where need be.
	Function   string
	Def        string // pg_get_triggerdef
	Events     Events
	Row        bool // for each row, and not for each statement
	Constraint bool // made by CREATE CONSTRAINT TRIGGER
	Clone      bool // of a partitioned table's trigger
}

// Fires tells whether the trigger takes part in ordinary sessions.
func (t *Trigger) Fires() bool { return t.State == 'O' || t.State == 'A' }

// Events are what a trigger fires on.
type Events uint8

// The events, as in the bits of pg_trigger.tgtype.
const (
	OnInsert   Events = 1 << 2
	OnDelete   Events = 1 << 3
	OnUpdate   Events = 1 << 4
	OnTruncate Events = 1 << 5
)

// Has tells whether the trigger fires on one of the events of want.
func (e Events) Has(want Events) bool { return e&want != 0 }
