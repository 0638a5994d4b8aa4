package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/graph"
	"github.com/litehaul/litehaul/internal/postgres"
)

// FixtureOutput is the archive that a run writes: docs/FIXTURE-FORMAT.md.
type FixtureOutput struct {
	// Path is the file, "" for none. It appears when all is in it and the run has
	// succeeded; an older fixture of that name stays until then. A file that is
	// no fixture is not replaced.
	Path string
	// Level is how hard it is compressed: fastest, default, better or best; "" is
	// default.
	Level string
}

// FixtureReport tells of the archive that a run has written.
type FixtureReport struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	ID     string `json:"id"` // SHA-256 of its manifest: equal for equal archives only
	Chunks int    `json:"chunks"`
	// Raw is how many bytes of COPY data the archive holds.
	Raw int64 `json:"raw_bytes"`
}

// archive is the fixture that a run writes.
type archive struct {
	w      *fixture.Writer
	tables []*table // in the archive's order
	place  map[*table]int
}

// checkFixture finds before the run what would keep its archive from being
// written.
func (r *run) checkFixture() error { return r.cfg.Fixture.Check(r.cfg.Source) }

// Check fills in the level, and finds before a run what would keep the archive from
// being written. source is a file that it must not replace, "" for none.
func (out *FixtureOutput) Check(source string) error {
	if out.Path == "" {
		return nil
	}
	if out.Level == "" {
		out.Level = fixture.Default.String()
	}
	if _, err := fixture.ParseLevel(out.Level); err != nil {
		return &Error{Err: err, Code: ExitUsage}
	}
	info, err := os.Stat(out.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &Error{Err: fmt.Errorf("fixture: %w", err), Code: ExitUsage}
	}
	hint := "name another file"
	if source, err := os.Stat(source); err == nil && os.SameFile(source, info) {
		return &Error{Err: fmt.Errorf("the fixture %s would replace the source", out.Path), Hint: hint, Code: ExitUsage}
	}
	if !info.Mode().IsRegular() || info.Size() > 0 && !isFixture(out.Path) {
		return &Error{Err: fmt.Errorf("%s stands there and is no fixture, so it is not replaced", out.Path), Hint: hint, Code: ExitRefused}
	}
	return nil
}

// isFixture tells whether a file begins as archives do.
func isFixture(path string) bool {
	const mark = "litehaul-fixture\x00"
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, len(mark))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == mark
}

// refuseFixture refuses an archive beside a run into tables that an application
// made: its schema is not this run's to write down.
func (r *run) refuseFixture() error {
	if r.cfg.Fixture.Path == "" || r.into == nil {
		return nil
	}
	return &Error{
		Err:  errors.New("a fixture can be written beside tables that the run makes, and this run fills those of an application"),
		Hint: "leave out --fixture, or use --into create with another schema or database", Code: ExitRefused,
	}
}

// openFixture begins the archive.
func (r *run) openFixture() error {
	out := r.cfg.Fixture
	if out.Path == "" {
		return nil
	}
	level, err := fixture.ParseLevel(out.Level)
	if err != nil {
		return err
	}
	a := &archive{tables: slices.Clone(r.tables), place: map[*table]int{}}
	// Large tables are loaded first: what comes in its turn need not wait.
	slices.SortStableFunc(a.tables, func(x, y *table) int { return cmp.Compare(y.profile.Bytes, x.profile.Bytes) })
	head := fixture.Head{
		Tool: "litehaul " + buildinfo.Version(), Source: r.cfg.Source,
		Postgres: fixture.Servers{Min: postgres.MinVersion / 10000, Max: postgres.MaxVersion / 10000},
		PreSQL:   r.plan.preSQL(r.searchPath()), Masked: a.masked(r.plan.schema),
	}
	levels := r.plan.levels()
	for i, t := range a.tables {
		a.place[t] = i
		head.Tables = append(head.Tables, t.fixtureDef(r.plan.schema, levels[t]))
	}
	if a.w, err = fixture.Create(out.Path, head, fixture.Options{Level: level}); err != nil {
		return &Error{Err: err, Hint: "nothing was written", Code: ExitFailed}
	}
	r.archive = a
	for i, t := range a.tables {
		if err := a.w.EndTable(i, len(t.units)); err != nil {
			return err
		}
	}
	return nil
}

// fixtureDef describes the table as the archive's tuples have it.
func (t *table) fixtureDef(schema string, level int) fixture.TableDef {
	def := fixture.TableDef{Schema: schema, Name: t.name, Level: level}
	for _, i := range t.wire {
		c := &t.columns[i]
		def.Columns = append(def.Columns, fixture.Column{Name: c.name, Type: c.decision.Type.Format()})
	}
	return def
}

// levels orders the tables by foreign keys: parents have a lower level than their
// children, and tables of a circle the same one.
func (p *plan) levels() map[*table]int {
	parents := map[*table][]*table{}
	for _, f := range p.fks {
		parents[f.t] = append(parents[f.t], f.parent)
	}
	return graph.Levels(p.tables, func(t *table) []*table { return parents[t] })
}

// closeFixture writes what stands behind the rows; the archive is then there.
func (r *run) closeFixture(ctx context.Context) error {
	a := r.archive
	if a == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	tail := fixture.Tail{PostSQL: r.plan.postSQL(r.searchPath(), r.anyRejected()), Identities: make([][]fixture.Identity, len(a.tables))}
	for i, t := range a.tables {
		for j := range t.columns {
			if c := &t.columns[j]; c.identity {
				tail.Identities[i] = append(tail.Identities[i], fixture.Identity{Column: c.name, Next: c.next})
			}
		}
	}
	res, err := a.w.Close(tail)
	if err != nil {
		return fmt.Errorf("write %s: %w", r.cfg.Fixture.Path, err)
	}
	r.rep.Fixture = &FixtureReport{Path: r.cfg.Fixture.Path, Bytes: res.Size, ID: res.ID}
	r.rep.Fixture.Chunks, r.rep.Fixture.Raw = res.Manifest.Totals()
	return nil
}

// dropFixture gives up an archive that was not closed: nothing is left of it.
func (r *run) dropFixture() {
	if r.archive != nil {
		r.archive.w.Abort()
	}
}
