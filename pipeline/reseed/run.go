package reseed

import (
	"context"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/internal/postgres/swap"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/journal"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// run is the state of one reseeding. Its fields are filled step by step; a step
// reads what those before it left.
type run struct {
	*journal.Journal
	cfg Config

	file      *os.File // nil: the archive is the caller's
	archive   *fixture.Reader
	pre, post []script.Statement
	all       []*table // of the archive
	tables    []*table // selected
	fill      []*table // of those, the ones that get rows

	target  *postgres.Target
	server  *postgres.Server
	catalog *catalog.Catalog
	holder  *pgx.Conn  // of the lock that keeps other runs off tables that stand
	into    *existing  // nil: the run makes its tables
	beside  *swap.Plan // of the new tables, nil: there are none beside those that stand
	unsure  bool       // whether the one transaction was committed
	redo    bool       // what a run that did not end has made is dropped first

	made  []string          // tables that this run has made, qualified; guarded by Mu
	tries map[string]object // objects that the server may refuse, by their label
}

// object is something that a block of post.sql makes.
type object struct{ kind, table, name string }

// Run fills the target from the archive. The report is filled as far as the run
// came, also when err is not nil; pipeline.ExitCode and pipeline.Hint tell what
// err means for the user.
func Run(ctx context.Context, cfg Config) (Report, error) {
	r := &run{Journal: journal.New(cfg.Fixture, cfg.Observer, cfg.Log), cfg: cfg, tries: map[string]object{}}
	return r.finish(ctx, r.run(ctx))
}

func (r *run) run(ctx context.Context) error {
	if err := r.cfg.fillDefaults(); err != nil {
		return err
	}
	if err := r.Stage(ctx, pipeline.StageSnapshot, func(ctx context.Context) error {
		if err := r.openArchive(); err != nil {
			return err
		}
		return r.openTarget(ctx)
	}); err != nil {
		return err
	}
	if err := r.Stage(ctx, pipeline.StagePlan, r.meet); err != nil {
		return err
	}
	switch {
	case r.adding():
		return r.add(ctx)
	case r.cfg.Atomic:
		return r.atomic(ctx)
	case r.into != nil && r.cfg.Swap:
		return r.swap(ctx)
	case r.into != nil:
		return r.refill(ctx)
	}
	return r.create(ctx)
}

// finish completes the report and closes the archive.
func (r *run) finish(ctx context.Context, err error) (Report, error) {
	if r.holder != nil {
		postgres.Close(ctx, r.holder)
	}
	if r.file != nil {
		_ = r.file.Close() // it was only read
	}
	for _, t := range r.tables {
		r.Report.Tables = append(r.Report.Tables, t.report())
	}
	return r.Finish(ctx, err, r.remains)
}

// connect opens a connection with an error that says what to do.
func (r *run) connect(ctx context.Context) (*pgx.Conn, error) {
	return server.Connect(ctx, r.target, r.server)
}
