package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// decideHomes chooses how the values of each column become those of the
// target's column, and checks everything that the target would refuse.
func (r *run) decideHomes(ctx context.Context) error {
	if err := r.checkBooks(ctx); err != nil {
		return err
	}
	for _, t := range r.homes() {
		t.name = t.home.Name
		t.decisions = make([]typemap.Decision, len(t.columns))
		for i := range t.columns {
			c := &t.columns[i]
			c.decision = typemap.Decision{Column: convert.Column{Skip: true}, Proven: true}
			if !c.skip {
				r.decideHome(t, i)
			}
			t.decisions[i] = c.decision
		}
	}
	r.decideOwn()
	r.plan = &plan{schema: r.cfg.Schema, bySrc: map[*schema.Table]*table{}}
	for _, t := range r.tables {
		r.plan.bySrc[t.src] = t
	}
	r.restOfHomes()
	if r.open() > 0 {
		if !slices.ContainsFunc(r.homes(), func(t *table) bool { return t.columns == nil }) {
			r.planOwn()
		}
		return nil // without a type for each column there is nothing to try
	}
	if err := r.preflight(ctx); err != nil {
		return err
	}
	r.planOwn()
	return nil
}

// decideHome decides one column.
func (r *run) decideHome(t *table, i int) {
	c := &t.columns[i]
	d, err := r.followForm(t, i, func(opt typemap.Options) (typemap.Decision, error) {
		return typemap.DecideFor(t.profile, i, homeType(c.home.Type), r.known(t, i), opt)
	})
	if err == nil {
		c.decision = d
		return
	}
	var misfit *typemap.NoFitError
	if errors.As(err, &misfit) {
		misfit.Target = c.home.Type.Text // typemap has no name for all of the target's types
	}
	h := Hazard{
		Code: "misfit", Table: t.src.Name, Column: c.src.Name, Count: t.profile.Columns[i].Values(),
		Message: fmt.Sprintf("%s.%s does not become %s: %v", t.src.Name, c.src.Name, c.home.Type.Text, err),
		Hint:    "say with --form how its values stand, mend them, or leave the column behind with --drop-column",
	}
	if misfit != nil {
		h.Cells = cells(misfit.Examples)
		if misfit.N > 0 {
			h.Count = misfit.N
		}
		if misfit.Try != "" {
			h.Hint = misfit.Try
		}
	}
	r.hazard(h)
}

// homeWayOut tells what can be done about values that a column of the target
// does not take.
func (t *table) homeWayOut(col int) string {
	c := t.columns[col].home
	what := fmt.Sprintf("%s of %s", c.Name, place(t.home))
	plain := c.Type.Plain()
	switch {
	case plain.Class == catalog.Enum:
		return fmt.Sprintf("mend the values, or add the labels: ALTER TYPE %s ADD VALUE ...; %s has %s", plain.Text, plain.Text, phrase.List(plain.Labels, 12))
	case plain.Base.IsText() || plain.Base.IsNumber():
		return fmt.Sprintf("mend the values, or widen column %s where the application allows it", what)
	}
	return fmt.Sprintf("mend the values, or say with --form how those for column %s stand", what)
}

// homeType tells typemap of a column's type.
func homeType(t *catalog.Type) typemap.Target {
	plain := t.Plain()
	out := typemap.Target{
		Type: plain.Base, Fraction: plain.Fraction, Fields: plain.Fields, Labels: plain.Labels,
	}
	switch plain.Class {
	case catalog.Enum:
		out.Type = sqltype.Type{Kind: sqltype.Enum, Name: plain.Text}
	case catalog.Array:
		elem := homeType(plain.Of)
		out.Elem, out.ElemOID = &elem, plain.Of.OID
		out.Type = sqltype.Type{Kind: sqltype.Array, Elem: elem.Type.Kind, Name: plain.Text}
	case catalog.Scalar, catalog.Domain, catalog.Other:
	}
	return out
}

// known gathers what the application's frameworks say about a column.
func (r *run) known(t *table, i int) typemap.Known {
	var out typemap.Known
	for _, f := range r.into.found {
		out.Frameworks = append(out.Frameworks, f.Name)
	}
	for _, h := range r.into.found.Hints(t.src, i) {
		m := typemap.Meaning{Form: h.Form, Why: h.Why}
		if h.Zone != "" {
			if zone, err := time.LoadLocation(h.Zone); err == nil {
				m.Zone = zone
			}
		}
		out.Meanings = append(out.Meanings, m)
	}
	return out
}

// homeProbes adds what the target's types make the profile look for.
func (r *run) homeProbes(probes map[*schema.Table][]typemap.Probe) {
	for _, t := range r.tables {
		for i := range t.columns {
			if c := &t.columns[i]; c.home != nil {
				probes[t.src][i] |= typemap.ProbesFor(homeType(c.home.Type))
				if c.home.RefusesNull() {
					probes[t.src][i] |= typemap.ProbeNull
				}
			}
		}
	}
	for x, home := range r.given() {
		probes[x.t.src][x.col] |= typemap.ProbesFor(homeType(home.Type))
	}
}

// checkBooks compares the bookkeeping of source and target.
func (r *run) checkBooks(ctx context.Context) error {
	if len(r.into.books) == 0 {
		return nil
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	return r.compareBooks(ctx, conn)
}

// columnsOf gives the source's columns that go into columns of the target;
// ok is false where one of them has none.
func (t *table) columnsOf(names []string) (cols []int, ok bool) {
	for _, name := range names {
		at := slices.IndexFunc(t.columns, func(c column) bool { return !c.skip && c.name == name })
		if at < 0 {
			return nil, false
		}
		cols = append(cols, at)
	}
	return cols, len(cols) > 0
}

// homeUniques lists the target's unique keys over columns that are loaded,
// where the source does not see to it already.
func (t *table) homeUniques() []uniqueSet {
	var out []uniqueSet
	for _, x := range t.home.Uniques() {
		names, plain := x.Columns()
		cols, ok := t.columnsOf(names)
		if !plain || !ok || x.Predicate != "" {
			continue
		}
		s := uniqueSet{name: "unique key " + x.Name + " of the target", cols: cols, record: func(verdict) {}}
		s.nulls = x.NullsNotDistinct && t.holdsNull(cols)
		for _, name := range names {
			s.folds = append(s.folds, t.home.Column(name).CaseBlind())
		}
		if s.nulls || slices.Contains(s.folds, true) || !t.keptApart(cols) {
			out = append(out, s)
		}
	}
	return out
}

// holdsNull tells whether one of the columns has a NULL, or gets one.
func (t *table) holdsNull(cols []int) bool {
	return slices.ContainsFunc(cols, func(c int) bool { return t.decisions[c].Nulls(&t.profile.Columns[c]) > 0 })
}

// keptApart tells whether SQLite holds the values of the columns apart, and
// they stay so in the target.
func (t *table) keptApart(cols []int) bool {
	for _, c := range cols {
		if !t.distinct(c) {
			return false
		}
	}
	if pk := t.src.PrimaryKey; pk != nil && sameSet(cols, keyIndexes(pk)) || len(cols) == 1 && cols[0] == t.src.RowidAlias {
		return true
	}
	for _, u := range t.src.Uniques {
		if sameSet(cols, keyIndexes(u)) {
			return true
		}
	}
	return false
}

// homeReferences lists the target's foreign keys between tables of the run.
func (r *run) homeReferences() []reference {
	byOID := r.homesByOID()
	var out []reference
	for _, t := range r.homes() {
		for _, fk := range t.home.ForeignKeys {
			parent := byOID[fk.Parent.OID]
			if parent == nil || !fk.Enforced {
				continue
			}
			cols, ok := t.columnsOf(fk.Columns)
			above, okAbove := parent.columnsOf(fk.ParentColumns)
			if ok && okAbove {
				out = append(out, reference{child: t, parent: parent, fk: &schema.ForeignKey{Columns: cols}, cols: above, full: fk.Full})
			}
		}
	}
	return out
}
