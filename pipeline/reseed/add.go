package reseed

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/pipeline"
)

// With OnDataAppend and OnDataUpsert, rows come to those that stand, in one
// transaction on one connection: they go into temporary tables, are read back and
// checked there against the rows of the target, moved, compared, and only then
// committed. Keys and indexes stay on.

// addition is one table that rows are added to.
type addition struct {
	*table
	stage string      // the temporary table of its rows
	rows  *merge.Rows // that wait there
	moved merge.Moved
}

// adding tells whether the run adds to rows that stand in the target.
func (r *run) adding() bool {
	return r.into != nil && (r.cfg.OnData == pipeline.OnDataAppend || r.cfg.OnData == pipeline.OnDataUpsert)
}

// upserts tells whether rows that stand get the values of the archive's.
func (r *run) upserts() bool { return r.adding() && r.cfg.OnData == pipeline.OnDataUpsert }

// add adds the archive's rows, or leaves all as it was.
func (r *run) add(ctx context.Context) error {
	if err := r.addAtOnce(ctx); err != nil {
		return r.unchanged(ctx, err, "")
	}
	return nil
}

func (r *run) addAtOnce(ctx context.Context) error {
	conn, err := r.connectSettled(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	tx, err := r.beginTx(ctx, conn, durable, lockTimeout(lockWait))
	if err != nil {
		return err
	}
	all := r.additions()
	for _, step := range []struct {
		stage pipeline.Stage
		do    func(context.Context, pgx.Tx, []*addition) error
	}{
		{pipeline.StageLoad, r.stageAll},
		{pipeline.StageFinish, r.moveAll},
		{pipeline.StageVerify, r.proveMoved},
	} {
		if err := r.Stage(ctx, step.stage, func(ctx context.Context) error { return step.do(ctx, tx, all) }); err != nil {
			return err
		}
	}
	// Sequences do not go back with the transaction: so they come last.
	var sql []string
	for _, t := range r.tables {
		sql = append(sql, r.sequencesSQL(t)...)
	}
	if err := r.do(ctx, conn, sql...); err != nil {
		return fmt.Errorf("set sequences: %w", err)
	}
	if err := r.commit(ctx, tx); err != nil {
		return err
	}
	for _, x := range all {
		x.loaded.Store(x.moved.Inserted)
		x.updated, x.already = x.moved.Updated, x.Rows-x.moved.Inserted-x.moved.Updated
	}
	return nil
}

// additions tells, for each table, where its rows wait and how they are found.
func (r *run) additions() []*addition {
	out := make([]*addition, len(r.tables))
	for i, t := range r.tables {
		rows := &merge.Rows{Into: t.home, From: fmt.Sprintf("pg_temp.litehaul_rows_%d", i), Key: t.keyColumns()}
		if r.upserts() {
			rows.Standing = merge.Replaced
		}
		for _, c := range t.Columns {
			rows.Columns = append(rows.Columns, c.Name)
		}
		out[i] = &addition{table: t, stage: fmt.Sprintf("pg_temp.litehaul_%d", i), rows: rows}
	}
	return out
}

// keyColumns lists the columns of the target's primary key, or none if there is no
// such key or the archive does not have all of it.
func (t *table) keyColumns() []string {
	if t.home.Primary == nil || t.home.Primary.Overlaps {
		return nil
	}
	names, _ := t.home.Primary.Columns()
	for _, name := range names {
		if !slices.ContainsFunc(t.Columns, func(c fixture.Column) bool { return c.Name == name }) {
			return nil
		}
	}
	return names
}

// moveAll brings the rows into the tables, parents before their children, while
// the triggers of tables that the role owns are off.
func (r *run) moveAll(ctx context.Context, tx pgx.Tx, all []*addition) error {
	var off []rebuild.Item
	for _, x := range all {
		if !x.home.Owned {
			continue
		}
		items, err := rebuild.Lift(ctx, tx, x.home.OID, rebuild.Scope{Triggers: true})
		if err != nil {
			return r.explainLock(ctx, explainRebuild(err), []*table{x.table})
		}
		off = append(off, items...)
	}
	for _, group := range merge.Groups(all, (*addition).waiting) {
		if err := r.moveGroup(ctx, tx.Conn(), group); err != nil {
			return err
		}
	}
	if err := r.do(ctx, tx.Conn(), "SET CONSTRAINTS ALL IMMEDIATE"); err != nil { // no trigger changes under checks that wait
		return explainMove("check what was deferred", err)
	}
	for _, x := range all {
		if x.home.Owned && x.moved != (merge.Moved{}) {
			if err := r.do(ctx, tx.Conn(), "ANALYZE "+x.sql); err != nil {
				return fmt.Errorf("take statistics of %s: %w", x.shown, err)
			}
		}
	}
	return explainRebuild(rebuild.Lower(ctx, tx, off))
}

func (x *addition) waiting() *merge.Rows { return x.rows }

// moveGroup moves the rows of one table, or of those that reference each other.
func (r *run) moveGroup(ctx context.Context, conn *pgx.Conn, group []*addition) error {
	var tables []*table
	var rows []*merge.Rows
	for _, x := range group {
		tables, rows = append(tables, x.table), append(rows, x.rows)
	}
	what := "rows into " + phrase.List(shown(tables), 3)
	var moved []merge.Moved
	if err := r.Step(tables[0].shown, what, func() (err error) {
		moved, err = merge.Move(ctx, conn, rows)
		return err //nolint:wrapcheck // explained below
	}); err != nil {
		return r.explainLock(ctx, explainMove("bring "+what, err), tables)
	}
	for i, x := range group {
		if x.moved = moved[i]; x.rows.Standing == merge.Refused && x.moved.Inserted != x.Rows {
			return fmt.Errorf("bring rows into %s: %d rows in the archive, Postgres added %d", x.shown, x.Rows, x.moved.Inserted)
		}
	}
	return nil
}

// explainMove tells what a refusal of the server means at this point: something
// that the checks do not see, or another session's rows.
func explainMove(what string, err error) error {
	hint := ""
	switch postgres.Code(err) {
	case postgres.CodeUniqueViolation, postgres.CodeForeignKey:
		hint = "if something else writes to the tables, stop it for the time of the load; else mend the rows that are named, on one side"
	case postgres.CodeCheckViolation, codeExclusion:
		hint = leaveOrDrop
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
	return &pipeline.Error{Err: fmt.Errorf("%s: %s", what, postgres.Message(err)), Hint: hint, Code: pipeline.ExitFailed}
}

// codeExclusion is the SQLSTATE exclusion_violation.
const codeExclusion = "23P01"

// proveMoved proves, before the commit, that each row stands in the target with
// the archive's values, and that this transaction wrote no other row there.
func (r *run) proveMoved(ctx context.Context, tx pgx.Tx, all []*addition) error {
	if r.cfg.Verify == pipeline.VerifyNone {
		return nil
	}
	for _, x := range all {
		wrote, err := x.rows.Wrote(ctx, tx.Conn())
		n := x.Rows
		x.result = "counts"
		if err == nil && r.cfg.Verify == pipeline.VerifyFull {
			x.result = "full"
			n, err = r.equalRows(ctx, tx.Conn(), x)
		}
		if err != nil {
			return fmt.Errorf("compare the rows of %s: %w", x.shown, err)
		}
		if wrote != x.moved.Inserted+x.moved.Updated || n != x.Rows {
			x.result, x.differs = "differs", &pipeline.Difference{SourceRows: x.Rows, TargetRows: n}
		}
		r.Emit(pipeline.Event{Kind: pipeline.Verified, Stage: pipeline.StageVerify, Table: x.shown, OK: x.differs == nil})
	}
	return r.judge()
}

// equalRows counts the archive's rows that stand in the target: one by one where
// they can be found by a key, and else as the digest of all that was written.
func (r *run) equalRows(ctx context.Context, conn *pgx.Conn, x *addition) (int64, error) {
	if len(x.rows.Key) > 0 {
		return x.rows.Equal(ctx, conn)
	}
	sum, err := x.digest(ctx, conn, x.rows.Written())
	switch {
	case err != nil:
		return 0, err
	case sum.Rows == x.Rows && sum.String() != x.Digest:
		return 0, nil
	}
	return sum.Rows, nil
}
