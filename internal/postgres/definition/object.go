package definition

import (
	"cmp"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// The catalogs whose objects are told apart by their OIDs (pg_depend.classid).
const (
	classType       = 1247
	classRelation   = 1259
	classRoutine    = 1255
	classDefault    = 2604
	classConstraint = 2606
	classRewrite    = 2618
	classTrigger    = 2620
	classSchema     = 2615
	classExtension  = 3079
	classStatistics = 3381
	classCollation  = 3456
)

// firstUser is the first OID that initdb does not give out (FirstNormalObjectId).
const firstUser = 16384

// address names an object as pg_depend does, without columns.
type address struct{ class, oid uint32 }

// rank orders objects that do not need each other, and tells at the same time in
// which of the two texts they stand.
type rank uint8

// Ranks below rankKey make what rows need.
const (
	rankSchema rank = iota
	rankExtension
	rankCollation
	rankType
	rankSequence
	rankRoutine
	rankTable
	rankDefault
	rankOwned
	rankKey
	rankIndex
	rankCheck
	rankForeignKey
	rankMark
	rankView
	rankViewIndex
	rankTrigger
)

// object is something that statements make.
type object struct {
	kind, schema, name string // for people, and for the order
	ident              string // as COMMENT ON names it, "" where it has no comment
	sql                []string
	tail               string // of the first statement, while columns are put in
	rank               rank
	// table is the one that it belongs to, "" for none: where a choice of tables
	// leaves that out, this goes with it.
	table address
	// must tells that a database without it would take other rows, or give other
	// ones to programs: it is refused where others are left out.
	must bool
	// unable says why it cannot be written, "" where it can.
	unable string
	self   address
	needs  []*object
	// major is the oldest major version whose servers take it, as far as is known.
	major int

	state  state
	why    string // it is left out
	late   bool   // it stands in the second text
	wanted bool
}

type state uint8

const (
	unseen state = iota
	seeing
	fine
	missing
)

// label names an object in messages.
func (o *object) label() string {
	if o.schema == "" {
		return o.kind + " " + o.name
	}
	return o.kind + " " + o.schema + "." + o.name
}

// less orders objects of a kind by name.
func less(a, b *object) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.schema, b.schema), strings.Compare(a.name, b.name),
		slices.Compare(a.sql, b.sql), cmp.Compare(a.self.oid, b.self.oid))
}

// settle finds out whether an object can be made, which takes all that it needs,
// and whether it has to wait for the rows.
func (o *object) settle() state {
	switch o.state {
	case fine, missing:
		return o.state
	case seeing: // a circle; who began it decides
		return fine
	}
	o.state = seeing
	o.late = o.rank >= rankKey
	result, why := fine, ""
	if o.unable != "" {
		result, why = missing, o.unable
	}
	slices.SortFunc(o.needs, less)
	for _, n := range o.needs {
		if n.settle() == missing && result == fine {
			result, why = missing, "it needs "+n.label()+", which is not in the archive"
		}
		if n.late && !o.late {
			o.late = true
			if o.rank == rankTable || o.rank == rankType {
				result, why = missing, "it needs "+n.label()+", which has to be made after it"
			}
		}
	}
	o.state, o.why = result, why
	return result
}

// want marks an object and all that it needs.
func (o *object) want() {
	if o.wanted || o.state == missing {
		return
	}
	o.wanted = true
	for _, n := range o.needs {
		n.want()
	}
}

// ordered gives the wanted objects, each behind those that it needs. circle is the
// first that needs itself.
func ordered(objects []*object) (list []*object, circle *object) {
	slices.SortFunc(objects, less)
	mark := map[*object]state{}
	var visit func(o *object)
	visit = func(o *object) {
		switch mark[o] {
		case seeing:
			if circle == nil {
				circle = o
			}
			return
		case fine:
			return
		}
		mark[o] = seeing
		for _, n := range o.needs {
			if n.wanted {
				visit(n)
			}
		}
		mark[o] = fine
		list = append(list, o)
	}
	for _, o := range objects {
		if o.wanted {
			visit(o)
		}
	}
	return list, circle
}

// qualified is the quoted name of an object in a schema.
func (o *object) qualified() string { return postgres.Qualify(o.schema, o.name) }
