package capture

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/pipeline"
)

// copyAll copies the rows of all tables into the archive, several units at once.
func (r *run) copyAll(ctx context.Context) error {
	type unit struct{ table, n int }
	var units []unit
	for i, t := range r.tables {
		t.left.Store(int64(len(t.where)))
		for n := range t.where {
			units = append(units, unit{i, n})
		}
	}
	return r.share(ctx, len(units), func(ctx context.Context, conn *pgx.Conn, i int) error {
		u := units[i]
		t := r.tables[u.table]
		t.begun.Do(func() { r.Emit(pipeline.Event{Kind: pipeline.TableBegin, Stage: pipeline.StageLoad, Table: t.label()}) })
		start := time.Now()
		if err := r.copyUnit(ctx, conn, u.table, u.n); err != nil {
			return fmt.Errorf("read %s: %w", t.label(), err)
		}
		t.nanos.Add(int64(time.Since(start)))
		r.Emit(pipeline.Event{Kind: pipeline.UnitEnd, Stage: pipeline.StageLoad, Table: t.label()})
		if t.left.Add(-1) == 0 {
			r.Emit(pipeline.Event{Kind: pipeline.TableEnd, Stage: pipeline.StageLoad, Table: t.label(), Seconds: float64(t.nanos.Load()) / 1e9})
		}
		return nil
	})
}

// copySQL reads one unit. Where a table has several, its key's index is sure to
// serve: without statistics, the server might read all of the table for each.
func (t *table) copySQL(unit int) string {
	columns := make([]string, len(t.columns))
	for i, x := range t.columns {
		columns[i] = postgres.Quote(x.name)
	}
	sql := "SELECT " + strings.Join(columns, ", ") + " FROM ONLY " + t.qualified() + t.where[unit]
	if len(t.key) > 0 {
		sql += " ORDER BY " + strings.Join(t.key, ", ")
	}
	return "COPY (" + sql + ") TO STDOUT (FORMAT binary)"
}

// copyUnit copies the rows of one unit.
func (r *run) copyUnit(ctx context.Context, conn *pgx.Conn, table, unit int) error {
	t := r.tables[table]
	chunks, err := r.archive.Unit(table, unit, nil)
	if err != nil {
		return err
	}
	scan := "on"
	if t.exact {
		scan = "off"
	}
	if err := postgres.Exec(ctx, conn, "SET LOCAL enable_seqscan = "+scan); err != nil {
		return err
	}
	sink := r.newSink(t, chunks)
	scanner := pgcopy.NewScanner(len(t.columns), sink.add)
	if _, err := conn.PgConn().CopyTo(ctx, scanner, t.copySQL(unit)); err != nil {
		return err
	}
	if err := scanner.Close(); err != nil {
		return err
	}
	sink.advance()
	if n := scanner.TupleN(); t.exact && unit < len(t.where)-1 && n != unitRows {
		return fmt.Errorf("part %d has %d rows, and its key says %d: the index %s is in another order than its values (REINDEX)",
			unit+1, n, unitRows, strings.Join(t.key, ", "))
	}
	return chunks.Close()
}

// sink hands rows to the archive.
type sink struct {
	r      *run
	t      *table
	chunks *fixture.ChunkWriter
	hasher *verify.Hasher
	tuple  []byte
	head   int
	rows   int64 // since the observer was told
	bytes  int64
}

func (r *run) newSink(t *table, chunks *fixture.ChunkWriter) *sink {
	def := t.def()
	s := &sink{r: r, t: t, chunks: chunks, hasher: verify.NewHasher(def.Types())}
	s.tuple = binary.BigEndian.AppendUint16(nil, uint16(len(t.columns))) //nolint:gosec // at most 1600 columns
	s.head = len(s.tuple)
	return s
}

func (s *sink) add(fields []byte, _ int) error {
	hi, lo, err := s.hasher.Hash(fields)
	if err != nil {
		return fmt.Errorf("digest a row: %w", err)
	}
	s.tuple = append(s.tuple[:s.head], fields...)
	if err := s.chunks.Append(s.tuple, hi, lo); err != nil {
		return err
	}
	s.rows++
	s.bytes += int64(len(s.tuple))
	if s.rows == advanceRows {
		s.advance()
	}
	if cap(s.tuple) > largeTuple {
		s.tuple = append([]byte(nil), s.tuple[:s.head]...)
	}
	return nil
}

const (
	// advanceRows is after how many rows the observer is told.
	advanceRows = 4096
	// largeTuple is the size in bytes of a row whose buffer is not kept.
	largeTuple = 4 << 20
)

// advance counts the rows, and tells the observer.
func (s *sink) advance() {
	s.t.rows.Add(s.rows)
	s.t.bytes.Add(s.bytes)
	s.r.Emit(pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: s.t.label(), Rows: s.rows, Bytes: s.bytes})
	s.rows, s.bytes = 0, 0
}
