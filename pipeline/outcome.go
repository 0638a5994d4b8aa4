package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
)

// account makes sure that every row of the source is loaded or was left behind
// by a policy that the user named, and that the source stayed as it was.
func (r *run) account(context.Context) error {
	for _, t := range r.tables {
		if got := t.loaded.Load() + t.updated + t.already + t.rejected.Load(); got != t.profile.Rows {
			return fmt.Errorf("table %s: %d rows in the source, %d loaded, %d updated, %d already there and %d rejected",
				t.src.Name, t.profile.Rows, t.loaded.Load(), t.updated, t.already, t.rejected.Load())
		}
	}
	if err := r.snap.Unchanged(); err != nil {
		return explainSource(err)
	}
	return nil
}

// judge turns differences into the run's error.
func (r *run) judge() error {
	var bad []string
	for _, t := range r.tables {
		if t.differs != nil {
			bad = append(bad, t.src.Name)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &Error{
		Err:  fmt.Errorf("the target differs from the source in %s", phrase.List(bad, 8)),
		Hint: "the report names columns and keys; was something else writing to the target?", Code: ExitDiffers,
	}
}

// explainWrite says what a failed write leaves behind.
func (r *run) explainWrite(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Error{Err: errors.New("interrupted"), Hint: r.remains(), Code: ExitInterrupted}
	}
	hint := r.remains()
	var e *Error
	if errors.As(err, &e) {
		if e.Hint != "" {
			hint = e.Hint + "; " + hint
		}
		code := e.Code
		if code == ExitRefused && r.rep.Remains != nil {
			code = ExitFailed // too late to refuse: something was written
		}
		return &Error{Err: err, Hint: hint, Code: code}
	}
	if postgres.Code(err) == postgres.CodeDiskFull {
		hint = "make room on the server's disk; " + hint
	}
	return &Error{Err: err, Hint: hint, Code: ExitFailed}
}

// remains tells what this run has made, and how to remove it.
func (r *run) remains() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(r.made) == 0 && len(r.dropped) == 0:
		return "nothing was written"
	case len(r.made) == 0:
		return fmt.Sprintf("nothing of this run is in schema %s, and the %d relations that stood in its way are dropped, as agreed; run again",
			r.cfg.Schema, len(r.dropped))
	}
	drop := "DROP TABLE IF EXISTS " + strings.Join(r.made, ", ") + " CASCADE"
	r.rep.Remains = &Remains{Schema: r.cfg.Schema, Tables: r.made, Remove: drop}
	return fmt.Sprintf("%d tables of this run are in schema %s; run again with --on-existing=drop to replace them",
		len(r.made), r.cfg.Schema)
}

// finish completes the report and closes the source.
func (r *run) finish(ctx context.Context, err error) (Report, error) {
	r.letGo(ctx)
	r.dropFixture()
	if r.snap != nil {
		if e := r.snap.Close(); err == nil && e != nil {
			err = explainSource(e)
		}
	}
	if e := r.dropChoice(); err == nil {
		err = e
	}
	if r.ledger != nil {
		if e := r.ledger.close(); err == nil {
			err = e
		}
		r.rep.Ledger = r.ledger.summary()
	}
	if ctx.Err() != nil && err != nil && (ExitCode(err) != ExitInterrupted || Hint(err) == "") {
		err = &Error{Err: errors.New("interrupted"), Hint: r.remains(), Code: ExitInterrupted}
	}
	r.tableReports()
	r.decided()
	r.rep.Seconds = time.Since(r.rep.Started).Seconds()
	r.rep.Outcome = r.outcome(err)
	if err != nil {
		r.rep.Error, r.rep.Hint = err.Error(), Hint(err)
	}
	return r.rep, err
}

func (r *run) outcome(err error) string {
	switch ExitCode(err) {
	case ExitDone:
		if r.cfg.DryRun {
			return "dry-run"
		}
		return "done"
	case ExitRefused, ExitUsage:
		return "refused"
	case ExitDiffers:
		return "differs"
	case ExitInterrupted:
		return "interrupted"
	}
	return "failed"
}
