package pipeline

import "github.com/litehaul/litehaul/internal/postgres/catalog"

// staying lists the foreign keys of a table that keep watch during the load,
// because the role may not take them off.
func (t *table) staying() []*catalog.ForeignKey {
	if t.home == nil {
		return nil
	}
	var out []*catalog.ForeignKey
	for _, fk := range t.home.ForeignKeys {
		if fk.Enforced && !t.home.Owned {
			out = append(out, fk)
		}
	}
	return out
}

// parentsFirst makes tables whose foreign keys keep watch wait for their
// parents, unless they are loaded with them.
func (r *run) parentsFirst(loaded map[*table]*task, units map[*table][]*task) {
	byOID := r.homesByOID()
	for _, t := range r.homes() {
		for _, fk := range t.staying() {
			if parent := byOID[fk.Parent.OID]; parent != nil && parent != t && !t.with(parent) {
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
	for _, fk := range t.staying() {
		if fk.Self() {
			return true
		}
	}
	return false
}
