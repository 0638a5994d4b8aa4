package reseed

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/pipeline"
)

// verify adds the tasks that prove the tables: what is read back has the digest
// that the archive's manifest says.
func (s *tasks) verify() {
	for _, t := range s.r.fill {
		switch s.r.cfg.Verify {
		case pipeline.VerifyNone:
		case pipeline.VerifyCounts:
			s.add(pipeline.StageVerify, &task{
				Name: "count " + t.shown, Cost: postgres.ScanCost(t.Rows), Locks: []lock{{On: t, Mode: schedule.AccessShare}},
				Run: func(ctx context.Context, w *worker) error { return s.r.count(ctx, w.Conn, t) },
			}).After(s.loaded[t])
		default:
			s.readBack(t, s.loaded[t], func() { s.r.compare(t) })
		}
	}
}

// readBack adds the tasks that read a table after one, or at once where it is nil,
// and then have it judged.
func (s *tasks) readBack(t *table, after *task, judge func()) {
	var all []*task
	stage, n := pipeline.StageVerify, verify.Ranges(s.r.server.Version, t.Bytes)
	if after == nil {
		stage = pipeline.StageProfile
	}
	for i := range n {
		all = append(all, s.add(stage, &task{
			Name: fmt.Sprintf("read back %s %d", t.shown, i), Cost: readByte * time.Duration(t.Bytes/int64(n)),
			Locks: []lock{{On: t, Mode: schedule.AccessShare}},
			Run: func(ctx context.Context, w *worker) error {
				return s.r.digest(ctx, w.Conn, t, verify.Range(i, n), stage)
			},
		}).After(after))
	}
	s.add(stage, &task{Name: "compare " + t.shown, Run: func(context.Context, *worker) error {
		judge()
		return nil
	}}).After(all...)
}

// digest adds up the rows of one range of a table.
func (r *run) digest(ctx context.Context, conn *pgx.Conn, t *table, where string, stage pipeline.Stage) error {
	if err := postgres.Exec(ctx, conn, postgres.Begin(r.server.Version, "")); err != nil {
		return err
	}
	if err := r.digestHere(ctx, conn, t, where, stage); err != nil {
		return err
	}
	return postgres.Exec(ctx, conn, "COMMIT")
}

// digestHere is digest within a transaction.
func (r *run) digestHere(ctx context.Context, conn *pgx.Conn, t *table, where string, stage pipeline.Stage) error {
	query := "SELECT " + t.columnList() + " FROM ONLY " + t.sql + where
	sum, err := verify.Read(ctx, conn.PgConn(), query, t.Types(), func(rows int64) {
		r.Emit(pipeline.Event{Kind: pipeline.Advance, Stage: stage, Table: t.shown, Rows: rows})
	})
	if err != nil {
		return fmt.Errorf("read back %s: %w", t.shown, err)
	}
	t.mu.Lock()
	t.sum.Merge(sum)
	t.mu.Unlock()
	return nil
}

// same tells whether what was read back is what the archive has.
func (t *table) same() bool { return t.sum.Rows == t.Rows && t.sum.String() == t.Digest }

// compare judges a table when all of it is read back.
func (r *run) compare(t *table) {
	t.result = "full"
	if !t.same() {
		t.result = "differs"
		t.differs = &pipeline.Difference{SourceRows: t.Rows, TargetRows: t.sum.Rows}
	}
	r.Emit(pipeline.Event{Kind: pipeline.Verified, Stage: pipeline.StageVerify, Table: t.shown, OK: t.differs == nil})
}

// count compares the numbers of rows.
func (r *run) count(ctx context.Context, conn *pgx.Conn, t *table) error {
	if err := postgres.Exec(ctx, conn, postgres.Begin(r.server.Version, "")); err != nil {
		return err
	}
	if err := r.countHere(ctx, conn, t); err != nil {
		return err
	}
	return postgres.Exec(ctx, conn, "COMMIT")
}

// countHere is count within a transaction.
func (r *run) countHere(ctx context.Context, conn *pgx.Conn, t *table) error {
	var n int64
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM ONLY "+t.sql).Scan(&n); err != nil {
		return fmt.Errorf("count rows of %s: %w", t.shown, err)
	}
	t.result = "counts"
	if n != t.Rows {
		t.result, t.differs = "differs", &pipeline.Difference{SourceRows: t.Rows, TargetRows: n}
	}
	r.Emit(pipeline.Event{Kind: pipeline.Verified, Stage: pipeline.StageVerify, Table: t.shown, OK: t.differs == nil})
	return nil
}
