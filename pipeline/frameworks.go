package pipeline

import (
	"fmt"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

// FrameworkNone in Config.Frameworks switches all knowledge of frameworks off.
const FrameworkNone = "none"

// checkFrameworks refuses names that nobody knows.
func checkFrameworks(names []string) error {
	for _, name := range names {
		if name == FrameworkNone {
			if len(names) > 1 {
				return &Error{
					Err:  fmt.Errorf("frameworks %s: none goes with no other", strings.Join(names, ", ")),
					Hint: "name those that made the file, or none alone", Code: ExitUsage,
				}
			}
			continue
		}
		if _, ok := framework.Lookup(name); !ok {
			return &Error{
				Err:  fmt.Errorf("framework %q is not known", name),
				Hint: "known are " + strings.Join(framework.Names(), ", ") + "; none switches them off", Code: ExitUsage,
			}
		}
	}
	return nil
}

// recognize finds the frameworks that made the schema, or takes those that the
// user names.
func (r *run) recognize() {
	switch names := r.cfg.Frameworks; {
	case len(names) == 0:
		r.found = framework.Detect(r.schema)
	case names[0] == FrameworkNone:
	default:
		for _, name := range names {
			known, _ := framework.Lookup(name)
			r.found = append(r.found, framework.Claim(r.schema, known, "named by --framework"))
		}
	}
	for _, f := range r.found {
		x := FrameworkFound{Name: f.Name, Evidence: f.Evidence, Books: []string{}, Zone: f.Zone.Name}
		for _, b := range f.Books {
			x.Books = append(x.Books, b.Table)
		}
		r.rep.Frameworks = append(r.rep.Frameworks, x)
	}
}

// probesOf gives what the profile looks for in each column: also what the
// frameworks' hints speak of, so that the evidence counts it. What only a hint
// wants is kept apart: it is forgotten when a value breaks the last hint, but in
// columns that foreign keys tie, where the other side may want it.
func (r *run) probesOf() map[*schema.Table][]typemap.Probe {
	rules := r.allRules()
	plain := typemap.Probes(r.selected(), rules)
	all := typemap.ProbesAlso(r.selected(), rules, r.hintProbes())
	for _, t := range r.tables {
		t.forget = make([]typemap.Probe, len(all[t.src]))
		for i, p := range all[t.src] {
			t.forget[i] = p &^ plain[t.src][i]
		}
	}
	for _, l := range typemap.Links(r.selected()) {
		r.tableOf(l.Child).forget[l.ChildColumn] = 0
		r.tableOf(l.Parent).forget[l.ParentColumn] = 0
	}
	return all
}

// hintProbes gives what the hints speak of.
func (r *run) hintProbes() map[*schema.Table][]typemap.Probe {
	out := map[*schema.Table][]typemap.Probe{}
	for _, t := range r.tables {
		list := make([]typemap.Probe, len(t.src.Columns))
		for i := range list {
			for _, h := range r.found.Hints(t.src, i) {
				list[i] |= typemap.HintProbes(h.Type)
			}
		}
		out[t.src] = list
	}
	return out
}

// judging gives a unit of a table that the run makes a judge of the frameworks'
// hints; nil where they say nothing about it.
func (r *run) judging(t *table) *framework.Judge {
	if t.home != nil {
		return nil
	}
	return r.found.Judge(t.src)
}

// addRow counts a row of a unit.
func (u *unit) addRow(rowid int64, vals []row.Value) {
	u.profile.Add(rowid, vals)
	if u.judge == nil {
		return
	}
	for _, col := range u.judge.Add(rowid, vals) {
		if u.forget != nil {
			u.profile.Columns[col].Forget(u.forget[col])
		}
	}
}

// hints gives what the frameworks say about the columns of the run's tables,
// as the values bear it out.
func (r *run) hints() map[*schema.Table][]*typemap.Hinted {
	out := map[*schema.Table][]*typemap.Hinted{}
	for _, t := range r.tables {
		if t.judge == nil {
			continue
		}
		list := make([]*typemap.Hinted, len(t.src.Columns))
		for i := range list {
			list[i] = t.judge.Hinted(i)
		}
		out[t.src] = list
	}
	return out
}

// createOptions are those under which types are chosen for tables that the run
// makes: where the user leaves it open, datetimes without a zone belong to the
// zone that the framework writes.
func (r *run) createOptions() typemap.Options {
	opt := r.decideOptions()
	opt.Hints = r.hints()
	opt.KeepNaive = r.cfg.Naive == NaiveTimestamp
	if r.cfg.Naive != NaiveAuto {
		return opt
	}
	for _, f := range r.found {
		if f.Zone.Name == "" || f.Zone.Loose {
			continue
		}
		if zone, err := time.LoadLocation(f.Zone.Name); err == nil {
			opt.NaiveZone, opt.ZoneWhy = zone, f.Name+": "+f.Zone.Why
			return opt
		}
	}
	return opt
}
