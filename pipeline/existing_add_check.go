package pipeline

import (
	"context"
	"fmt"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/merge"
)

// check finds, among the staged rows, all that the target would refuse because
// of rows that stand there: the server itself compares, by its own rules.
func (a *added) check(ctx context.Context) error {
	for _, x := range a.tables {
		for _, step := range []func(context.Context, *addition) error{a.unmapped, a.collisions, a.fixedIdentity, a.orphans, a.checks} {
			if err := step(ctx, x); err != nil {
				return fmt.Errorf("check the rows of %s against those of the target: %w", x.t.src.Name, err)
			}
		}
	}
	if a.r.open() > 0 {
		return nil
	}
	if err := a.danglers(ctx); err != nil || a.r.upserts() {
		return err
	}
	for _, m := range a.maps {
		if err := a.keeps(ctx, m.of); err != nil {
			return fmt.Errorf("compare the rows of %s with those of the target: %w", m.of.t.src.Name, err)
		}
	}
	return nil
}

// unmapped finds references to rows of mapped tables that the source does not
// have: nobody can tell which rows of the target they mean.
func (a *added) unmapped(ctx context.Context, x *addition) error {
	for _, c := range x.t.wire {
		m := x.via[c]
		if m == nil || m.of == x && m.id == c {
			continue
		}
		n, list, err := a.find(ctx, fmt.Sprintf(
			"SELECT %s AS key, %s AS value FROM %s s WHERE s.%s IS NOT NULL AND NOT EXISTS (SELECT FROM %s m WHERE %s)",
			x.keyText(), x.shown("s."+staged(c), c), x.stageName(), staged(c), m.name(), m.refers("m", x.t, c)))
		if err != nil {
			return err
		}
		a.orphanHazard(x, x.t.src.Columns[c].Name, m.of.t.src.Name, n, list)
	}
	return nil
}

func (a *added) orphanHazard(x *addition, columns, parent string, n int64, list []Cell) {
	if n == 0 {
		return
	}
	a.r.hazard(Hazard{
		Code: "orphans", Table: x.t.src.Name, Column: columns, Count: n, Cells: list,
		Message: fmt.Sprintf("%d rows of %s have no parent in %s, neither in the source nor in the target", n, x.t.src.Name, parent),
		Hint:    "mend the rows, or drop the foreign key of the target first",
	})
}

// danglers counts references to rows of any table that the source does not have,
// as deleting an object leaves them behind: their numbers stay.
func (a *added) danglers(ctx context.Context) error {
	for _, x := range a.tables {
		for _, c := range x.t.wire {
			for _, g := range x.generic[c] {
				var n int64
				if err := a.conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s s WHERE s.%s IS NOT NULL AND %s AND NOT EXISTS (SELECT FROM %s m WHERE %s)",
					x.stageName(), staged(c), g.means(), g.ids.name(), g.ids.refers("m", x.t, c))).Scan(&n); err != nil {
					return fmt.Errorf("check %s.%s: %w", x.t.src.Name, x.t.src.Columns[c].Name, err)
				}
				if n > 0 {
					a.r.note(fmt.Sprintf("%d rows of %s refer by %s to rows of %s that the source does not have: they keep their numbers, which may be those of other rows in the target",
						n, x.t.src.Name, x.t.src.Columns[c].Name, g.table))
				}
			}
		}
	}
	return nil
}

// fixedIdentity finds rows whose update would have to set an identity that is
// GENERATED ALWAYS to another number, which no UPDATE can.
func (a *added) fixedIdentity(ctx context.Context, x *addition) error {
	for _, c := range x.t.wire {
		query, ok := x.rows.Fixed(x.t.columns[c].home)
		if !ok {
			continue
		}
		n, list, err := a.find(ctx, query)
		if err != nil {
			return err
		}
		if n > 0 {
			a.r.hazard(Hazard{
				Code: "identity", Table: x.t.src.Name, Column: x.t.src.Columns[c].Name, Count: n, Cells: list,
				Message: fmt.Sprintf("%d rows of %s have another number in %s, which is GENERATED ALWAYS in the target and cannot be updated", n, x.t.src.Name, x.t.columns[c].name),
				Hint:    "delete these rows of the target first, or empty the run's tables with --on-data=truncate",
			})
		}
	}
	return nil
}

// checks finds staged rows that break a check of the table.
func (a *added) checks(ctx context.Context, x *addition) error {
	for _, k := range x.t.home.Checks {
		query, ok := x.rows.Breaking(k)
		if !ok {
			continue
		}
		n, list, err := a.find(ctx, query)
		if err != nil {
			return err
		}
		if n > 0 {
			cols, _ := x.t.columnsOf(k.Columns)
			a.r.hazard(Hazard{
				Code: "check", Table: x.t.src.Name, Column: x.t.columnList(cols), Count: n, Cells: list,
				Message: fmt.Sprintf("%d rows of %s break check %s of the target", n, x.t.src.Name, k.Name),
				Hint:    "mend the rows, or drop the check of the target first",
			})
		}
	}
	return nil
}

// orphans finds staged rows whose parent is neither staged nor in the target.
func (a *added) orphans(ctx context.Context, x *addition) error {
	byOID := a.r.homesByOID()
	for _, fk := range x.t.home.ForeignKeys {
		var parents *merge.Rows
		if parent := a.of[byOID[fk.Parent.OID]]; parent != nil {
			parents = parent.rows
		} else if !a.r.mayRead(fk.Parent) {
			continue
		}
		query, ok := x.rows.Orphans(fk, parents)
		if !ok {
			continue
		}
		n, list, err := a.find(ctx, query)
		if err != nil {
			return err
		}
		cols, _ := x.t.columnsOf(fk.Columns)
		a.orphanHazard(x, x.t.columnList(cols), fk.Parent.Name, n, list)
	}
	return nil
}

// mayRead tells whether the role may read the keys of a table outside the run.
// Postgres checks foreign keys with the owner's rights, we with the role's own.
func (r *run) mayRead(table catalog.Ref) bool {
	rel := r.into.catalog.ByOID(table.OID)
	return rel != nil && rel.Rights.Has(catalog.Select)
}

// keeps counts the rows that stand and differ, which appending leaves as they
// are, and enters each such cell of the source into the ledger.
func (a *added) keeps(ctx context.Context, x *addition) error {
	from := fmt.Sprintf("FROM %s v JOIN ONLY %s t ON %s", x.rows.From, a.r.qualified(x.t), x.rows.Same("v", "t"))
	if err := a.conn.QueryRow(ctx, "SELECT count(*) "+from+" WHERE "+merge.Image("v", "*<>", "t", x.rows.Columns)).Scan(&x.kept); err != nil || x.kept == 0 {
		return err
	}
	for _, c := range x.t.wire {
		rows, err := a.conn.Query(ctx, fmt.Sprintf("SELECT v.%s, coalesce(%s, 'NULL') %s WHERE %s",
			postgres.Quote(merge.KeyColumn), x.shown("v."+postgres.Quote(x.t.columns[c].name), c), from, merge.Image("v", "*<>", "t", x.t.namesOf([]int{c}))))
		if err != nil {
			return err
		}
		for rows.Next() {
			line := ledgerLine{What: "the row stands in the target with another value, and stays", Why: "rows matched by " + x.ids.by + ", --on-data=append"}
			if err := rows.Scan(&line.Key, &line.Value); err != nil {
				rows.Close()
				return err
			}
			a.r.ledger.enter(x.t, c, line)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}
