package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/mask"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// allowMasks refuses masks that a column's type or promises do not bear.
func (r *run) allowMasks() error {
	for _, t := range r.tables {
		if t.masks == nil {
			continue
		}
		for _, i := range t.masks.sortedColumns() {
			if err := t.allowMask(i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *table) allowMask(col int) error {
	how := t.masks.how[col]
	if t.decisions[col].Skip {
		return nil
	}
	if err := how.Fits(t.decisions[col].Type); err != nil {
		return noMask(t, col, "%w", err)
	}
	if how.Kind == mask.Null && !nullable(t.src, col) {
		return noMask(t, col, "the column is NOT NULL")
	}
	if how.Distinct() || how.Kind == mask.Null {
		return nil
	}
	// Keys over columns are tried with the masked values; those over expressions
	// cannot be.
	for _, x := range t.src.Indexes {
		for _, part := range x.Parts {
			if x.Unique && part.Column < 0 && t.reads(part.X, map[int]bool{col: true}) {
				return noMask(t, col, "the unique index %s reads it, and %s does not keep values apart; hash and fake-email do", x.Name, how.Kind)
			}
		}
	}
	return nil
}

// reads tells whether an expression of the table's own reads one of some columns. One
// that could not be parsed may.
func (t *table) reads(x syntax.Expr, cols map[int]bool) (found bool) {
	if x == nil {
		return true
	}
	syntax.Walk(x, func(e syntax.Expr) bool {
		if n, ok := e.(*syntax.Name); ok && cols[t.src.Column(n.Column)] {
			found = true
		}
		return !found
	})
	return found
}

// tainted is the set of the columns that are masked or computed from such.
func (m *masks) tainted() map[int]bool {
	out := map[int]bool{}
	for i := range m.how {
		out[i] = true
	}
	for _, i := range m.hidden {
		out[i] = true
	}
	return out
}

// computed lists the generated columns that read masked ones, directly or through
// other generated ones, and are not masked themselves.
func (m *masks) computed() (out []int) {
	tainted := m.tainted()
	for again := true; again; {
		again = false
		for i, c := range m.t.src.Columns {
			if c.Generated != schema.NotGenerated && !tainted[i] && m.t.reads(c.Generator, tainted) {
				tainted[i], again = true, true
				out = append(out, i)
			}
		}
	}
	slices.Sort(out)
	return out
}

// profileMasked profiles the tables with masks again, as they are masked.
func (r *run) profileMasked(ctx context.Context) error {
	for _, t := range r.tables {
		if t.masks != nil {
			t.tracks, t.judge = nil, nil
		}
	}
	r.trackKeys()
	probes := r.probesOf()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Jobs)
	for _, t := range r.tables {
		if t.masks == nil {
			continue
		}
		for _, u := range t.units {
			g.Go(func() error { return r.profileUnit(gctx, t, u, probes[t.src]) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, t := range r.tables {
		if t.masks != nil {
			t.gather(probes[t.src])
		}
	}
	return nil
}

// tryMasks makes sure that the plan keeps what the masks hide, and that masked rows
// keep the checks.
func (r *run) tryMasks(ctx context.Context) error {
	for _, t := range r.tables {
		if t.masks == nil {
			continue
		}
		if err := t.keepHidden(); err != nil {
			return err
		}
		if err := r.tryChecks(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// keepHidden refuses generated columns that would bring masked values along.
func (t *table) keepHidden() error {
	for _, i := range t.masks.hidden {
		if c := &t.columns[i]; !c.skip && c.generated == "" {
			return &Error{
				Err:  fmt.Errorf("column %s.%s is computed from masked ones, and Postgres cannot compute it anew", t.src.Name, c.src.Name),
				Hint: "mask it too, or leave it behind with --drop-column", Code: ExitRefused,
			}
		}
	}
	for _, i := range t.masks.sortedColumns() {
		if t.columns[i].generated != "" {
			return noMask(t, i, "Postgres computes it from other columns; mask those")
		}
	}
	return nil
}

// tryChecks lets SQLite try the checks that read masked columns on all masked rows.
func (r *run) tryChecks(ctx context.Context, t *table) error {
	tainted := t.masks.tainted()
	for _, c := range t.src.Checks {
		if c.X == nil || !t.reads(c.X, tainted) {
			continue // not carried over, or as before
		}
		if _, held := t.heldBy(c.X); held {
			continue
		}
		if err := r.tryCheck(ctx, t, c); err != nil {
			return err
		}
	}
	return nil
}

// tryCheck tries one check.
func (r *run) tryCheck(ctx context.Context, t *table, c *schema.Check) error {
	refuse := func(format string, args ...any) error {
		var names []string
		for _, i := range t.masks.sortedColumns() {
			if t.reads(c.X, map[int]bool{i: true}) {
				names = append(names, t.src.Columns[i].Name)
			}
		}
		return &Error{
			Err:  fmt.Errorf("--mask of %s.%s: check %s %w", t.src.Name, strings.Join(names, ", "), syntax.Format(c.X), fmt.Errorf(format, args...)),
			Hint: "choose another way to mask it, such as const: with a text that the check allows", Code: ExitRefused,
		}
	}
	for _, i := range t.masks.hidden {
		if t.reads(c.X, map[int]bool{i: true}) {
			return refuse("reads column %s, which is computed from masked ones", t.src.Columns[i].Name)
		}
	}
	x, err := r.snap.Scratch(ctx)
	if err != nil {
		return explainSource(err)
	}
	defer x.Close()
	st, err := x.Prepare(checkSQL(t.src, c))
	if err != nil {
		return refuse("cannot be tried on masked values: %w", err)
	}
	defer st.Close()
	return r.tryRows(ctx, t, st, refuse)
}

// tryRows runs a statement that gives the rows which break a check, for each row.
func (r *run) tryRows(ctx context.Context, t *table, st *sqlite.ScratchStatement, refuse func(string, ...any) error) error {
	for _, u := range t.units {
		err := r.scanUnit(ctx, t, u, func(_ int64, vals []row.Value) error {
			broken := false
			err := st.Run(vals, func([]row.Value) error { broken = true; return nil })
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case err != nil:
				return refuse("cannot be tried on masked values: %w", err)
			case broken:
				return refuse("does not hold for masked values")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSQL selects the row that the parameters are where it breaks a check.
func checkSQL(t *schema.Table, c *schema.Check) string {
	cols := make([]string, len(t.Columns))
	for i, col := range t.Columns {
		collate := ""
		if col.Collation != "" {
			collate = " COLLATE " + postgres.Quote(col.Collation)
		}
		cols[i] = fmt.Sprintf("?%d%s AS %s", i+1, collate, postgres.Quote(col.Name)) // SQLite quotes names alike
	}
	return fmt.Sprintf("SELECT 1 FROM (SELECT %s) AS %s WHERE NOT (%s)", strings.Join(cols, ", "), postgres.Quote(t.Name), syntax.Format(c.X))
}

// inCondition tells whether the condition of a partial index reads what is masked. SQLite
// sees the values behind the mask, so the index is then held to promise more than
// it does: uniqueness among all rows.
func (m *masks) inCondition(where string) bool {
	if m == nil {
		return false
	}
	x, err := syntax.ParseExpr(where)
	return err != nil || m.t.reads(x, m.tainted())
}
