package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// added is the part of a run that adds to the rows of an application's tables.
// It is one transaction on one connection, from the first row on: the rows go
// into temporary tables, are checked there against those that stand, moved and
// compared, and only then committed. Whatever ends the run before leaves the
// target as it was, without any help of ours.
type added struct {
	r      *run
	conn   *pgx.Conn
	tx     pgx.Tx // of conn, never committed by this name
	tables []*addition
	of     map[*table]*addition
	maps   []*idMap // in the order in which they are made
}

// addition is one table of such a run.
type addition struct {
	t  *table
	no int // in the names of its temporary relations
	// key are the columns by which a row is found in the target: its primary
	// key, or else a unique key without NULLs; none for a table without either.
	key []int
	// ids is the map of the table's own ids, where rows are matched by a natural
	// key; via are the maps by which columns are rewritten, generic those of
	// columns that refer to rows of any table.
	ids     *idMap
	via     map[int]*idMap
	generic map[int][]*genericMap
	// rows are the staged ones, as they go into the target.
	rows *merge.Rows

	// staged rows are those of the source; todo of them will be inserted or
	// updated. kept ones stand in the target with other values, and stay.
	staged, todo, inserted, updated, kept int64
}

// adding tells whether the run adds to rows that stand in the target.
func (r *run) adding() bool {
	return r.into != nil && (r.cfg.OnData == OnDataAppend || r.cfg.OnData == OnDataUpsert)
}

// upserts tells whether rows that stand are updated.
func (r *run) upserts() bool { return r.cfg.OnData == OnDataUpsert }

// stageAdded brings all rows into temporary tables and checks them against the
// rows of the target. Nothing of the target's own is written.
func (r *run) stageAdded(ctx context.Context) error {
	a := r.into.add
	if err := a.open(ctx); err != nil {
		return err
	}
	for _, x := range a.tables {
		if err := a.stage(ctx, x); err != nil {
			return err
		}
	}
	if !r.cfg.DryRun {
		if err := a.lock(ctx); err != nil {
			return err
		}
	}
	for _, m := range a.maps {
		if err := a.makeMap(ctx, m); err != nil || r.open() > 0 {
			return err
		}
	}
	for _, x := range a.tables {
		x.rows = x.merged(r.upserts())
		if err := a.exec(ctx, "CREATE TEMP VIEW "+x.rows.From+" AS "+x.rowsSQL()); err != nil {
			return fmt.Errorf("prepare the rows of %s: %w", r.qualified(x.t), err)
		}
	}
	return a.check(ctx)
}

// open connects and begins the transaction.
func (a *added) open(ctx context.Context) error {
	r := a.r
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	a.conn = conn
	left, err := rebuild.Pending(ctx, conn, r.homeSchemas()...)
	if err != nil {
		return explainRebuild(err)
	}
	if len(left) > 0 {
		return &Error{
			Err:  fmt.Errorf("an earlier run was interrupted, and %d indexes, foreign keys or triggers are still off", len(left)),
			Hint: "litehaul repair puts them back; rows are added to whole tables only", Code: ExitRefused,
		}
	}
	if a.tx, err = conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: r.beginSQL()}); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return a.exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", lockWait.Milliseconds()))
}

func (a *added) exec(ctx context.Context, sql string) error { return exec(ctx, a.conn, sql) }

// close ends the transaction, if it still is under way, and lets other runs in.
func (a *added) close(ctx context.Context) {
	if a.conn != nil {
		closeConn(ctx, a.conn)
		a.conn = nil
	}
	a.r.letGo(ctx)
}

// lock keeps others from changing the tables between the checks and the end. A
// role that may only insert cannot have such a lock: then constraints alone
// keep watch, and what breaks them ends the run.
func (a *added) lock(ctx context.Context) error {
	var names []string
	for _, x := range a.tables {
		if x.t.home.MayLock() {
			names = append(names, "ONLY "+a.r.qualified(x.t))
		}
	}
	if len(names) == 0 {
		return nil
	}
	if err := a.exec(ctx, "LOCK TABLE "+strings.Join(names, ", ")+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return explainRebuild(fmt.Errorf("lock the tables of the target: %w", err))
	}
	return nil
}

// writeAdded moves the rows from the temporary tables into the application's,
// proves that they are there, and commits.
func (r *run) writeAdded(ctx context.Context) error {
	a := r.into.add
	err := r.stage(ctx, StageFinish, a.move)
	if err == nil && r.cfg.Verify != VerifyNone {
		err = r.stage(ctx, StageVerify, a.verify)
	}
	if err == nil {
		err = a.settle(ctx)
	}
	if err != nil {
		return r.explainAdded(ctx, err)
	}
	if err := a.commit(ctx); err != nil {
		return err
	}
	return r.account(ctx)
}

// settle takes the counts over, and judges them before anything is for good.
func (a *added) settle(ctx context.Context) error {
	for _, x := range a.tables {
		if x.t.differs != nil {
			return a.r.judge()
		}
	}
	if err := a.r.snap.Unchanged(); err != nil {
		return explainSource(err)
	}
	var sql []string
	for _, x := range a.tables {
		sql = append(sql, a.r.sequencesSQL(x.t)...)
	}
	if len(sql) == 0 {
		return nil
	}
	if err := a.exec(ctx, strings.Join(sql, "; ")); err != nil {
		return fmt.Errorf("set the sequences: %w", err)
	}
	return nil
}

// commit makes all of it stand. It is not given up half-way: only a server or a
// network that breaks in this moment leaves open which of the two it is.
func (a *added) commit(ctx context.Context) error {
	if ctx.Err() != nil {
		return a.r.explainAdded(ctx, ctx.Err())
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	if err := a.exec(bounded, "SET LOCAL synchronous_commit = on; COMMIT"); err != nil {
		if postgres.Code(err) != "" {
			return a.r.explainAdded(ctx, fmt.Errorf("commit: %w", err))
		}
		return &Error{
			Err:  fmt.Errorf("the answer to the COMMIT got lost: %w", err),
			Hint: "the target has either all rows of this run or none: look into one table, or run the same command again", Code: ExitFailed,
		}
	}
	for _, x := range a.tables {
		x.t.loaded.Store(x.inserted)
		x.t.updated, x.t.already, x.t.kept = x.updated, x.staged-x.inserted-x.updated, x.kept
	}
	return nil
}

// commitWait bounds the wait for the answer to the COMMIT.
const commitWait = time.Minute

// explainAdded says that a run which did not come to its end has left nothing.
func (r *run) explainAdded(ctx context.Context, err error) error {
	const untouched = "the target's tables are as they were before the run"
	var e *Error
	switch {
	case ctx.Err() != nil:
		return &Error{Err: errors.New("interrupted"), Hint: untouched, Code: ExitInterrupted}
	case errors.As(err, &e):
		hint := untouched
		if e.Hint != "" {
			hint = e.Hint + "; " + untouched
		}
		return &Error{Err: err, Hint: hint, Code: e.Code}
	}
	return &Error{Err: err, Hint: untouched, Code: ExitFailed}
}

// stageAll runs stageAdded as a stage, and says what an end there means.
func (r *run) stageAll(ctx context.Context) error {
	if r.open() > 0 {
		return nil
	}
	if err := r.stage(ctx, StageLoad, r.stageAdded); err != nil {
		return r.explainAdded(ctx, err)
	}
	return nil
}

// checkAdding finds out, before the source is read, whether rows can be added at
// all.
func (r *run) checkAdding(ctx context.Context, conn *pgx.Conn) error {
	var temp bool
	if err := conn.QueryRow(ctx, "SELECT has_database_privilege(current_database(), 'TEMPORARY')").Scan(&temp); err != nil {
		return fmt.Errorf("ask for the right to make temporary tables: %w", err)
	}
	if !temp {
		r.hazard(Hazard{
			Code: "rights", Count: 1,
			Message: fmt.Sprintf("role %s may not make temporary tables in database %s, and rows are added through these", r.server.User, r.server.Database),
			Hint:    fmt.Sprintf("as the database's owner: GRANT TEMPORARY ON DATABASE %s TO %s", postgres.Quote(r.server.Database), postgres.Quote(r.server.User)),
		})
	}
	if !r.upserts() {
		return nil
	}
	for _, x := range r.into.add.tables {
		if len(x.key) == 0 {
			r.homeHazard(x.t, "key-missing", "give the table a primary key, leave it behind with --exclude, or only add rows with --on-data=append",
				"%s of the target has no key by which rows that stand could be found", r.qualified(x.t))
		}
	}
	return nil
}
