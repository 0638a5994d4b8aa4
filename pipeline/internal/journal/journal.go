// Package journal keeps the books of a run from or into a fixture: the report, how
// long each stage took, what the observer and the log hear. It decides nothing, and
// knows neither archive nor server.
//
// Package pipeline, whose report and events these are, keeps those of a migration
// itself.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/pipeline"
)

// Journal is that of one run. Its methods may be called from several goroutines,
// but for Refuse and Finish.
type Journal struct {
	// Report is filled as the run goes on. Mu guards it while stages overlap.
	Report pipeline.Report
	Mu     sync.Mutex
	// TotalRows is how many rows are loaded and verified, 0 where nobody knows.
	TotalRows int64

	observer pipeline.Observer
	log      *slog.Logger
}

// New begins the journal of a run that reads source. Observer and log may be nil.
func New(source string, observer pipeline.Observer, log *slog.Logger) *Journal {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Journal{observer: observer, log: log, Report: pipeline.Report{
		Version: pipeline.ReportVersion, Tool: "litehaul " + buildinfo.Version(), Started: time.Now(),
		Source: pipeline.Source{Path: source},
		Stages: []pipeline.StageTime{}, Tables: []pipeline.TableReport{}, Objects: []pipeline.Object{},
		Hazards: []pipeline.Hazard{}, Frameworks: []pipeline.FrameworkFound{}, Renamed: []pipeline.Rename{},
		Notes: []string{}, Ledger: pipeline.LedgerSummary{Entries: []pipeline.LedgerGroup{}},
	}}
}

// Emit tells the observer.
func (j *Journal) Emit(e pipeline.Event) {
	if j.observer != nil {
		j.observer.Observe(e)
	}
}

// Stage runs one stage and keeps its wall time.
func (j *Journal) Stage(ctx context.Context, s pipeline.Stage, f func(context.Context) error) error {
	end := j.Begin(s)
	defer end()
	j.log.DebugContext(ctx, "stage begins", "stage", string(s))
	return f(ctx)
}

// Begin starts the clock of a stage; the returned function stops it.
func (j *Journal) Begin(s pipeline.Stage) (end func()) {
	start := time.Now()
	e := pipeline.Event{Kind: pipeline.StageBegin, Stage: s}
	if s == pipeline.StageLoad || s == pipeline.StageVerify {
		e.TotalRows = j.TotalRows
	}
	j.Emit(e)
	return func() {
		secs := time.Since(start).Seconds()
		j.Mu.Lock()
		j.Report.Stages = append(j.Report.Stages, pipeline.StageTime{Stage: s, Seconds: secs})
		j.Mu.Unlock()
		j.Emit(pipeline.Event{Kind: pipeline.StageEnd, Stage: s, Seconds: secs})
	}
}

// Step runs one step of the finish and tells the observer of its begin and end.
func (j *Journal) Step(table, name string, f func() error) error {
	start := time.Now()
	j.Emit(pipeline.Event{Kind: pipeline.StepBegin, Stage: pipeline.StageFinish, Table: table, Step: name})
	err := f()
	j.Emit(pipeline.Event{Kind: pipeline.StepEnd, Stage: pipeline.StageFinish, Table: table, Step: name, Seconds: time.Since(start).Seconds()})
	return err
}

// Note puts a sentence about the whole run into the report.
func (j *Journal) Note(s string) {
	j.Mu.Lock()
	j.Report.Notes = append(j.Report.Notes, s)
	j.Mu.Unlock()
}

// Object reports what became of a schema object.
func (j *Journal) Object(o pipeline.Object) {
	j.Mu.Lock()
	j.Report.Objects = append(j.Report.Objects, o)
	j.Mu.Unlock()
}

// Hazard reports something that keeps the run from writing.
func (j *Journal) Hazard(h pipeline.Hazard) {
	j.Mu.Lock()
	j.Report.Hazards = append(j.Report.Hazards, h)
	j.Mu.Unlock()
}

// Refuse stops the run before it writes where there are hazards.
func (j *Journal) Refuse() error {
	n := len(j.Report.Hazards)
	if n == 0 {
		return nil
	}
	first := j.Report.Hazards[0]
	err := fmt.Errorf("refused before writing: %s", first.Message)
	if n > 1 {
		err = fmt.Errorf("%w (and %d more)", err, n-1)
	}
	return &pipeline.Error{Err: err, Hint: first.Hint, Code: pipeline.ExitRefused}
}

// Finish completes the report with how the run ended, and gives both. remains tells
// what a run that was interrupted has left behind.
func (j *Journal) Finish(ctx context.Context, err error, remains func() string) (pipeline.Report, error) {
	if ctx.Err() != nil && err != nil && (pipeline.ExitCode(err) != pipeline.ExitInterrupted || pipeline.Hint(err) == "") {
		err = &pipeline.Error{Err: errors.New("interrupted"), Hint: remains(), Code: pipeline.ExitInterrupted}
	}
	j.Report.Seconds = time.Since(j.Report.Started).Seconds()
	j.Report.Outcome = outcomes[pipeline.ExitCode(err)]
	if err != nil {
		j.Report.Error, j.Report.Hint = err.Error(), pipeline.Hint(err)
	}
	return j.Report, err
}

var outcomes = map[int]string{
	pipeline.ExitDone: "done", pipeline.ExitFailed: "failed", pipeline.ExitUsage: "refused", pipeline.ExitRefused: "refused",
	pipeline.ExitDiffers: "differs", pipeline.ExitInterrupted: "interrupted",
}
