package reseed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/pipeline"
)

// With Atomic, all is one transaction on one connection: others see what was
// there until it commits. So tables are emptied by DELETE, which locks out
// writers and no readers, and keys and indexes stay on.

// atomic does everything in one transaction.
func (r *run) atomic(ctx context.Context) error {
	if err := r.atOnce(ctx); err != nil {
		return r.unchanged(ctx, err, "")
	}
	return nil
}

// unchanged is the error of a run that does all or nothing, and has done nothing,
// unless it does not know. left tells what is left of it nevertheless.
func (r *run) unchanged(ctx context.Context, err error, left string) error {
	for _, t := range r.tables {
		t.loaded.Store(0)
	}
	if ctx.Err() != nil && !r.unsure {
		return &pipeline.Error{Err: errors.New("interrupted"), Hint: nothingWritten + left, Code: pipeline.ExitInterrupted}
	}
	hint, code := "nothing was changed"+left, pipeline.ExitFailed
	if r.unsure {
		know := "run again with --only-changed to know"
		if r.adding() {
			know = "look into one of the tables to know"
		}
		hint = "the connection broke while it was committed: all was changed, or nothing; " + know + left
	}
	var known *pipeline.Error
	if errors.As(err, &known) {
		code = known.Code
		if known.Hint != "" {
			hint = known.Hint + "; " + hint
		}
	}
	return &pipeline.Error{Err: err, Hint: hint, Code: code}
}

// durable makes a commit wait for the disk.
const durable = "SET LOCAL synchronous_commit = on"

// beginTx begins a transaction under the settings of all, and these.
func (r *run) beginTx(ctx context.Context, conn *pgx.Conn, settings ...string) (pgx.Tx, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if err := r.do(ctx, conn, append([]string{postgres.Settings(r.server.Version)}, settings...)...); err != nil {
		rollback(ctx, tx)
		return nil, err
	}
	return tx, nil
}

// rollback ends a transaction for whose failure there is an error already.
func rollback(ctx context.Context, tx pgx.Tx) { _ = tx.Rollback(context.WithoutCancel(ctx)) }

// commit may leave open whether it did.
func (r *run) commit(ctx context.Context, tx pgx.Tx) error {
	if err := tx.Commit(ctx); err != nil {
		r.unsure = postgres.Code(err) == ""
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (r *run) atOnce(ctx context.Context) error {
	conn, err := r.connectSettled(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	tx, err := r.beginTx(ctx, conn, durable, r.server.BuildSettings(1, r.cfg.Jobs)+"SET CONSTRAINTS ALL DEFERRED")
	if err != nil {
		return err
	}
	fill := r.makeAtOnce
	if r.into != nil {
		fill = r.refillAtOnce
	}
	if err := r.Stage(ctx, pipeline.StageLoad, func(ctx context.Context) error { return fill(ctx, tx) }); err != nil {
		return err
	}
	if err := r.Stage(ctx, pipeline.StageVerify, func(ctx context.Context) error { return r.proveAtOnce(ctx, conn) }); err != nil {
		return err
	}
	if err := errors.Join(r.account(ctx), r.judge()); err != nil {
		return err
	}
	// What was deferred fails here, and not when sequences are set: these do not
	// go back with the transaction.
	sql := []string{"SET CONSTRAINTS ALL IMMEDIATE"}
	for _, t := range r.tables {
		sql = append(sql, r.identitySQL(t)...)
	}
	if err := r.do(ctx, conn, sql...); err != nil {
		return fmt.Errorf("set identities: %w", err)
	}
	return r.commit(ctx, tx)
}

// connectSettled connects, unless an earlier run has left something off the tables
// that stand.
func (r *run) connectSettled(ctx context.Context) (*pgx.Conn, error) {
	conn, err := r.connect(ctx)
	if err != nil || r.into == nil {
		return conn, err
	}
	if err := r.refusePending(ctx, conn); err != nil {
		postgres.Close(ctx, conn)
		return nil, err
	}
	return conn, nil
}

// refusePending refuses tables off which an earlier run has left something.
func (r *run) refusePending(ctx context.Context, conn *pgx.Conn) error {
	earlier, err := rebuild.Pending(ctx, conn, r.schemas()...)
	if err != nil {
		return explainRebuild(err)
	}
	if len(earlier) > 0 {
		return refuse("litehaul repair puts them back", "an earlier run was interrupted: %d indexes, foreign keys or triggers are still off", len(earlier))
	}
	return nil
}

// do runs statements.
func (r *run) do(ctx context.Context, conn *pgx.Conn, sql ...string) error {
	return postgres.Exec(ctx, conn, strings.Join(sql, "; "))
}

// makeAtOnce makes all of the archive.
func (r *run) makeAtOnce(ctx context.Context, tx pgx.Tx) error {
	if r.redo {
		if err := r.do(ctx, tx.Conn(), r.dropSQL()); err != nil {
			return explainDrop(err)
		}
	}
	for _, s := range r.pre {
		if s.Kind == script.CreateSchema && r.catalog.Schema(s.Object) != nil {
			continue
		}
		if err := r.do(ctx, tx.Conn(), s.SQL); err != nil {
			return fmt.Errorf("schema/pre.sql, line %d: %w", s.Line, err)
		}
	}
	if err := r.copyAll(ctx, tx.Conn(), r.fill); err != nil {
		return err
	}
	for i := range r.post {
		s := &r.post[i]
		r.expect(s)
		if s.Kind == script.SetIdentity {
			continue // with the others, at the end
		}
		if err := r.do(ctx, tx.Conn(), s.SQL); err != nil {
			return fmt.Errorf("schema/post.sql, line %d: %s", s.Line, postgres.Message(err))
		}
	}
	return nil
}

func (r *run) copyAll(ctx context.Context, conn *pgx.Conn, tables []*table) error {
	for _, t := range tables {
		if err := r.copyTable(ctx, conn, t); err != nil {
			return err
		}
		r.Emit(pipeline.Event{Kind: pipeline.TableEnd, Stage: pipeline.StageLoad, Table: t.shown, Seconds: float64(t.nanos.Load()) / 1e9})
	}
	return nil
}

// refillAtOnce empties tables and fills them, in the order of their foreign keys.
func (r *run) refillAtOnce(ctx context.Context, tx pgx.Tx) error {
	if len(r.fill) == 0 {
		return nil
	}
	conn, order := tx.Conn(), r.inOrder(r.fill, r.mayKeep)
	var names []string
	for _, t := range order {
		names = append(names, t.sql)
	}
	// Writers would wait for the rows that go, and then miss them.
	err := r.do(ctx, conn, fmt.Sprintf("SET LOCAL lock_timeout = %d", lockWait.Milliseconds()),
		"LOCK TABLE ONLY "+strings.Join(names, ", ONLY ")+" IN SHARE ROW EXCLUSIVE MODE")
	if err != nil {
		return r.explainLock(ctx, fmt.Errorf("lock the tables: %w", err), order)
	}
	var off []rebuild.Item
	for _, t := range order {
		items, err := rebuild.Lift(ctx, tx, t.home.OID, rebuild.Scope{Triggers: true})
		if err != nil {
			return r.explainLock(ctx, explainRebuild(err), []*table{t})
		}
		off = append(off, items...)
	}
	for _, t := range slices.Backward(order) {
		if err := r.do(ctx, conn, "DELETE FROM ONLY "+t.sql); err != nil {
			return fmt.Errorf("empty %s: %s", t.shown, postgres.Message(err))
		}
	}
	if err := r.copyAll(ctx, conn, order); err != nil {
		return err
	}
	if err := r.do(ctx, conn, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil { // no trigger changes under checks that wait
		return err
	}
	if err := rebuild.Lower(ctx, tx, off, rebuild.Setting{Name: "lock_timeout", Value: "0"}); err != nil {
		return explainRebuild(err)
	}
	return r.do(ctx, conn, "ANALYZE "+strings.Join(names, ", "))
}

// proveAtOnce reads all back, before it is committed.
func (r *run) proveAtOnce(ctx context.Context, conn *pgx.Conn) error {
	for _, t := range r.fill {
		switch r.cfg.Verify {
		case pipeline.VerifyNone:
		case pipeline.VerifyCounts:
			if err := r.countHere(ctx, conn, t); err != nil {
				return err
			}
		default:
			if err := r.digestHere(ctx, conn, t, "", pipeline.StageVerify); err != nil {
				return err
			}
			r.compare(t)
		}
	}
	return nil
}

// maxVisits bounds what foreign keys without an index may cost when rows are
// deleted: each row of a parent has all blocks of the child read.
const maxVisits = 20_000_000

// checkDeletes refuses tables from which rows cannot be deleted within reasonable
// time.
func (r *run) checkDeletes() {
	for _, t := range r.fill {
		for _, fk := range t.home.ReferencedBy {
			child := r.catalog.ByOID(fk.Table.OID)
			if child == nil || !fk.Enforced || indexed(child, fk) {
				continue
			}
			const block, row = 8192, 100 // bytes; a row where the server has no estimate
			rows := max(t.home.Rows, 0)
			if t.home.Rows < 0 {
				rows = t.home.Size / row
			}
			if rows*(child.Size/block) > maxVisits {
				var columns []string
				for _, c := range fk.Columns {
					columns = append(columns, postgres.Quote(c))
				}
				r.hazard(t, "no-index", fmt.Sprintf("CREATE INDEX ON %s (%s), or leave out --atomic",
					postgres.Qualify(child.Schema, child.Name), strings.Join(columns, ", ")),
					"deleting the rows of %s would take long: foreign key %s of %s has no index", t.shown, fk.Name, child.Name)
			}
		}
	}
}

// indexed tells whether an index leads to a foreign key's rows.
func indexed(child *catalog.Relation, fk *catalog.ForeignKey) bool {
	return slices.ContainsFunc(child.Indexes, func(x *catalog.Index) bool {
		return x.Valid && x.Predicate == "" && len(x.Keys) > 0 && slices.Contains(fk.Columns, x.Keys[0].Column)
	})
}
