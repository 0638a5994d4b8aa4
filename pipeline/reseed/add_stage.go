package reseed

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/pipeline"
)

// stageAll brings all rows into temporary tables and checks them there.
func (r *run) stageAll(ctx context.Context, tx pgx.Tx, all []*addition) error {
	for _, x := range all {
		if err := r.stageRows(ctx, tx.Conn(), x); err != nil {
			return err
		}
		r.Emit(pipeline.Event{Kind: pipeline.TableEnd, Stage: pipeline.StageLoad, Table: x.shown, Seconds: float64(x.nanos.Load()) / 1e9})
	}
	if err := r.judge(); err != nil {
		return err
	}
	return r.checkStaged(ctx, tx, all)
}

// stageRows brings the rows of a table into a temporary one of the same types, and
// proves that they are there.
func (r *run) stageRows(ctx context.Context, conn *pgx.Conn, x *addition) error {
	if err := r.do(ctx, conn, merge.Stage(strings.TrimPrefix(x.stage, "pg_temp."), x.sql, x.rows.Columns, x.rows.Columns)); err != nil {
		return r.explainLock(ctx, fmt.Errorf("make a temporary table for %s: %w", x.shown, err), []*table{x.table})
	}
	home := x.sql
	x.sql = x.stage // which the COPY means
	err := r.copyTable(ctx, conn, x.table)
	x.sql = home
	if err != nil {
		return err
	}
	if r.cfg.Verify == pipeline.VerifyFull {
		sum, err := x.digest(ctx, conn, "SELECT "+x.columnList()+" FROM "+x.stage)
		if err != nil {
			return fmt.Errorf("read back %s: %w", x.shown, err)
		}
		if sum.Rows != x.Rows || sum.String() != x.Digest {
			x.result, x.differs = "differs", &pipeline.Difference{SourceRows: x.Rows, TargetRows: sum.Rows}
		}
	}
	return r.do(ctx, conn, "CREATE TEMP VIEW "+x.rows.From+" AS SELECT *, "+x.keyText()+" AS "+postgres.Quote(merge.KeyColumn)+" FROM "+x.stage, "ANALYZE "+x.stage)
}

// digest adds up the rows of a query over the archive's columns.
func (x *addition) digest(ctx context.Context, conn *pgx.Conn, query string) (verify.Digest, error) {
	return verify.Read(ctx, conn.PgConn(), query, x.Types(), nil) //nolint:wrapcheck // the callers say what was read
}

// keyText names a row for people, by its primary key or else its first columns.
func (x *addition) keyText() string {
	const few = 3
	names := x.rows.Key
	if len(names) == 0 {
		names = x.rows.Columns[:min(few, len(x.rows.Columns))]
	}
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%s || coalesce(%s, 'NULL')", postgres.Literal(name+"="), merge.Show(x.home.Column(name).Type, postgres.Quote(name)))
	}
	return "concat_ws(', ', " + strings.Join(parts, ", ") + ")"
}
