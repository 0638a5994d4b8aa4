package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/graph"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/definition"
	"github.com/litehaul/litehaul/internal/postgres/script"
)

// CaptureConfig says what to capture of a Postgres database.
type CaptureConfig struct {
	// Target is the database: a URL, a key=value string, or "" for the PG*
	// environment variables, as libpq takes them.
	Target string
	// Schemas are those to capture; none means all that the role may look into,
	// but for those of Postgres itself and of extensions.
	Schemas []string
	// Tables and Exclude are globs over the names of tables, with or without
	// their schema. A glob that matches nothing is a usage error.
	Tables, Exclude []string
	// Jobs is the number of connections that read at once; 0 means the number of
	// CPUs, at least 2 and at most 8. One more holds the snapshot.
	Jobs int
	// Fixture is the archive to write.
	Fixture FixtureOutput
	// Observer hears what happens; nil means nobody.
	Observer Observer
	// Log gets structured messages; nil means none.
	Log *slog.Logger
}

// Capture writes a Postgres database, or some schemas or tables of it, into the
// archive that cfg.Fixture names. All of it is one snapshot, and nothing is
// written to the database: the right to SELECT is enough. What cannot be carried is
// refused, or listed in the report's Objects as left out.
//
// The same content gives the same bytes, whatever the number of jobs, where tables
// have a primary key; rows of others follow each other as they are stored.
func Capture(ctx context.Context, cfg CaptureConfig) (Report, error) {
	r, err := newRun(Config{Target: cfg.Target, Jobs: cfg.Jobs, Fixture: cfg.Fixture, Observer: cfg.Observer, Log: cfg.Log})
	c := &capture{run: r, cfg: cfg}
	switch {
	case err != nil:
	case cfg.Fixture.Path == "":
		err = &Error{Err: errors.New("no file is named for the fixture"), Code: ExitUsage}
	default:
		err = c.capture(ctx)
	}
	c.close(ctx)
	c.tableReports()
	return r.finish(ctx, err)
}

// capture is the state of one run.
type capture struct {
	*run
	cfg CaptureConfig

	conn     *pgx.Conn // holds the snapshot
	tx       pgx.Tx
	snapshot string
	schemas  []string
	all      []capturedName // the tables of the schemas
	chosen   []capturedName // of these, the ones to capture
	defs     *definition.Definitions
	tables   []*captured // in the archive's order
	after    []string    // statements that set what load.sql does not
}

// captured is one table on its way into the archive.
type captured struct {
	schema, name string
	columns      []capturedColumn // those that COPY carries
	key          []string         // quoted columns that put the rows in order, or none
	keyTypes     []string         // of these, as casts take them; none where ranges cannot be told
	parents      []*captured
	identities   []fixture.Identity
	where        []string // the condition of each unit, "" for all rows
	exact        bool     // all units but the last have unitRows rows

	begun              sync.Once
	rows, bytes, nanos atomic.Int64
	left               atomic.Int64 // units to come
	digest             string
}

func (t *captured) qualified() string { return postgres.Qualify(t.schema, t.name) }

func (t *captured) label() string { return t.schema + "." + t.name }

func (c *capture) capture(ctx context.Context) error {
	for _, step := range []struct {
		stage Stage
		run   func(context.Context) error
	}{
		{StageSnapshot, c.open},
		{StageSchema, c.read},
		{StageProfile, c.cut},
	} {
		if err := c.stage(ctx, step.stage, step.run); err != nil {
			return c.explain(err)
		}
		if err := c.refuse(); err != nil {
			return err
		}
	}
	if err := c.openArchive(); err != nil {
		return err
	}
	if err := c.stage(ctx, StageLoad, c.copyAll); err != nil {
		return c.explain(err)
	}
	return c.closeArchive(ctx)
}

// explain tells what an error of the server means here.
func (c *capture) explain(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	switch code := postgres.Code(err); code {
	case postgres.CodePrivilege:
		return &Error{Err: err, Hint: "grant SELECT and USAGE to the role, or leave it out with --exclude", Code: ExitRefused}
	case "42P01", "3F000", "55006": // tables or schemas went away
		return &Error{Err: err, Hint: "the schema was changed meanwhile; run again", Code: ExitFailed}
	}
	return &Error{Err: err, Hint: "nothing was written; run again", Code: ExitFailed}
}

// close lets the snapshot go. Nothing was written, so there is nothing to end well.
func (c *capture) close(ctx context.Context) {
	if c.conn != nil {
		closeConn(ctx, c.conn)
	}
}

// openArchive begins the archive.
func (c *capture) openArchive() error {
	level, err := fixture.ParseLevel(c.run.cfg.Fixture.Level)
	if err != nil {
		return err
	}
	head := fixture.Head{
		Tool: "litehaul " + buildinfo.Version(), Source: c.server.Database,
		Postgres: fixture.Servers{Min: c.defs.MinMajor, Max: max(postgres.MaxVersion, c.server.Version) / 10000},
		PreSQL:   c.text(c.defs.Before),
	}
	levels := c.levels()
	for _, t := range c.tables {
		def := fixture.TableDef{Schema: t.schema, Name: t.name, Level: levels[t]}
		for _, x := range t.columns {
			def.Columns = append(def.Columns, fixture.Column{Name: x.name, Type: x.typ, Base: x.base})
		}
		head.Tables = append(head.Tables, def)
	}
	w, err := fixture.Create(c.run.cfg.Fixture.Path, head, fixture.Options{Level: level})
	if err != nil {
		return &Error{Err: err, Hint: "nothing was written", Code: ExitFailed}
	}
	c.archive = &archive{w: w}
	for i, t := range c.tables {
		if err := w.EndTable(i, len(t.where)); err != nil {
			return err
		}
	}
	return nil
}

// levels orders the tables by foreign keys, as those of a plan.
func (c *capture) levels() map[*captured]int {
	return graph.Levels(c.tables, func(t *captured) []*captured { return t.parents })
}

// closeArchive writes what stands behind the rows; the archive is then there.
func (c *capture) closeArchive(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	after := append(slices.Clone(c.defs.After), c.after...)
	tail := fixture.Tail{}
	for _, t := range c.tables {
		after = append(after, "ANALYZE "+t.qualified())
		tail.Identities = append(tail.Identities, t.identities)
	}
	tail.PostSQL = c.text(after)
	res, err := c.archive.w.Close(tail)
	if err != nil {
		return fmt.Errorf("write %s: %w", c.run.cfg.Fixture.Path, err)
	}
	c.rep.Fixture = &FixtureReport{Path: c.run.cfg.Fixture.Path, Bytes: res.Size, ID: res.ID}
	c.rep.Fixture.Chunks, c.rep.Fixture.Raw = res.Manifest.Totals()
	for i, t := range c.tables {
		t.digest = res.Manifest.Tables[i].Digest
	}
	return nil
}

// text writes one of the archive's two SQL files. Bodies of functions are not
// looked into, because what they name may be made later.
func (c *capture) text(statements []string) string {
	s := script.NewWriter("pg_catalog")
	s.Add("SET LOCAL check_function_bodies = off")
	for _, sql := range statements {
		s.Add(sql)
	}
	return s.String()
}

// tableReports puts the tables into the report.
func (c *capture) tableReports() {
	for _, t := range c.tables {
		rep := TableReport{
			Name: t.label(), Target: t.qualified(), Rows: t.rows.Load(), Loaded: t.rows.Load(), Bytes: t.bytes.Load(),
			Seconds: float64(t.nanos.Load()) / 1e9, Reader: "copy", Units: len(t.where), Verified: "no", Digest: t.digest, Columns: []ColumnReport{},
		}
		for _, x := range t.columns {
			rep.Columns = append(rep.Columns, ColumnReport{Name: x.name, Target: x.name, Declared: x.typ, Type: x.typ, NotNull: x.notNull, Default: x.def})
		}
		for _, id := range t.identities {
			for i := range rep.Columns {
				if rep.Columns[i].Name == id.Column {
					rep.Columns[i].Identity = id.Next
				}
			}
		}
		c.rep.Tables = append(c.rep.Tables, rep)
	}
}
