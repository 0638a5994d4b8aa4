package reseed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// loadChunk loads one chunk in one transaction.
func (r *run) loadChunk(ctx context.Context, conn *pgx.Conn, t *table, chunk int) error {
	if err := postgres.Exec(ctx, conn, postgres.Begin(r.server.Version, "")); err != nil {
		return err
	}
	if err := r.copyChunk(ctx, conn, t, chunk); err != nil {
		return err
	}
	if err := postgres.Exec(ctx, conn, "COMMIT"); err != nil {
		return fmt.Errorf("commit rows of table %s: %w", t.shown, err)
	}
	return nil
}

// loadTogether loads tables in one transaction, each in one COPY, and has foreign
// keys checked at its end where they can be deferred.
func (r *run) loadTogether(ctx context.Context, conn *pgx.Conn, tables []*table) error {
	if err := postgres.Exec(ctx, conn, postgres.Begin(r.server.Version, "")+"; SET CONSTRAINTS ALL DEFERRED"); err != nil {
		return err
	}
	for _, t := range tables {
		if err := r.copyTable(ctx, conn, t); err != nil {
			return err
		}
	}
	if err := postgres.Exec(ctx, conn, "COMMIT"); err != nil {
		return fmt.Errorf("commit rows of table %s: %w", strings.Join(shown(tables), ", "), err)
	}
	return nil
}

// copyChunk sends a chunk through one COPY.
func (r *run) copyChunk(ctx context.Context, conn *pgx.Conn, t *table, chunk int) error {
	stream, err := r.archive.ReadChunk(t.place, chunk)
	if err != nil {
		return err
	}
	c := t.Chunks[chunk]
	return r.copyStream(ctx, conn, t, stream, fixture.Chunk{Rows: c.Rows, Raw: c.Raw})
}

// copyTable sends a whole table through one COPY.
func (r *run) copyTable(ctx context.Context, conn *pgx.Conn, t *table) error {
	stream := newJoined(len(t.Chunks), func(chunk int) (io.ReadCloser, error) { return r.archive.ReadChunk(t.place, chunk) })
	return r.copyStream(ctx, conn, t, stream, fixture.Chunk{Rows: t.Rows, Raw: t.Bytes})
}

// copyStream sends a stream through one COPY. It has its end only when all checks
// of its chunks held: else the server takes nothing of it.
func (r *run) copyStream(ctx context.Context, conn *pgx.Conn, t *table, stream io.ReadCloser, want fixture.Chunk) error {
	start := time.Now()
	t.begun.Do(func() {
		r.Emit(pipeline.Event{Kind: pipeline.TableBegin, Stage: pipeline.StageLoad, Table: t.shown, TotalRows: t.Rows})
	})
	src := &source{ctx: ctx, r: stream}
	defer src.end()
	tag, err := conn.PgConn().CopyFrom(ctx, src, t.copySQL())
	if bad := src.failure(); bad != nil {
		return ExplainFixture(r.cfg.Fixture, bad)
	}
	if err != nil {
		return fmt.Errorf("load table %s: %w", t.shown, err)
	}
	if tag.RowsAffected() != want.Rows {
		return fmt.Errorf("load table %s: sent %d rows, Postgres counted %d", t.shown, want.Rows, tag.RowsAffected())
	}
	t.loaded.Add(want.Rows)
	t.bytes.Add(want.Raw)
	t.nanos.Add(int64(time.Since(start)))
	r.Emit(pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: t.shown, Rows: want.Rows, Bytes: want.Raw})
	r.Emit(pipeline.Event{Kind: pipeline.UnitEnd, Stage: pipeline.StageLoad, Table: t.shown})
	return nil
}

// source is the stream that a COPY drains. zstd gives what it has of a block, and
// a rest sent by itself would double the number of messages: so each Read fills
// its buffer.
type source struct {
	ctx context.Context //nolint:containedctx // lives for one COPY; io.Reader has no room for it
	r   io.ReadCloser

	// pgconn reads from a goroutine of its own, which CopyFrom does not wait for
	// when the connection breaks: mu keeps it from a reader that is closed.
	mu    sync.Mutex
	ended bool
	err   error
}

// Read gives the next part of the stream.
func (s *source) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	for n < len(p) && s.err == nil {
		var m int
		m, s.err = s.r.Read(p[n:])
		n += m
	}
	if s.err != nil && (n == 0 || !errors.Is(s.err, io.EOF)) {
		return 0, s.err
	}
	return n, nil
}

// failure gives what was wrong with the stream, if anything.
func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil || errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// end closes the stream, after the Read at work.
func (s *source) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	_ = s.r.Close() // all that counts of it was read
}
