package pipeline

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// A run into tables that an application made may make those that are missing
// there (--create-missing): homes stand in the target, own are the run's own.

// homes lists the tables of the run that stand in the target.
func (r *run) homes() []*table {
	return slices.DeleteFunc(slices.Clone(r.tables), func(t *table) bool { return t.home == nil })
}

// own lists the tables that the run makes.
func (r *run) own() []*table {
	return slices.DeleteFunc(slices.Clone(r.tables), func(t *table) bool { return t.home != nil })
}

// meetOwn checks, before the source is read, that the tables which are missing
// can be made.
func (r *run) meetOwn() error {
	own := r.own()
	if len(own) == 0 {
		return nil
	}
	if err := r.mayCreate(); err != nil {
		return err
	}
	names := make([]string, len(own))
	for i, t := range own {
		names[i] = t.src.Name
		fit, _ := fitName(t.src.Name)
		if slices.ContainsFunc(r.existing, func(e postgres.Relation) bool { return e.Name == fit }) {
			r.hazard(Hazard{
				Code: "exists", Table: t.src.Name, Count: 1,
				Message: fmt.Sprintf("table %s cannot be made: %s stands in the target, and has none of its columns", t.src.Name, postgres.Qualify(r.cfg.Schema, fit)),
				Hint:    "leave the table behind with --exclude, or choose another --schema",
			})
		}
		r.mayReference(t)
	}
	r.note(fmt.Sprintf("the target lacks %s: made by --create-missing", phrase.List(names, 8)))
	return nil
}

// mayReference makes sure that the role may tie a table of its own to those of
// the application.
func (r *run) mayReference(t *table) {
	for _, fk := range t.src.ForeignKeys {
		src, _ := resolveParent(r.schema, fk)
		parent := r.tableOf(src)
		if parent == nil || parent.home == nil || parent.home.Owned || parent.home.Rights.Has(catalog.References) {
			continue
		}
		name := postgres.Qualify(parent.home.Schema, parent.home.Name)
		r.hazard(Hazard{
			Code: "rights", Table: t.src.Name, Count: 1,
			Message: fmt.Sprintf("role %s may not REFERENCES %s, and %s has a foreign key to it", r.server.User, name, t.src.Name),
			Hint:    fmt.Sprintf("as its owner: GRANT REFERENCES ON %s TO %s", name, postgres.Quote(r.server.User)),
		})
	}
}

// tableOf finds the table of the run for one of the source, or nil.
func (r *run) tableOf(src *schema.Table) *table {
	for _, t := range r.tables {
		if src != nil && t.src == src {
			return t
		}
	}
	return nil
}

// cell names a column of a table of the run.
type cell struct {
	t   *table
	col int
}

// given finds the columns of tables to make that foreign keys tie, directly or
// through each other, to columns which stand: they take the type of these.
func (r *run) given() map[cell]*catalog.Column {
	out := map[cell]*catalog.Column{}
	typeOf := func(x cell) *catalog.Column {
		if x.t.home != nil {
			return x.t.columns[x.col].home
		}
		return out[x]
	}
	links := typemap.Links(r.selected())
	for changed := true; changed; {
		changed = false
		for _, l := range links {
			a, b := cell{r.tableOf(l.Child), l.ChildColumn}, cell{r.tableOf(l.Parent), l.ParentColumn}
			for _, x := range [...][2]cell{{a, b}, {b, a}} {
				home := typeOf(x[0])
				if home != nil && x[1].t.home == nil && out[x[1]] == nil {
					out[x[1]], changed = home, true
				}
			}
		}
	}
	return out
}

// decideOwn chooses the types of the tables that the run makes, those that
// foreign keys give among them. Where the values do not fit such a type, the
// column gets its own, and the foreign key is left out.
func (r *run) decideOwn() {
	own := r.own()
	if len(own) == 0 {
		return
	}
	sub, profiles := *r.schema, map[*sourceTable]*typemap.Table{}
	sub.Tables = nil
	for _, t := range own {
		sub.Tables = append(sub.Tables, t.src)
		profiles[t.src] = t.profile
	}
	all := r.followTypes(func(opt typemap.Options) typemap.Decisions {
		return typemap.DecideAll(&sub, profiles, opt)
	})
	for _, t := range own {
		t.decisions = all[t.src]
	}
	for x, home := range r.given() {
		if x.t.src.RowidAlias == x.col && !isInteger(homeType(home.Type).Type) {
			continue
		}
		d, err := typemap.DecideFor(x.t.profile, x.col, homeType(home.Type), r.known(x.t, x.col), r.decideOptions())
		if err == nil {
			alone := x.t.decisions[x.col].Type.SQL()
			if d.Why = "as the column of the target that a foreign key ties it to"; alone != d.Type.SQL() {
				d.Why += "; alone it would be " + alone
			}
			x.t.decisions[x.col] = d
		}
	}
}

// planOwn plans the tables that the run makes, after the checks of values.
func (r *run) planOwn() {
	if len(r.own()) == 0 {
		return
	}
	r.plan = r.newPlan(r.existing)
	for _, t := range r.homes() {
		t.constraintNames = newNames()
		for _, name := range constraintsOf(t.home) {
			t.constraintNames.reserve(name)
		}
		for _, fk := range t.src.ForeignKeys {
			if src, _ := resolveParent(r.schema, fk); src != nil && r.plan.bySrc[src] != nil && r.plan.bySrc[src].home == nil {
				r.tieHome(t, fk)
			}
		}
	}
	if r.cfg.DryRun {
		r.rep.DDL = r.plan.statements()
	}
}

// tieHome plans a foreign key from a table that stands to one that the run
// makes. The application could not make it, its parent not being there.
func (r *run) tieHome(t *table, fk *schema.ForeignKey) {
	if t.home.Owned {
		r.planForeignKey(r.plan, t, fk)
		return
	}
	way := ""
	if parent, cols, err := r.plan.parent(r, t, fk); err == nil {
		way = fmt.Sprintf("as the table's owner: ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s)", r.qualified(t),
			postgres.QuoteList(t.names(fk.Columns)), r.qualified(parent), postgres.QuoteList(parent.names(cols)))
	}
	r.leaveOut(Object{
		Kind: "foreign key", Table: t.src.Name, Name: fk.Name, Source: foreignKeyText(t, fk), Suggestion: way,
	}, errors.New("role "+r.server.User+" does not own "+r.qualified(t)))
}

// names gives the names that columns have in the target.
func (t *table) names(cols []int) (out []string) {
	for _, c := range cols {
		out = append(out, t.columns[c].name)
	}
	return out
}

// constraintsOf lists the names that a table's constraints have taken.
func constraintsOf(home *catalog.Relation) (out []string) {
	for _, fk := range home.ForeignKeys {
		out = append(out, fk.Name)
	}
	for _, x := range home.Indexes {
		out = append(out, x.Name)
	}
	return out
}

// homeKey tells whether a table that stands has a unique key over exactly these
// columns.
func (t *table) homeKey(cols []int) bool {
	want := make([]string, len(cols))
	for i, c := range cols {
		want[i] = t.columns[c].name
	}
	slices.Sort(want)
	for _, x := range t.home.Uniques() {
		names, plain := x.Columns()
		names = slices.Sorted(slices.Values(names))
		if plain && x.Predicate == "" && slices.Equal(names, want) {
			return true
		}
	}
	return false
}

// madeHint tells which tables a failed run has made.
func (r *run) madeHint() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.made) == 0 {
		return ""
	}
	drop := "DROP TABLE " + strings.Join(r.made, ", ") + " CASCADE"
	r.rep.Remains = &Remains{Schema: r.cfg.Schema, Tables: r.made, Remove: drop}
	return fmt.Sprintf("; the run has made %d tables: before the next one, %s", len(r.made), drop)
}
