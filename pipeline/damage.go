package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// blame gives the error to end with when reading failed with err, or when pages
// were read but their account has doubts. SQLite's own check has the first word: it
// says what users of SQLite know.
func (r *run) blame(ctx context.Context, err error, doubts []sqlite.Damage) error {
	if err != nil && (ctx.Err() != nil || r.cfg.SkipDamaged || !errors.Is(err, sqlite.ErrDamaged)) {
		return err
	}
	if verdict := r.checkSource(ctx, doubts); verdict != nil {
		return verdict
	}
	return err
}

// checkSource lets SQLite walk all pages of the file. Doubts about rows that the
// account of the pages had stand as they are where SQLite sees no row at risk.
func (r *run) checkSource(ctx context.Context, doubts []sqlite.Damage) error {
	var names []string
	byName := map[string]*table{}
	for _, t := range r.tables {
		if !t.virtual {
			names = append(names, t.src.Name)
			byName[t.src.Name] = t
		}
	}
	if len(r.tables) == len(r.schema.Tables) {
		names = nil // all of the file, with the pages that belong to no table
	}
	found, err := r.snap.Check(ctx, names...)
	if err != nil {
		return explainSource(err)
	}
	found = join(found, doubts)
	return r.judgeDamage(found, byName)
}

// join adds to what SQLite found the doubts about rows, where it has none itself,
// and all doubts where it found nothing.
func join(found, doubts []sqlite.Damage) []sqlite.Damage {
	if len(found) == 0 {
		return doubts
	}
	if slices.ContainsFunc(found, sqlite.Damage.RowsAtRisk) {
		return found
	}
	for _, d := range doubts {
		if d.RowsAtRisk() {
			found = append(found, d)
		}
	}
	return found
}

// judgeDamage reports findings, and refuses the file where rows are at risk and
// the user has not asked for what is left of it.
func (r *run) judgeDamage(found []sqlite.Damage, byName map[string]*table) error {
	groups := map[string][]sqlite.Damage{}
	var order []string
	for _, d := range found {
		if t := byName[d.Table]; t != nil {
			t.doubtful = true
		}
		if !d.RowsAtRisk() {
			r.note(fmt.Sprintf("the source is damaged where it does not matter here (%s): %s", d.Table, d.Detail))
			continue
		}
		if groups[d.Table] == nil {
			order = append(order, d.Table)
		}
		groups[d.Table] = append(groups[d.Table], d)
	}
	for _, name := range order {
		r.damaged(name, groups[name])
		if t := byName[name]; t != nil && r.cfg.SkipDamaged {
			t.salvage = true
		}
	}
	if r.cfg.SkipDamaged || len(order) == 0 {
		return nil
	}
	return r.refuse()
}

// damaged reports the damage of one table.
func (r *run) damaged(name string, list []sqlite.Damage) {
	d := list[0]
	what := "the file is damaged"
	if name != "" {
		what = fmt.Sprintf("table %s is damaged", name)
	}
	if d.Page != 0 {
		what += fmt.Sprintf(" at page %d", d.Page)
	}
	h := Hazard{
		Code: "damaged", Table: name, Count: int64(len(list)), Message: what + ": " + d.Detail,
		Hint: "restore a backup, or take what can still be read with --skip-damaged",
	}
	if r.cfg.SkipDamaged {
		h.Settled = "--skip-damaged"
	}
	r.hazard(h)
}

// gapLog collects what a salvage gave up, once: a table is read several times.
type gapLog struct {
	mu   sync.Mutex
	done bool
	list []sqlite.Gap
}

func (g *gapLog) add(x sqlite.Gap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.done {
		g.list = append(g.list, x)
	}
}

// salvageReader opens a damaged table for what is left of it.
func (r *run) salvageReader(ctx context.Context, t *table) (row.Reader, error) {
	return r.snap.OpenSalvage(ctx, t.src, t.gaps.add)
}

// reportGaps lists the stretches of damaged tables that could not be read.
func (r *run) reportGaps() {
	const most = 20
	for _, t := range r.tables {
		if !t.salvage {
			continue
		}
		t.gaps.done = true
		for i, g := range t.gaps.list {
			if i == most {
				r.note(fmt.Sprintf("table %s: %d more stretches could not be read", t.src.Name, len(t.gaps.list)-most))
				break
			}
			where := ""
			if g.Rowids {
				where = fmt.Sprintf(" from rowid %d to %d", g.Lo, g.Hi)
			}
			r.note(fmt.Sprintf("table %s: rows%s could not be read: %v", t.src.Name, where, g.Err))
		}
	}
}
