package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/typemap"
)

// planned are the flags whose whole say a plan has.
var planned = []string{"tables", "exclude", "type", "form", "map", "drop-column"}

// Follow makes a run follow a plan: its tables, names and types, its policies.
// given tells of a flag whether the user has set it beside the plan: one that
// contradicts the plan is refused, but those that are about what the target
// holds when the run begins (on-data, on-existing) win.
func (c *Config) Follow(p *Plan, given func(flag string) bool) error {
	for _, name := range planned {
		if given(name) {
			return &Error{
				Err:  fmt.Errorf("--%s beside --plan: %s says what becomes of each table and column", name, p.At(planfile.Pos{})),
				Hint: "change it in the plan, or make the plan anew with the flag", Code: ExitUsage,
			}
		}
	}
	if given("schema") && c.Schema != p.Schema {
		return contradicts(p, p.SchemaPos, "schema", c.Schema, p.Schema)
	}
	if given("into") && c.Into != IntoAuto && string(c.Into) != p.Into {
		return contradicts(p, p.IntoPos, "into", string(c.Into), p.Into)
	}
	for _, x := range policyList {
		said, ok := p.Policy(x.name)
		if !ok {
			said.Value = c.defaultOf(x)
		}
		switch have := x.get(c); {
		case !given(x.name):
			x.set(c, said.Value)
		case have != said.Value && ok && !x.later:
			return contradicts(p, said.Pos, x.name, have, said.Value)
		}
	}
	if p.Into == planfile.Existing && c.OnExisting == ExistingDrop {
		return contradicts(p, p.IntoPos, "on-existing", string(c.OnExisting), string(ExistingFail))
	}
	c.Schema, c.Into, c.Plan = p.Schema, IntoMode(p.Into), p
	return nil
}

// defaultOf gives what a policy is that nobody chose.
func (c *Config) defaultOf(x policy) string {
	if x.words != nil {
		return x.words[0]
	}
	return x.get(&Config{})
}

func contradicts(p *Plan, pos planfile.Pos, flag, have, said string) error {
	return &Error{
		Err:  fmt.Errorf("--%s=%s contradicts the plan, which says %s: %s (%s)", flag, have, flag, said, p.At(pos)),
		Hint: "leave the flag out, or change the plan", Code: ExitUsage,
	}
}

// spot is a place of the plan, and what it speaks of.
type spot struct {
	pos           planfile.Pos
	table, column string
}

// planHazard reports that the plan does not go with what is there.
func (r *run) planHazard(at spot, hint, format string, args ...any) {
	r.hazard(Hazard{
		Code: "plan", Table: at.table, Column: at.column, Count: 1,
		Message: r.cfg.Plan.At(at.pos) + ": " + fmt.Sprintf(format, args...), Hint: hint,
	})
}

// anew is the way out where a plan is too old.
const anew = "make the plan anew with litehaul plan, and compare it with this one"

// followTables holds the plan against the tables of the source, and takes from
// it what is loaded under which names.
func (r *run) followTables() error {
	p := r.cfg.Plan
	all := map[string]bool{}
	for _, src := range r.all {
		all[foldASCII(src.Name)] = true
		pt := p.Table(src.Name)
		if pt == nil {
			r.planHazard(spot{planfile.Pos{}, src.Name, ""}, anew+"; or add the table with action: skip",
				"the source has a table %s, which the plan does not have", src.Name)
			continue
		}
		_, book := r.found.Leave(src.Name)
		if pt.Action == planfile.Load && (!book || p.Into == planfile.Create) {
			r.followColumns(pt)
		}
	}
	r.followBooks()
	for i := range p.Tables {
		if t := &p.Tables[i]; !all[foldASCII(t.Name)] && t.Action != planfile.Skip {
			r.planHazard(spot{t.Pos, t.Name, ""}, anew, "the source has no table %s any more", t.Name)
		}
	}
	if err := r.refuse(); err != nil {
		return err
	}
	r.tables = slices.DeleteFunc(r.tables, func(t *table) bool { return p.Table(t.src.Name).Action == planfile.Skip })
	if len(r.tables) == 0 {
		return &Error{Err: fmt.Errorf("%s: no table has action: load", p.At(planfile.Pos{})), Hint: "there is nothing to do", Code: ExitUsage}
	}
	return nil
}

// followBooks refuses to load bookkeeping of a framework into tables that it
// keeps itself, and to compare what is none.
func (r *run) followBooks() {
	p := r.cfg.Plan
	for i := range p.Tables {
		t := &p.Tables[i]
		_, book := r.found.Leave(t.Name)
		switch {
		case t.Action == planfile.Compare && (!book || p.Into == planfile.Create):
			r.planHazard(spot{t.ActionPos, t.Name, ""}, "choose action: load or action: skip",
				"table %s is no bookkeeping of an application that has made the target's tables: there is nothing to compare", t.Name)
		case t.Action == planfile.Load && book && p.Into == planfile.Existing:
			r.planHazard(spot{t.ActionPos, t.Name, ""}, "choose action: compare or action: skip",
				"table %s is bookkeeping of the application's framework: the target has its own", t.Name)
		}
	}
}

// followColumns holds a table of the plan against that of the source.
func (r *run) followColumns(pt *planfile.Table) {
	src := tableNamed(r.all, pt.Name)
	before := r.open()
	for i, c := range src.Columns {
		pc := pt.Column(c.Name)
		switch {
		case pc == nil:
			r.planHazard(spot{pt.Pos, src.Name, c.Name}, anew+"; or add the column with action: skip",
				"the source has a column %s.%s, which the plan does not have", src.Name, c.Name)
			continue
		case r.badType(pc):
			continue
		case pc.DeclaredPos != (planfile.Pos{}) && pc.Declared != c.DeclType:
			r.planHazard(spot{pc.DeclaredPos, src.Name, c.Name}, anew, "%s.%s was declared %s and is %s in this source",
				src.Name, c.Name, orNone(pc.Declared), orNone(c.DeclType))
			continue
		}
		r.mapPlanned(i, pt, pc)
	}
	for i := range pt.Columns {
		if c := &pt.Columns[i]; src.Column(c.Name) < 0 {
			r.planHazard(spot{c.Pos, src.Name, c.Name}, anew, "the source has no column %s.%s any more", src.Name, c.Name)
		}
	}
	if pt.Source != "" && r.open() == before && r.tableHash(src) != pt.Source {
		r.planHazard(spot{pt.Pos, src.Name, ""}, anew, "table %s of this source is defined otherwise than when the plan was made: its keys, checks, defaults or indexes differ", src.Name)
	}
}

// badType reports a type that litehaul cannot make.
func (r *run) badType(pc *planfile.Column) bool {
	if r.cfg.Plan.Into != planfile.Create || pc.Type == "" {
		return false // a type that stands may be any
	}
	_, err := typemap.ParseType(pc.Type)
	if err != nil {
		r.planHazard(spot{pc.TypePos, "", pc.Name}, "types are "+strings.Join(planWords().Types, ", ")+"; or leave the key type out", "%v", err)
	}
	return err != nil
}

// mapPlanned takes over what the plan says of one column's name.
func (r *run) mapPlanned(i int, pt *planfile.Table, pc *planfile.Column) {
	src := tableNamed(r.all, pt.Name)
	x := r.mappingOf(src)
	if x.table == nil && pt.To.Table != "" {
		x.table = &NameMap{Table: src.Name, Schema: pt.To.Schema, Name: pt.To.Table, plan: r.cfg.Plan.At(pt.ToPos), made: pt.Target == ""}
	}
	switch {
	case pc.Action == planfile.Skip:
		x.drop[i] = true
	case pc.To != "":
		x.columns[i] = &NameMap{Table: src.Name, Column: pc.Name, Name: pc.To, plan: r.cfg.Plan.At(pc.ToPos)}
	}
}
