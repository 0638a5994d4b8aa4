package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/merge"
)

// outsideOrphans finds rows whose parents should stand in tables that are not
// part of the run and do not. The keys alone go into temporary tables, where the
// server compares them.
func (r *run) outsideOrphans(ctx context.Context) error {
	byOID := r.homesByOID()
	var a *added
	defer func() {
		if a != nil {
			closeConn(ctx, a.conn)
		}
	}()
	for _, t := range r.homes() {
		for _, fk := range t.home.ForeignKeys {
			cols, ok := t.columnsOf(fk.Columns)
			if !ok || byOID[fk.Parent.OID] != nil || !fk.Enforced || !r.mayRead(fk.Parent) || t.profile.Rows == 0 {
				continue
			}
			if a == nil {
				conn, err := r.connect(ctx)
				if err != nil {
					return err
				}
				a = &added{r: r, conn: conn}
			}
			if err := a.outside(ctx, t, fk, cols); err != nil {
				if postgres.Code(err) == postgres.CodePrivilege {
					r.note(fmt.Sprintf("foreign keys to tables outside of the run were not tried: role %s may not make temporary tables", r.server.User))
					return nil
				}
				return fmt.Errorf("check foreign key %s of %s: %w", fk.Name, r.qualified(t), err)
			}
		}
	}
	return nil
}

// outside checks one foreign key.
func (a *added) outside(ctx context.Context, t *table, fk *catalog.ForeignKey, cols []int) error {
	x := &addition{t: t.keysOf(cols), no: 0}
	if err := a.exec(ctx, a.r.beginSQL()+"; "+a.r.stageSQL(x.t, x.stageName())); err != nil {
		return err
	}
	x.t.copyTo = x.stageName()
	silent, err := newLedger("")
	if err != nil {
		return err
	}
	for _, u := range x.t.units {
		if _, err := a.r.copyUnit(ctx, a.conn, x.t, u, newRowEncoder(x.t, silent, a.r.cfg.InvalidText == InvalidReject)); err != nil {
			return err
		}
	}
	var refer, value, where []string
	for i, c := range cols {
		refer = append(refer, merge.Equal(t.columns[c].home.Type, "p."+postgres.Quote(fk.ParentColumns[i]), "s."+staged(c)))
		value = append(value, x.shown("s."+staged(c), c))
		where = append(where, "s."+staged(c)+" IS NOT NULL")
	}
	n, list, err := a.find(ctx, fmt.Sprintf("SELECT %s AS key, concat_ws(', ', %s) AS value FROM %s s WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)",
		x.keyText(), strings.Join(value, ", "), x.stageName(), merge.Refers(fk, where),
		postgres.Qualify(fk.Parent.Schema, fk.Parent.Name), strings.Join(refer, " AND ")))
	if err != nil {
		return err
	}
	a.orphanHazard(x, t.columnList(cols), fk.Parent.Name, n, list)
	return a.exec(ctx, "ROLLBACK")
}

// keysOf gives a table of which only some columns are carried over, and those of
// its primary key.
func (t *table) keysOf(cols []int) *table {
	out := &table{
		src: t.src, home: t.home, name: t.name, virtual: t.virtual, pages: t.pages, salvage: t.salvage,
		units: t.units, profile: t.profile, decisions: t.decisions, columns: slices.Clone(t.columns), keysOnly: true,
	}
	want := slices.Clone(cols)
	if t.src.PrimaryKey != nil {
		want = append(want, keyIndexes(t.src.PrimaryKey)...)
	}
	for i := range out.columns {
		c := &out.columns[i]
		if c.skip = c.skip || !slices.Contains(want, i); c.skip {
			c.decision.Skip = true
			continue
		}
		out.wire = append(out.wire, i)
	}
	return out
}
