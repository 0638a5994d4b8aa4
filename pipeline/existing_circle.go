package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// circle is a set of tables that reference each other, all of them in one way
// or another, by foreign keys that keep watch: none of them can be first. They
// are loaded in one transaction.
type circle struct {
	tables []*table // parents first, as far as keys that cannot be deferred ask for it
	// staged tells that deferring is not enough: rows go to temporary tables and
	// from there into all tables by a single statement, at whose end Postgres
	// checks what cannot be deferred.
	staged bool
}

// with tells whether two tables are loaded together.
func (t *table) with(o *table) bool { return t.circle != nil && t.circle == o.circle }

// findCircles finds the circles and how each can be loaded. One of keys that
// are all NOT NULL and not deferrable is refused: no application can fill such
// tables row by row, so that something else must be wrong.
func (r *run) findCircles() {
	byOID := r.homesByOID()
	for _, members := range components(r.homes(), func(t *table) []*table { return t.above(byOID, anyKey) }) {
		if len(members) < 2 {
			continue
		}
		c := &circle{tables: members}
		in := func(t *table) bool { return slices.Contains(members, t) }
		for _, part := range components(members, func(t *table) []*table { return only(t.above(byOID, immediate), in) }) {
			c.staged = c.staged || len(part) > 1
		}
		// Components come parents first, and are single tables unless staged.
		c.tables = slices.Concat(components(members, func(t *table) []*table { return only(t.above(byOID, immediate), in) })...)
		stuck := components(members, func(t *table) []*table { return only(t.above(byOID, immediateNotNull), in) })
		if at := slices.IndexFunc(stuck, func(part []*table) bool { return len(part) > 1 }); at >= 0 {
			r.refuseCircle(stuck[at])
			continue
		}
		if c.staged && !r.into.catalog.Temp {
			r.homeHazard(members[0], "circle",
				fmt.Sprintf("as its owner: GRANT TEMPORARY ON DATABASE %s TO %s; or connect as the owner of the tables",
					postgres.Quote(r.server.Database), postgres.Quote(r.server.User)),
				"tables reference each other in a circle (%s), and role %s may not make the temporary tables that loading them together takes",
				circleNames(members), r.server.User)
			continue
		}
		for _, t := range members {
			t.circle = c
		}
		r.into.circles = append(r.into.circles, c)
	}
}

// refuseCircle names the keys of a circle that nothing can open.
func (r *run) refuseCircle(tables []*table) {
	var keys []string
	byOID := r.homesByOID()
	alter := ""
	for _, t := range tables {
		for _, fk := range t.staying() {
			if parent := byOID[fk.Parent.OID]; parent == nil || parent == t || !slices.Contains(tables, parent) || !immediateNotNull(t, fk) {
				continue
			}
			keys = append(keys, fmt.Sprintf("%s.%s to %s", t.home.Name, strings.Join(fk.Columns, ", "), fk.Parent.Name))
			if alter == "" {
				alter = fmt.Sprintf("ALTER TABLE %s ALTER CONSTRAINT %s DEFERRABLE", r.qualified(t), postgres.Quote(fk.Name))
			}
		}
	}
	r.hazard(Hazard{
		Code: "circle", Table: tables[0].src.Name, Count: int64(len(keys)),
		Message: fmt.Sprintf("cyclic NOT NULL foreign keys without DEFERRABLE (%s): no table of them can be loaded first, and role %s may not take the keys off",
			strings.Join(keys, "; "), r.server.User),
		Hint: "connect as the owner of the tables, who may take the keys off for the load; or as that owner, make one deferrable: " + alter,
	})
}

func circleNames(tables []*table) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.home.Name
	}
	return strings.Join(names, ", ")
}

// The kinds of foreign keys by which tables can hang together.
func anyKey(*table, *catalog.ForeignKey) bool { return true }

func immediate(_ *table, fk *catalog.ForeignKey) bool { return !fk.Deferrable }

func immediateNotNull(t *table, fk *catalog.ForeignKey) bool {
	return !fk.Deferrable && !slices.ContainsFunc(fk.Columns, func(name string) bool {
		c := t.home.Column(name)
		return c == nil || !c.NotNull
	})
}

// above lists the tables of the run that a table references by keys of a kind
// that keep watch, itself left aside.
func (t *table) above(byOID map[uint32]*table, kind func(*table, *catalog.ForeignKey) bool) []*table {
	var out []*table
	for _, fk := range t.staying() {
		if p := byOID[fk.Parent.OID]; p != nil && p != t && kind(t, fk) {
			out = append(out, p)
		}
	}
	return out
}

func only(list []*table, keep func(*table) bool) []*table {
	return slices.DeleteFunc(list, func(t *table) bool { return !keep(t) })
}

// circleTasks adds one task for each circle.
func (s *tasks) circleTasks() map[*circle]*task {
	out := map[*circle]*task{}
	if s.r.into == nil {
		return out
	}
	for _, c := range s.r.into.circles {
		one := &task{
			Name: "load " + circleNames(c.tables),
			Run:  func(ctx context.Context, w *worker) error { return s.r.loadCircle(ctx, w, c) },
		}
		for _, t := range c.tables {
			one.Cost += loadCost(t) * time.Duration(len(t.units))
		}
		out[c] = s.add(StageLoad, one)
	}
	return out
}

// loadCircle loads the tables of a circle in one transaction.
func (r *run) loadCircle(ctx context.Context, w *worker, c *circle) error {
	if err := exec(ctx, w.Conn, r.beginSQL()+"; SET CONSTRAINTS ALL DEFERRED"); err != nil {
		return err
	}
	loads := make([]*tableLoad, len(c.tables))
	for i, t := range c.tables {
		if c.staged {
			t.copyTo = fmt.Sprintf("pg_temp.litehaul_stage_%d", i)
			if err := exec(ctx, w.Conn, r.stageSQL(t, t.copyTo)); err != nil {
				return fmt.Errorf("make a temporary table for %s: %w", t.src.Name, err)
			}
		}
		var err error
		if loads[i], err = r.loadWhole(ctx, w, t); err != nil {
			return err
		}
	}
	if c.staged {
		if err := r.unstage(ctx, w.Conn, c, loads); err != nil {
			return err
		}
	}
	if err := exec(ctx, w.Conn, "COMMIT"); err != nil {
		return fmt.Errorf("commit rows of tables %s: %w", circleNames(c.tables), err)
	}
	for i, t := range c.tables {
		t.loaded.Add(loads[i].rows)
		t.digests.add(loads[i].sum)
		t.nanos.Add(int64(loads[i].took))
		r.emit(Event{Kind: UnitEnd, Stage: StageLoad, Table: t.src.Name})
	}
	return nil
}

// loadWhole sends all rows of a table, in the transaction at hand.
func (r *run) loadWhole(ctx context.Context, w *worker, t *table) (*tableLoad, error) {
	start := time.Now()
	t.loading.Do(func() {
		r.emit(Event{Kind: TableBegin, Stage: StageLoad, Table: t.src.Name, TotalRows: t.profile.Rows})
	})
	out := &tableLoad{}
	for _, u := range t.units {
		enc := r.unitEncoder(t)
		rows, err := r.copyUnit(ctx, w.Conn, t, u, enc)
		if err != nil {
			return nil, err
		}
		out.rows += rows
		out.sum.Merge(enc.sum)
	}
	out.took = time.Since(start)
	return out, nil
}

// unstage moves the rows of all temporary tables by one statement, and makes
// sure that none was lost on the way.
func (r *run) unstage(ctx context.Context, conn *pgx.Conn, c *circle, loads []*tableLoad) error {
	var with, counts []string
	for i, t := range c.tables {
		// An identity ALWAYS takes a value from COPY, and from INSERT only so.
		with = append(with, fmt.Sprintf("i%d AS (INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT * FROM %s RETURNING 1)",
			i, r.qualified(t), t.wireNames(), t.copyTo))
		counts = append(counts, fmt.Sprintf("(SELECT count(*) FROM i%d)", i))
	}
	sql := fmt.Sprintf("WITH %s SELECT ARRAY[%s]", strings.Join(with, ", "), strings.Join(counts, ", "))
	var got []int64
	if err := conn.QueryRow(ctx, sql).Scan(&got); err != nil {
		return refusedRow(c.tables[0], fmt.Errorf("load tables %s: %w", circleNames(c.tables), err))
	}
	for i, t := range c.tables {
		if got[i] != loads[i].rows {
			return fmt.Errorf("load table %s: sent %d rows, Postgres counted %d", t.src.Name, loads[i].rows, got[i])
		}
	}
	return nil
}
