package pipeline

// tableReports fills in what happened to each table.
func (r *run) tableReports() {
	for _, t := range r.tables {
		if t.profile == nil {
			continue
		}
		r.rep.Tables = append(r.rep.Tables, r.tableReport(t))
	}
}

func (r *run) tableReport(t *table) TableReport {
	rep := TableReport{
		Name: t.src.Name, Rows: t.profile.Rows, Loaded: t.loaded.Load(), Rejected: t.rejected.Load(),
		Updated: t.updated, Already: t.already, Kept: t.kept,
		Bytes: t.bytes.Load(), Seconds: float64(t.nanos.Load()) / 1e9,
		Reader: t.reader(), Units: len(t.units), Verified: t.result, Differs: t.differs,
		Columns: []ColumnReport{},
	}
	if t.sample != nil {
		rep.LeftOut = t.sample.Left()
	}
	if t.name != "" {
		rep.Target = r.qualified(t)
	}
	if t.result == "full" {
		rep.Digest = t.digests.sum.String()
	}
	if t.result == "" {
		rep.Verified = "no"
	}
	for i := range t.columns {
		rep.Columns = append(rep.Columns, t.columnReport(i))
	}
	return rep
}

func (t *table) columnReport(i int) ColumnReport {
	c := &t.columns[i]
	d := &c.decision
	out := ColumnReport{
		Name: c.src.Name, Target: c.name, Declared: c.src.DeclType,
		Type: d.Type.SQL(), Form: d.FormName(), Evidence: d.Evidence, Why: d.Why, Framework: d.Framework,
		NotNull: c.notNull, Default: c.def, Nulls: d.Nulls(&t.profile.Columns[i]),
	}
	if c.identity {
		out.Identity = c.next
	}
	return out
}

// reader names what read the table's rows.
func (t *table) reader() string {
	if t.pages {
		return "pages"
	}
	return "engine"
}
