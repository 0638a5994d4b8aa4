package pipeline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/translate"
)

// viewCatalog is what a view may read: the tables of the run and the views
// that were rebuilt before it.
type viewCatalog struct {
	relations map[string]*translate.Relation
}

// Relation finds a table or view, folding ASCII case.
func (c *viewCatalog) Relation(name string) (*translate.Relation, bool) {
	rel, ok := c.relations[foldASCII(name)]
	return rel, ok
}

// foldASCII lowers the letters that SQLite folds in identifiers.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// planViews rebuilds the views, each after those that it reads: views that
// fail are tried again as long as others succeed.
func (r *run) planViews(p *plan) {
	cat := &viewCatalog{relations: map[string]*translate.Relation{}}
	for _, t := range r.tables {
		cat.relations[foldASCII(t.src.Name)] = p.relations[t]
	}
	waiting := r.schema.Views
	failed := map[*schema.View]error{}
	for progress := true; progress && len(waiting) > 0; {
		progress = false
		var again []*schema.View
		for _, v := range waiting {
			if err := r.planView(p, cat, v); err != nil {
				failed[v] = err
				again = append(again, v)
				continue
			}
			progress = true
		}
		waiting = again
	}
	for _, v := range waiting {
		r.leaveOut(Object{Kind: "view", Name: v.Name, Source: v.SQL}, failed[v])
	}
}

func (r *run) planView(p *plan, cat *viewCatalog, v *schema.View) error {
	if v.Tree == nil {
		return errors.New("its text could not be parsed")
	}
	res, err := translate.CreateView(v.Tree, cat)
	if err != nil {
		return err
	}
	name, why := p.names.take(v.Name)
	r.rename("view", v.Name, name, why)
	cat.relations[foldASCII(v.Name)] = res.Relation(v.Name, p.schema, name)
	cols := make([]string, len(res.Columns))
	for i := range res.Columns {
		cols[i] = res.Columns[i].Target
	}
	obj := Object{Kind: "view", Name: v.Name, Status: "carried"}
	if len(res.Renamed) > 0 {
		obj.Status, obj.Why = "changed", "columns of the same name are told apart: "+strings.Join(res.Renamed, ", ")
	}
	p.views = append(p.views, &viewPlan{ddl: postgres.CreateView(p.schema, name, cols, res.SQL), obj: obj})
	r.object(obj)
	return nil
}

// planRest reports what is never carried over as it is.
func (r *run) planRest() {
	for _, t := range r.schema.Triggers {
		r.object(Object{
			Kind: "trigger", Table: t.Table, Name: t.Name, Status: "left out", Source: t.SQL,
			Why:        "a trigger is a program in SQLite's language",
			Suggestion: "write it again as a Postgres trigger function",
		})
	}
	r.planVirtual()
}

// planVirtual reports virtual tables, and entries that could not be read.
func (r *run) planVirtual() {
	for _, v := range r.schema.Virtual {
		if r.cfg.VirtualContent && len(v.Columns) > 0 {
			r.object(Object{
				Kind: "virtual table", Name: v.Name, Status: "changed", Source: v.SQL,
				Why: "its visible rows are copied as an ordinary table (--virtual-tables=content)",
			})
			continue
		}
		r.object(Object{
			Kind: "virtual table", Name: v.Name, Status: "left out", Source: v.SQL,
			Why:        virtualWhy(v),
			Suggestion: virtualAdvice(v.Module),
		})
	}
	for _, b := range r.schema.Broken {
		r.object(Object{
			Kind: b.Type, Name: b.Name, Status: "left out", Source: b.SQL,
			Why: fmt.Sprintf("its schema entry cannot be read: %v", b.Err),
		})
	}
}

func virtualWhy(v *schema.VirtualTable) string {
	s := "a virtual table of the module " + v.Module
	if n := len(v.Shadows); n > 0 {
		s += fmt.Sprintf("; its %d shadow tables hold no data of their own", n)
	}
	return s
}

// virtualAdvice says what stands in a virtual table's place in Postgres.
func virtualAdvice(module string) string {
	switch {
	case strings.HasPrefix(module, "fts"):
		return "index the text columns with GIN over to_tsvector(...), or pg_trgm; --virtual-tables=content copies the rows"
	case strings.HasPrefix(module, "rtree"), module == "geopoly":
		return "index box or range columns with GiST, or use PostGIS; --virtual-tables=content copies the rows"
	case strings.Contains(module, "spatial"), strings.Contains(module, "geometry"):
		return "use PostGIS"
	}
	return "--virtual-tables=content copies the rows where SQLite itself can read them"
}
