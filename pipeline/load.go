package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/verify"
)

// sendBytes is how much encoded data goes to the connection at once: pgconn
// sends COPY data in messages of 64 KiB.
const sendBytes = 64 << 10

// loadUnit loads one unit in one transaction. The table's first unit creates
// the table; a table of a single unit is created and loaded in the same
// transaction, which lets Postgres skip the log where it can and freeze the
// rows at once.
func (r *run) loadUnit(ctx context.Context, w *worker, t *table, u *unit) error {
	start := time.Now()
	t.loading.Do(func() {
		r.emit(Event{Kind: TableBegin, Stage: StageLoad, Table: t.src.Name, TotalRows: t.profile.Rows})
	})
	if err := exec(ctx, w.Conn, r.beginSQL()); err != nil {
		return err
	}
	if t.atOnce() {
		if err := r.createTable(ctx, w.Conn, t); err != nil {
			return err
		}
	}
	enc := r.unitEncoder(t)
	if err := r.teeInto(enc, t, u); err != nil {
		return err
	}
	rows, err := r.copyUnit(ctx, w.Conn, t, u, enc)
	if err != nil {
		return err
	}
	if err := enc.endTee(); err != nil {
		return err
	}
	if t.atOnce() {
		err = r.commitTable(ctx, w.Conn, t)
	} else {
		err = exec(ctx, w.Conn, "COMMIT")
	}
	if err != nil {
		return fmt.Errorf("commit rows of table %s: %w", t.src.Name, err)
	}
	t.loaded.Add(rows)
	t.digests.add(enc.sum)
	t.nanos.Add(int64(time.Since(start)))
	r.emit(Event{Kind: UnitEnd, Stage: StageLoad, Table: t.src.Name})
	return nil
}

// tableLoad is what came of sending all rows of a table.
type tableLoad struct {
	rows int64
	sum  verify.Digest
	took time.Duration
}

// unitEncoder makes the encoder of one unit's rows.
func (r *run) unitEncoder(t *table) *rowEncoder {
	enc := newRowEncoder(t, r.ledger, r.cfg.InvalidText == InvalidReject)
	if r.cfg.Verify == VerifyFull {
		enc.digesting()
	}
	return enc
}

// atOnce tells whether the table is made and loaded in one transaction.
func (t *table) atOnce() bool { return t.home == nil && len(t.units) == 1 }

// createTable creates the table, in the transaction at hand.
func (r *run) createTable(ctx context.Context, conn *pgx.Conn, t *table) error {
	ddl := r.fixedPath() + r.plan.tableDDL(t) + r.markMade(t)
	if err := exec(ctx, conn, ddl); err != nil {
		return fmt.Errorf("create table %s: %w", r.qualified(t), err)
	}
	return nil
}

// commitTable makes a table that this run has created last. It is the run's
// own from then on, also when the answer to the COMMIT gets lost.
func (r *run) commitTable(ctx context.Context, conn *pgx.Conn, t *table) error {
	r.mu.Lock()
	r.made = append(r.made, r.qualified(t))
	r.mu.Unlock()
	return exec(ctx, conn, "COMMIT")
}

// copyUnit streams the rows of a unit through one COPY.
func (r *run) copyUnit(ctx context.Context, conn *pgx.Conn, t *table, u *unit, enc *rowEncoder) (int64, error) {
	reader, err := r.openUnit(ctx, t, u)
	if err != nil {
		return 0, r.sourceError(ctx, t, err)
	}
	defer func() { _ = reader.Close() }() // the rows are in; nothing is left to fail
	src := r.newCopySource(ctx, t, reader, enc)
	tag, err := conn.PgConn().CopyFrom(ctx, src, r.copySQL(t))
	src.end()
	if src.err != nil {
		return 0, src.err // what made us stop tells more than that we did
	}
	if err != nil {
		return 0, refusedRow(t, fmt.Errorf("load table %s: %w", t.src.Name, err))
	}
	if tag.RowsAffected() != src.rows {
		return 0, fmt.Errorf("load table %s: sent %d rows, Postgres counted %d", t.src.Name, src.rows, tag.RowsAffected())
	}
	return src.rows, nil
}

// refusedRow says more of a row that a table of the target does not take: what
// its own checks say cannot be tried before writing.
func refusedRow(t *table, err error) error {
	const integrity = "23" // class of SQLSTATE
	if t.home == nil || !strings.HasPrefix(postgres.Code(err), integrity) {
		return err
	}
	return &Error{
		Err:  fmt.Errorf("load table %s: %s", t.src.Name, postgres.Message(err)),
		Hint: "mend that row in the source, or ask the application why its table does not take it", Code: ExitFailed,
	}
}

// copySQL writes the COPY statement of a table, or of the temporary one that
// takes its rows for the time being.
func (r *run) copySQL(t *table) string {
	if t.copyTo != "" {
		return fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", t.copyTo, t.stagedNames())
	}
	freeze := ""
	if t.atOnce() {
		freeze = ", FREEZE"
	}
	return fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary%s)", r.qualified(t), t.wireNames(), freeze)
}

// wireNames lists the columns that COPY carries.
func (t *table) wireNames() string {
	cols := make([]string, len(t.wire))
	for i, c := range t.wire {
		cols[i] = postgres.Quote(t.columns[c].name)
	}
	return strings.Join(cols, ", ")
}

// copySource is the io.Reader that a COPY drains: it encodes rows as the
// connection takes them, so that memory is one buffer per connection.
type copySource struct {
	ctx    context.Context //nolint:containedctx // lives for one COPY; io.Reader has no room for it
	run    *run
	t      *table
	reader row.Reader
	enc    *rowEncoder
	vals   []row.Value

	// pgconn reads from a goroutine of its own, which CopyFrom does not wait
	// for when the connection breaks: mu keeps it from a reader that is closed.
	mu    sync.Mutex
	ended bool

	buf  []byte // encoded and not yet read
	off  int
	rows int64
	done bool
	err  error
}

// newCopySource begins a stream of the rows that reader gives.
func (r *run) newCopySource(ctx context.Context, t *table, reader row.Reader, enc *rowEncoder) *copySource {
	return &copySource{
		ctx: ctx, run: r, t: t, reader: reader, enc: enc,
		vals: make([]row.Value, len(t.columns)),
		buf:  pgcopy.AppendHeader(make([]byte, 0, sendBytes+sendBytes/2)),
	}
}

// end makes every later Read fail, after the one at work.
func (s *copySource) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
}

// Read gives the next part of the stream.
func (s *copySource) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	if len(s.buf)-s.off < len(p) && !s.done {
		// A full message each time: a rest sent by itself would double their
		// number.
		s.buf, s.off = append(s.buf[:0], s.buf[s.off:]...), 0
		if err := s.fill(); err != nil {
			s.err = err
			return 0, err
		}
	}
	if s.off == len(s.buf) {
		return 0, io.EOF
	}
	n := copy(p, s.buf[s.off:])
	s.off += n
	return n, nil
}

// fill encodes rows until there is enough to send.
func (s *copySource) fill() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	rows, rejects, kept := int64(0), int64(0), len(s.buf)
	for len(s.buf) < sendBytes {
		rowid, ok, err := s.reader.Next(s.vals)
		if err != nil {
			return s.run.sourceError(s.ctx, s.t, err)
		}
		if !ok {
			s.buf = pgcopy.AppendTrailer(s.buf)
			s.done = true
			break
		}
		s.buf, err = s.enc.append(s.buf, rowid, s.vals)
		if errors.Is(err, errRejected) {
			rejects++
			continue
		}
		if err != nil {
			return err
		}
		rows++
	}
	s.rows += rows
	if s.t.keysOnly {
		return nil
	}
	fresh := int64(len(s.buf) - kept)
	s.t.bytes.Add(fresh)
	s.run.emit(Event{Kind: Advance, Stage: StageLoad, Table: s.t.src.Name, Rows: rows + rejects, Bytes: fresh})
	if rejects > 0 {
		s.t.rejected.Add(rejects)
		s.run.emit(Event{Kind: Reject, Stage: StageLoad, Table: s.t.src.Name, Rows: rejects})
	}
	return nil
}

// exec runs statements that give no rows, all in one round trip.
func exec(ctx context.Context, conn *pgx.Conn, sql string) error {
	return postgres.Exec(ctx, conn, sql)
}

// closeConn says goodbye to the server, within a moment also when ctx has
// ended.
func closeConn(ctx context.Context, conn *pgx.Conn) {
	postgres.Close(ctx, conn)
}
