package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// restOfHomes reports what of the source is left out where the rows go into
// tables that an application made: it has made its own views and triggers, and
// nothing is added to them.
func (r *run) restOfHomes() {
	for _, v := range r.schema.Views {
		r.object(Object{
			Kind: "view", Name: v.Name, Status: "left out", Source: v.SQL,
			Why: "the target's views are the application's own: " + r.namesake(v.Name),
		})
	}
	for _, g := range r.schema.Triggers {
		r.object(Object{
			Kind: "trigger", Table: g.Table, Name: g.Name, Status: "left out", Source: g.SQL,
			Why: "the target's triggers are the application's own: " + r.triggersAt(g.Table),
		})
	}
	r.planVirtual()
}

// namesake tells whether the target has a view of a name.
func (r *run) namesake(name string) string {
	var views []*catalog.Relation
	for _, rel := range r.into.catalog.Relations {
		if rel.Kind == catalog.View || rel.Kind == catalog.MaterializedView {
			views = append(views, rel)
		}
	}
	hit, rivals := byName(name, views, func(rel *catalog.Relation) string { return rel.Name })
	if hit == nil || len(rivals) > 0 {
		return "it has none of this name"
	}
	return fmt.Sprintf("it has a %s %s", hit.Kind, hit.Name)
}

// triggersAt tells which triggers the home of a table of the source has.
func (r *run) triggersAt(name string) string {
	homes := r.homes()
	at := slices.IndexFunc(homes, func(t *table) bool { return strings.EqualFold(t.src.Name, name) })
	if at < 0 {
		return "the table is not part of this run"
	}
	var names []string
	for _, g := range homes[at].home.Triggers {
		names = append(names, g.Name)
	}
	if len(names) == 0 {
		return "the table has none"
	}
	return "the table has " + phrase.List(names, 6)
}
