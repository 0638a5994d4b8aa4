package pipeline

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/keyset"
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

// bitmapBytes bounds the bitmap of one key column per unit. 8 MB hold 64
// million neighbouring numbers.
const bitmapBytes = 8 << 20

// cutUnits cuts the tables into units, aiming at units of about 16 MB: a file
// that holds one large table beside small ones is cut there.
func (r *run) cutUnits(ctx context.Context) error {
	n := int(min(maxUnits, r.rep.Source.Bytes/unitBytes+1))
	for _, t := range r.tables {
		if t.units != nil {
			continue
		}
		list := []sqlite.Unit{sqlite.TableUnit(t.src)}
		if n > 1 && !t.salvage {
			var err error
			if list, err = r.snap.Units(ctx, t.src, n); err != nil {
				return r.sourceError(ctx, t, err)
			}
		}
		for _, u := range list {
			t.units = append(t.units, &unit{Unit: u})
		}
	}
	return nil
}

// profile reads every value of every table, several units at once.
func (r *run) profile(ctx context.Context) error {
	if err := r.checkSource(ctx); err != nil {
		return err
	}
	if err := r.cutUnits(ctx); err != nil {
		return err
	}
	probes := typemap.Probes(r.selected(), r.rules)
	tracked := r.trackedKeys()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Jobs)
	for _, t := range r.tables {
		t.unprofiled.Store(int64(len(t.units)))
		for _, u := range t.units {
			g.Go(func() error { return r.profileUnit(gctx, t, u, probes[t.src], tracked[t.src]) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, t := range r.tables {
		t.gather(probes[t.src])
	}
	r.reportGaps()
	return nil
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

// trackedKeys finds the columns whose integers are kept in bitmaps: both
// sides of each foreign key of a single column.
func (r *run) trackedKeys() map[*schema.Table]map[int]bool {
	out := map[*schema.Table]map[int]bool{}
	put := func(t *schema.Table, c int) {
		if out[t] == nil {
			out[t] = map[int]bool{}
		}
		out[t][c] = true
	}
	for _, t := range r.tables {
		for _, fk := range t.src.ForeignKeys {
			parent, cols := resolveParent(r.schema, fk)
			if parent != nil && len(cols) == 1 && len(fk.Columns) == 1 {
				put(t.src, fk.Columns[0])
				put(parent, cols[0])
			}
		}
	}
	return out
}

// profileUnit profiles one unit.
func (r *run) profileUnit(ctx context.Context, t *table, u *unit, probes []typemap.Probe, tracked map[int]bool) error {
	t.profiling.Do(func() { r.emit(Event{Kind: TableBegin, Stage: StageProfile, Table: t.src.Name}) })
	u.profile = typemap.NewTable(t.src, probes)
	u.keys = map[int]*keyset.Bitmap{}
	for c := range tracked {
		u.keys[c] = keyset.NewBitmap(bitmapBytes)
	}
	const batch = 8192
	last := time.Now()
	rows, bytes := int64(0), int64(0)
	err := r.scanUnit(ctx, t, u, func(rowid int64, vals []row.Value) error {
		u.profile.Add(rowid, vals)
		for c, set := range u.keys {
			if vals[c].Class == row.Integer {
				set.Add(vals[c].Int())
			}
		}
		if u.profile.Rows%batch == 0 && time.Since(last) > 100*time.Millisecond {
			r.emit(Event{Kind: Advance, Stage: StageProfile, Table: t.src.Name, Rows: u.profile.Rows - rows, Bytes: u.profile.Bytes - bytes})
			rows, bytes, last = u.profile.Rows, u.profile.Bytes, time.Now()
		}
		return nil
	})
	u.rows = u.profile.Rows
	if t.unprofiled.Add(-1) == 0 {
		defer r.emit(Event{Kind: TableEnd, Stage: StageProfile, Table: t.src.Name})
	}
	r.emit(Event{Kind: Advance, Stage: StageProfile, Table: t.src.Name, Rows: u.profile.Rows - rows, Bytes: u.profile.Bytes - bytes})
	return err
}

// gather adds up the profiles of a table's units.
func (t *table) gather(probes []typemap.Probe) {
	t.profile = typemap.NewTable(t.src, probes)
	t.keys = map[int]*keyset.Bitmap{}
	for _, u := range t.units {
		t.profile.Merge(u.profile)
		for c, set := range u.keys {
			if t.keys[c] == nil {
				t.keys[c] = set
			} else {
				t.keys[c].Merge(set)
			}
		}
		u.profile, u.keys = nil, nil
	}
}
