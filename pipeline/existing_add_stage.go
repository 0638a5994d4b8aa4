package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/internal/verify"
)

// stageName and name give the temporary tables of a table: its rows as the source
// has them, and its ids.
func (x *addition) stageName() string { return fmt.Sprintf("pg_temp.litehaul_%d", x.no) }
func (m *idMap) name() string         { return fmt.Sprintf("pg_temp.litehaul_ids_%d", m.of.no) }

// staged gives a column's name in the temporary table.
func staged(col int) string { return fmt.Sprintf("c%d", col) }

// stagedNames lists the columns of the temporary table in the order of COPY.
func (t *table) stagedNames() string {
	cols := make([]string, len(t.wire))
	for i, c := range t.wire {
		cols[i] = staged(c)
	}
	return strings.Join(cols, ", ")
}

// stage brings the rows of a table into a temporary one of the same types, and
// proves that they are there.
func (a *added) stage(ctx context.Context, x *addition) error {
	r, t := a.r, x.t
	start := time.Now()
	r.emit(Event{Kind: TableBegin, Stage: StageLoad, Table: t.src.Name, TotalRows: t.profile.Rows})
	if err := a.exec(ctx, r.stageSQL(t, x.stageName())); err != nil {
		return explainTemp(fmt.Errorf("make a temporary table for %s: %w", r.qualified(t), err))
	}
	enc := r.unitEncoder(t)
	t.copyTo = x.stageName()
	for _, u := range t.units {
		n, err := r.copyUnit(ctx, a.conn, t, u, enc)
		if err != nil {
			return err
		}
		x.staged += n
		r.emit(Event{Kind: UnitEnd, Stage: StageLoad, Table: t.src.Name})
	}
	if got := x.staged + t.rejected.Load(); got != t.profile.Rows {
		return fmt.Errorf("table %s: %d rows in the source, %d read and %d rejected", t.src.Name, t.profile.Rows, x.staged, t.rejected.Load())
	}
	t.digests.add(enc.sum)
	if err := a.proveStaged(ctx, x); err != nil {
		return err
	}
	t.nanos.Add(int64(time.Since(start)))
	r.emit(Event{Kind: TableEnd, Stage: StageLoad, Table: t.src.Name, Seconds: time.Since(start).Seconds()})
	return a.exec(ctx, "ANALYZE "+x.stageName())
}

// stageSQL makes a temporary table with the types of the target's columns that
// the run writes.
func (r *run) stageSQL(t *table, name string) string {
	names := make([]string, len(t.wire))
	for i, c := range t.wire {
		names[i] = staged(c)
	}
	return merge.Stage(strings.TrimPrefix(name, "pg_temp."), r.qualified(t), t.targetNames(), names)
}

func explainTemp(err error) error {
	if postgres.Code(err) == postgres.CodePrivilege {
		return &Error{Err: err, Hint: "as the database's owner: GRANT TEMPORARY ON DATABASE ... TO the role", Code: ExitRefused}
	}
	return err
}

// proveStaged reads the temporary table back and compares its digest with that
// of the source's rows.
func (a *added) proveStaged(ctx context.Context, x *addition) error {
	if a.r.cfg.Verify != VerifyFull {
		return nil
	}
	got, err := verify.Read(ctx, a.conn.PgConn(), "SELECT "+x.t.stagedNames()+" FROM "+x.stageName(), x.t.types(), nil)
	if err != nil {
		return fmt.Errorf("read back %s: %w", x.t.src.Name, err)
	}
	if want := x.t.digests.sum; got != want {
		x.t.result = "differs"
		x.t.differs = &Difference{SourceRows: want.Rows, TargetRows: got.Rows}
		return a.r.judge()
	}
	return nil
}
