package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/globs"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// openSource pins the snapshot and reads the schema.
func (r *run) openSource(ctx context.Context) error {
	snap, err := sqlite.Open(ctx, r.cfg.Source, sqlite.Options{
		BusyTimeout: r.cfg.BusyTimeout, RecoverCopy: r.cfg.RecoverCopy,
	})
	if err != nil {
		return explainSource(err)
	}
	r.snap = snap
	info := snap.Info()
	r.rep.Source.Bytes = info.FileSize
	r.rep.Source.PageSize = info.PageSize
	r.rep.Source.Encoding = info.Encoding
	r.rep.Source.JournalMode = info.JournalMode
	return nil
}

// explainSource gives an error of the source its exit code and hint. What is
// wrong with the file's content is a refusal; a file that is not there or
// cannot be opened is a failure.
func explainSource(err error) error {
	var told *Error
	if errors.As(err, &told) {
		return err // by a reader of the run's own
	}
	code := ExitFailed
	for _, kind := range []error{
		sqlite.ErrNotSQLite, sqlite.ErrEncrypted, sqlite.ErrEmpty, sqlite.ErrHotJournal,
		sqlite.ErrLogUnreadable, sqlite.ErrDamaged,
	} {
		if errors.Is(err, kind) {
			code = ExitRefused
		}
	}
	var hinter interface{ Hint() string }
	hint := ""
	if errors.As(err, &hinter) {
		hint = hinter.Hint()
	}
	return &Error{Err: err, Hint: hint, Code: code}
}

// sourceError explains an error met while rows are read: with the page where
// the damage lies, when SQLite's own check can name it.
func (r *run) sourceError(ctx context.Context, t *table, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var d *sqlite.DamagedError
	if errors.As(err, &d) && d.Page == 0 {
		list, checkErr := r.snap.Check(ctx, t.src.Name)
		if checkErr == nil {
			for _, x := range list {
				if x.Page != 0 {
					d.Page, d.Detail = x.Page, x.Detail
					break
				}
			}
		}
	}
	return explainSource(err)
}

// errOnlyVirtual tells a file without any other table.
var errOnlyVirtual = errors.New("holds virtual tables only, which are left out")

// hasColumns tells a virtual table whose module litehaul has.
func hasColumns(v *schema.VirtualTable) bool { return len(v.Columns) > 0 }

// readSchema reads the schema and selects the tables of the run.
func (r *run) readSchema(ctx context.Context) error {
	s, err := r.snap.Schema(ctx)
	if err != nil {
		return explainSource(err)
	}
	r.schema = s
	r.recognize()
	r.checkBroken()
	all := r.readable()
	virtual := map[*schema.Table]*schema.VirtualTable{}
	if r.cfg.VirtualContent {
		for _, v := range s.Virtual {
			if hasColumns(v) {
				t := &schema.Table{Name: v.Name, SQL: v.SQL, Columns: v.Columns, RowidAlias: -1}
				virtual[t] = v
				all = append(all, t)
			}
		}
	}
	if len(all) == 0 && !r.cfg.VirtualContent && slices.ContainsFunc(s.Virtual, hasColumns) {
		return &Error{
			Err:  fmt.Errorf("%s: %w", r.cfg.Source, errOnlyVirtual),
			Hint: "--virtual-tables=content copies their visible rows as ordinary tables", Code: ExitRefused,
		}
	}
	if len(all) == 0 {
		return &Error{
			Err:  fmt.Errorf("%s holds no tables", r.cfg.Source),
			Hint: "check the path: SQLite makes an empty file where a name was mistyped", Code: ExitRefused,
		}
	}
	r.all = all
	if err := r.choose(all, virtual); err != nil {
		return err
	}
	if err := r.mapNames(); err != nil {
		return err
	}
	return r.checkDrops()
}

// checkBroken refuses a schema with entries that SQLite itself cannot load,
// unless the user accepts the loss.
func (r *run) checkBroken() {
	lenient := r.snap.Info().SchemaDamaged
	for _, b := range r.schema.Broken {
		if !b.Damage && !lenient {
			continue
		}
		h := Hazard{
			Code: "damaged-schema", Table: b.Name, Count: 1,
			Message: fmt.Sprintf("the schema entry of %s %s is damaged: %v", b.Type, b.Name, b.Err),
			Hint:    "restore a backup, or leave it behind with --skip-damaged",
		}
		if r.cfg.SkipDamaged {
			h.Settled = "--skip-damaged"
		}
		r.hazard(h)
	}
}

// readable lists the tables that have columns: a damaged entry may be left
// without any, and then the engine reads something else than the schema says.
func (r *run) readable() []*schema.Table {
	var out []*schema.Table
	for _, t := range r.schema.Tables {
		if len(t.Columns) > 0 {
			out = append(out, t)
			continue
		}
		h := Hazard{
			Code: "damaged-schema", Table: t.Name, Count: 1,
			Message: fmt.Sprintf("the schema entry of table %s is damaged: it has no columns", t.Name),
			Hint:    "restore a backup, or leave it behind with --skip-damaged",
		}
		if r.cfg.SkipDamaged {
			h.Settled = "--skip-damaged"
		}
		r.hazard(h)
	}
	return out
}

// choose applies --tables and --exclude.
func (r *run) choose(all []*schema.Table, virtual map[*schema.Table]*schema.VirtualTable) error {
	choice := globs.New(r.cfg.Tables, r.cfg.Exclude)
	for _, t := range all {
		ok, err := choice.Takes("", t.Name)
		if err != nil {
			return &Error{Err: err, Code: ExitUsage}
		}
		if ok {
			v := virtual[t]
			x := &table{src: t, virtual: v != nil}
			if v != nil {
				x.units = []*unit{{Unit: sqlite.VirtualUnit(v)}}
			}
			r.tables = append(r.tables, x)
		}
	}
	if g, ok := choice.Unmatched(); ok {
		return &Error{
			Err:  fmt.Errorf("no table matches %q", g),
			Hint: "the tables are " + nameList(all), Code: ExitUsage,
		}
	}
	if len(r.tables) == 0 {
		return &Error{Err: errors.New("--tables and --exclude leave no table"), Code: ExitUsage}
	}
	return r.checkRules(all)
}

// checkRules refuses rules for columns that do not exist.
func (r *run) checkRules(all []*schema.Table) error {
	for _, rule := range r.rules {
		found := false
		for _, t := range all {
			found = found || strings.EqualFold(t.Name, rule.Table) && t.Column(rule.Column) >= 0
		}
		if !found {
			return &Error{
				Err:  fmt.Errorf("no column %s.%s, which --type or --form names", rule.Table, rule.Column),
				Hint: "litehaul inspect lists tables and columns", Code: ExitUsage,
			}
		}
	}
	return nil
}

func nameList(tables []*schema.Table) string {
	const most = 12
	var names []string
	for i, t := range tables {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(tables)-most))
			break
		}
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// openUnit opens the reader of a unit.
func (r *run) openUnit(ctx context.Context, t *table, u *unit) (row.Reader, error) {
	rows, err := r.openRows(ctx, t, u)
	if err != nil {
		return nil, err
	}
	return r.chosen(t, u, rows), nil
}

// openRows opens the reader of all rows of a unit, as they stand in the source.
func (r *run) openRows(ctx context.Context, t *table, u *unit) (row.Reader, error) {
	if t.salvage {
		return r.salvageReader(ctx, t)
	}
	if t.pages && u.Where == "" {
		return r.snap.OpenPages(ctx, u.Unit)
	}
	return r.snap.OpenReader(ctx, u.Unit)
}

// scanUnit calls f for each row of a unit.
func (r *run) scanUnit(ctx context.Context, t *table, u *unit, f func(rowid int64, vals []row.Value) error) error {
	reader, err := r.openUnit(ctx, t, u)
	if err != nil {
		return r.sourceError(ctx, t, err)
	}
	return r.scanRows(ctx, t, reader, f)
}

// scanRows calls f for each row of a reader, and closes it.
func (r *run) scanRows(ctx context.Context, t *table, reader row.Reader, f func(rowid int64, vals []row.Value) error) error {
	defer func() { _ = reader.Close() }() // reading is over
	vals := make([]row.Value, len(t.src.Columns))
	for n := 0; ; n++ {
		rowid, ok, err := reader.Next(vals)
		if err != nil {
			return r.sourceError(ctx, t, err)
		}
		if !ok {
			return nil
		}
		if err := f(rowid, vals); err != nil {
			return err
		}
	}
}
