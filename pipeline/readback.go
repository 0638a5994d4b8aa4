package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/internal/verify"
)

// readback is the reading back of one table: its ranges are cut when all rows
// are in, and the last range to end compares.
type readback struct {
	r      *run
	t      *table
	target digestSum
	types  []sqltype.Type
	ranges int
}

// verify adds the tasks that prove the tables.
func (s *tasks) verify(loaded map[*table]*task) {
	r := s.r
	for _, t := range r.tables {
		switch r.cfg.Verify {
		case VerifyNone:
			t.result = "no"
		case VerifyCounts:
			s.add(StageVerify, &task{
				Name: "count " + t.src.Name, Cost: postgres.ScanCost(t.profile.Rows), Locks: []lock{{On: t, Mode: schedule.AccessShare}},
				Run: func(ctx context.Context, w *worker) error { return r.countTable(ctx, w, t) },
			}).After(loaded[t])
		default:
			s.readback(t, loaded[t])
		}
	}
}

// countTable compares row counts.
func (r *run) countTable(ctx context.Context, w *worker, t *table) error {
	n, err := r.countRows(ctx, w.Conn, t)
	if err != nil {
		return fmt.Errorf("count rows of %s: %w", r.qualified(t), err)
	}
	if n != t.loaded.Load() {
		t.differs = &Difference{SourceRows: t.loaded.Load(), TargetRows: n}
		t.result = "differs"
	} else {
		t.result = "counts"
	}
	r.emit(Event{Kind: Verified, Stage: StageVerify, Table: t.src.Name, OK: t.differs == nil})
	return nil
}

func (r *run) countRows(ctx context.Context, conn *pgx.Conn, t *table) (n int64, err error) {
	if err := exec(ctx, conn, r.beginSQL()); err != nil {
		return 0, err
	}
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM ONLY "+r.qualified(t)).Scan(&n); err != nil {
		return 0, err
	}
	return n, exec(ctx, conn, "COMMIT")
}

// readback adds the tasks that read a table back. How many ranges it has
// is known only when it is loaded, so their number is guessed from the
// source's size, and the last one takes what is left.
func (s *tasks) readback(t *table, loaded *task) {
	r := s.r
	rb := &readback{r: r, t: t, ranges: verify.Ranges(r.server.Version, t.profile.Bytes), types: t.types()}
	var all []*task
	for i := range rb.ranges {
		all = append(all, s.add(StageVerify, &task{
			Name: fmt.Sprintf("read back %s %d", t.src.Name, i),
			Cost: readCost(t, rb.ranges), Locks: []lock{{On: t, Mode: schedule.AccessShare}},
			Run: func(ctx context.Context, w *worker) error { return rb.read(ctx, w, i) },
		}).After(loaded))
	}
	s.add(StageVerify, &task{
		Name: "compare " + t.src.Name, Locks: []lock{{On: t, Mode: schedule.AccessShare}},
		Run: func(ctx context.Context, w *worker) error { return rb.compare(ctx, w) },
	}).After(all...)
}

// read digests one range of the table.
func (rb *readback) read(ctx context.Context, w *worker, i int) error {
	var sum verify.Digest
	err := rb.transact(ctx, w.Conn, func() (err error) {
		sum, err = verify.Read(ctx, w.Conn.PgConn(), rb.selectSQL(verify.Range(i, rb.ranges)), rb.types, rb.advance)
		return err
	})
	if err != nil {
		return fmt.Errorf("read back %s: %w", rb.r.qualified(rb.t), err)
	}
	rb.target.add(sum)
	return nil
}

func (rb *readback) advance(rows int64) {
	rb.r.emit(Event{Kind: Advance, Stage: StageVerify, Table: rb.t.src.Name, Rows: rows})
}

// selectSQL reads all columns, the generated ones too, in the source's order.
func (rb *readback) selectSQL(where string) string {
	var cols []string
	for i := range rb.t.columns {
		if c := &rb.t.columns[i]; !c.skip {
			cols = append(cols, postgres.Quote(c.name))
		}
	}
	return "SELECT " + strings.Join(cols, ", ") + " FROM ONLY " + rb.r.qualified(rb.t) + where
}

// copyOut reads the table through COPY TO in binary and hands over each tuple.
func (rb *readback) copyOut(ctx context.Context, conn *pgx.Conn, where string, f func(tuple []byte) error) error {
	return rb.transact(ctx, conn, func() error {
		return verify.CopyOut(ctx, conn.PgConn(), rb.selectSQL(where), len(rb.types), f)
	})
}

// transact runs f in a transaction.
func (rb *readback) transact(ctx context.Context, conn *pgx.Conn, f func() error) error {
	if err := exec(ctx, conn, rb.r.beginSQL()); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return exec(ctx, conn, "COMMIT")
}

// compare judges a table when all of it is read back.
func (rb *readback) compare(ctx context.Context, w *worker) error {
	t := rb.t
	want, got := t.digests.sum, rb.target.sum
	defer func() {
		rb.r.emit(Event{Kind: Verified, Stage: StageVerify, Table: t.src.Name, OK: t.differs == nil})
	}()
	if want == got {
		t.result = "full"
		return nil
	}
	t.result = "differs"
	t.differs = &Difference{SourceRows: want.Rows, TargetRows: got.Rows}
	return rb.narrow(ctx, w)
}
