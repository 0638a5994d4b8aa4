package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// check finds, among the staged rows, all that the target would refuse because
// of rows that stand there: the server itself compares, by its own rules.
func (a *added) check(ctx context.Context) error {
	for _, x := range a.tables {
		for _, step := range []func(context.Context, *addition) error{a.unmapped, a.collisions, a.fixedIdentity, a.orphans} {
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

// keySide gives, for an index, what it is over as columns k0, k1, ... of a
// selection from rows of the target's shape, or false where the run does not
// write all of it.
func (x *addition) keySide(u *catalog.Index, from string, more ...string) (sql string, ok bool) {
	cols := more
	for i, k := range u.Keys {
		expr := "(" + k.Expression + ")"
		if k.Column != "" {
			if _, ok := x.t.columnsOf([]string{k.Column}); !ok {
				return "", false
			}
			expr = postgres.Quote(k.Column)
		}
		cols = append(cols, fmt.Sprintf("%s AS k%d", expr, i))
	}
	for i, c := range x.key {
		cols = append(cols, fmt.Sprintf("%s AS i%d", postgres.Quote(x.t.columns[c].name), i))
	}
	sql = "SELECT " + strings.Join(cols, ", ") + " FROM " + from
	if u.Predicate != "" {
		sql += " WHERE (" + u.Predicate + ")"
	}
	return sql, true
}

// keyEquals tells whether two selections of keySide have the same key.
func (x *addition) keyEquals(u *catalog.Index) string {
	parts := make([]string, len(u.Keys))
	for i, k := range u.Keys {
		op := "OPERATOR(pg_catalog.=)"
		if c := x.t.home.Column(k.Column); c != nil {
			op = equals(c.Type)
		}
		parts[i] = fmt.Sprintf("v.k%d %s t.k%[1]d", i, op)
		if u.NullsNotDistinct {
			parts[i] = fmt.Sprintf("(%s OR v.k%d IS NULL AND t.k%[2]d IS NULL)", parts[i], i)
		}
	}
	return strings.Join(parts, " AND ")
}

// sameIdentity tells whether two selections of keySide are the same row.
func (x *addition) sameIdentity(a, b string) string {
	parts := make([]string, len(x.key))
	for i, c := range x.key {
		parts[i] = fmt.Sprintf("%s.i%d %s %s.i%[2]d", a, i, equals(x.t.columns[c].home.Type), b)
	}
	return strings.Join(parts, " AND ")
}

// collisions finds staged rows that would repeat a key of the target, one that
// stands there or one of the source itself.
func (a *added) collisions(ctx context.Context, x *addition) error {
	for _, u := range x.t.home.Uniques() {
		if u.Overlaps {
			continue // ranges: Postgres itself keeps watch
		}
		if err := a.repeated(ctx, x, u); err != nil {
			return err
		}
		if err := a.taken(ctx, x, u); err != nil {
			return err
		}
	}
	return nil
}

// repeated finds keys that several staged rows share. Plain keys were checked
// before, with the source's other keys.
func (a *added) repeated(ctx context.Context, x *addition, u *catalog.Index) error {
	if x.plainKey(u) {
		return nil
	}
	side, ok := x.keySide(u, x.rowsName(), postgres.Quote(keyColumnName)+" AS key")
	if !ok {
		return nil
	}
	var keys, none []string
	for i := range u.Keys {
		keys = append(keys, fmt.Sprintf("k%d", i))
		if !u.NullsNotDistinct {
			none = append(none, fmt.Sprintf("k%d IS NOT NULL", i))
		}
	}
	where := ""
	if len(none) > 0 {
		where = " WHERE " + strings.Join(none, " AND ")
	}
	list := strings.Join(keys, ", ")
	n, cells, err := a.find(ctx, fmt.Sprintf("SELECT max(key) AS key, min(left(concat_ws(', ', %s), 60)) AS value FROM (%s) v%s GROUP BY %[1]s HAVING count(*) > 1", list, side, where))
	if err != nil || n == 0 {
		return err
	}
	a.r.badKey(x.t, "", n, fmt.Sprintf("unique key %s of the target: %d keys are repeated in the source", u.Name, n), cells)
	return nil
}

// plainKey tells whether an index holds values apart just when their bytes are
// different: over columns, for all rows, with types and collations that know no
// other equality.
func (x *addition) plainKey(u *catalog.Index) bool {
	names, plain := u.Columns()
	for _, name := range names {
		c := x.t.home.Column(name)
		plain = plain && c.Type.Plain().Schema == "pg_catalog" && (c.Collation == nil || c.Collation.Deterministic)
	}
	return plain && u.Predicate == "" && !u.NullsNotDistinct
}

// taken finds staged rows whose key another row of the target has.
func (a *added) taken(ctx context.Context, x *addition, u *catalog.Index) error {
	theirs, ok := x.keySide(u, "ONLY "+a.r.qualified(x.t))
	ours, _ := x.keySide(u, x.rowsName(), postgres.Quote(keyColumnName)+" AS key")
	updates := a.r.upserts() || x.ids != nil
	own := x.isIdentity(u)
	if !ok || own && updates {
		return nil
	}
	where := ""
	switch {
	case len(x.key) == 0 || own:
	case x.ids != nil && !a.r.upserts(): // rows that stand stay as they are
		where = fmt.Sprintf(" AND NOT EXISTS (SELECT FROM ONLY %s o WHERE %s)", a.r.qualified(x.t), x.vIs("o"))
	default:
		where = " AND NOT (" + x.sameIdentity("v", "t") + ")"
	}
	if a.r.upserts() && u.Deferrable && len(x.key) > 0 { // what the run gives up is free at its end
		where += fmt.Sprintf(" AND NOT EXISTS (SELECT FROM %s o WHERE %s)", x.rowsName(), strings.ReplaceAll(x.vIs("o"), "v.i", "t.i"))
	}
	shown := make([]string, len(u.Keys))
	for i := range u.Keys {
		shown[i] = fmt.Sprintf("v.k%d", i)
	}
	n, list, err := a.find(ctx, fmt.Sprintf("SELECT v.key, left(concat_ws(', ', %s), 60) AS value FROM (%s) v JOIN (%s) t ON %s%s",
		strings.Join(shown, ", "), ours, theirs, x.keyEquals(u), where))
	if err != nil || n == 0 {
		return err
	}
	a.takenHazard(x, u, n, list)
	return nil
}

// vIs tells whether the row of an alias is that of the selection v.
func (x *addition) vIs(alias string) string {
	parts := make([]string, len(x.key))
	for i, c := range x.key {
		parts[i] = fmt.Sprintf("%s.%s %s v.i%d", alias, postgres.Quote(x.t.columns[c].name), equals(x.t.columns[c].home.Type), i)
	}
	return strings.Join(parts, " AND ")
}

// isIdentity tells whether an index is over the columns by which rows are found.
func (x *addition) isIdentity(u *catalog.Index) bool {
	names, plain := u.Columns()
	cols, ok := x.t.columnsOf(names)
	return plain && ok && u.Predicate == "" && len(x.key) > 0 && sameSet(cols, x.key)
}

func (a *added) takenHazard(x *addition, u *catalog.Index, n int64, list []Cell) {
	what := "unique key " + u.Name
	if u.Primary {
		what = "primary key"
	}
	names, _ := u.Columns()
	h := Hazard{
		Code: "collision", Table: x.t.src.Name, Column: strings.Join(names, ", "), Count: n, Cells: list,
		Message: fmt.Sprintf("%d rows of %s have the %s of rows that stand in the target", n, x.t.src.Name, what),
	}
	var ways []string
	if !a.r.upserts() && u.Primary {
		ways = append(ways, "update these with --on-data=upsert")
	}
	if key := x.otherKey(); key != "" && x.ids == nil {
		ways = append(ways, fmt.Sprintf("match the rows by another key, as in --remap %s=%s", x.t.src.Name, key))
	}
	h.Hint = strings.Join(append(ways, "empty the run's tables first with --on-data=truncate, or change the rows"), ", ")
	a.r.hazard(h)
}

// otherKey suggests a natural key: a unique key of the target other than the
// primary one.
func (x *addition) otherKey() string {
	for _, u := range x.t.home.Uniques() {
		names, plain := u.Columns()
		cols, ok := x.t.columnsOf(names)
		if plain && ok && u.Predicate == "" && !x.isIdentity(u) && len(x.key) == 1 && !sameSet(cols, x.key) {
			var out []string
			for _, c := range cols {
				out = append(out, x.t.src.Columns[c].Name)
			}
			return strings.Join(out, ",")
		}
	}
	return ""
}

// fixedIdentity finds rows whose update would have to set an identity that is
// GENERATED ALWAYS to another number, which no UPDATE can.
func (a *added) fixedIdentity(ctx context.Context, x *addition) error {
	if !a.r.upserts() || len(x.key) == 0 {
		return nil
	}
	for _, c := range x.t.wire {
		if x.t.columns[c].home.Identity != catalog.Always || sameSet([]int{c}, x.key) {
			continue
		}
		name := postgres.Quote(x.t.columns[c].name)
		n, list, err := a.find(ctx, fmt.Sprintf("SELECT v.%s AS key, CAST(v.%s AS text) AS value FROM %s v JOIN ONLY %s t ON %s WHERE v.%[2]s <> t.%[2]s",
			postgres.Quote(keyColumnName), name, x.rowsName(), a.r.qualified(x.t), x.same("v", "t", x.key)))
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

// orphans finds staged rows whose parent is neither staged nor in the target.
func (a *added) orphans(ctx context.Context, x *addition) error {
	byOID := a.r.homesByOID()
	for _, fk := range x.t.home.ForeignKeys {
		cols, ok := x.t.columnsOf(fk.Columns)
		if !ok || !fk.Enforced {
			continue
		}
		where := []string{"NOT EXISTS (SELECT FROM " + postgres.Qualify(fk.Parent.Schema, fk.Parent.Name) + " p WHERE " + x.refersTo("p", cols, fk) + ")"}
		if parent := a.of[byOID[fk.Parent.OID]]; parent != nil {
			if _, ok := parent.t.columnsOf(fk.ParentColumns); !ok {
				continue // new parents get what the target makes up
			}
			where = append(where, "NOT EXISTS (SELECT FROM "+parent.rowsName()+" p WHERE "+x.refersTo("p", cols, fk)+")")
		} else if !a.r.mayRead(fk.Parent) {
			continue
		}
		for _, name := range x.names("v", cols) {
			where = append(where, name+" IS NOT NULL")
		}
		value := make([]string, len(cols))
		for i, c := range cols {
			value[i] = x.shown("v."+postgres.Quote(x.t.columns[c].name), c)
		}
		n, list, err := a.find(ctx, fmt.Sprintf("SELECT v.%s AS key, concat_ws(', ', %s) AS value FROM %s v WHERE %s",
			postgres.Quote(keyColumnName), strings.Join(value, ", "), x.rowsName(), strings.Join(where, " AND ")))
		if err != nil {
			return err
		}
		a.orphanHazard(x, x.t.columnList(cols), fk.Parent.Name, n, list)
	}
	return nil
}

// refersTo tells whether a row of the view v refers to the row of an alias.
func (x *addition) refersTo(alias string, cols []int, fk *catalog.ForeignKey) string {
	parts := make([]string, len(cols))
	for i, c := range cols {
		parts[i] = fmt.Sprintf("%s.%s %s v.%s", alias, postgres.Quote(fk.ParentColumns[i]), equals(x.t.columns[c].home.Type), postgres.Quote(x.t.columns[c].name))
	}
	return strings.Join(parts, " AND ")
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
	from := fmt.Sprintf("FROM %s v JOIN ONLY %s t ON %s", x.rowsName(), a.r.qualified(x.t), x.same("v", "t", x.key))
	if err := a.conn.QueryRow(ctx, "SELECT count(*) "+from+" WHERE "+x.image("v", "*<>", "t", x.t.wire)).Scan(&x.kept); err != nil || x.kept == 0 {
		return err
	}
	for _, c := range x.t.wire {
		rows, err := a.conn.Query(ctx, fmt.Sprintf("SELECT v.%s, coalesce(%s, 'NULL') %s WHERE %s",
			postgres.Quote(keyColumnName), x.shown("v."+postgres.Quote(x.t.columns[c].name), c), from, x.image("v", "*<>", "t", []int{c})))
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
