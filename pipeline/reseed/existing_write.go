package reseed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/pipeline"
)

// refill empties the tables and fills them. Whatever happens after something was
// taken off them, it is put back, or the user is told how.
func (r *run) refill(ctx context.Context) error {
	// Nothing goes for an archive that cannot take its place.
	var places []int
	for _, t := range r.fill {
		places = append(places, t.place)
	}
	if err := r.archive.CheckHashes(ctx, r.cfg.Jobs, places...); err != nil {
		return ExplainFixture(r.cfg.Fixture, err)
	}
	for _, step := range []func(context.Context) error{r.openHomes, r.runTasks, r.makeDurable, r.account} {
		if err := step(ctx); err != nil {
			return r.explainRefill(ctx, r.explainWrite(ctx, err))
		}
	}
	return r.judge()
}

// openHomes empties the tables where that was agreed, and takes off what would
// slow the load down or change rows: foreign keys, indexes, triggers. What was
// taken off stands in the control table from then on.
func (r *run) openHomes(ctx context.Context) error {
	work, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, work)
	earlier, err := rebuild.Pending(ctx, work, r.schemas()...)
	if err != nil {
		return explainRebuild(err)
	}
	r.into.off = earlier // put back with the rest, whatever happens
	// A trigger may fire on TRUNCATE, and an earlier run's keys can only be judged
	// when the rows that it left are gone.
	if err := r.detach(ctx, work, rebuild.Scope{Triggers: true}); err != nil {
		return err
	}
	if err := r.releaseChanged(func(t *table, scope rebuild.Scope) error { return r.detachFrom(ctx, work, t, scope) }); err != nil {
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
	for _, t := range r.fill {
		scope := scope
		scope.Indexes = scope.Indexes && t.Rows >= rebuild.ManyRows
		if err := r.detachFrom(ctx, conn, t, scope); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) detachFrom(ctx context.Context, conn *pgx.Conn, t *table, scope rebuild.Scope) error {
	off, err := rebuild.Detach(ctx, conn, t.home.OID, rebuild.Request{
		Scope: scope, Run: r.Report.Started.UTC().Format(time.RFC3339),
		Settings: []rebuild.Setting{
			{Name: "lock_timeout", Value: fmt.Sprint(lockWait.Milliseconds())},
			{Name: "statement_timeout", Value: "0"},
		},
	})
	if err != nil {
		return r.explainLock(ctx, explainRebuild(err), []*table{t})
	}
	r.into.off = append(r.into.off, off.Off...)
	return nil
}

// empty truncates the run's tables, all in one statement: they may reference each
// other. Where they had no rows, others have put in what is there now, and nobody
// agreed to its going.
func (r *run) empty(ctx context.Context, conn *pgx.Conn) error {
	if r.into.vacant || len(r.fill) == 0 {
		return nil
	}
	var names []string
	for _, t := range r.fill {
		names = append(names, t.sql)
	}
	sql := fmt.Sprintf("SET LOCAL lock_timeout = %d; %s", lockWait.Milliseconds(), rebuild.Truncate(names))
	if err := postgres.Exec(ctx, conn, r.transaction(sql)); err != nil {
		return r.explainLock(ctx, fmt.Errorf("empty the tables of the target: %w", err), r.fill)
	}
	r.into.emptied = true
	return nil
}

// adopt makes what an interrupted run has left off this one's to put back. What
// does not wait for rows of this run comes back at once: all of other tables, and
// foreign keys that stand and only were not valid.
func (r *run) adopt(ctx context.Context, conn *pgx.Conn, earlier []rebuild.Item) error {
	if len(earlier) == 0 {
		return nil
	}
	r.Note(fmt.Sprintf("an earlier run was interrupted: %d indexes, foreign keys or triggers that it left off are put back by this one", len(earlier)))
	ours := byName(r.fill)
	now, later := rebuild.Divide(earlier, func(schema, name string) bool { return ours[catalogName{schema, name}] != nil })
	if _, err := rebuild.RestoreAll(ctx, conn, now, r.restoreSettings(1)...); err != nil {
		return explainRebuild(err)
	}
	r.into.off = append(later, r.into.off[len(earlier):]...)
	return nil
}

type catalogName struct{ schema, name string }

func byName(tables []*table) map[catalogName]*table {
	out := map[catalogName]*table{}
	for _, t := range tables {
		out[catalogName{t.Schema, t.Name}] = t
	}
	return out
}

// restore adds the tasks that put back what was taken off. The statistics come
// before the foreign keys, and after the indexes.
func (s *tasks) restore() {
	r, byName := s.r, byName(s.r.tables)
	var last []*task
	for _, item := range r.into.off {
		t, parent := byName[catalogName{item.Schema, item.Table}], byName[catalogName{item.ParentSchema, item.Parent}]
		k := s.add(pipeline.StageFinish, &task{
			Name: "restore " + item.String(), Locks: []lock{{On: t, Mode: schedule.AccessExclusive}},
			Run: func(ctx context.Context, w *worker) error {
				return r.Step(item.Table, item.Name, func() error {
					return explainRebuild(rebuild.Restore(ctx, w.Conn, item, r.restoreSettings(w.Share)...))
				})
			},
		})
		switch item.Kind {
		case rebuild.Index:
			k.Cost = postgres.IndexCost(t.Rows)
			s.settled[t].After(k.After(s.loaded[t]))
		case rebuild.ForeignKey:
			k.Cost = postgres.ForeignKeyCost(t.Rows)
			k.After(s.settled[t])
			if parent != nil {
				k.Locks = append(k.Locks, lock{On: parent, Mode: schedule.ShareRowExclusive})
				k.After(s.settled[parent])
			}
		case rebuild.Trigger:
			k.After(s.settled[t])
		}
		last = append(last, k)
	}
	if len(last) > 0 {
		s.add(pipeline.StageFinish, &task{Name: "clear", Run: func(ctx context.Context, w *worker) error {
			return explainRebuild(rebuild.Clear(ctx, w.Conn, r.schemas()...))
		}}).After(last...)
	}
}

// restoreSettings are those under which an index is built again.
func (r *run) restoreSettings(share int) []rebuild.Setting {
	return rebuild.BuildSettings(r.server, r.cfg.Jobs, share)
}

// explainRefill puts back what a failed run has taken off, as far as that can be
// done, and says what is left. An interrupted run ends at once.
func (r *run) explainRefill(ctx context.Context, err error) error {
	if len(r.into.off) == 0 && !r.into.emptied && !r.into.loading {
		return err
	}
	after := rebuild.Aftermath{Emptied: r.into.emptied, Loading: r.into.loading, Off: len(r.into.off)}
	if ctx.Err() == nil && after.Off > 0 {
		after.Off = r.repair(ctx)
	}
	code := pipeline.ExitCode(err)
	if code == pipeline.ExitRefused {
		code = pipeline.ExitFailed // too late to refuse
	}
	return &pipeline.Error{Err: err, Hint: after.Hint(r.why(err)), Code: code}
}

// why is the way out of an error itself.
func (r *run) why(err error) string {
	return strings.TrimSuffix(strings.TrimSuffix(pipeline.Hint(err), nothingWritten), "; ")
}

// repair puts back what is off, and tells how much is left.
func (r *run) repair(ctx context.Context) (left int) {
	conn, err := r.connect(ctx)
	if err != nil {
		return len(r.into.off)
	}
	defer postgres.Close(ctx, conn)
	left, err = rebuild.RestorePending(ctx, conn, r.schemas(), r.restoreSettings(1)...)
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "not put back", "error", err)
		if left == 0 { // nobody knows
			left = len(r.into.off)
		}
	}
	return left
}

// makeDurable commits one last time, and synchronously: the log is then on disk
// up to here, with all the commits before that did not wait for it.
func (r *run) makeDurable(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if err := postgres.Flush(ctx, conn); err != nil {
		return fmt.Errorf("make all durable: %w", err)
	}
	return nil
}

// sequencesSQL sets the sequences of a table that stands, as the archive has them.
// One that is no table's alone never goes back, nor any where rows are added. They are found by what they belong
// to, never by name.
func (r *run) sequencesSQL(t *table) (out []string) {
	for _, id := range t.Identities {
		for _, s := range t.home.Column(id.Column).Sequences {
			if !s.Called && !s.Owned || s.Owner != nil || s.Increment <= 0 {
				continue
			}
			back := s.Owned && !r.adding()
			sql := sequenceSQL(s, id.Next, back)
			if s.Settable && (back || s.Readable) {
				out = append(out, sql)
				continue
			}
			r.Object(pipeline.Object{
				Kind: "identity", Table: t.shown, Name: id.Column, Status: "changed",
				Why:        fmt.Sprintf("role %s may not set sequence %s", r.server.User, s.Name),
				Suggestion: "as its owner: " + sql,
			})
		}
	}
	return out
}

// sequenceSQL makes a sequence go on at next, or later if it stands there and may
// not go back. One that has no such number is used up.
func sequenceSQL(s *catalog.Sequence, next int64, back bool) string {
	name := postgres.Qualify(s.Schema, s.Name)
	value, called := fmt.Sprint(max(next, s.Min)), next > s.Max || next == 1<<63-1
	if called {
		value = fmt.Sprint(s.Max)
	}
	sql := fmt.Sprintf("SELECT pg_catalog.setval(%s, %s, %t)", postgres.Literal(name), value, called)
	if !back {
		sql += fmt.Sprintf(" FROM %s WHERE last_value::numeric + is_called::int < %s::numeric + %t::int", name, value, called)
	}
	return sql
}
