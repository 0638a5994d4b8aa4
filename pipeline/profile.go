package pipeline

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// unitBytes is the size of the part of the file that one unit covers.
const unitBytes = 16 << 20

// maxUnits bounds the units of one table: each is one COPY, one digest and one
// profile in memory.
const maxUnits = 256

// cutUnits cuts the tables into units, aiming at units of about 16 MB: a file
// that holds one large table beside small ones is cut there.
func (r *run) cutUnits(ctx context.Context) error {
	n := int(min(maxUnits, r.rep.Source.Bytes/unitBytes+1))
	for _, t := range r.tables {
		if t.units != nil {
			continue
		}
		list, err := r.cut(ctx, t, n)
		if err != nil {
			return r.sourceError(ctx, t, err)
		}
		for _, u := range list {
			t.units = append(t.units, &unit{Unit: u})
		}
	}
	return nil
}

// cut chooses the reader of a table, pages where they can be read and the
// engine otherwise, and cuts the table into at most n units for it.
func (r *run) cut(ctx context.Context, t *table, n int) ([]sqlite.Unit, error) {
	if t.salvage {
		return []sqlite.Unit{sqlite.TableUnit(t.src)}, nil
	}
	if ok, _ := r.snap.PagesCan(t.src); ok {
		if list, err := r.snap.PageUnits(ctx, t.src, n); err == nil {
			t.pages = true
			return list, nil
		}
		// The engine may still read what the page reader calls damaged; if not,
		// its error is the one that SQLite's own users know.
	}
	return r.snap.Units(ctx, t.src, n)
}

// profile reads every value of every table, several units at once, while
// SQLite checks the file's pages beside it. A damaged file is checked first
// when the user wants what can be read of it: that decides how tables are read.
func (r *run) profile(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	if r.cfg.SkipDamaged {
		if err := r.checkSource(ctx); err != nil {
			return err
		}
	} else {
		g.Go(func() error { return r.checkSource(gctx) })
	}
	if err := r.cutUnits(ctx); err != nil {
		return errors.Join(err, g.Wait())
	}
	r.trackKeys()
	probes := typemap.Probes(r.selected(), r.rules)
	g.Go(func() error { return r.profileTables(gctx, probes) })
	if err := g.Wait(); err != nil {
		return err
	}
	for _, t := range r.tables {
		t.gather(probes[t.src])
	}
	r.reportGaps()
	return nil
}

// profileTables profiles all units.
func (r *run) profileTables(ctx context.Context, probes map[*schema.Table][]typemap.Probe) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Jobs)
	for _, t := range r.tables {
		t.unprofiled.Store(int64(len(t.units)))
		for _, u := range t.units {
			g.Go(func() error { return r.profileUnit(ctx, t, u, probes[t.src]) })
		}
	}
	return g.Wait()
}

// selected gives the schema cut down to the tables of the run, so that types
// are reconciled only with what is there.
func (r *run) selected() *schema.Schema {
	s := *r.schema
	s.Tables = nil
	for _, t := range r.tables {
		s.Tables = append(s.Tables, t.src)
	}
	return &s
}

// profileUnit profiles one unit.
func (r *run) profileUnit(ctx context.Context, t *table, u *unit, probes []typemap.Probe) error {
	t.profiling.Do(func() { r.emit(Event{Kind: TableBegin, Stage: StageProfile, Table: t.src.Name}) })
	u.profile = typemap.NewTable(t.src, probes)
	feeds := t.feeds()
	const batch = 8192
	last := time.Now()
	rows, bytes := int64(0), int64(0)
	err := r.scanUnit(ctx, t, u, func(rowid int64, vals []row.Value) error {
		u.profile.Add(rowid, vals)
		for _, f := range feeds {
			f.add(vals)
		}
		if u.profile.Rows%batch == 0 && time.Since(last) > 100*time.Millisecond {
			r.emit(Event{Kind: Advance, Stage: StageProfile, Table: t.src.Name, Rows: u.profile.Rows - rows, Bytes: u.profile.Bytes - bytes})
			rows, bytes, last = u.profile.Rows, u.profile.Bytes, time.Now()
		}
		return nil
	})
	for _, f := range feeds {
		f.end()
	}
	if t.unprofiled.Add(-1) == 0 {
		defer r.emit(Event{Kind: TableEnd, Stage: StageProfile, Table: t.src.Name})
	}
	r.emit(Event{Kind: Advance, Stage: StageProfile, Table: t.src.Name, Rows: u.profile.Rows - rows, Bytes: u.profile.Bytes - bytes})
	return err
}

// gather adds up the profiles of a table's units.
func (t *table) gather(probes []typemap.Probe) {
	t.profile = typemap.NewTable(t.src, probes)
	for _, u := range t.units {
		t.profile.Merge(u.profile)
		u.profile = nil
	}
}
