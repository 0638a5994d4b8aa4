package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/schedule"
)

// openHomes empties the tables where that was agreed, and takes off what would
// slow the load down or change rows: foreign keys, indexes, triggers. What was
// taken off stands in the control table from then on.
func (r *run) openHomes(ctx context.Context) error {
	work, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, work)
	earlier, err := rebuild.Pending(ctx, work, r.homeSchemas()...)
	if err != nil {
		return explainRebuild(err)
	}
	r.into.off = earlier // put back with the rest, whatever happens
	// A trigger may fire on TRUNCATE, and an earlier run's keys can only be
	// judged when the rows that it left are gone.
	if err := r.detach(ctx, work, rebuild.Scope{Triggers: true}); err != nil {
		return err
	}
	if err := r.empty(ctx, work); err != nil {
		return err
	}
	if err := r.adopt(ctx, work, earlier); err != nil {
		return err
	}
	if err := r.detach(ctx, work, rebuild.Scope{Indexes: true, ForeignKeys: true}); err != nil {
		return err
	}
	r.into.loading = true
	return nil
}

// detach takes a kind of things off all tables of the run.
func (r *run) detach(ctx context.Context, conn *pgx.Conn, scope rebuild.Scope) error {
	for _, t := range r.homes() {
		scope := scope
		scope.Indexes = scope.Indexes && t.profile.Rows >= r.cfg.rebuildFrom
		off, err := rebuild.Detach(ctx, conn, t.home.OID, rebuild.Request{
			Scope: scope, Run: r.rep.Started.UTC().Format(time.RFC3339), Settings: r.homeSettings(),
		})
		if err != nil {
			return r.explainLock(ctx, explainRebuild(err), []*table{t})
		}
		r.into.off = append(r.into.off, off.Off...)
	}
	return nil
}

// writeHomes does everything that changes tables of an application. Whatever
// happens after something was taken off them, it is put back, or the user is
// told how.
func (r *run) writeHomes(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.prepareTarget, r.openHomes, r.runTasks, r.finishMade, r.makeDurable, r.account} {
		if err := step(ctx); err != nil {
			return r.explainHomes(ctx, r.explainWrite(ctx, err), Hint(err))
		}
	}
	return r.judge()
}

// explainHomes puts back what a failed run has taken off, as far as that can be
// done, and says what is left; why is the way out of the error itself. An interrupted run ends at once.
func (r *run) explainHomes(ctx context.Context, err error, why string) error {
	if len(r.into.off) == 0 && !r.into.emptied && !r.into.loading {
		return err
	}
	after := rebuild.Aftermath{Emptied: r.into.emptied, Loading: r.into.loading, Off: len(r.into.off)}
	if ctx.Err() == nil && after.Off > 0 {
		if n, e := r.repair(ctx); e == nil {
			after.Off = n
		}
	}
	return &Error{Err: err, Hint: after.Hint(why) + r.madeHint(), Code: ExitCode(err)}
}

// repair puts back what is off, and tells how much is left.
func (r *run) repair(ctx context.Context) (left int, err error) {
	conn, err := r.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer closeConn(ctx, conn)
	left, err = rebuild.RestorePending(ctx, conn, r.homeSchemas(), r.restoreSettings(1)...)
	if err != nil && left > 0 {
		r.log.ErrorContext(ctx, "not put back", "error", err)
		return left, nil
	}
	return left, err
}

// putBack brings back as many of the items as can be, and gives the names of
// those that are; err tells of the others.
func (r *run) putBack(ctx context.Context, conn *pgx.Conn, items []rebuild.Item) (done []string, err error) {
	done, err = rebuild.RestoreAll(ctx, conn, items, r.restoreSettings(1)...)
	return done, explainRebuild(err)
}

// homeSettings are those of a transaction that changes what others may use.
func (r *run) homeSettings() []rebuild.Setting {
	return []rebuild.Setting{
		{Name: "lock_timeout", Value: fmt.Sprint(r.cfg.lockWait.Milliseconds())},
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
		return &Error{
			Err: err, Code: ExitRefused,
			Hint: fmt.Sprintf("wait for it to end, or end it: SELECT pg_terminate_backend(%d)", busy.PID),
		}
	}
	return err
}

// adopt makes what an interrupted run has left off this one's to put back. What
// does not wait for rows of this run comes back at once: all of other tables,
// and foreign keys that stand and only were not valid.
func (r *run) adopt(ctx context.Context, conn *pgx.Conn, earlier []rebuild.Item) error {
	if len(earlier) == 0 {
		return nil
	}
	r.note(fmt.Sprintf("an earlier run was interrupted: %d indexes, foreign keys or triggers that it left off are put back by this one", len(earlier)))
	ours := r.homesByName()
	now, later := rebuild.Divide(earlier, func(schema, name string) bool { return ours[relationKey(schema, name)] != nil })
	_, err := r.putBack(ctx, conn, now)
	if err == nil {
		r.into.off = append(later, r.into.off[len(earlier):]...)
	}
	return err
}

// homesByName finds the run's tables by relationKey.
func (r *run) homesByName() map[string]*table {
	out := map[string]*table{}
	for _, t := range r.homes() {
		out[relationKey(t.home.Schema, t.home.Name)] = t
	}
	return out
}

func relationKey(schema, name string) string { return schema + "\x00" + name }

// empty truncates the run's tables, all in one statement: they may reference
// each other. Where they had no rows, others have put in what is there now, and
// nobody agreed to its going.
func (r *run) empty(ctx context.Context, conn *pgx.Conn) error {
	if r.cfg.OnData != OnDataTruncate || r.into.emptied || r.into.vacant {
		return nil
	}
	var names []string
	for _, t := range r.homes() {
		names = append(names, r.qualified(t))
	}
	if len(names) == 0 {
		return nil
	}
	sql := fmt.Sprintf("%s; SET LOCAL lock_timeout = %d; %s; COMMIT", r.beginSQL(), r.cfg.lockWait.Milliseconds(), rebuild.Truncate(names))
	if err := exec(ctx, conn, sql); err != nil {
		return r.explainLock(ctx, fmt.Errorf("empty the tables of the target: %w", err), r.homes())
	}
	r.into.emptied = true
	return nil
}

// homeTasks adds the tasks that put back what was taken off. The statistics
// come before the foreign keys, as in tables that the run has made.
func (f *finisher) homeTasks() {
	byName := f.r.homesByName()
	var last []*task
	for _, item := range f.r.into.off {
		t, parent := byName[relationKey(item.Schema, item.Table)], byName[relationKey(item.ParentSchema, item.Parent)]
		restore := &task{Name: "restore " + item.String(), Run: func(ctx context.Context, w *worker) error {
			return explainRebuild(rebuild.Restore(ctx, w.Conn, item, f.r.restoreSettings(w.Share)...))
		}}
		switch item.Kind {
		case rebuild.Index:
			restore.Cost, restore.Locks = postgres.IndexCost(t.profile.Rows), []lock{{On: t, Mode: schedule.AccessExclusive}}
			f.built[t].After(f.s.add(StageFinish, restore).After(f.loaded[t]))
		case rebuild.ForeignKey:
			restore.Cost, restore.Locks = postgres.ForeignKeyCost(t.profile.Rows), []lock{{On: t, Mode: schedule.AccessExclusive}}
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
	return rebuild.BuildSettings(r.server, r.cfg.Jobs, share)
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
			if !s.Called && !s.Owned || s.Owner != nil {
				continue
			}
			sql := r.setSequence(t, c.name, s, max(nextIdentity(t, i), s.Min))
			if s.Settable && s.Readable {
				out = append(out, sql)
				continue
			}
			r.object(Object{
				Kind: "identity", Table: t.src.Name, Name: c.src.Name, Status: "changed",
				Why:        fmt.Sprintf("role %s may not read and set sequence %s", r.server.User, s.Name),
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
	if s.Increment < 0 { // it goes down: below the lowest number that the table holds
		return fmt.Sprintf(
			"SELECT setval(%s, greatest(least((SELECT min(%s)::numeric - 1 FROM ONLY %s), (SELECT last_value::numeric - is_called::int FROM %s), %d), %d)::bigint, false)",
			postgres.Literal(name), postgres.Quote(column), r.qualified(t), name, s.Max, s.Min)
	}
	return fmt.Sprintf(
		"SELECT setval(%s, least(greatest(%d, (SELECT max(%s)::numeric + 1 FROM ONLY %s), (SELECT last_value::numeric + is_called::int FROM %s)), %d)::bigint, false)",
		postgres.Literal(name), next, postgres.Quote(column), r.qualified(t), name, s.Max)
}
