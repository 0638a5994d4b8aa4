package pipeline

import (
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// assessment gathers what a run knows before it writes, as far as it came.
func (r *run) assessment(rep *Report) *Assessment {
	a := &Assessment{
		Version: AssessmentVersion, Tool: rep.Tool, Started: rep.Started, Into: IntoCreate,
		Source: rep.Source, Frameworks: rep.Frameworks, Hazards: []AssessedHazard{},
		Tables: []AssessedTable{}, ForeignKeys: []AssessedLink{}, Objects: rep.Objects,
		Renamed: rep.Renamed, Notes: rep.Notes, Carried: countObjects(rep.Objects), Next: []string{},
	}
	if r.server != nil {
		a.Target = &rep.Target
	}
	if r.into != nil {
		a.Into = IntoExisting
	}
	for _, h := range rep.Hazards {
		a.Hazards = append(a.Hazards, AssessedHazard{Hazard: h, Flags: r.settlers(h)})
	}
	r.assessTables(a)
	r.assessLinks(a)
	a.Estimate = estimate(a)
	return a
}

// assessTables describes the tables that were profiled.
func (r *run) assessTables(a *Assessment) {
	for _, t := range r.tables {
		if t.profile == nil {
			return
		}
		rep := r.tableReport(t)
		out := AssessedTable{
			Name: rep.Name, Target: rep.Target, Rows: rep.Rows, Bytes: t.profile.Bytes, Reader: rep.Reader,
			Key: []string{}, Columns: []AssessedColumn{},
		}
		if pk := t.src.PrimaryKey; pk != nil {
			for _, part := range pk.Parts {
				out.Key = append(out.Key, t.src.Columns[part.Column].Name)
			}
		}
		for i := range rep.Columns {
			out.Columns = append(out.Columns, t.assessColumn(i, rep.Columns[i]))
		}
		s := t.sizer(r.plan)
		out.Indexes, out.TargetBytes = len(s.indexes), s.total()
		a.Tables = append(a.Tables, out)
		a.Totals.Columns += len(out.Columns)
		a.Totals.Rows += out.Rows
		a.Totals.Bytes += out.Bytes
	}
	a.Totals.Tables = len(a.Tables)
}

func (t *table) assessColumn(i int, rep ColumnReport) AssessedColumn {
	p := &t.profile.Columns[i]
	if t.columns[i].skip {
		rep.Type, rep.Evidence = "", ""
	}
	out := AssessedColumn{
		ColumnReport: rep, Skipped: t.columns[i].skip, Bytes: p.Bytes, Forms: []FormSeen{},
		Classes: ClassCount{
			Null: p.Count[row.Null], Integer: p.Count[row.Integer], Real: p.Count[row.Real],
			Text: p.Count[row.Text], Blob: p.Count[row.Blob],
		},
	}
	for _, s := range p.Shares() {
		out.Forms = append(out.Forms, FormSeen{Class: s.Class.String(), Form: s.Form, Count: s.N})
	}
	return out
}
