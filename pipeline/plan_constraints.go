package pipeline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/translate"
	"github.com/litehaul/litehaul/typemap"
)

func resolveParent(s *schema.Schema, fk *schema.ForeignKey) (*schema.Table, []int) {
	return typemap.ResolveParent(s, fk)
}

// planChecks rebuilds the CHECK constraints of a table.
func (r *run) planChecks(p *plan, t *table) {
	if t.virtual {
		return
	}
	taken := newNames()
	for _, k := range p.keys {
		if k.t == t && k.adopt {
			taken.reserve(k.index.Name)
		}
	}
	for i := range t.columns {
		if t.columns[i].notNull { // a named constraint since PostgreSQL 18
			taken.reserve(t.name + "_" + t.columns[i].name + "_not_null")
		}
	}
	for _, c := range t.src.Checks {
		name := c.Name
		if name == "" {
			name = t.name + "_check"
		}
		obj := Object{Kind: "check", Table: t.src.Name, Name: name, Source: c.SQL}
		if c.X == nil {
			r.leaveOut(obj, errors.New("its text could not be parsed"))
			continue
		}
		if k, ok := t.heldBy(c.X); ok {
			obj.Status, obj.Why = "changed", "the type "+k.String()+" holds it"
			r.object(obj)
			continue
		}
		res, err := translate.Expr(c.X, p.relations[t], translate.Want{Context: translate.Check})
		if err != nil {
			r.leaveOut(obj, err)
			continue
		}
		var why string
		obj.Name, why = taken.take(name)
		if c.Name != "" {
			r.rename("check", c.Name, obj.Name, why)
		}
		obj.Status, obj.Target, obj.Source = "carried", res.SQL, ""
		p.checks = append(p.checks, &checkPlan{t: t, name: obj.Name, sql: res.SQL, obj: obj})
		r.object(obj)
	}
	t.constraintNames = taken
}

// planForeignKeys plans the foreign keys of a table.
func (r *run) planForeignKeys(p *plan, t *table) {
	if t.virtual {
		return
	}
	for _, fk := range t.src.ForeignKeys {
		r.planForeignKey(p, t, fk)
	}
}

func (r *run) planForeignKey(p *plan, t *table, fk *schema.ForeignKey) {
	child := make([]string, len(fk.Columns))
	for i, c := range fk.Columns {
		child[i] = t.columns[c].name
	}
	name := fk.Name
	if name == "" {
		name = t.name + "_" + strings.Join(child, "_") + "_fkey"
	}
	obj := Object{Kind: "foreign key", Table: t.src.Name, Name: name, Status: "carried", Source: foreignKeyText(t, fk)}
	parent, cols, err := p.parent(r, t, fk)
	if err != nil {
		r.leaveOut(obj, err)
		return
	}
	v := t.fkVerdict[fk]
	if v.skip {
		obj.Suggestion = "mend the rows that have no parent, then ALTER TABLE ... ADD FOREIGN KEY"
		r.leaveOut(obj, fmt.Errorf("%d rows have no parent (--orphans=skip-fk)", v.orphans))
		return
	}
	var why string
	obj.Name, why = t.constraintNames.take(name)
	if fk.Name != "" {
		r.rename("foreign key", fk.Name, obj.Name, why)
	}
	out := &fkPlan{t: t, parent: parent, src: fk, orphans: v.orphans > 0}
	out.fk = postgres.ForeignKey{
		Schema: r.tableSchema(t), Table: t.name, Name: obj.Name, Columns: child,
		ParentSchema: r.tableSchema(parent), Parent: parent.name,
		OnDelete: fk.OnDelete, OnUpdate: fk.OnUpdate,
		Deferrable: fk.Deferrable, InitiallyDeferred: fk.InitiallyDeferred,
	}
	for _, c := range cols {
		out.fk.ParentColumns = append(out.fk.ParentColumns, parent.columns[c].name)
	}
	obj.Source = ""
	if out.orphans {
		obj.Status = "changed"
		obj.Why = fmt.Sprintf("NOT VALID: %d rows have no parent (--orphans=not-valid)", v.orphans)
		obj.Suggestion = "mend them, then ALTER TABLE ... VALIDATE CONSTRAINT " + postgres.Quote(obj.Name)
		if r.cfg.Orphans == OrphansFail { // only planned: such a run is refused
			obj.Why, obj.Suggestion = fmt.Sprintf("%d rows have no parent", v.orphans), "--orphans decides"
		}
	}
	out.obj = obj
	p.fks = append(p.fks, out)
	r.object(obj)
}

// parent finds what a foreign key references in the target, or says why it
// cannot be made.
func (p *plan) parent(r *run, t *table, fk *schema.ForeignKey) (*table, []int, error) {
	src, cols := resolveParent(r.schema, fk)
	switch {
	case src == nil:
		return nil, nil, fmt.Errorf("the table %s that it references does not exist in the source", fk.Parent)
	case cols == nil:
		return nil, nil, fmt.Errorf("the columns that it references in %s do not exist or are no key", fk.Parent)
	case len(cols) != len(fk.Columns):
		return nil, nil, fmt.Errorf("it has %d columns and references %d", len(fk.Columns), len(cols))
	}
	parent := p.bySrc[src]
	if parent == nil {
		return nil, nil, fmt.Errorf("the table %s that it references is not part of this run", fk.Parent)
	}
	if t.lacks(fk.Columns...) || parent.lacks(cols...) {
		return nil, nil, errDropped
	}
	for i, c := range fk.Columns {
		a, b := t.columns[c].decision.Type, parent.columns[cols[i]].decision.Type
		if !tieable(a, b) {
			return nil, nil, fmt.Errorf("column %s is %s and references %s, which is %s",
				t.columns[c].name, a.SQL(), parent.columns[cols[i]].name, b.SQL())
		}
	}
	if parent.home != nil && parent.homeKey(cols) {
		return parent, cols, nil
	}
	if !p.unique(parent, cols) {
		return nil, nil, fmt.Errorf("the columns that it references in %s are not unique", fk.Parent)
	}
	return parent, cols, nil
}

// tieable tells whether Postgres lets a foreign key tie two types.
func tieable(a, b sqltype.Type) bool {
	return a.Kind == b.Kind || a.IsText() && b.IsText() || isInteger(a) && isInteger(b)
}

func isInteger(t sqltype.Type) bool {
	return t.Kind == sqltype.Int2 || t.Kind == sqltype.Int4 || t.Kind == sqltype.Int8
}

// unique tells whether the target will have a plain unique index over exactly
// these columns.
func (p *plan) unique(t *table, cols []int) bool {
	want := map[string]bool{}
	for _, c := range cols {
		want[postgres.Quote(t.columns[c].name)] = true
	}
	for _, k := range p.keys {
		if k.t != t || !k.index.Unique || k.index.Where != "" || len(k.index.Parts) != len(want) {
			continue
		}
		all := true
		for _, part := range k.index.Parts {
			all = all && want[part.SQL]
		}
		if all {
			return true
		}
	}
	return false
}

// foreignKeyText writes a foreign key as SQLite has it, for the report.
func foreignKeyText(t *table, fk *schema.ForeignKey) string {
	cols := make([]string, len(fk.Columns))
	for i, c := range fk.Columns {
		cols[i] = t.src.Columns[c].Name
	}
	s := fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s", strings.Join(cols, ", "), fk.Parent)
	if len(fk.ParentColumns) > 0 {
		s += " (" + strings.Join(fk.ParentColumns, ", ") + ")"
	}
	return s
}
