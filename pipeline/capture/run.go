package capture

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/definition"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/journal"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// run is the state of one capture. Its fields are filled step by step; a step reads
// what those before it left.
type run struct {
	*journal.Journal
	cfg Config

	target *postgres.Target
	server *postgres.Server

	conn     *pgx.Conn // holds the snapshot
	tx       pgx.Tx
	snapshot string
	schemas  []string
	all      []listed // the tables of the schemas
	chosen   []listed // of these, the ones to capture
	defs     *definition.Definitions
	tables   []*table // in the archive's order
	after    []string // statements that set what load.sql does not
	archive  *fixture.Writer
}

// Run writes a Postgres database, or some schemas or tables of it, into the archive
// that cfg.Fixture names. All of it is one snapshot, and nothing is written to the
// database. The report is filled as far as the run came, also when err is not nil;
// pipeline.ExitCode and pipeline.Hint tell what err means for the user.
//
// The same content gives the same bytes, whatever the number of jobs, where tables
// have a primary key; rows of others follow each other as they are stored.
func Run(ctx context.Context, cfg Config) (Report, error) {
	r := &run{Journal: journal.New("", cfg.Observer, cfg.Log), cfg: cfg}
	return r.finish(ctx, r.run(ctx))
}

func (r *run) run(ctx context.Context) error {
	if err := r.cfg.fillDefaults(); err != nil {
		return err
	}
	for _, step := range []struct {
		stage pipeline.Stage
		run   func(context.Context) error
	}{
		{pipeline.StageSnapshot, r.open},
		{pipeline.StageSchema, r.read},
		{pipeline.StageProfile, r.cut},
	} {
		if err := r.Stage(ctx, step.stage, step.run); err != nil {
			return r.explain(err)
		}
		if err := r.Refuse(); err != nil {
			return err
		}
	}
	if err := r.openArchive(); err != nil {
		return err
	}
	if err := r.Stage(ctx, pipeline.StageLoad, r.copyAll); err != nil {
		return r.explain(err)
	}
	return r.closeArchive(ctx)
}

// explain tells what an error of the server means here.
func (r *run) explain(err error) error {
	if e := (*pipeline.Error)(nil); errors.As(err, &e) {
		return err
	}
	switch code := postgres.Code(err); code {
	case postgres.CodePrivilege:
		return &pipeline.Error{Err: err, Hint: "grant SELECT and USAGE to the role, or leave it out with --exclude", Code: pipeline.ExitRefused}
	case "42P01", "3F000", "55006": // tables or schemas went away
		return &pipeline.Error{Err: err, Hint: "the schema was changed meanwhile; run again", Code: pipeline.ExitFailed}
	}
	return &pipeline.Error{Err: err, Hint: nothingWritten + "; run again", Code: pipeline.ExitFailed}
}

// finish completes the report. The snapshot goes with its connection: nothing was
// written, so there is nothing to end well. Of an archive that was not closed nothing
// is left.
func (r *run) finish(ctx context.Context, err error) (Report, error) {
	if r.conn != nil {
		postgres.Close(ctx, r.conn)
	}
	if r.archive != nil {
		r.archive.Abort()
	}
	for _, t := range r.tables {
		r.Report.Tables = append(r.Report.Tables, t.report())
	}
	return r.Finish(ctx, err, func() string { return nothingWritten })
}

const nothingWritten = "nothing was written"

// connect opens a connection with an error that says what to do.
func (r *run) connect(ctx context.Context) (*pgx.Conn, error) {
	return server.Connect(ctx, r.target, r.server)
}
