package pipeline

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/mask"
	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Mask says how the values of columns are masked. Table and Column are globs over the
// names of the source; How is null, hash, fake-name, fake-email, fake-phone, redact, zero
// or const:TEXT.
type Mask struct{ Table, Column, How string }

// String writes the mask as --mask reads it, for messages.
func (m Mask) String() string { return m.Table + "." + m.Column + "=" + m.How }

// ParseMask reads a mask as --mask takes it: table.column=how. A name with a dot in it stands
// in double quotes.
func ParseMask(s string) (Mask, error) {
	name, how, ok := planfile.CutName(s, '=')
	if !ok {
		return Mask{}, fmt.Errorf("%q is not of the form table.column=how", s)
	}
	parts, err := planfile.SplitName(name)
	switch {
	case err != nil:
		return Mask{}, fmt.Errorf("%q: %w", s, err)
	case len(parts) != 2:
		return Mask{}, fmt.Errorf(`%q is not of the form table.column=how; a name with a dot needs double quotes: "my.table".name=null`, s)
	}
	if _, err := mask.Parse(how); err != nil {
		return Mask{}, fmt.Errorf("%s: %w", name, err)
	}
	return Mask{Table: parts[0], Column: parts[1], How: how}, nil
}

// leastSeed is how many bytes a seed has at least: one that can be guessed gives the
// masked values away.
const leastSeed = 16

// masks are the masked columns of a table.
type masks struct {
	t    *table
	how  map[int]mask.How
	fold map[int]string // the collation under which a column's values are equal
	// from names, for a column that no mask of the user's names, the one that it
	// has its mask from.
	from map[int]string
	// hidden are generated columns that read masked ones: Postgres computes them anew,
	// and what SQLite has computed is not looked at.
	hidden []int
	secret mask.Secret
}

// checkMasks refuses masks that nobody could mean.
func (r *run) checkMasks() error {
	if n := len(r.cfg.MaskSeed); n > 0 && n < leastSeed {
		return &Error{
			Err:  fmt.Errorf("a mask seed of %d bytes can be guessed", n),
			Hint: "take one of 16 or more, as openssl rand -hex 16 prints, and keep it secret", Code: ExitUsage,
		}
	}
	for _, m := range r.cfg.Masks {
		if _, err := mask.Parse(m.How); err != nil {
			return &Error{Err: fmt.Errorf("--mask %s.%s: %w", m.Table, m.Column, err), Code: ExitUsage}
		}
	}
	return nil
}

// maskTables decides which columns are masked, and profiles their tables again: from
// here on the run sees what is masked only. Types stay those of the source's values.
func (r *run) maskTables(ctx context.Context) error {
	if len(r.cfg.Masks) == 0 {
		return nil
	}
	if err := r.matchMasks(); err != nil {
		return err
	}
	if err := r.followMasks(); err != nil {
		return err
	}
	if err := r.allowMasks(); err != nil {
		return err
	}
	secret, err := r.maskSecret(ctx)
	if err != nil {
		return err
	}
	for _, t := range r.tables {
		if t.masks == nil {
			continue
		}
		t.masks.secret = secret
		t.masks.hidden = t.masks.computed()
		for i, how := range t.masks.how {
			d := &t.decisions[i]
			d.Proven, d.Why = false, "masked: "+string(how.Kind)
			d.Evidence = "" // tells of values
			if from := t.masks.from[i]; from != "" {
				d.Why += ", as " + from
			}
		}
		for _, i := range t.masks.hidden {
			t.decisions[i].Evidence = ""
		}
	}
	return r.profileMasked(ctx)
}

// matchMasks finds the columns that the masks name. A name beats a glob.
func (r *run) matchMasks() error {
	for _, glob := range []bool{false, true} {
		for _, m := range r.cfg.Masks {
			if strings.ContainsAny(m.Table+m.Column, `*?[\`) != glob {
				continue
			}
			if err := r.matchMask(m, glob); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) matchMask(m Mask, glob bool) error {
	how, err := mask.Parse(m.How)
	if err != nil {
		return err // checkMasks has said so before
	}
	found := false
	for _, t := range r.tables {
		for i, c := range t.src.Columns {
			hit, err := matchNames(m, t.src.Name, c.Name)
			if err != nil {
				return &Error{Err: fmt.Errorf("--mask %s: %w", m, err), Code: ExitUsage}
			}
			if !hit || t.decisions[i].Skip {
				continue
			}
			found = true
			if t.masks == nil {
				t.masks = newMasks(t)
			}
			old, ok := t.masks.how[i]
			switch {
			case !ok:
				t.masks.how[i], t.masks.fold[i] = how, c.Collation
			case old != how && (!glob || r.byGlob(t, i)):
				return &Error{
					Err:  fmt.Errorf("column %s.%s is masked in two ways: %s and %s", t.src.Name, c.Name, old, how),
					Hint: "name each column once; a name beats a pattern", Code: ExitUsage,
				}
			}
		}
	}
	if !found {
		return &Error{Err: fmt.Errorf("--mask %s: no column of this run is named so", m), Hint: "litehaul inspect lists tables and columns", Code: ExitUsage}
	}
	return nil
}

// byGlob tells whether only patterns name a column.
func (r *run) byGlob(t *table, col int) bool {
	for _, m := range r.cfg.Masks {
		if strings.EqualFold(m.Table, t.src.Name) && strings.EqualFold(m.Column, t.src.Columns[col].Name) {
			return false
		}
	}
	return true
}

func matchNames(m Mask, table, column string) (bool, error) {
	for pattern, name := range map[string]string{m.Table: table, m.Column: column} {
		if strings.EqualFold(pattern, name) {
			continue
		}
		ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
		if err != nil {
			return false, fmt.Errorf("glob %q: %w", pattern, err)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// maskSecret gives what masked values depend on.
func (r *run) maskSecret(ctx context.Context) (mask.Secret, error) {
	if r.cfg.MaskSeed != "" {
		return mask.NewSecret([]byte("seed " + r.cfg.MaskSeed)), nil
	}
	for _, t := range r.tables {
		if t.masks == nil {
			continue
		}
		for _, how := range t.masks.how {
			if how.Secret() {
				r.note("values are masked by a secret made from all of the source: another source gives others; --mask-seed keeps them")
				sum, err := r.snap.ContentHash(ctx)
				if err != nil {
					return mask.Secret{}, explainSource(err)
				}
				return mask.NewSecret(append([]byte("content "), sum[:]...)), nil
			}
		}
	}
	return mask.Secret{}, nil
}

// masked lists the columns for the manifest. The text of a constant is not in it.
func (a *archive) masked(schemaName string) (out []fixture.Mask) {
	for _, t := range a.tables {
		if t.masks == nil {
			continue
		}
		for _, i := range t.wire {
			if how, ok := t.masks.how[i]; ok {
				out = append(out, fixture.Mask{Schema: schemaName, Table: t.name, Column: t.columns[i].name, How: string(how.Kind)})
			}
		}
	}
	return out
}

// maskReader replaces values as rows go by.
type maskReader struct {
	row.Reader
	m       *masks
	columns []int
	maskers []*mask.Masker
}

// reader gives a reader of masked rows.
func (m *masks) reader(rows row.Reader) row.Reader {
	out := &maskReader{Reader: rows, m: m}
	for i := range m.t.src.Columns {
		how, ok := m.how[i]
		if !ok {
			continue
		}
		out.columns = append(out.columns, i)
		out.maskers = append(out.maskers, mask.New(m.secret, how, m.t.decisions[i].Type, m.fold[i]))
	}
	return out
}

// Next implements row.Reader.
func (x *maskReader) Next(vals []row.Value) (rowid int64, ok bool, err error) {
	rowid, ok, err = x.Reader.Next(vals)
	if err != nil || !ok {
		return rowid, ok, err //nolint:wrapcheck // it is the reader's own
	}
	for k, i := range x.columns {
		if err := x.maskers[k].Mask(&vals[i]); err != nil {
			src := x.m.t.src
			return 0, false, &Error{
				Err:  fmt.Errorf("mask column %s.%s with %s: %w", src.Name, src.Columns[i].Name, x.m.how[i].Kind, err),
				Hint: "mask it with null or const:TEXT", Code: ExitRefused,
			}
		}
	}
	for _, i := range x.m.hidden {
		vals[i].SetNull()
	}
	return rowid, true, nil
}

// has tells whether a column is masked.
func (m *masks) has(col int) bool {
	if m == nil {
		return false
	}
	_, ok := m.how[col]
	return ok
}

// noMask says what is wrong with a way to mask a column.
func noMask(t *table, col int, format string, args ...any) error {
	hint := "choose another way to mask it"
	if from := t.masks.from[col]; from != "" {
		hint = "it is masked as " + from + ", which its foreign keys tie it to; choose another way for both"
	}
	return &Error{
		Err:  fmt.Errorf("--mask of %s.%s: %w", t.src.Name, t.src.Columns[col].Name, fmt.Errorf(format, args...)),
		Hint: hint, Code: ExitRefused,
	}
}

// nullable tells whether a column takes NULL in the source.
func nullable(t *schema.Table, col int) bool {
	return !t.Columns[col].NotNull && t.Columns[col].PKOrdinal == 0
}
