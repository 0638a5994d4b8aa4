package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

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
		ours, theirs := fmt.Sprintf("v.k%d", i), fmt.Sprintf("t.k%d", i)
		parts[i] = ours + " OPERATOR(pg_catalog.=) " + theirs
		if c := x.t.home.Column(k.Column); c != nil {
			parts[i] = equal(c.Type, ours, theirs)
		}
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
		parts[i] = equal(x.t.columns[c].home.Type, fmt.Sprintf("%s.i%d", a, i), fmt.Sprintf("%s.i%d", b, i))
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
		parts[i] = equal(x.t.columns[c].home.Type, alias+"."+postgres.Quote(x.t.columns[c].name), fmt.Sprintf("v.i%d", i))
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
