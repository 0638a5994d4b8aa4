package reseed

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/internal/postgres/swap"
	"github.com/litehaul/litehaul/pipeline"
)

// run is the state of one reseeding. Its fields are filled step by step; a step
// reads what those before it left.
type run struct {
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

	mu    sync.Mutex // guards rep and made while tasks overlap
	rep   Report
	made  []string          // tables that this run has made, qualified
	tries map[string]object // objects that the server may refuse, by their label
}

// object is something that a block of post.sql makes.
type object struct{ kind, table, name string }

// Run fills the target from the archive. The report is filled as far as the run
// came, also when err is not nil; pipeline.ExitCode and pipeline.Hint tell what
// err means for the user.
func Run(ctx context.Context, cfg Config) (Report, error) {
	r := &run{cfg: cfg, tries: map[string]object{}}
	r.rep = Report{
		Version: pipeline.ReportVersion, Tool: "litehaul " + buildinfo.Version(), Started: time.Now(),
		Source: pipeline.Source{Path: cfg.Fixture},
		Stages: []pipeline.StageTime{}, Tables: []pipeline.TableReport{}, Objects: []pipeline.Object{},
		Hazards: []pipeline.Hazard{}, Frameworks: []pipeline.FrameworkFound{}, Renamed: []pipeline.Rename{},
		Notes: []string{}, Ledger: pipeline.LedgerSummary{Entries: []pipeline.LedgerGroup{}},
	}
	return r.finish(ctx, r.run(ctx))
}

func (r *run) run(ctx context.Context) error {
	if err := r.cfg.fillDefaults(); err != nil {
		return err
	}
	if err := r.stage(ctx, pipeline.StageSnapshot, func(ctx context.Context) error {
		if err := r.openArchive(); err != nil {
			return err
		}
		return r.openTarget(ctx)
	}); err != nil {
		return err
	}
	if err := r.stage(ctx, pipeline.StagePlan, r.meet); err != nil {
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
	if ctx.Err() != nil && err != nil && (pipeline.ExitCode(err) != pipeline.ExitInterrupted || pipeline.Hint(err) == "") {
		err = &pipeline.Error{Err: errors.New("interrupted"), Hint: r.remains(), Code: pipeline.ExitInterrupted}
	}
	for _, t := range r.tables {
		r.rep.Tables = append(r.rep.Tables, t.report())
	}
	r.rep.Seconds = time.Since(r.rep.Started).Seconds()
	r.rep.Outcome = outcomes[pipeline.ExitCode(err)]
	if err != nil {
		r.rep.Error, r.rep.Hint = err.Error(), pipeline.Hint(err)
	}
	return r.rep, err
}

var outcomes = map[int]string{
	pipeline.ExitDone: "done", pipeline.ExitFailed: "failed", pipeline.ExitUsage: "refused", pipeline.ExitRefused: "refused",
	pipeline.ExitDiffers: "differs", pipeline.ExitInterrupted: "interrupted",
}

// emit tells the observer.
func (r *run) emit(e pipeline.Event) {
	if r.cfg.Observer != nil {
		r.cfg.Observer.Observe(e)
	}
}

// stage runs one stage and keeps its wall time.
func (r *run) stage(ctx context.Context, s pipeline.Stage, f func(context.Context) error) error {
	end := r.begin(s)
	defer end()
	r.cfg.Log.DebugContext(ctx, "stage begins", "stage", string(s))
	return f(ctx)
}

// begin starts the clock of a stage; the returned function stops it.
func (r *run) begin(s pipeline.Stage) (end func()) {
	start := time.Now()
	e := pipeline.Event{Kind: pipeline.StageBegin, Stage: s}
	if s == pipeline.StageLoad || s == pipeline.StageVerify {
		for _, t := range r.fill {
			e.TotalRows += t.Rows
		}
	}
	r.emit(e)
	return func() {
		secs := time.Since(start).Seconds()
		r.mu.Lock()
		r.rep.Stages = append(r.rep.Stages, pipeline.StageTime{Stage: s, Seconds: secs})
		r.mu.Unlock()
		r.emit(pipeline.Event{Kind: pipeline.StageEnd, Stage: s, Seconds: secs})
	}
}

// connect opens a connection with an error that says what to do.
func (r *run) connect(ctx context.Context) (*pgx.Conn, error) {
	version := 0
	if r.server != nil {
		version = r.server.Version
	}
	conn, err := r.target.Work(ctx, version)
	var ce *postgres.ConnectError
	if errors.As(err, &ce) {
		return nil, &pipeline.Error{Err: err, Hint: ce.Hint, Code: pipeline.ExitFailed}
	}
	return conn, err
}

// note puts a sentence about the whole run into the report.
func (r *run) note(s string) {
	r.mu.Lock()
	r.rep.Notes = append(r.rep.Notes, s)
	r.mu.Unlock()
}

// object reports what became of something that is not as the archive has it.
func (r *run) object(o pipeline.Object) {
	r.mu.Lock()
	r.rep.Objects = append(r.rep.Objects, o)
	r.mu.Unlock()
}
