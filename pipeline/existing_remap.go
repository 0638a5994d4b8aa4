package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/typemap/framework"
)

// idMap tells which row of the target a source row of a seeded table is, and so
// which id it has there.
type idMap struct {
	of  *addition
	id  int   // the column of the id
	key []int // the columns of the natural key
	by  string
}

// genericMap rewrites references of one column to the rows of one table.
type genericMap struct {
	types *addition // the table of names
	typ   int       // the column that refers to it
	// target gives the table that a row of types stands for, see
	// framework.Generic; table is the one whose ids the map has.
	target, table string
	ids           *idMap
}

// planAdded decides, from the schemas alone, how rows are found in the target
// and which columns are rewritten.
func (r *run) planAdded() error {
	if !r.adding() {
		return r.refuseRemaps("--remap goes with --on-data=append or --on-data=upsert")
	}
	if own := r.own(); len(own) > 0 {
		return &Error{
			Err:  fmt.Errorf("rows are added in one transaction to tables that stand, and %s would have to be made", own[0].src.Name),
			Hint: "leave out --create-missing: move the missing tables by a run of their own, with --tables", Code: ExitRefused,
		}
	}
	a := &added{r: r, of: map[*table]*addition{}}
	r.into.add = a
	for i, t := range r.tables {
		x := &addition{t: t, no: i + 1, via: map[int]*idMap{}, generic: map[int][]*genericMap{}}
		x.key = t.identity()
		a.tables, a.of[t] = append(a.tables, x), x
	}
	if err := a.askedMaps(); err != nil {
		return err
	}
	a.seedMaps()
	a.rewrites()
	a.genericMaps()
	a.orderMaps()
	return nil
}

// refuseRemaps refuses natural keys where they have no meaning.
func (r *run) refuseRemaps(why string) error {
	if len(r.cfg.Remaps) == 0 {
		return nil
	}
	return &Error{Err: fmt.Errorf("--remap %s has no use here", r.cfg.Remaps[0].Table), Hint: why, Code: ExitUsage}
}

// identity gives the columns that name a row of the target: the primary key, or
// a unique key over columns that are NOT NULL.
func (t *table) identity() []int {
	list := t.home.Uniques()
	if p := t.home.Primary; p != nil {
		list = append([]*catalog.Index{p}, list...)
	}
	for _, x := range list {
		names, plain := x.Columns()
		cols, ok := t.columnsOf(names)
		if !plain || !ok || x.Predicate != "" || x.Overlaps {
			continue
		}
		nullable := slices.ContainsFunc(names, func(n string) bool { return !t.home.Column(n).NotNull })
		if !nullable {
			return cols
		}
	}
	return nil
}

// askedMaps takes the natural keys that the user has named.
func (a *added) askedMaps() error {
	for _, m := range a.r.cfg.Remaps {
		at := slices.IndexFunc(a.tables, func(x *addition) bool { return strings.EqualFold(x.t.src.Name, m.Table) })
		if at < 0 {
			return &Error{
				Err:  fmt.Errorf("no table %s of this run, which --remap names", m.Table),
				Hint: "litehaul inspect lists tables and columns", Code: ExitUsage,
			}
		}
		x := a.tables[at]
		key := make([]int, len(m.Key))
		for i, name := range m.Key {
			if key[i] = x.t.src.Column(name); key[i] < 0 || x.t.columns[key[i]].skip {
				return &Error{
					Err:  fmt.Errorf("no column %s.%s to match rows by, which --remap names", m.Table, name),
					Hint: "litehaul inspect lists tables and columns", Code: ExitUsage,
				}
			}
		}
		if why := a.addMap(x, key, "--remap"); why != "" {
			a.r.homeHazard(x.t, "remap", "leave --remap away for this table, or name another key",
				"rows of %s cannot be matched by a natural key: %s", a.r.qualified(x.t), why)
		}
	}
	return nil
}

// seedMaps takes the natural keys that the application's frameworks tell, where
// they are unique in the target too.
func (a *added) seedMaps() {
	for _, f := range a.r.into.found {
		for _, seed := range f.Seeds {
			at := slices.IndexFunc(a.tables, func(x *addition) bool { return strings.EqualFold(x.t.src.Name, seed.Table) })
			if at < 0 {
				continue
			}
			x := a.tables[at]
			if key, ok := x.seedKey(seed); ok && x.ids == nil {
				a.addMap(x, key, f.Name)
			}
		}
	}
}

// seedKey gives the columns of a seed's natural key, if the target has a unique
// key over exactly these.
func (x *addition) seedKey(seed framework.Seed) (key []int, ok bool) {
	for _, k := range seed.Key {
		c := x.t.src.Column(k.Column)
		if c < 0 {
			return nil, false
		}
		key = append(key, c)
	}
	for _, u := range x.t.home.Uniques() {
		names, plain := u.Columns()
		cols, here := x.t.columnsOf(names)
		if plain && here && u.Predicate == "" && sameSet(cols, key) {
			return key, true
		}
	}
	return nil, false
}

// addMap maps the ids of a table, or tells why that cannot be.
func (a *added) addMap(x *addition, key []int, by string) (why string) {
	if x.ids != nil {
		return "it is named twice"
	}
	p := x.t.home.Primary
	if p == nil {
		return "the table has no primary key"
	}
	names, _ := p.Columns()
	id, ok := x.t.columnsOf(names)
	switch {
	case !ok:
		return "its primary key is not among the source's columns"
	case len(id) != 1:
		return "its primary key has several columns"
	case slices.Contains(key, id[0]):
		return "the key has the table's own id in it"
	}
	x.ids = &idMap{of: x, id: id[0], key: key, by: by}
	a.maps = append(a.maps, x.ids)
	return ""
}

// rewrites finds every column that refers to a mapped id: by a foreign key that
// the target declares, or the source, or through other such columns.
func (a *added) rewrites() {
	for _, x := range a.tables {
		for _, col := range x.t.wire {
			found := map[*idMap]bool{}
			a.mapsOf(x, col, found, map[columnAt]bool{})
			var names []string
			for m := range found {
				x.via[col] = m
				names = append(names, m.of.t.src.Name)
			}
			if len(found) > 1 {
				slices.Sort(names)
				a.r.homeHazard(x.t, "remap", "leave one of these tables out of --remap",
					"%s.%s refers to rows of %s at once, which are matched each by its own key",
					x.t.src.Name, x.t.src.Columns[col].Name, strings.Join(names, " and "))
			}
		}
	}
}

// columnAt is a column of a table.
type columnAt struct {
	x   *addition
	col int
}

// mapsOf gathers the maps by which a column is rewritten.
func (a *added) mapsOf(x *addition, col int, found map[*idMap]bool, seen map[columnAt]bool) {
	if seen[columnAt{x, col}] {
		return
	}
	seen[columnAt{x, col}] = true
	if x.ids != nil && x.ids.id == col {
		found[x.ids] = true
	}
	for _, p := range a.refersTo(x, col) {
		a.mapsOf(p.x, p.col, found, seen)
	}
}

// refersTo lists the columns that a column refers to.
func (a *added) refersTo(x *addition, col int) (out []columnAt) {
	byOID := a.r.homesByOID()
	for _, fk := range x.t.home.ForeignKeys {
		parent := a.of[byOID[fk.Parent.OID]]
		at := slices.Index(fk.Columns, x.t.columns[col].name)
		if parent == nil || at < 0 {
			continue
		}
		if cols, ok := parent.t.columnsOf(fk.ParentColumns[at : at+1]); ok {
			out = append(out, columnAt{parent, cols[0]})
		}
	}
	for _, fk := range x.t.src.ForeignKeys {
		src, cols := resolveParent(a.r.schema, fk)
		at := slices.Index(fk.Columns, col)
		if src == nil || at < 0 || at >= len(cols) {
			continue
		}
		for _, p := range a.tables {
			if p.t.src == src {
				out = append(out, columnAt{p, cols[at]})
			}
		}
	}
	return out
}

// genericMaps finds the columns that refer to rows of any table, and the mapped
// tables among those.
func (a *added) genericMaps() {
	bySrc := map[*sourceTable]*addition{}
	for _, x := range a.tables {
		bySrc[x.t.src] = x
	}
	for _, f := range a.r.into.found {
		for _, g := range f.Generic {
			child, types := bySrc[g.Table], bySrc[a.r.schema.Table(g.Parent)]
			if child == nil || types == nil || len(types.key) != 1 || child.t.columns[g.Object].skip || child.t.columns[g.Type].skip {
				continue
			}
			for _, x := range a.tables {
				if m := x.keyMap(); m != nil {
					child.generic[g.Object] = append(child.generic[g.Object],
						&genericMap{types: types, typ: g.Type, target: g.Target, table: x.t.src.Name, ids: m})
				}
			}
		}
	}
}

// keyMap gives the map that rewrites a table's primary key, where that is one
// column.
func (x *addition) keyMap() *idMap {
	if x.t.home.Primary == nil || len(x.key) != 1 {
		return nil
	}
	if names, _ := x.t.home.Primary.Columns(); len(names) != 1 || names[0] != x.t.columns[x.key[0]].name {
		return nil
	}
	return x.via[x.key[0]]
}

// mapsFor gives the maps that rewrite a column.
func (x *addition) mapsFor(col int) (out []*idMap) {
	if m := x.via[col]; m != nil {
		out = append(out, m)
	}
	for _, g := range x.generic[col] {
		out = append(out, g.ids)
	}
	return out
}

// orderMaps sorts the maps so that each comes after those that its natural key
// goes through.
func (a *added) orderMaps() {
	var out []*idMap
	state := map[*idMap]int{} // 1: on the way, 2: done
	var visit func(m *idMap)
	visit = func(m *idMap) {
		state[m] = 1
		for _, c := range m.key {
			for _, next := range m.of.mapsFor(c) {
				switch state[next] {
				case 0:
					visit(next)
				case 1:
					a.r.homeHazard(m.of.t, "remap", "name a natural key that stands by itself",
						"the natural key of %s goes in a circle: its column %s refers to %s",
						m.of.t.src.Name, m.of.t.src.Columns[c].Name, next.of.t.src.Name)
				}
			}
		}
		state[m] = 2
		out = append(out, m)
	}
	for _, m := range a.maps {
		if state[m] == 0 {
			visit(m)
		}
	}
	a.maps = out
}
