package reseed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/swap"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// With Swap, tables that stand are replaced: new ones are made, filled and proved in
// a schema beside, as fast as into an empty database, and swapped in by one short
// transaction.

// checkSwap finds what keeps tables from being replaced.
func (r *run) checkSwap(ctx context.Context, conn *pgx.Conn) error {
	if !r.server.CreateSchema {
		return refuse(fmt.Sprintf("as its owner: GRANT CREATE ON DATABASE %s TO %s; or leave out --swap", postgres.Quote(r.server.Database), postgres.Quote(r.server.User)),
			"--swap makes the new tables in a schema beside, and role %s may not create one in database %s", r.server.User, r.server.Database)
	}
	for _, t := range r.tables {
		switch {
		case !t.home.Owned:
			r.hazard(t, "rights", "connect as its owner, or leave out --swap", "--swap replaces %s, and role %s does not own it", t.shown, r.server.User)
		case !r.catalog.Schema(t.Schema).Create:
			r.hazard(t, "rights", fmt.Sprintf("as its owner: GRANT CREATE ON SCHEMA %s TO %s; or leave out --swap", postgres.Quote(t.Schema), postgres.Quote(r.server.User)),
				"--swap replaces %s, and role %s may not create tables in schema %q", t.shown, r.server.User, t.Schema)
		}
	}
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return swap.Clear(ctx, tx, r.schemas()...) })
	switch code := postgres.Code(err); {
	case code == postgres.CodeLockTimeout:
		return r.explainLock(ctx, err, nil)
	case code != "" && !postgres.Fatal(err):
		return refuse("look what is in it: it holds nothing but copies that an interrupted run has begun", "%w", err)
	case err != nil:
		return server.Explain(err)
	}
	var found []swap.Objection
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) (err error) {
		found, err = swap.Objections(ctx, tx, r.oids())
		return err //nolint:wrapcheck // says all
	})
	if err != nil {
		return r.explainLock(ctx, server.Explain(err), nil)
	}
	for _, o := range found {
		t := r.byOID(o.Table)
		r.hazard(t, "swap", o.Hint, "--swap cannot replace %s: %s", t.shown, o.What)
	}
	return nil
}

func (r *run) oids() (out []uint32) {
	for _, t := range r.tables {
		out = append(out, t.home.OID)
	}
	return out
}

// swap replaces the tables, or leaves all as it was.
func (r *run) swap(ctx context.Context) error {
	err := r.trySwap(ctx)
	if err == nil {
		return nil
	}
	left := ""
	switch {
	case r.unsure:
		left = ", without --swap; litehaul repair removes new tables that may be left in a schema beside"
	case r.beside != nil:
		left = r.removeBeside(ctx)
	}
	err = r.unchanged(ctx, err, left)
	var e *pipeline.Error
	if errors.As(err, &e) && e.Code == pipeline.ExitRefused && r.beside != nil {
		e.Code = pipeline.ExitFailed // too late to refuse
	}
	return err
}

func (r *run) trySwap(ctx context.Context) error {
	var places []int
	for _, t := range r.tables {
		places = append(places, t.place)
	}
	if err := r.archive.CheckHashes(ctx, r.cfg.Jobs, places...); err != nil {
		return ExplainFixture(r.cfg.Fixture, err)
	}
	if err := r.Stage(ctx, pipeline.StageSchema, r.makeBeside); err != nil {
		return err
	}
	// From here on statements mean the new tables, until these stand at home.
	for _, t := range r.beside.Tables {
		r.byOID(t.OID).sql = t.New
	}
	defer func() {
		for _, t := range r.tables {
			t.sql = postgres.Qualify(t.Schema, t.Name)
		}
	}()
	if err := r.runTasks(ctx); err != nil {
		return err
	}
	if err := errors.Join(r.account(ctx), r.judge()); err != nil {
		return err
	}
	return r.swapIn(ctx)
}

func (r *run) byOID(oid uint32) *table {
	for _, t := range r.tables {
		if t.home.OID == oid {
			return t
		}
	}
	return nil
}

// makeBeside makes the new tables, once a rehearsal has shown that all that is on
// the old ones can be had on them.
func (r *run) makeBeside(ctx context.Context) error {
	conn, err := r.connectSettled(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if r.beside, err = r.rehearse(ctx, conn); err == nil {
		return nil
	}
	switch code := postgres.Code(err); {
	case code == postgres.CodeLockTimeout:
		return r.explainLock(ctx, err, nil)
	case code == postgres.CodeDuplicateSchema:
		return refuse("look whose it is: litehaul repair, as the role of a run that was interrupted, removes what that has left", "--swap: %w", err)
	case code != "" && !postgres.Fatal(err):
		return refuse("leave out --swap", "--swap: %w", err)
	}
	return explainSwap(err)
}

func (r *run) rehearse(ctx context.Context, conn *pgx.Conn) (*swap.Plan, error) {
	tx, err := r.beginTx(ctx, conn, lockTimeout(lockWait))
	if err != nil {
		return nil, err
	}
	plan, err := swap.Read(ctx, tx, r.oids())
	if err == nil {
		err = plan.Rehearse(ctx, tx)
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		rollback(ctx, tx)
		return nil, err //nolint:wrapcheck // says what failed
	}
	return plan, nil
}

func lockTimeout(d time.Duration) string {
	return fmt.Sprintf("SET LOCAL lock_timeout = %d", d.Milliseconds())
}

// explainSwap says what to do about what a plan cannot do.
func explainSwap(err error) error {
	var lost *swap.LostError
	var changed *swap.ChangedError
	switch {
	case errors.As(err, &lost):
		return refuse("leave out --swap", "--swap: %w", lost)
	case errors.As(err, &changed):
		return &pipeline.Error{Err: changed, Hint: "run again", Code: pipeline.ExitFailed}
	}
	return err
}

// removeBeside drops the new tables of a run that failed, and says so where it
// cannot.
func (r *run) removeBeside(ctx context.Context) (left string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockWait)
	defer cancel()
	conn, err := r.connect(ctx)
	if err == nil {
		defer postgres.Close(ctx, conn)
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return r.beside.Remove(ctx, tx) })
	}
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "not removed", "error", err)
		return ", but new tables are left in a schema beside: litehaul repair removes them, and so does the next run with --swap"
	}
	return ""
}

// stepLocks are the locks that steps take on their tables.
var stepLocks = map[swap.Kind]schedule.Mode{
	swap.Index: schedule.Share, swap.Key: schedule.AccessExclusive, swap.Statistics: schedule.ShareUpdateExclusive,
	swap.Check: schedule.AccessExclusive, swap.ForeignKey: schedule.ShareRowExclusive, swap.Validate: schedule.ShareUpdateExclusive,
	swap.Rest: schedule.AccessExclusive,
}

// dress adds the tasks that put onto the new tables what the old ones have.
func (s *tasks) dress() {
	r := s.r
	built := map[*table][]*task{}
	last := map[*table]*task{}
	for _, step := range r.beside.Steps() {
		t, parent := r.byOID(step.Table), r.byOID(step.Parent)
		k := s.add(pipeline.StageFinish, r.stepTask(t, step))
		switch step.Kind {
		case swap.Index, swap.Statistics:
			built[t] = append(built[t], k.After(s.loaded[t]))
			s.settled[t].After(k)
			continue
		case swap.Key:
			s.settled[t].After(k.After(s.loaded[t]).After(built[t]...))
			continue
		case swap.ForeignKey:
			if parent != nil {
				k.Locks = append(k.Locks, lock{On: parent, Mode: schedule.ShareRowExclusive})
				k.After(s.settled[parent])
			}
		}
		// In their order: foreign keys are added before they are validated, and
		// triggers come before their comments.
		k.After(s.settled[t], last[t])
		last[t] = k
	}
}

func (r *run) stepTask(t *table, step swap.Step) *task {
	k := &task{Name: "make " + step.Name, Locks: []lock{{On: t, Mode: stepLocks[step.Kind]}}}
	switch step.Kind {
	case swap.Index:
		k.Cost = postgres.IndexCost(t.Rows)
	case swap.Validate, swap.Check:
		k.Cost = postgres.ForeignKeyCost(t.Rows)
	}
	k.Run = func(ctx context.Context, w *worker) error {
		if err := r.Step(t.shown, step.Name, func() error { return r.takeStep(ctx, w, step) }); err != nil {
			return fmt.Errorf("make %s: %s", step.Name, postgres.Message(err))
		}
		return nil
	}
	return k
}

func (r *run) takeStep(ctx context.Context, w *worker, step swap.Step) error {
	tx, err := r.beginTx(ctx, w.Conn, lockTimeout(lockWait), r.server.BuildSettings(r.cfg.Jobs, w.Share))
	if err != nil {
		return err
	}
	if err := r.beside.Take(ctx, tx, step); err != nil {
		rollback(ctx, tx)
		return err //nolint:wrapcheck // says what failed
	}
	return tx.Commit(ctx) //nolint:wrapcheck // said by the caller
}
