package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/schedule"
)

// rebuildRows is from how many rows on a table's secondary indexes are dropped
// for the load and built again: below, keeping them up to date is quicker than
// the round trips.
const rebuildRows = 20_000

// lockWait bounds the wait for others that use a table which is to be emptied
// or freed of its keys.
const lockWait = 30 * time.Second

// openHomes empties the tables where that was agreed, and takes off what would
// slow the load down or change rows: foreign keys, indexes, triggers. What was
// taken off stands in the control table from then on.
func (r *run) openHomes(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	r.into.holder = conn
	// The lock lives as long as its connection.
	if _, err := rebuild.Acquire(ctx, conn, r.homeSchemas()...); err != nil {
		return explainRebuild(err)
	}
	work, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, work)
	if err := r.finishEarlier(ctx, work); err != nil {
		return err
	}
	for _, t := range r.tables {
		req := rebuild.Request{
			Scope: rebuild.Scope{Indexes: t.profile.Rows >= rebuildRows, ForeignKeys: true, Triggers: true},
			Run:   r.rep.Started.UTC().Format(time.RFC3339), Settings: r.homeSettings(),
		}
		off, err := rebuild.Detach(ctx, work, t.home.OID, req)
		if err != nil {
			return explainRebuild(err)
		}
		r.into.off = append(r.into.off, off.Off...)
	}
	r.into.loading = true
	return r.empty(ctx, work)
}

// writeHomes does everything that changes tables of an application. Whatever
// happens after something was taken off them, it is put back, or the user is
// told how.
func (r *run) writeHomes(ctx context.Context) error {
	defer r.letGo(ctx)
	for _, step := range []func(context.Context) error{r.openHomes, r.runTasks, r.makeDurable, r.account} {
		if err := step(ctx); err != nil {
			return r.explainHomes(ctx, r.explainWrite(ctx, err))
		}
	}
	return r.judge()
}

// letGo lets other runs in.
func (r *run) letGo(ctx context.Context) {
	if r.into.holder != nil {
		closeConn(ctx, r.into.holder) // ends the lock
	}
}

// explainHomes puts back what a failed run has taken off, as far as that can be
// done, and says what is left. An interrupted run ends at once.
func (r *run) explainHomes(ctx context.Context, err error) error {
	if len(r.into.off) == 0 && !r.into.emptied && !r.into.loading {
		return err
	}
	left := len(r.into.off)
	if ctx.Err() == nil && left > 0 {
		if n, e := r.repair(ctx); e == nil {
			left = n
		}
	}
	state := "the tables keep the rows loaded so far"
	if r.into.emptied {
		state = "the tables were emptied, as agreed, and hold the rows loaded so far"
	}
	hint := state + "; indexes, foreign keys and triggers are as they were; run again with --on-data=truncate"
	if left > 0 {
		hint = fmt.Sprintf("%s; %d indexes, foreign keys or triggers are still off: litehaul repair puts them back; or run again with --on-data=truncate after it", state, left)
	}
	return &Error{Err: err, Hint: hint, Code: ExitCode(err)}
}

// repair puts back what is off, and tells how much is left.
func (r *run) repair(ctx context.Context) (left int, err error) {
	conn, err := r.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer closeConn(ctx, conn)
	items, err := rebuild.Pending(ctx, conn, r.homeSchemas()...)
	if err != nil {
		return 0, err
	}
	done, err := r.putBack(ctx, conn, items)
	if err != nil {
		r.log.ErrorContext(ctx, "not put back", "error", err)
		return len(items) - len(done), nil
	}
	return 0, rebuild.Clear(ctx, conn, r.homeSchemas()...)
}

// putBack brings back as many of the items as can be, and gives the names of
// those that are; err tells of the others.
func (r *run) putBack(ctx context.Context, conn *pgx.Conn, items []rebuild.Item) (done []string, err error) {
	for _, item := range items {
		if e := rebuild.Restore(ctx, conn, item, r.restoreSettings(1)...); e != nil {
			err = errors.Join(err, explainRebuild(e))
			continue
		}
		done = append(done, item.String())
	}
	return done, err
}

// homeSettings are those of a transaction that changes what others may use.
func (r *run) homeSettings() []rebuild.Setting {
	return []rebuild.Setting{
		{Name: "lock_timeout", Value: fmt.Sprint(lockWait.Milliseconds())},
		{Name: "statement_timeout", Value: "0"},
	}
}

func explainRebuild(err error) error {
	var e *rebuild.Error
	var busy *rebuild.BusyError
	switch {
	case errors.As(err, &e):
		return &Error{Err: err, Hint: e.Hint, Code: ExitFailed}
	case errors.As(err, &busy):
		return &Error{Err: err, Hint: "wait for it to end", Code: ExitFailed}
	case postgres.Code(err) == postgres.CodeLockTimeout:
		return &Error{Err: err, Hint: "something else uses the tables: stop the application for the time of the move", Code: ExitFailed}
	}
	return err
}

// finishEarlier puts back what an interrupted run has left off, now that the
// tables hold no rows that could break it.
func (r *run) finishEarlier(ctx context.Context, conn *pgx.Conn) error {
	left, err := rebuild.Pending(ctx, conn, r.homeSchemas()...)
	if err != nil || len(left) == 0 {
		return explainRebuild(err)
	}
	r.note(fmt.Sprintf("an earlier run was interrupted: %d indexes, foreign keys or triggers that it left off are back", len(left)))
	if err := r.empty(ctx, conn); err != nil {
		return err
	}
	_, err = r.putBack(ctx, conn, left)
	return err
}

// empty truncates the run's tables, all in one statement: they may reference
// each other.
func (r *run) empty(ctx context.Context, conn *pgx.Conn) error {
	if r.cfg.OnData != OnDataTruncate || r.into.emptied {
		return nil
	}
	names := make([]string, len(r.tables))
	for i, t := range r.tables {
		names[i] = r.qualified(t)
	}
	sql := fmt.Sprintf("%s; SET LOCAL lock_timeout = %d; TRUNCATE ONLY %s; COMMIT",
		r.beginSQL(), lockWait.Milliseconds(), strings.Join(names, ", "))
	if err := exec(ctx, conn, sql); err != nil {
		return explainRebuild(fmt.Errorf("empty the tables of the target: %w", err))
	}
	r.into.emptied = true
	return nil
}

// homeTasks adds the tasks that put back what was taken off. The statistics
// come before the foreign keys, as in tables that the run has made.
func (f *finisher) homeTasks() {
	byName := map[string]*table{}
	for _, t := range f.r.tables {
		byName[t.home.Schema+"\x00"+t.home.Name] = t
	}
	var last []*task
	for _, item := range f.r.into.off {
		t, parent := byName[item.Schema+"\x00"+item.Table], byName[item.ParentSchema+"\x00"+item.Parent]
		restore := &task{Name: "restore " + item.String(), Run: func(ctx context.Context, w *worker) error {
			return explainRebuild(rebuild.Restore(ctx, w.Conn, item, f.r.restoreSettings(w.Share)...))
		}}
		switch item.Kind {
		case rebuild.Index:
			restore.Cost, restore.Locks = indexCost(t), []lock{{On: t, Mode: schedule.AccessExclusive}}
			f.built[t].After(f.s.add(StageFinish, restore).After(f.loaded[t]))
		case rebuild.ForeignKey:
			restore.Cost, restore.Locks = foreignKeyCost(t), []lock{{On: t, Mode: schedule.AccessExclusive}}
			f.s.add(StageFinish, restore).After(f.built[t])
			if parent != nil {
				restore.Locks = append(restore.Locks, lock{On: parent, Mode: schedule.ShareRowExclusive})
				restore.After(f.built[parent])
			}
		case rebuild.Trigger:
			restore.Locks = []lock{{On: t, Mode: schedule.AccessExclusive}}
			f.s.add(StageFinish, restore).After(f.built[t])
		}
		last = append(last, restore)
	}
	if len(last) > 0 {
		f.s.add(StageFinish, &task{Name: "clear", Run: func(ctx context.Context, w *worker) error {
			return explainRebuild(rebuild.Clear(ctx, w.Conn, f.r.homeSchemas()...))
		}}).After(last...)
	}
}

// restoreSettings are those under which an index is built again.
func (r *run) restoreSettings(share int) []rebuild.Setting {
	out := []rebuild.Setting{
		{Name: "statement_timeout", Value: "0"},
		{Name: "lock_timeout", Value: "0"},
		{Name: "maintenance_work_mem", Value: fmt.Sprintf("%dkB", r.buildMem()>>10)},
	}
	if r.server.MaxParallelMaintenance > 0 {
		out = append(out, rebuild.Setting{Name: "max_parallel_maintenance_workers", Value: fmt.Sprint(min(share-1, r.server.MaxParallel))})
	}
	return out
}

// sequencesSQL makes the sequences of a table's columns go on after every
// number that either side has handed out. They are found by what they belong
// to, never by name.
func (r *run) sequencesSQL(t *table) []string {
	var out []string
	for i := range t.columns {
		c := &t.columns[i]
		if c.home == nil {
			continue
		}
		for _, s := range c.home.Sequences {
			if !s.Called && !s.Owned || s.Owner != nil || s.Increment <= 0 {
				continue
			}
			sql := r.setSequence(t, c.name, s, max(nextIdentity(t, i), s.Min))
			if s.Settable {
				out = append(out, sql)
				continue
			}
			r.object(Object{
				Kind: "identity", Table: t.src.Name, Name: c.src.Name, Status: "changed",
				Why:        fmt.Sprintf("role %s may not set sequence %s", r.server.User, s.Name),
				Suggestion: "as its owner: " + sql,
			})
		}
	}
	return out
}

// setSequence makes a sequence go on at next, or later where the target has
// come further.
func (r *run) setSequence(t *table, column string, s *catalog.Sequence, next int64) string {
	name := postgres.Qualify(s.Schema, s.Name)
	return fmt.Sprintf(
		"SELECT setval(%s, least(greatest(%d, (SELECT max(%s)::numeric + 1 FROM ONLY %s), (SELECT last_value::numeric + is_called::int FROM %s)), %d)::bigint, false)",
		postgres.Literal(name), next, postgres.Quote(column), r.qualified(t), name, s.Max)
}
