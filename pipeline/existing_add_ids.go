package pipeline

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// makeMap makes the table of a map: for each source row the id that it has in
// the target. A row that stands there, by its natural key, has the id that it
// has there; any other keeps its own where that is free, so that what refers to
// it in ways that no schema tells stays right, and else gets a new one above all.
func (a *added) makeMap(ctx context.Context, m *idMap) error {
	x, r := m.of, a.r
	exprs, from := x.final(m.key)
	if err := a.uniqueKey(ctx, m, exprs, from); err != nil || r.open() > 0 {
		return err
	}
	match := make([]string, len(m.key))
	for i, c := range m.key {
		match[i] = merge.Equal(x.t.columns[c].home.Type, exprs[i], "t."+postgres.Quote(x.t.columns[c].name))
	}
	id := postgres.Quote(x.t.columns[m.id].name)
	err := a.exec(ctx, fmt.Sprintf(
		"CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT s.%s AS old, t.%s AS new FROM %s JOIN ONLY %s t ON %s",
		strings.TrimPrefix(m.name(), "pg_temp."), staged(m.id), id, from, r.qualified(x.t), strings.Join(match, " AND ")))
	if err != nil {
		return fmt.Errorf("match the rows of %s by their natural key: %w", r.qualified(x.t), err)
	}
	if err := a.uniqueMatch(ctx, m); err != nil || r.open() > 0 {
		return err
	}
	var n int64
	if err := a.conn.QueryRow(ctx, "SELECT count(*) FROM "+m.name()).Scan(&n); err != nil {
		return fmt.Errorf("count the rows of %s that stand: %w", r.qualified(x.t), err)
	}
	r.note(fmt.Sprintf("%d of %d rows of %s stand in the target, matched by %s (%s)", n, x.staged, x.t.src.Name, x.t.columnList(m.key), m.by))
	if err := a.newIDs(ctx, m); err != nil || r.open() > 0 {
		return err
	}
	if err := a.exec(ctx, fmt.Sprintf("CREATE UNIQUE INDEX ON %s (old); CREATE UNIQUE INDEX ON %[1]s (new); ANALYZE %[1]s", m.name())); err != nil {
		return fmt.Errorf("match the rows of %s by their natural key: %w", r.qualified(x.t), err)
	}
	return nil
}

// uniqueKey refuses a natural key that several source rows share, or that some
// have only a part of: these would be added again in each run.
func (a *added) uniqueKey(ctx context.Context, m *idMap, exprs []string, from string) error {
	x := m.of
	shown, none, part := make([]string, len(exprs)), make([]string, len(exprs)), make([]string, len(exprs))
	for i, c := range m.key {
		shown[i], none[i], part[i] = x.shown(exprs[i], c), exprs[i]+" IS NOT NULL", "s."+staged(c)+" IS NULL"
	}
	nulls, cells, err := a.find(ctx, fmt.Sprintf("SELECT %s AS key, concat_ws(', ', %s) AS value FROM %s WHERE %s",
		x.keyText(), strings.Join(shown, ", "), from, strings.Join(part, " OR ")))
	if err != nil {
		return fmt.Errorf("look for NULLs in the natural key of %s: %w", x.t.src.Name, err)
	}
	if nulls > 0 {
		a.r.hazard(Hazard{
			Code: "natural-key", Table: x.t.src.Name, Column: x.t.columnList(m.key), Count: nulls, Cells: cells,
			Message: fmt.Sprintf("%d rows of %s have NULL in their natural key (%s)", nulls, x.t.src.Name, x.t.columnList(m.key)),
			Hint:    "mend the rows, or name columns with --remap that are never NULL",
		})
	}
	n, list, err := a.find(ctx, fmt.Sprintf("SELECT min(%s) AS key, min(concat_ws(', ', %s)) AS value FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1",
		x.keyText(), strings.Join(shown, ", "), from, strings.Join(none, " AND "), strings.Join(exprs, ", ")))
	if err != nil {
		return fmt.Errorf("look for repeated natural keys in %s: %w", x.t.src.Name, err)
	}
	a.keyHazard(m, n, list, "in the source")
	return nil
}

// uniqueMatch refuses a natural key that several rows of the target share.
func (a *added) uniqueMatch(ctx context.Context, m *idMap) error {
	n, list, err := a.find(ctx, fmt.Sprintf(
		"SELECT %s AS key, 'target rows ' || q.all AS value FROM (SELECT old, string_agg(CAST(new AS text), ', ' ORDER BY new) AS all FROM %s GROUP BY old HAVING count(*) > 1) q JOIN %s s ON s.%s = q.old",
		m.of.keyText(), m.name(), m.of.stageName(), staged(m.id)))
	if err != nil {
		return fmt.Errorf("look for repeated natural keys in %s: %w", a.r.qualified(m.of.t), err)
	}
	a.keyHazard(m, n, list, "in the target")
	return nil
}

func (a *added) keyHazard(m *idMap, n int64, list []Cell, where string) {
	if n == 0 {
		return
	}
	t := m.of.t
	a.r.hazard(Hazard{
		Code: "natural-key", Table: t.src.Name, Column: t.columnList(m.key), Count: n, Cells: list,
		Message: fmt.Sprintf("the natural key of %s (%s) is not unique %s: %d keys are repeated", t.src.Name, t.columnList(m.key), where, n),
		Hint:    "mend the rows, or name columns with --remap that tell the rows apart",
	})
}

// newIDs gives ids to the source rows that the target lacks.
func (a *added) newIDs(ctx context.Context, m *idMap) error {
	x := m.of
	id, name := staged(m.id), postgres.Quote(x.t.columns[m.id].name)
	missing := fmt.Sprintf("FROM %s s WHERE NOT EXISTS (SELECT FROM %s m WHERE m.old = s.%s)", x.stageName(), m.name(), id)
	taken := fmt.Sprintf("EXISTS (SELECT FROM ONLY %s t WHERE %s)", a.r.qualified(x.t), merge.Equal(x.t.columns[m.id].home.Type, "t."+name, "s."+id))
	var n int64
	if err := a.conn.QueryRow(ctx, "SELECT count(*) "+missing+" AND "+taken).Scan(&n); err != nil {
		return fmt.Errorf("look for taken ids in %s: %w", a.r.qualified(x.t), err)
	}
	base := int64(0)
	if n > 0 {
		var err error
		if base, err = a.lastID(ctx, m, n); err != nil || a.r.open() > 0 {
			return err
		}
	}
	sql := fmt.Sprintf("INSERT INTO %s SELECT s.%s, s.%s %s AND NOT %s", m.name(), id, id, missing, taken)
	if n > 0 {
		fresh := fmt.Sprintf("litehaul_new_%d", x.no)
		sql = fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT s.%s AS old, CAST(%d + row_number() OVER (ORDER BY s.%s) AS %s) AS new %s AND %s; ",
			fresh, id, base, id, x.typeOf(m.id), missing, taken) +
			sql + fmt.Sprintf("; INSERT INTO %s SELECT old, new FROM pg_temp.%s", m.name(), fresh)
		a.r.note(fmt.Sprintf("%d rows of %s got new ids above %d, because their own are taken by other rows of the target", n, x.t.src.Name, base))
	}
	if err := a.exec(ctx, sql); err != nil {
		return fmt.Errorf("give ids to the new rows of %s: %w", a.r.qualified(x.t), err)
	}
	return nil
}

// mostIDs are the largest numbers of the kinds.
var mostIDs = map[sqltype.Kind]int64{sqltype.Int2: math.MaxInt16, sqltype.Int4: math.MaxInt32, sqltype.Int8: math.MaxInt64}

// lastID gives the highest id that either side has or has handed out, and
// refuses where there is no room for n more.
func (a *added) lastID(ctx context.Context, m *idMap, n int64) (int64, error) {
	x := m.of
	c := &x.t.columns[m.id]
	most, ok := mostIDs[c.home.Type.Plain().Base.Kind]
	if !ok {
		a.r.hazard(Hazard{
			Code: "id-taken", Table: x.t.src.Name, Column: c.src.Name, Count: n,
			Message: fmt.Sprintf("%d new rows of %s have ids that other rows of the target have, and %s ids cannot be counted up", n, x.t.src.Name, c.home.Type.Text),
			Hint:    "match these rows by another natural key, or leave the table behind with --exclude",
		})
		return 0, nil
	}
	parts := []string{
		fmt.Sprint(max(nextIdentity(x.t, m.id)-1, 0)),
		fmt.Sprintf("(SELECT max(%s)::bigint FROM ONLY %s)", postgres.Quote(c.name), a.r.qualified(x.t)),
	}
	for _, s := range c.home.Sequences {
		if s.Settable && s.Increment > 0 {
			parts = append(parts, fmt.Sprintf("(SELECT last_value FROM %s)", postgres.Qualify(s.Schema, s.Name)))
			most = min(most, s.Max)
		}
	}
	var last int64
	if err := a.conn.QueryRow(ctx, "SELECT greatest("+strings.Join(parts, ", ")+")").Scan(&last); err != nil {
		return 0, fmt.Errorf("find the highest id of %s: %w", a.r.qualified(x.t), err)
	}
	if last > most-n {
		a.r.hazard(Hazard{
			Code: "id-range", Table: x.t.src.Name, Column: c.src.Name, Count: n,
			Message: fmt.Sprintf("%d new rows of %s need ids above %d, and its %s ids end at %d", n, x.t.src.Name, last, c.home.Type.Text, most),
			Hint:    "widen the column and its sequence first, or leave the table behind with --exclude",
		})
	}
	return last, nil
}

// find counts what a query over key and value gives, and shows the first.
func (a *added) find(ctx context.Context, query string) (n int64, list []Cell, err error) {
	n, found, err := merge.Find(ctx, a.conn, query, typemap.MaxExamples)
	for _, e := range found {
		list = append(list, Cell{Key: e.Key, Value: e.Value})
	}
	return n, list, err
}
