package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// plannedColumn finds what the plan says of a column that is loaded, or nil.
func (r *run) plannedColumn(t *table, i int) *planfile.Column {
	if r.cfg.Plan == nil || r.leaves(t.src, i) {
		return nil
	}
	if pt := r.cfg.Plan.Table(t.src.Name); pt != nil {
		return pt.Column(t.src.Columns[i].Name)
	}
	return nil
}

// ruleOf is a column of the plan as a rule. ok is false where the plan leaves
// the choice to litehaul.
func ruleOf(t *table, i int, pc *planfile.Column) (rule typemap.Rule, ok bool) {
	rule = typemap.Rule{Table: t.src.Name, Column: t.src.Columns[i].Name}
	if typ, err := typemap.ParseType(pc.Type); err == nil {
		rule.Type = typ
	}
	if len(pc.Forms) > 0 {
		rule.Form = typemap.Form(pc.Forms[0])
	}
	return rule, pc.Type != "" || rule.Form != ""
}

// allRules are the user's rules, and all columns of a plan as rules: what the
// profile must look for.
func (r *run) allRules() typemap.Rules {
	out := r.rules
	for _, t := range r.tables {
		for i := range t.src.Columns {
			if pc := r.plannedColumn(t, i); pc != nil {
				if rule, ok := ruleOf(t, i, pc); ok && t.home == nil {
					out = append(out, rule)
				}
			}
		}
	}
	return out
}

// followTypes decides for tables that the run makes. Where litehaul decides by
// itself what the plan has, that stands; what differs becomes a rule. So a plan
// that nobody changed gives the very same run.
func (r *run) followTypes(decide func(typemap.Options) typemap.Decisions) typemap.Decisions {
	opt := r.createOptions()
	all := decide(opt)
	if r.cfg.Plan == nil {
		return all
	}
	r.eachPlanned(all, func(t *table, i int, pc *planfile.Column, _ *typemap.Decision) {
		if rule, ok := ruleOf(t, i, pc); ok {
			opt.Rules = append(opt.Rules, rule)
		}
	})
	if len(opt.Rules) > 0 {
		alone := all
		all = decide(opt)
		r.cutLinks(alone, all)
	}
	r.eachPlanned(all, r.strays)
	return all
}

// cutLinks refuses types on the two sides of a foreign key that keep it from
// being made, where litehaul's own choice would not.
func (r *run) cutLinks(alone, planned typemap.Decisions) {
	byName := map[*schema.Table]*table{}
	for _, t := range r.tables {
		byName[t.src] = t
	}
	for _, l := range typemap.Links(r.selected()) {
		tied := func(d typemap.Decisions) bool {
			return tieable(d[l.Child][l.ChildColumn].Type, d[l.Parent][l.ParentColumn].Type)
		}
		child := byName[l.Child]
		if child == nil || byName[l.Parent] == nil || alone[l.Child] == nil || alone[l.Parent] == nil || !tied(alone) || tied(planned) {
			continue
		}
		pc := r.plannedColumn(child, l.ChildColumn)
		if pc == nil || r.leaves(l.Parent, l.ParentColumn) {
			continue
		}
		r.planHazard(spot{pc.TypePos, l.Child.Name, pc.Name}, "give both sides of a foreign key one type in the plan",
			"%s.%s is %s and references %s.%s, which is %s: the foreign key could not be made", l.Child.Name, pc.Name,
			planned[l.Child][l.ChildColumn].Type.SQL(), l.Parent.Name, l.Parent.Columns[l.ParentColumn].Name, planned[l.Parent][l.ParentColumn].Type.SQL())
	}
}

// eachPlanned calls f for each column that is decided otherwise than planned.
func (r *run) eachPlanned(all typemap.Decisions, f func(*table, int, *planfile.Column, *typemap.Decision)) {
	for _, t := range r.tables {
		for i := range all[t.src] {
			pc, d := r.plannedColumn(t, i), &all[t.src][i]
			if pc != nil && !(sameType(pc, d) && t.sameForms(i, pc, d)) {
				f(t, i, pc, d)
			}
		}
	}
}

func sameType(pc *planfile.Column, d *typemap.Decision) bool {
	typ, err := typemap.ParseType(pc.Type)
	return pc.Type == "" || pc.Type == d.Type.SQL() || err == nil && typ == d.Type
}

// sameForms tells whether values are taken as the plan says. Forms of a column
// whose type is left open are open too, unless they are named.
func (t *table) sameForms(i int, pc *planfile.Column, d *typemap.Decision) bool {
	if pc.Type == "" && len(pc.Forms) == 0 {
		return true
	}
	if t.profile.Columns[i].Values() == 0 {
		return true // there is nothing to have a form
	}
	got := formNames(d.Forms(&t.profile.Columns[i]))
	for _, f := range got {
		if !slices.Contains(pc.Forms, f) {
			return false
		}
	}
	for _, f := range pc.Forms {
		if !slices.Contains(got, f) && f != string(typemap.FormPlain) {
			return false
		}
	}
	return true
}

func formNames(list []typemap.Form) []string {
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = string(f)
	}
	return out
}

// strays reports a column that cannot be as planned.
func (r *run) strays(t *table, i int, pc *planfile.Column, d *typemap.Decision) {
	name := t.src.Name + "." + t.src.Columns[i].Name
	if !sameType(pc, d) {
		r.planHazard(spot{pc.TypePos, t.src.Name, pc.Name}, "give both sides of a foreign key one type in the plan",
			"%s is planned as %s and would be %s (%s)", name, pc.Type, d.Type.SQL(), d.Why)
		return
	}
	pos := pc.FormPos
	if pos == (planfile.Pos{}) {
		pos = pc.Pos
	}
	said, are := formText(pc.Forms), formText(formNames(d.Forms(&t.profile.Columns[i])))
	hint := "if that is right, write " + are + " there; or choose another type"
	if are == noForm {
		hint = "if that is right, take the form out there; or choose another type"
	}
	r.planHazard(spot{pos, t.src.Name, pc.Name}, hint, "%s is planned with %s, and its values have %s (%s)", name, said, are, d.Evidence)
}

const noForm = "no form"

// formText writes forms as the plan has them.
func formText(list []string) string {
	switch len(list) {
	case 0:
		return noForm
	case 1:
		return "form: " + list[0]
	}
	return "form: [" + strings.Join(list, ", ") + "]"
}

// followForm decides one column for a type that stands in the target, in the
// form that the plan has.
func (r *run) followForm(t *table, i int, decide func(typemap.Options) (typemap.Decision, error)) (typemap.Decision, error) {
	opt := r.decideOptions()
	d, err := decide(opt)
	pc := r.plannedColumn(t, i)
	if pc == nil || err == nil && t.sameForms(i, pc, &d) {
		return d, err
	}
	if rule, _ := ruleOf(t, i, pc); rule.Form != "" {
		opt.Rules = opt.Rules.With(typemap.Rule{Table: rule.Table, Column: rule.Column, Form: rule.Form})
		if d, err = decide(opt); err != nil {
			return d, err
		}
	}
	if err == nil && !t.sameForms(i, pc, &d) {
		r.strays(t, i, &planfile.Column{Name: pc.Name, Forms: pc.Forms, FormPos: pc.FormPos, Pos: pc.Pos}, &d)
	}
	return d, err
}

// followHome holds a table of the plan against that of the target.
func (r *run) followHome(t *table) {
	if r.cfg.Plan == nil {
		return
	}
	pt := r.cfg.Plan.Table(t.src.Name)
	before := r.open()
	for i := range t.columns {
		c := &t.columns[i]
		pc := r.plannedColumn(t, i)
		if pc == nil || pc.Type == "" || c.home == nil || pc.Type == c.home.Type.Text {
			continue
		}
		r.planHazard(spot{pc.TypePos, t.src.Name, pc.Name}, anew+"; an application's column keeps the type that it has",
			"column %s of %s is %s, not %s", c.home.Name, r.qualified(t), c.home.Type.Text, pc.Type)
	}
	if pt.Target != "" && r.open() == before && homeHash(t.home) != pt.Target {
		r.planHazard(spot{pt.Pos, t.src.Name, ""}, anew, "%s of this target is defined otherwise than when the plan was made: its columns, keys, checks or defaults differ", r.qualified(t))
	}
}

// comparePlan leads what does not fit to the lines of the plan, and tells what
// has changed without mattering.
func (r *run) comparePlan() {
	p := r.cfg.Plan
	if p == nil {
		return
	}
	for i := range r.rep.Hazards {
		r.placeHazard(&r.rep.Hazards[i])
	}
	var grown []string
	for _, t := range r.tables {
		if pt := p.Table(t.src.Name); pt.Rows >= 0 && t.profile != nil && pt.Rows != t.profile.Rows {
			grown = append(grown, fmt.Sprintf("%s (%d, now %d)", t.src.Name, pt.Rows, t.profile.Rows))
		}
	}
	if len(grown) > 0 {
		r.note("rows since the plan was made: " + phrase.List(grown, 8))
	}
	if p.Source.Hash != "" && p.Source.Hash != r.sourceHash() {
		r.note("the schema of the source has changed since the plan was made, but not the tables that are loaded")
	}
}

// placeHazard names the line of the plan at which a misfit can be settled.
func (r *run) placeHazard(h *Hazard) {
	pt := r.cfg.Plan.Table(h.Table)
	if h.Code != "misfit" || pt == nil {
		return
	}
	pc := pt.Column(h.Column)
	if pc == nil {
		return
	}
	pos := pc.TypePos
	if pos == (planfile.Pos{}) {
		pos = pc.Pos
	}
	h.Message = r.cfg.Plan.At(pos) + ": " + h.Message
	h.Hint = "choose another type or form there, or skip the column; or make the plan anew"
	if r.into != nil {
		h.Hint = "choose another form there, or skip the column; or mend the values"
	}
}
