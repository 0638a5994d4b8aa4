package reseed

import (
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/graph"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// Foreign keys that stay on while rows come, because the role may not take them
// off, order the tables: parents come first; a table that references itself comes
// in one COPY, at whose end it is checked; and tables in a circle come in one
// transaction, at whose end keys are checked that can be deferred.

// mayKeep lists the foreign keys that would stay on: what is known before
// anything is taken off.
func (r *run) mayKeep(t *table) (out []*catalog.ForeignKey) {
	if r.cfg.Swap {
		return nil // new tables have none
	}
	schema := r.catalog.Schema(t.Schema)
	for _, fk := range t.home.ForeignKeys {
		if fk.Enforced && (r.cfg.Atomic || !t.home.Owned || !schema.Create) {
			out = append(out, fk)
		}
	}
	return out
}

// keeps lists the foreign keys that stay on.
func (r *run) keeps(t *table) (out []*catalog.ForeignKey) {
	if t.home == nil || r.beside != nil {
		return nil
	}
	for _, fk := range t.home.ForeignKeys {
		off := slices.ContainsFunc(r.into.off, func(i rebuild.Item) bool {
			return i.Kind == rebuild.ForeignKey && i.Schema == t.Schema && i.Table == t.Name && i.Name == fk.Name
		})
		if fk.Enforced && !off {
			out = append(out, fk)
		}
	}
	return out
}

// parts gives the tables in the order of their foreign keys, those of a circle
// together.
func (r *run) parts(tables []*table, keys func(*table) []*catalog.ForeignKey) [][]*table {
	return graph.Components(tables, func(t *table) []*table { return r.parents(tables, t, keys(t)) })
}

// inOrder gives the tables in the order of their foreign keys, those that cannot be
// deferred before others.
func (r *run) inOrder(tables []*table, keys func(*table) []*catalog.ForeignKey) (out []*table) {
	for _, part := range r.parts(tables, keys) {
		out = append(out, slices.Concat(r.parts(part, immediate(keys))...)...)
	}
	return out
}

// immediate leaves out keys that can be deferred.
func immediate(keys func(*table) []*catalog.ForeignKey) func(*table) []*catalog.ForeignKey {
	return func(t *table) []*catalog.ForeignKey {
		return slices.DeleteFunc(keys(t), func(fk *catalog.ForeignKey) bool { return fk.Deferrable })
	}
}

// parents lists the other tables among these that the keys reference.
func (r *run) parents(tables []*table, t *table, keys []*catalog.ForeignKey) (out []*table) {
	for _, fk := range keys {
		at := slices.IndexFunc(tables, func(o *table) bool { return o.home.OID == fk.Parent.OID })
		if at >= 0 && tables[at] != t {
			out = append(out, tables[at])
		}
	}
	return out
}

// checkCircles refuses circles of foreign keys that neither can be taken off nor
// deferred.
func (r *run) checkCircles() {
	for _, part := range r.parts(r.tables, immediate(r.mayKeep)) {
		if len(part) > 1 {
			who, hint := "role "+r.server.User+" may not take the foreign keys off for the load", "connect as the owner of the tables"
			if r.cfg.Atomic {
				who, hint = "--atomic leaves the foreign keys on", "leave out --atomic"
			}
			r.hazard(part[0], "circle", hint+", or make one of the keys DEFERRABLE",
				"tables reference each other in a circle (%s), and %s", strings.Join(shown(part), ", "), who)
		}
	}
}

// selfReferring tells whether one of the keys is within the table.
func selfReferring(keys []*catalog.ForeignKey) bool {
	return slices.ContainsFunc(keys, (*catalog.ForeignKey).Self)
}
