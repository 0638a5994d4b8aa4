package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// collisions finds staged rows that would repeat a key of the target, one that
// stands there or one of the source itself.
func (a *added) collisions(ctx context.Context, x *addition) error {
	for _, u := range x.t.home.Uniques() {
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
	query, ok := x.rows.Repeated(u)
	if !ok {
		return nil
	}
	n, cells, err := a.find(ctx, query)
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
	query, ok := x.rows.Taken(u)
	if !ok {
		return nil
	}
	n, list, err := a.find(ctx, query)
	if err != nil || n == 0 {
		return err
	}
	a.takenHazard(x, u, n, list)
	return nil
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
		if plain && ok && u.Predicate == "" && !x.rows.Identifies(u) && len(x.key) == 1 && !sameSet(cols, x.key) {
			var out []string
			for _, c := range cols {
				out = append(out, x.t.src.Columns[c].Name)
			}
			return strings.Join(out, ",")
		}
	}
	return ""
}
