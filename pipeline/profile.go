package pipeline

import (
	"context"
	"fmt"
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
	if err := r.demandPages(); err != nil {
		return err
	}
	n := int(min(maxUnits, r.rep.Source.Bytes/unitBytes+1))
	for _, t := range r.tables {
		if t.units != nil {
			continue
		}
		most := n
		if t.atOneGo() || t.sample != nil && t.sample.Ordinals() {
			most = 1
		}
		list, err := r.cut(ctx, t, most)
		if err != nil {
			return r.sourceError(ctx, t, err)
		}
		for _, u := range list {
			t.units = append(t.units, &unit{Unit: u})
		}
	}
	return nil
}

// demandPages refuses tables that only the engine can read when the user wants
// the page reader.
func (r *run) demandPages() error {
	if r.cfg.Reader != ReaderPages {
		return nil
	}
	for _, t := range r.tables {
		ok, why := r.snap.PagesCan(t.src)
		switch {
		case t.virtual:
			why = "it is a virtual table"
		case t.salvage:
			why = "it is damaged, and what is left of it is read through the engine"
		case ok:
			continue
		}
		return &Error{
			Err:  fmt.Errorf("table %s cannot be read from the file's pages: %s", t.src.Name, why),
			Hint: "use --reader auto, which reads such tables through the SQLite library", Code: ExitRefused,
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
	if ok, _ := r.snap.PagesCan(t.src); ok && r.cfg.Reader != ReaderEngine {
		list, err := r.snap.PageUnits(ctx, t.src, n)
		if err == nil {
			t.pages = true
			return list, nil
		}
		if r.cfg.Reader == ReaderPages {
			return nil, err
		}
		// The engine may still read what the page reader calls damaged; if not,
		// its error is the one that SQLite's own users know.
	}
	return r.snap.Units(ctx, t.src, n)
}

// profile reads every value of every table, several units at once, and makes
// sure that these are all the rows: see profiler. A damaged file is checked first
// when the user wants what can be read of it: that decides how tables are read.
func (r *run) profile(ctx context.Context) error {
	if r.cfg.SkipDamaged {
		if err := r.checkSource(ctx, nil); err != nil {
			return err
		}
	}
	if err := r.chooseRows(ctx); err != nil {
		return err
	}
	if err := r.cutUnits(ctx); err != nil {
		return r.blame(ctx, err, nil)
	}
	r.trackKeys()
	p := &profiler{r: r, probes: r.probesOf()}
	if r.into != nil {
		r.homeProbes(p.probes)
	}
	if err := p.profile(ctx); err != nil {
		return err
	}
	for _, t := range r.tables {
		t.gather(p.probes[t.src])
	}
	r.reportGaps()
	return nil
}

// profiler reads all tables once. Readers alone would not notice a page with rows
// that hangs nowhere. So either the pages are accounted for while they are read,
// or SQLite checks them beside.
type profiler struct {
	r       *run
	probes  map[*schema.Table][]typemap.Probe
	account *sqlite.PageAccount // or nil
}

func (p *profiler) profile(ctx context.Context) error {
	if p.r.cfg.SkipDamaged { // was checked
		return p.tables(ctx)
	}
	if err := p.openAccount(ctx); err != nil {
		return err
	}
	if p.account == nil {
		g, gctx := errgroup.WithContext(ctx)
		g.Go(func() error { return p.r.checkSource(gctx, nil) })
		g.Go(func() error { return p.tables(gctx) })
		return g.Wait()
	}
	if err := p.tables(ctx); err != nil {
		return p.r.blame(ctx, err, nil)
	}
	doubts, err := p.account.Finish(ctx)
	if err != nil {
		return explainSource(err)
	}
	if len(doubts) > 0 {
		return p.r.blame(ctx, nil, doubts)
	}
	return nil
}

// openAccount begins the account of the pages. Where it cannot be had, or could
// not answer for all that is read, SQLite's own check stays: of virtual tables
// only their modules know what is right.
func (p *profiler) openAccount(ctx context.Context) (err error) {
	if p.r.cfg.Reader == ReaderEngine {
		return nil
	}
	scope := sqlite.AccountScope{File: len(p.r.tables) == len(p.r.schema.Tables)}
	for _, t := range p.r.tables {
		switch {
		case t.virtual:
			return nil
		case t.pages:
			scope.Read = append(scope.Read, t.src)
		default:
			scope.Walk = append(scope.Walk, t.src)
		}
	}
	p.account, err = p.r.snap.PageAccount(ctx, scope)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil // without an account the engine says what is wrong
}

// tables profiles all units, and walks through the trees that nobody reads.
func (p *profiler) tables(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(p.r.cfg.Jobs)
	if p.account != nil {
		for i := range p.account.WalkN() {
			g.Go(func() error {
				if err := p.account.Walk(ctx, i); err != nil {
					return explainSource(err)
				}
				return nil
			})
		}
	}
	for _, t := range p.r.tables {
		t.unprofiled.Store(int64(len(t.units)))
		for _, u := range t.units {
			g.Go(func() error { return p.unit(ctx, t, u) })
		}
	}
	return g.Wait()
}

// unit profiles one unit, through the account where its table is read by pages.
func (p *profiler) unit(ctx context.Context, t *table, u *unit) error {
	if p.account == nil || !t.pages {
		return p.r.profileUnit(ctx, t, u, p.probes[t.src])
	}
	reader, err := p.account.Open(ctx, u.Unit)
	if err != nil {
		return p.r.sourceError(ctx, t, err)
	}
	return p.r.profileRows(ctx, t, u, p.probes[t.src], p.r.chosen(t, u, reader))
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
	reader, err := r.openUnit(ctx, t, u)
	if err != nil {
		return r.sourceError(ctx, t, err)
	}
	return r.profileRows(ctx, t, u, probes, reader)
}

// profileRows profiles the rows of a unit, and closes their reader.
func (r *run) profileRows(ctx context.Context, t *table, u *unit, probes []typemap.Probe, reader row.Reader) error {
	t.profiling.Do(func() { r.emit(Event{Kind: TableBegin, Stage: StageProfile, Table: t.src.Name}) })
	u.profile, u.judge, u.forget = typemap.NewTable(t.src, probes), r.judging(t), t.forget
	feeds := t.feeds()
	const batch = 8192
	last := time.Now()
	rows, bytes := int64(0), int64(0)
	err := r.scanRows(ctx, t, reader, func(rowid int64, vals []row.Value) error {
		u.addRow(rowid, vals)
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
		switch {
		case t.judge == nil:
			t.judge = u.judge
		case u.judge != nil:
			t.judge.Merge(u.judge)
		}
		u.profile, u.judge = nil, nil
	}
}
