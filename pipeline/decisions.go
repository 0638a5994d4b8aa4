package pipeline

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Plan is everything that a run decides before it writes, as data: tables and
// what becomes of them, columns with type, form and evidence, policies, hazards.
// ReadPlan and WritePlan make a file of it that people review and edit.
type Plan = planfile.Plan

// unknownRows stands for the rows of a table that was not read.
const unknownRows = -1

// decided puts what the run has decided so far into the report, once all tables
// have been read and judged.
func (r *run) decided() {
	if r.schema == nil || len(r.tables) == 0 {
		return
	}
	for _, t := range r.tables {
		if t.profile == nil || t.decisions == nil || t.columns == nil {
			return
		}
	}
	p := &Plan{
		Source: planfile.Source{File: filepath.Base(r.cfg.Source), Hash: r.sourceHash()},
		Into:   planfile.Create, Schema: r.cfg.Schema, Policies: r.policies(),
	}
	if r.into != nil {
		p.Into = planfile.Existing
	}
	for _, f := range r.found {
		p.Applications = append(p.Applications, f.Name+" ("+strings.Join(f.Evidence, "; ")+")")
	}
	r.planTables(p)
	r.planFindings(p)
	r.rep.Plan = p
}

// planTables lists the tables of the source, those too that are left behind.
func (r *run) planTables(p *Plan) {
	loaded, books := map[*schema.Table]*table{}, map[*schema.Table]bool{}
	for _, t := range r.tables {
		loaded[t.src] = t
	}
	if r.into != nil {
		for _, t := range r.into.books {
			books[t.src] = true
		}
	}
	for _, src := range r.all {
		out := planfile.Table{Name: src.Name, Rows: unknownRows, Action: planfile.Skip}
		switch t := loaded[src]; {
		case t != nil:
			out = r.tableDecision(t)
		case books[src]:
			out.Action = planfile.Compare
			out.Why = "bookkeeping of the application's framework: the target has its own"
		default:
			out.Why = "not chosen by --tables and --exclude"
		}
		p.Tables = append(p.Tables, out)
	}
}

// tableDecision tells what becomes of one table of the run.
func (r *run) tableDecision(t *table) planfile.Table {
	out := planfile.Table{
		Name: t.src.Name, Action: planfile.Load, Rows: t.profile.Rows,
		To: planfile.Name{Table: t.name}, Source: r.tableHash(t.src),
	}
	if t.home != nil {
		out.To.Schema, out.Target = t.home.Schema, homeHash(t.home)
	}
	for i := range t.columns {
		out.Columns = append(out.Columns, t.columnDecision(i))
	}
	return out
}

// columnDecision tells what becomes of one column.
func (t *table) columnDecision(i int) planfile.Column {
	c, d := &t.columns[i], &t.decisions[i]
	out := planfile.Column{Name: c.src.Name, Declared: c.src.DeclType, Action: planfile.Load, Evidence: d.Evidence, Why: d.Why}
	switch {
	case c.open: // action: skip would be the user's word
		out.Why = "the target has no column for it"
	case c.skip && t.home != nil && c.name != "":
		out.Action, out.Why = planfile.Skip, "Postgres computes it"
	case c.skip:
		out.Action, out.Why = planfile.Skip, "left behind"
	}
	if c.skip {
		return out
	}
	if c.name != c.src.Name {
		out.To = c.name
	}
	out.Type = d.Type.SQL()
	if c.home != nil {
		out.Type = c.home.Type.Text
	}
	for _, f := range d.Forms(&t.profile.Columns[i]) {
		out.Forms = append(out.Forms, string(f))
	}
	return out
}

// planFindings adds hazards and objects, in an order that does not depend on
// which worker was quicker.
func (r *run) planFindings(p *Plan) {
	for _, h := range r.rep.Hazards {
		p.Hazards = append(p.Hazards, planfile.Hazard{
			Code: h.Code, Table: h.Table, Column: h.Column, Message: h.Message,
			Count: h.Count, Settled: h.Settled, Hint: h.Hint,
		})
	}
	slices.SortStableFunc(p.Hazards, func(a, b planfile.Hazard) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), strings.Compare(a.Column, b.Column),
			strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	for _, o := range r.rep.Objects {
		if o.Status != "carried" && o.Status != "" {
			p.LeftOut = append(p.LeftOut, planfile.LeftOut{Kind: o.Kind, Table: o.Table, Name: o.Name, Status: o.Status, Why: o.Why})
		}
	}
}
