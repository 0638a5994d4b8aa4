package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// maxFieldBytes keeps below the 1 GB that Postgres allows for one field, and
// for the message that brings it.
const maxFieldBytes = 1<<30 - 1<<16

// maxTableColumns is Postgres' limit of columns in a table.
const maxTableColumns = 1600

// preflight finds everything that would fail in the target, from the values
// themselves: nothing is written before it is clean or settled.
func (r *run) preflight(ctx context.Context) error {
	defer r.forgetTracks()
	for _, t := range r.tables {
		t.keyVerdict = map[*schema.Key]verdict{}
		t.indexVerdict = map[*schema.Index]verdict{}
		t.fkVerdict = map[*schema.ForeignKey]fkVerdict{}
		r.checkShape(t)
		r.checkText(t)
		r.checkNulls(t)
	}
	r.settleNoCase()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Jobs)
	for _, t := range r.tables {
		g.Go(func() error { return r.trial(gctx, t) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, t := range r.tables {
		if err := r.checkKeys(ctx, t); err != nil {
			return err
		}
	}
	if r.adding() {
		return nil // parents may stand in the target: the staged rows are asked
	}
	if r.into != nil && r.open() == 0 {
		if err := r.outsideOrphans(ctx); err != nil {
			return err
		}
	}
	return r.checkOrphans(ctx)
}

// checkShape finds what no type can mend: too many columns, values too large.
func (r *run) checkShape(t *table) {
	if n := len(t.src.Columns); n > maxTableColumns {
		r.hazard(Hazard{
			Code: "too-many-columns", Table: t.src.Name, Count: int64(n),
			Message: fmt.Sprintf("table %s has %d columns, and Postgres tables have at most %d", t.src.Name, n, maxTableColumns),
			Hint:    "leave it behind with --exclude, or split it first",
		})
	}
	for i := range t.src.Columns {
		if n := t.profile.Columns[i].MaxBytes; n > maxFieldBytes {
			r.hazard(Hazard{
				Code: "too-large", Table: t.src.Name, Column: t.src.Columns[i].Name, Count: 1,
				Message: fmt.Sprintf("a value of %d bytes does not fit a Postgres field (1 GB)", n),
				Hint:    "leave the table behind with --exclude, or shorten the value first",
			})
		}
	}
}

// checkText finds text that Postgres cannot hold.
func (r *run) checkText(t *table) {
	for i := range t.src.Columns {
		p, d := &t.profile.Columns[i], t.decisions[i]
		if p.BadText == 0 || !d.Type.IsText() && d.Proven {
			continue
		}
		h := Hazard{
			Code: "invalid-text", Table: t.src.Name, Column: t.src.Columns[i].Name, Count: p.BadText,
			Message: fmt.Sprintf("%d values of %s.%s are not UTF-8 or hold NUL", p.BadText, t.src.Name, t.src.Columns[i].Name),
			Hint:    "--invalid-text=bytea keeps the bytes in a bytea column, =replace puts U+FFFD in their place, =reject leaves the rows behind",
			Cells:   cells(t.profile.BadText(i)),
		}
		if r.cfg.InvalidText != InvalidRefuse {
			h.Settled = "--invalid-text=" + string(r.cfg.InvalidText)
		}
		r.hazard(h)
	}
}

func cells(list []typemap.Example) []Cell {
	out := make([]Cell, 0, len(list))
	for _, e := range list {
		out = append(out, Cell{Key: e.Key, Value: e.Value})
	}
	return out
}

// checkNulls finds NULLs in columns that promise none: SQLite lets them into
// the primary keys of rowid tables.
func (r *run) checkNulls(t *table) {
	for i, c := range t.src.Columns {
		nulls := t.decisions[i].Nulls(&t.profile.Columns[i])
		if nulls == 0 || t.virtual || t.decisions[i].Skip {
			continue
		}
		if t.home != nil {
			if h := t.columns[i].home; h != nil && h.RefusesNull() {
				r.badKey(t, c.Name, nulls, fmt.Sprintf("column %s of %s is NOT NULL, and the source has %s", h.Name, place(t.home), several(nulls, "NULL", "NULLs")), t.nullCells(i))
			}
			continue
		}
		if c.PKOrdinal > 0 && t.src.RowidAlias != i {
			why := fmt.Sprintf("%d rows have NULL in %s", nulls, c.Name)
			t.keyVerdict[t.src.PrimaryKey] = verdict{relaxed: why + "; a unique index instead of a primary key (--bad-keys=relax)"}
			t.badKey = true
			r.badKey(t, c.Name, nulls, fmt.Sprintf("primary key of %s: %s, which Postgres does not allow", t.src.Name, why), t.nullCells(i))
		} else if c.NotNull {
			r.badKey(t, c.Name, nulls, fmt.Sprintf("column %s.%s is NOT NULL and holds %d NULLs", t.src.Name, c.Name, nulls), t.nullCells(i))
		}
	}
}

func (t *table) nullCells(col int) []Cell { return cells(t.profile.Examples(col, typemap.MissNull)) }

func (r *run) badKey(t *table, column string, n int64, message string, list []Cell) {
	h := Hazard{
		Code: "bad-key", Table: t.src.Name, Column: column, Count: n, Message: message, Cells: list,
		Hint: "mend the rows, or let the key be weaker with --bad-keys=relax",
	}
	switch {
	case t.home != nil:
		h.Hint = "mend the rows: the application's own table holds them to this"
	case t.masks != nil && r.cfg.BadKeys != BadKeysRelax:
		h.Hint = "mask keys with hash or fake-email, which keep different values apart; or " + h.Hint
	case r.cfg.BadKeys == BadKeysRelax:
		h.Settled = "--bad-keys=relax"
	}
	r.hazard(h)
}

// trial converts all values of the columns whose type the profile has not
// proven: the user's own rules, above all.
func (r *run) trial(ctx context.Context, t *table) error {
	var cols []int
	for i := range t.decisions {
		if !t.decisions[i].Proven && t.profile.Columns[i].Values() > 0 {
			cols = append(cols, i)
		}
	}
	if len(cols) == 0 {
		return nil
	}
	misfits := map[int]*Hazard{}
	encoders := make([]convert.Encoder, len(t.decisions))
	for _, i := range cols {
		encoders[i].Column = t.decisions[i].Column
	}
	var buf []byte
	for _, u := range t.units {
		err := r.scanUnit(ctx, t, u, func(rowid int64, vals []row.Value) error {
			for _, i := range cols {
				var err error
				if buf, _, err = encoders[i].Append(buf[:0], &vals[i]); err != nil {
					r.misfit(t, i, misfits, typemap.Key(t.src, rowid, vals), &vals[i])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, i := range cols {
		if h := misfits[i]; h != nil {
			h.Message = fmt.Sprintf("%s %s", several(h.Count, "value of "+t.src.Name+"."+h.Column+" does not fit", "values of "+t.src.Name+"."+h.Column+" do not fit"), t.decisions[i].Type.SQL())
			r.hazard(*h)
		}
	}
	return nil
}

func (r *run) misfit(t *table, col int, misfits map[int]*Hazard, key string, v *row.Value) {
	if v.Class == row.Text && t.decisions[col].Type.IsText() && t.profile.Columns[col].BadText > 0 {
		return // reported as invalid text, with its own policies
	}
	h := misfits[col]
	if h == nil {
		h = &Hazard{
			Code: "misfit", Table: t.src.Name, Column: t.src.Columns[col].Name,
			Hint: "choose a wider type with --type (json or text for what jsonb cannot hold), or leave the choice to litehaul",
		}
		if t.home != nil {
			h.Hint = t.homeWayOut(col)
		}
		misfits[col] = h
	}
	h.Count++
	if len(h.Cells) < typemap.MaxExamples {
		h.Cells = append(h.Cells, Cell{Key: key, Value: typemap.Show(v)})
	}
}

// several writes a count with its noun.
func several(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// keyEncoder writes the columns of a key so that two keys are equal in
// Postgres exactly when their bytes are.
type keyEncoder struct {
	t     *table
	cols  []int
	cells []convert.Encoder
	nulls bool // a NULL equals another
	buf   []byte
}

func newKeyEncoder(t *table, cols []int) *keyEncoder {
	e := &keyEncoder{t: t, cols: cols, cells: make([]convert.Encoder, len(cols))}
	for i, c := range cols {
		e.cells[i].Column = keyColumn(t.decisions[c].Column)
	}
	return e
}

// keyColumn drops what gives equal values different bytes: modifiers, and the
// width of integers.
func keyColumn(c convert.Column) convert.Column {
	if c.Existing == nil { // else values are rounded to the scale
		c.Type.Precision, c.Type.Scale = 0, 0
	}
	if isInteger(c.Type) {
		c.Type.Kind = sqltype.Int8
	}
	return c
}

// errNullKey is a key with a NULL in it: it equals no other.
var errNullKey = errors.New("key with a NULL")

// errNoKey is a key that does not fit its type: reported elsewhere.
var errNoKey = errors.New("key that does not fit")

// encode gives the bytes of a row's key, valid until the next call.
func (e *keyEncoder) encode(vals []row.Value) ([]byte, error) {
	e.buf = e.buf[:0]
	for i, c := range e.cols {
		start := len(e.buf)
		var err error
		if e.buf, _, err = e.cells[i].Append(e.buf, &vals[c]); err != nil {
			return nil, errNoKey
		}
		if !e.nulls && len(e.buf) == start+fieldHead && e.buf[start] == 0xff {
			return nil, errNullKey // a field of length -1: NULL, or empty text that becomes it
		}
		e.buf = canonicalField(e.buf, start, e.cells[i].Type)
	}
	return e.buf, nil
}

// hash gives a key's 64-bit hash.
func hash(key []byte) uint64 { return xxh3.Hash(key) }
