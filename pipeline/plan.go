package pipeline

import (
	"cmp"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/translate"
	"github.com/litehaul/litehaul/typemap"
)

// plan is everything that will be made in the target, decided before anything
// is.
type plan struct {
	schema string
	// before are the statements that come first: the schema, an extension.
	before []string
	drops  []postgres.Relation // relations to drop first, by --on-existing=drop
	tables []*table
	keys   []*indexPlan // primary keys, uniques and indexes
	checks []*checkPlan
	fks    []*fkPlan
	views  []*viewPlan
	bySrc  map[*schema.Table]*table

	relations map[*table]*translate.Relation
	names     *names
	citext    string // the schema of citext, "" to do without
}

// indexPlan is an index to build, and to adopt as a key where it is one.
type indexPlan struct {
	t       *table
	index   postgres.Index
	primary bool
	adopt   bool // as a constraint
	stands  bool // it is built
	obj     Object
}

// checkPlan is a CHECK to add.
type checkPlan struct {
	t         *table
	name, sql string
	obj       Object
}

// fkPlan is a foreign key to add.
type fkPlan struct {
	t, parent *table
	fk        postgres.ForeignKey
	src       *schema.ForeignKey
	orphans   bool // known: it stays NOT VALID by --orphans=not-valid
	obj       Object
}

// viewPlan is a view to create.
type viewPlan struct {
	ddl string
	obj Object
}

// newPlan decides names and DDL for all tables that the run makes. existing are the
// relations that the target schema holds already and that stay.
func (r *run) newPlan(existing []postgres.Relation) *plan {
	p := &plan{
		schema: r.cfg.Schema, tables: r.own(), names: newNames(),
		bySrc: map[*schema.Table]*table{}, relations: map[*table]*translate.Relation{},
	}
	for _, e := range existing {
		p.names.reserve(e.Name)
	}
	r.planCitext(p)
	for _, t := range r.tables {
		p.bySrc[t.src] = t
	}
	for _, t := range p.tables {
		r.planNames(p, t)
	}
	for _, t := range p.tables {
		r.planColumns(p, t)
	}
	for _, t := range p.tables {
		p.relations[t] = p.relation(t)
	}
	for _, t := range p.tables {
		r.planDefaults(t)
		r.planGenerated(p, t)
	}
	for _, t := range p.tables {
		r.planKeys(p, t)
		r.planIndexes(p, t)
		r.planChecks(p, t)
	}
	for _, t := range p.tables {
		r.planForeignKeys(p, t)
	}
	if r.into == nil { // else the application has its own
		r.planViews(p)
		r.planRest()
	}
	return p
}

// planNames fits the names of a table and its columns.
func (r *run) planNames(p *plan, t *table) {
	want, by := t.src.Name, ""
	if m := r.mapped(t.src); m != nil {
		want, by = m.Name, m.by()
	}
	name, why := p.names.take(want)
	t.name = name
	r.rename("table", t.src.Name, name, cmp.Or(why, by))
	source, bys := make([]string, len(t.src.Columns)), make([]string, len(t.src.Columns))
	for i, c := range t.src.Columns {
		source[i] = c.Name
		if m := r.mappedColumn(t.src, i); m != nil {
			source[i], bys[i] = m.Name, m.by()
		}
	}
	fit, whys := columnNames(source)
	t.columns = make([]column, len(source))
	for i, c := range t.src.Columns {
		t.columns[i] = column{src: c, name: fit[i], skip: t.decisions[i].Skip}
		if t.columns[i].skip {
			r.reportDrop(t.src, i)
			continue
		}
		r.rename("column", t.src.Name+"."+c.Name, fit[i], cmp.Or(whys[i], bys[i]))
	}
}

// planColumns takes over what typemap decided and adds what is not a matter
// of types: NOT NULL and identities.
func (r *run) planColumns(p *plan, t *table) {
	for i := range t.columns {
		c := &t.columns[i]
		d := t.decisions[i]
		if p.citext != "" && t.nocase[i] && d.Type.IsText() {
			d.Type.Kind, d.Type.Length, d.Type.Schema = citextKind, 0, p.citext
		}
		c.decision = d
		if c.skip {
			continue
		}
		nulls := d.Nulls(&t.profile.Columns[i])
		c.notNull = c.src.NotNull || t.src.RowidAlias == i
		if pk := t.src.PrimaryKey; pk != nil && c.src.PKOrdinal > 0 && nulls == 0 {
			c.notNull = true
		}
		if nulls > 0 && c.notNull {
			c.notNull = false
		}
		if t.src.RowidAlias == i && !t.virtual && isInteger(d.Type) {
			c.identity = true
			c.next = nextIdentity(t, i)
			c.sequence, _ = p.names.take(t.name + "_" + c.name + "_seq")
		}
	}
}

// nextIdentity gives the number after every one that was ever handed out.
func nextIdentity(t *table, col int) int64 {
	last := t.src.Seq
	if prof := &t.profile.Columns[col]; prof.Count[1] > 0 {
		last = max(last, prof.MaxInt)
	}
	if last == 1<<63-1 {
		return last // the next insert fails, in SQLite's own sense: the numbers are used up
	}
	return max(last+1, 1)
}

// relation describes a table to package translate.
func (p *plan) relation(t *table) *translate.Relation {
	rel := &translate.Relation{Name: t.src.Name, Schema: p.schema, Target: t.name}
	for i := range t.columns {
		c := &t.columns[i]
		if c.skip {
			continue
		}
		rel.Columns = append(rel.Columns, translate.Column{
			Name: c.src.Name, Target: c.name, Type: c.decision.Type, Affinity: c.src.Affinity,
			NoCase: c.src.Collation == "NOCASE",
			RTrim:  c.src.Collation == "RTRIM",
			Unit:   translateUnit(c.decision), NotNull: c.notNull,
			Local: t.local(i), Words: t.boolHolds(i, row.Text), Digits: t.boolHolds(i, row.Integer),
		})
	}
	if t.src.RowidAlias >= 0 && !t.lacks(t.src.RowidAlias) {
		rel.RowidAlias = t.src.Columns[t.src.RowidAlias].Name
	}
	if pk := t.src.PrimaryKey; pk != nil && !t.badKey && !t.lacks(keyIndexes(pk)...) {
		for _, part := range pk.Parts {
			rel.Key = append(rel.Key, t.src.Columns[part.Column].Name)
		}
	}
	return rel
}

// local tells a column whose texts are times of another zone than UTC.
func (t *table) local(col int) bool {
	d, p := &t.decisions[col], &t.profile.Columns[col]
	if d.Type.Kind != sqltype.TimestampTZ || d.Zone == nil || p.Zoned > 0 && p.Naive == 0 {
		return false
	}
	name := d.Zone.String()
	return name != "UTC" && name != "Etc/UTC"
}

// boolHolds tells whether values of a class are in a boolean column. One of TEXT
// affinity makes texts of all, which says nothing.
func (t *table) boolHolds(col int, k row.Class) bool {
	d, p := &t.decisions[col], &t.profile.Columns[col]
	n := p.Count[k]
	if k == row.Text && d.EmptyNull {
		n -= p.EmptyText
	}
	return n > 0 && d.Type.Kind == sqltype.Bool && t.src.Columns[col].Affinity != schema.AffText
}

// tableDDL writes the CREATE TABLE of a table.
func (p *plan) tableDDL(t *table) string {
	out := postgres.Table{Schema: p.schema, Name: t.name}
	for i := range t.columns {
		c := &t.columns[i]
		if c.skip {
			continue
		}
		out.Columns = append(out.Columns, postgres.Column{
			Name: c.name, Type: c.decision.Type, NotNull: c.notNull,
			Default: c.def, Generated: c.generated, Identity: c.identity, Sequence: c.sequence,
		})
	}
	return out.Create()
}

// statements lists the whole plan as SQL, in the order of a run.
func (p *plan) statements() []string {
	out := append(dropAll(p.schema, p.drops), p.before...)
	for _, t := range p.tables {
		out = append(out, p.tableDDL(t))
	}
	for _, k := range p.keys {
		out = append(out, k.index.Create())
		if k.adopt {
			out = append(out, k.index.Adopt(k.primary))
		}
	}
	for _, c := range p.checks {
		out = append(out, postgres.AddCheck(p.schema, c.t.name, c.name, c.sql), postgres.Validate(p.schema, c.t.name, c.name))
	}
	for _, f := range p.fks {
		out = append(out, f.fk.Add())
		if !f.orphans {
			out = append(out, postgres.Validate(f.fk.Schema, f.t.name, f.fk.Name))
		}
	}
	for _, t := range p.tables {
		for i := range t.columns {
			if c := &t.columns[i]; c.identity {
				out = append(out, postgres.SetIdentity(p.schema, t.name, c.name, c.next))
			}
		}
	}
	for _, v := range p.views {
		out = append(out, v.ddl)
	}
	return out
}

// decisionsOf gives typemap's decisions their place in the tables.
func (r *run) decisionsOf(all typemap.Decisions) {
	for _, t := range r.tables {
		t.decisions = all[t.src]
	}
}
