package pipeline

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// CreateFixture writes the source into the archive that cfg.Fixture names. It
// needs no target: the archive is the one that Migrate writes beside its load
// into an empty schema.
func CreateFixture(ctx context.Context, cfg Config) (Report, error) {
	cfg.Into = IntoCreate
	r, err := newRun(cfg)
	if err == nil {
		err = r.createFixture(ctx)
	}
	return r.finish(ctx, err)
}

func (r *run) createFixture(ctx context.Context) error {
	if err := r.inspect(ctx); err != nil {
		return err
	}
	if err := r.refuse(); err != nil {
		return err
	}
	if err := r.openFixture(); err != nil {
		return err
	}
	if err := r.stage(ctx, StageLoad, r.encodeAll); err != nil {
		return err
	}
	if err := r.account(ctx); err != nil {
		return err
	}
	return r.closeFixture(ctx)
}

// encodeAll encodes all tables into the archive, several units at once, in the
// archive's order.
func (r *run) encodeAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Jobs)
	for _, t := range r.archive.tables {
		left := new(atomic.Int64)
		left.Store(int64(len(t.units)))
		for _, u := range t.units {
			g.Go(func() error {
				if err := r.encodeUnit(ctx, t, u); err != nil {
					return err
				}
				if left.Add(-1) == 0 {
					r.emit(Event{Kind: TableEnd, Stage: StageLoad, Table: t.src.Name, Seconds: float64(t.nanos.Load()) / 1e9})
				}
				return nil
			})
		}
	}
	return g.Wait()
}

// encodeUnit encodes the rows of one unit into the archive alone.
func (r *run) encodeUnit(ctx context.Context, t *table, u *unit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	start := time.Now()
	t.loading.Do(func() {
		r.emit(Event{Kind: TableBegin, Stage: StageLoad, Table: t.src.Name, TotalRows: t.profile.Rows})
	})
	enc := r.unitEncoder(t)
	if err := r.teeInto(enc, t, u); err != nil {
		return err
	}
	reader, err := r.openUnit(ctx, t, u)
	if err != nil {
		return r.sourceError(ctx, t, err)
	}
	defer func() { _ = reader.Close() }() // the rows are in; nothing is left to fail
	src := r.newCopySource(ctx, t, reader, enc)
	for !src.done {
		src.buf = src.buf[:0] // nobody reads the stream: the tee has taken the rows
		if err := src.fill(); err != nil {
			return err
		}
	}
	if err := enc.endTee(); err != nil {
		return err
	}
	t.loaded.Add(src.rows)
	t.nanos.Add(int64(time.Since(start)))
	r.emit(Event{Kind: UnitEnd, Stage: StageLoad, Table: t.src.Name})
	return nil
}
