package reseed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/swap"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/pipeline"
)

// With Swap, tables that stand are replaced: new ones are made, filled and proved in
// a schema beside, as fast as into an empty database, and swapped in by one short
// transaction.

// While the swap waits for a lock, all who come later wait behind it: so it waits
// for a moment only, lets them through, and tries again.
const (
	swapWait  = 500 * time.Millisecond
	swapPause = 500 * time.Millisecond
	swapTries = 5
)

// checkSwap finds what keeps tables from being replaced.
func (r *run) checkSwap(ctx context.Context, conn *pgx.Conn) error {
	if !r.server.CreateSchema {
		return refuse(fmt.Sprintf("as its owner: GRANT CREATE ON DATABASE %s TO %s; or leave out --swap", postgres.Quote(r.server.Database), postgres.Quote(r.server.User)),
			"--swap makes the new tables in a schema beside, and role %s may not create one in database %s", r.server.User, r.server.Database)
	}
	byOID := map[uint32]*table{}
	for _, t := range r.tables {
		byOID[t.home.OID] = t
		switch {
		case !t.home.Owned:
			r.hazard(t, "rights", "connect as its owner, or leave out --swap", "--swap replaces %s, and role %s does not own it", t.shown, r.server.User)
		case !r.catalog.Schema(t.Schema).Create:
			r.hazard(t, "rights", fmt.Sprintf("as its owner: GRANT CREATE ON SCHEMA %s TO %s; or leave out --swap", postgres.Quote(t.Schema), postgres.Quote(r.server.User)),
				"--swap replaces %s, and role %s may not create tables in schema %q", t.shown, r.server.User, t.Schema)
		}
	}
	found, err := swap.Objections(ctx, conn, r.oids())
	if err != nil {
		return r.explainLock(ctx, explainServer(err), nil)
	}
	for _, o := range found {
		t := byOID[o.Table]
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
	code, hint := pipeline.ExitFailed, "nothing was changed"
	var known *pipeline.Error
	if errors.As(err, &known) {
		code = known.Code
		if known.Hint != "" {
			hint = known.Hint + "; " + hint
		}
	}
	switch {
	case r.unsure:
		hint = "the connection broke while it was committed: all was changed, or nothing; run again with --only-changed, without --swap, to know"
	case r.beside != nil:
		hint += r.removeBeside(ctx)
		if code == pipeline.ExitRefused {
			code = pipeline.ExitFailed // too late to refuse
		}
	}
	if ctx.Err() != nil && !r.unsure {
		return &pipeline.Error{Err: errors.New("interrupted"), Hint: hint, Code: pipeline.ExitInterrupted}
	}
	for _, t := range r.tables {
		t.loaded.Store(0)
	}
	return &pipeline.Error{Err: err, Hint: hint, Code: code}
}

func (r *run) trySwap(ctx context.Context) error {
	var places []int
	for _, t := range r.tables {
		places = append(places, t.place)
	}
	if err := r.archive.CheckHashes(ctx, r.cfg.Jobs, places...); err != nil {
		return ExplainFixture(r.cfg.Fixture, err)
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if err := r.refusePending(ctx, conn); err != nil {
		return err
	}
	if err := r.stage(ctx, pipeline.StageSchema, func(ctx context.Context) error { return r.makeBeside(ctx, conn) }); err != nil {
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
	return r.swapIn(ctx, conn)
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
func (r *run) makeBeside(ctx context.Context, conn *pgx.Conn) error {
	tx, err := r.beginSwap(ctx, conn, lockWait)
	if err != nil {
		return err
	}
	plan, err := swap.Read(ctx, tx, r.oids())
	if err == nil {
		err = plan.Rehearse(ctx, tx)
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err == nil {
		r.beside = plan
		return nil
	}
	rollback(ctx, tx)
	switch code := postgres.Code(err); {
	case code == postgres.CodeLockTimeout:
		return r.explainLock(ctx, err, nil)
	case code != "" && !postgres.Fatal(err):
		return refuse("leave out --swap", "--swap: %w", err)
	}
	return explainSwap(err)
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

// beginSwap begins a transaction that waits for locks so long.
func (r *run) beginSwap(ctx context.Context, conn *pgx.Conn, wait time.Duration) (pgx.Tx, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	settings := strings.TrimPrefix(postgres.Begin(r.server.Version, ""), "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ")
	if err := r.do(ctx, conn, settings, fmt.Sprintf("SET LOCAL lock_timeout = %d", wait.Milliseconds())); err != nil {
		rollback(ctx, tx)
		return nil, err
	}
	return tx, nil
}

// rollback ends a transaction for whose failure there is an error already.
func rollback(ctx context.Context, tx pgx.Tx) { _ = tx.Rollback(context.WithoutCancel(ctx)) }

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

// swapIn swaps the new tables in. It tries again where others hold locks.
func (r *run) swapIn(ctx context.Context, conn *pgx.Conn) error {
	for try := 1; ; try++ {
		err := r.exchange(ctx, conn)
		locked := postgres.Code(err) == postgres.CodeLockTimeout || postgres.Code(err) == postgres.CodeDeadlock
		switch {
		case err == nil || !locked:
			return explainSwap(err)
		case try == swapTries:
			return r.explainHeld(ctx, err, try)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(swapPause):
		}
	}
}

// explainHeld names who has kept the new tables from being swapped in.
func (r *run) explainHeld(ctx context.Context, err error, tries int) error {
	out := &pipeline.Error{
		Err:  fmt.Errorf("the new tables could not be swapped in, in %d tries: %s", tries, postgres.Message(err)),
		Hint: "run again when no long transaction uses the tables", Code: pipeline.ExitFailed,
	}
	conn, e := r.connect(ctx)
	if e != nil {
		return out
	}
	defer postgres.Close(ctx, conn)
	var names []string
	for _, t := range r.tables {
		names = append(names, t.Name)
	}
	if h := postgres.LockHolder(ctx, conn, r.schemas(), names, r.holder); h.PID != 0 {
		out.Err = fmt.Errorf("the new tables could not be swapped in, in %d tries: table %s is in use by server process %d%s", tries, h.Table, h.PID, h.Who)
		out.Hint += fmt.Sprintf("; or end that session: SELECT pg_terminate_backend(%d)", h.PID)
	}
	return out
}

// exchange is the transaction that swaps. Sequences are set last: those that stay
// do not go back with it.
func (r *run) exchange(ctx context.Context, conn *pgx.Conn) error {
	tx, err := r.beginSwap(ctx, conn, swapWait)
	if err != nil {
		return err
	}
	if err := r.exchangeIn(ctx, tx); err != nil {
		rollback(ctx, tx)
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		r.unsure = postgres.Code(err) == ""
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (r *run) exchangeIn(ctx context.Context, tx pgx.Tx) error {
	var names, sequences []string
	for _, t := range r.beside.Tables {
		names = append(names, t.Old)
	}
	err := r.do(ctx, tx.Conn(), "SET LOCAL synchronous_commit = on", "LOCK TABLE ONLY "+strings.Join(names, ", ONLY ")+" IN ACCESS EXCLUSIVE MODE")
	if err != nil {
		return fmt.Errorf("lock the tables: %w", err)
	}
	if r.into.vacant {
		if err := r.stillVacant(ctx, tx); err != nil {
			return err
		}
	}
	if err := r.beside.Swap(ctx, tx); err != nil {
		return err //nolint:wrapcheck // says what failed
	}
	for _, t := range r.tables {
		sequences = append(sequences, r.sequencesSQL(t)...)
	}
	if err := r.do(ctx, tx.Conn(), sequences...); err != nil {
		return fmt.Errorf("set sequences: %w", err)
	}
	return nil
}

// stillVacant refuses to drop rows that came after the run had found none, and
// that nobody was asked about.
func (r *run) stillVacant(ctx context.Context, tx pgx.Tx) error {
	var homes []*catalog.Relation
	for _, t := range r.tables {
		homes = append(homes, t.home)
	}
	full, err := catalog.Populated(ctx, tx.Conn(), homes)
	if err != nil {
		return fmt.Errorf("look for rows in the target: %w", err)
	}
	if len(full) > 0 {
		return &pipeline.Error{
			Err:  fmt.Errorf("rows have come into %s meanwhile, which was empty", full[0].Name),
			Hint: "run again, with --on-data truncate if they may go", Code: pipeline.ExitFailed,
		}
	}
	return nil
}

// dress adds the tasks that put onto the new tables what the old ones have.
func (s *tasks) dress() {
	r := s.r
	last := map[*table][]*task{} // what is on a table so far
	for _, step := range r.beside.Steps() {
		t, parent := r.byOID(step.Table), r.byOID(step.Parent)
		k := s.add(pipeline.StageFinish, r.stepTask(t, step))
		switch step.Kind {
		case swap.Index, swap.Statistics:
			s.settled[t].After(k.After(s.loaded[t]))
		case swap.ForeignKey:
			if parent != nil {
				k.Locks = append(k.Locks, lock{On: parent, Mode: schedule.AccessExclusive})
				k.After(s.settled[parent])
			}
			k.After(s.settled[t])
		default:
			k.After(s.settled[t])
		}
		// In their order: foreign keys are added before they are validated, and
		// triggers come before their comments.
		if step.Kind != swap.Index && step.Kind != swap.Statistics {
			k.After(last[t]...)
			last[t] = []*task{k}
		}
	}
}

func (r *run) stepTask(t *table, step swap.Step) *task {
	k := &task{Name: "make " + step.Name, Locks: []lock{{On: t, Mode: schedule.AccessExclusive}}}
	switch step.Kind {
	case swap.Index:
		k.Cost = t.rowCost(indexRow)
	case swap.Validate, swap.Check:
		k.Cost = t.rowCost(fkRow)
	}
	k.Run = func(ctx context.Context, w *worker) error {
		start := time.Now()
		r.emit(pipeline.Event{Kind: pipeline.StepBegin, Stage: pipeline.StageFinish, Table: t.shown, Step: step.Name})
		err := postgres.Exec(ctx, w.Conn, r.transaction(fmt.Sprintf("SET LOCAL lock_timeout = %d; ", lockWait.Milliseconds())+
			r.server.BuildSettings(r.cfg.Jobs, w.Share)+r.beside.Command(step)))
		r.emit(pipeline.Event{Kind: pipeline.StepEnd, Stage: pipeline.StageFinish, Table: t.shown, Step: step.Name, Seconds: time.Since(start).Seconds()})
		if err != nil {
			return fmt.Errorf("make %s: %s", step.Name, postgres.Message(err))
		}
		return nil
	}
	return k
}
