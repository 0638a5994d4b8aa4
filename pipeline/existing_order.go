package pipeline

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// staying lists the foreign keys of a table that keep watch during the load,
// because the role may not take them off.
func (t *table) staying() []*catalog.ForeignKey {
	var out []*catalog.ForeignKey
	if t.home == nil {
		return nil
	}
	for _, fk := range t.home.ForeignKeys {
		if fk.Enforced && !t.home.Owned {
			out = append(out, fk)
		}
	}
	return out
}

// parentsFirst makes tables whose foreign keys keep watch wait for their
// parents.
func (r *run) parentsFirst(loaded map[*table]*task, units map[*table][]*task) {
	byOID := r.homesByOID()
	for _, t := range r.tables {
		for _, fk := range t.staying() {
			if parent := byOID[fk.Parent.OID]; parent != nil && parent != t {
				for _, u := range units[t] {
					u.After(loaded[parent])
				}
			}
		}
	}
}

func (r *run) homesByOID() map[uint32]*table {
	out := map[uint32]*table{}
	for _, t := range r.homes() {
		out[t.home.OID] = t
	}
	return out
}

// atOneGo tells whether all rows must come in one COPY: a table that references
// itself is checked at the end of the statement, when all parents are there.
func (t *table) atOneGo() bool {
	if t.home == nil {
		return false
	}
	for _, fk := range t.staying() {
		if fk.Self() {
			return true
		}
	}
	return false
}

// checkCircles finds tables that reference each other in a circle by foreign
// keys that keep watch: none of them can be first.
func (r *run) checkCircles() {
	byOID := r.homesByOID()
	state := map[*table]int{} // 1: on the way, 2: done
	var walk func(t *table, way []string)
	walk = func(t *table, way []string) {
		way = append(way, t.home.Name)
		state[t] = 1
		for _, fk := range t.staying() {
			parent := byOID[fk.Parent.OID]
			switch {
			case parent == nil || parent == t || state[parent] == 2:
			case state[parent] == 1:
				r.homeHazard(t, "circle", "connect as the owner of the tables, who may take the foreign keys off for the load",
					"tables reference each other in a circle (%s, %s) and role %s may not take their foreign keys off",
					strings.Join(way, ", "), parent.home.Name, r.server.User)
			default:
				walk(parent, way)
			}
		}
		state[t] = 2
	}
	for _, t := range r.homes() {
		if state[t] == 0 {
			walk(t, nil)
		}
	}
}
