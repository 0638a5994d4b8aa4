package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// NameMap says which table of the target a table of the source goes into, or
// which column a column. With Column set, Schema is "" and Name is a column of
// the target.
type NameMap struct {
	Table, Column string // of the source
	Schema, Name  string // of the target; Schema "" is Config.Schema

	plan string // the place of the plan that says so, "" for a map of the user's
	made bool   // the plan was made for a target without this table
}

// String writes the map as --map reads it.
func (m NameMap) String() string {
	from, to := planfile.QuoteName(m.Table), planfile.Name{Schema: m.Schema, Table: m.Name}.String()
	if m.Column != "" {
		from += "." + planfile.QuoteName(m.Column)
	}
	return from + "=" + to
}

// mapping is what is said about the names of one table and what of it is left
// behind.
type mapping struct {
	table   *NameMap
	columns map[int]*NameMap // by place in the source
	drop    map[int]bool
}

// mapNames finds what --map names in the source.
func (r *run) mapNames() error {
	r.maps = map[*schema.Table]*mapping{}
	if r.cfg.Plan != nil {
		if err := r.followTables(); err != nil {
			return err
		}
	}
	for i := range r.cfg.Maps {
		m := &r.cfg.Maps[i]
		src := tableNamed(r.all, m.Table)
		if src == nil {
			return mapRefused(*m, "litehaul inspect lists the tables", "the source has no table %s", m.Table)
		}
		if !slices.ContainsFunc(r.tables, func(t *table) bool { return t.src == src }) {
			return mapRefused(*m, "take it into the run, or leave the map out", "--tables and --exclude leave table %s out", src.Name)
		}
		if err := r.mapName(src, m); err != nil {
			return err
		}
	}
	return r.oneSourceEach()
}

// mapName notes one map, which must be the only one for its table or column.
func (r *run) mapName(src *schema.Table, m *NameMap) error {
	x := r.mappingOf(src)
	if m.Column == "" {
		if x.table != nil {
			return mapRefused(*m, "name each table once", "table %s is mapped to %s already", src.Name, x.table.Name)
		}
		x.table = m
		return nil
	}
	col := src.Column(m.Column)
	if col < 0 {
		return mapRefused(*m, "litehaul inspect lists the columns", "table %s has no column %s", src.Name, m.Column)
	}
	if old := x.columns[col]; old != nil {
		return mapRefused(*m, "name each column once", "column %s.%s is mapped to %s already", src.Name, m.Column, old.Name)
	}
	x.columns[col] = m
	return nil
}

// mappingOf gives the mapping of a table, an empty one where nothing is said.
func (r *run) mappingOf(src *schema.Table) *mapping {
	x := r.maps[src]
	if x == nil {
		x = &mapping{columns: map[int]*NameMap{}, drop: map[int]bool{}}
		r.maps[src] = x
	}
	return x
}

// oneSourceEach refuses two tables, or two columns of a table, for one place of
// the target.
func (r *run) oneSourceEach() error {
	tables := map[planfile.Name]string{}
	for _, t := range r.tables {
		x := r.maps[t.src]
		if x == nil {
			continue
		}
		if x.table != nil {
			to := planfile.Name{Schema: r.schemaOf(x.table), Table: x.table.Name}
			if other := tables[to]; other != "" {
				return mapRefused(*x.table, "a table of the target takes one of the source", "%s and %s would both go into %s", other, t.src.Name, to)
			}
			tables[to] = t.src.Name
		}
		columns := map[string]string{}
		for i, c := range t.src.Columns {
			m := x.columns[i]
			if m == nil {
				continue
			}
			if other := columns[m.Name]; other != "" {
				return mapRefused(*m, "a column of the target takes one of the source", "%s.%s and %s.%s would both go into %s",
					t.src.Name, other, t.src.Name, c.Name, m.Name)
			}
			columns[m.Name] = c.Name
		}
	}
	return nil
}

func tableNamed(all []*schema.Table, name string) *schema.Table {
	for _, t := range all {
		if foldASCII(t.Name) == foldASCII(name) {
			return t
		}
	}
	return nil
}

// mapRefused is the refusal of a map that makes no sense.
func mapRefused(m NameMap, hint, format string, args ...any) error {
	where := "--map " + m.String()
	if m.plan != "" {
		where = m.plan
	}
	return &Error{Err: fmt.Errorf("%s: %w", where, fmt.Errorf(format, args...)), Hint: hint, Code: ExitRefused}
}

func (r *run) schemaOf(m *NameMap) string {
	if m.Schema != "" {
		return m.Schema
	}
	return r.cfg.Schema
}

// mapped gives what is said about a table's own name, or nil.
func (r *run) mapped(src *schema.Table) *NameMap {
	if x := r.maps[src]; x != nil {
		return x.table
	}
	return nil
}

// mappedColumn gives what is said about a column's name, or nil.
func (r *run) mappedColumn(src *schema.Table, i int) *NameMap {
	if x := r.maps[src]; x != nil {
		return x.columns[i]
	}
	return nil
}

// mapSchemas lists the schemas in which tables of the target may stand.
func (r *run) mapSchemas() []string {
	out := []string{r.cfg.Schema}
	for _, t := range r.tables {
		if m := r.mapped(t.src); m != nil && !slices.Contains(out, r.schemaOf(m)) {
			out = append(out, r.schemaOf(m))
		}
	}
	return out
}

// homeSchemas lists the schemas of the tables that the run fills.
func (r *run) homeSchemas() []string {
	var out []string
	for _, t := range r.tables {
		if t.home != nil && !slices.Contains(out, t.home.Schema) {
			out = append(out, t.home.Schema)
		}
	}
	return out
}

// homeName names a table of the target for a message: with its schema where
// that is not the run's own.
func (r *run) homeName(h *catalog.Relation) string {
	if h.Schema == r.cfg.Schema {
		return h.Name
	}
	return postgres.Qualify(h.Schema, h.Name)
}

// mapHomes gives the tables that --map names their homes.
func (r *run) mapHomes(x *existing, taken map[*catalog.Relation]*table) error {
	for _, t := range r.tables {
		m := r.mapped(t.src)
		if m == nil {
			continue
		}
		name := r.schemaOf(m)
		home := x.catalog.Relation(name, m.Name)
		switch {
		case home == nil && m.made:
			continue // it is missing, like any other
		case x.catalog.Schema(name) == nil:
			return mapRefused(*m, "--map table=schema.table names a schema of the target", "database %s has no schema %s", r.server.Database, name)
		case home == nil:
			var there []string
			for _, rel := range x.catalog.Relations {
				if rel.Schema == name {
					there = append(there, rel.Name)
				}
			}
			return mapRefused(*m, "the tables there are "+orNone(phrase.List(there, 12)), "schema %s of the target has no table %s", name, m.Name)
		}
		taken[home], t.home = t, home
	}
	return nil
}

// anyMapStands tells whether one of the tables that --map names is there.
func (r *run) anyMapStands(x *existing) bool {
	for _, t := range r.tables {
		if m := r.mapped(t.src); m != nil && x.catalog.Relation(r.schemaOf(m), m.Name) != nil {
			return true
		}
	}
	return false
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// mapColumns gives the columns of a table that --map names their homes.
func (r *run) mapColumns(t *table) (map[int]*catalog.Column, error) {
	out := map[int]*catalog.Column{}
	for i := range t.src.Columns {
		m := r.mappedColumn(t.src, i)
		if m == nil {
			continue
		}
		home := t.home.Column(m.Name)
		if home == nil {
			names := make([]string, len(t.home.Columns))
			for k, c := range t.home.Columns {
				names[k] = c.Name
			}
			return nil, mapRefused(*m, "its columns are "+phrase.List(names, 20), "%s of the target has no column %s", r.qualified(t), m.Name)
		}
		out[i] = home
	}
	return out, nil
}

// checkNewNames refuses maps that a run which makes its tables cannot follow:
// all of these go into one schema, under names that Postgres holds.
func (r *run) checkNewNames() error {
	for _, t := range r.tables {
		m := r.mapped(t.src)
		if m == nil {
			continue
		}
		if s := r.schemaOf(m); s != r.cfg.Schema {
			return mapRefused(*m, "choose the schema of all tables with --schema, or have the application make its tables first",
				"the tables that litehaul makes all go into schema %s", r.cfg.Schema)
		}
		if err := holds(m); err != nil {
			return err
		}
	}
	for _, t := range r.tables {
		for i := range t.src.Columns {
			if m := r.mappedColumn(t.src, i); m != nil {
				if err := holds(m); err != nil {
					return err
				}
			}
		}
	}
	return r.checkNewClashes()
}

// checkNewClashes refuses a new name that another table or column has.
func (r *run) checkNewClashes() error {
	byName := map[string]*table{}
	for _, t := range r.tables {
		name := r.newName(t.src)
		if other := byName[name]; other != nil && (r.mapped(t.src) != nil || r.mapped(other.src) != nil) {
			m := cmpOr(r.mapped(t.src), r.mapped(other.src))
			return mapRefused(*m, "choose another name", "%s and %s would both be table %s", other.src.Name, t.src.Name, name)
		}
		byName[name] = t
		columns := map[string]int{}
		for i, c := range t.src.Columns {
			name := c.Name
			if m := r.mappedColumn(t.src, i); m != nil {
				name = m.Name
			}
			if other, ok := columns[name]; ok {
				if m := cmpOr(r.mappedColumn(t.src, i), r.mappedColumn(t.src, other)); m != nil {
					return mapRefused(*m, "choose another name", "%s.%s and %s.%s would both be column %s",
						t.src.Name, t.src.Columns[other].Name, t.src.Name, c.Name, name)
				}
			}
			columns[name] = i
		}
	}
	return nil
}

func cmpOr(a, b *NameMap) *NameMap {
	if a != nil {
		return a
	}
	return b
}

// holds refuses a name that Postgres would cut or that stands for something in
// every table.
func holds(m *NameMap) error {
	_, why := fitName(m.Name)
	if m.Column != "" && systemColumns[m.Name] {
		why = "every Postgres table has a system column of this name"
	}
	if why != "" {
		return mapRefused(*m, "choose another name", "name %s: %w", m.Name, errors.New(why))
	}
	return nil
}

// newName gives the name that a table is to have in the target.
func (r *run) newName(src *schema.Table) string {
	if m := r.mapped(src); m != nil {
		return m.Name
	}
	fit, _ := fitName(src.Name)
	return fit
}

// by says who gave the name.
func (m *NameMap) by() string {
	if m.plan != "" {
		return "the plan says so"
	}
	return "--map says so"
}
