package reseed

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// account makes sure that every row of the archive is loaded.
func (r *run) account(context.Context) error {
	for _, t := range r.tables {
		if got := t.loaded.Load(); got != t.Rows && !t.unchanged {
			return fmt.Errorf("table %s: %d rows in the archive, %d loaded", t.shown, t.Rows, got)
		}
	}
	return nil
}

// judge turns differences into the run's error.
func (r *run) judge() error {
	var bad []string
	for _, t := range r.tables {
		if t.differs != nil {
			bad = append(bad, t.shown)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &pipeline.Error{
		Err:  fmt.Errorf("the target differs from the archive in %s", phrase.List(bad, 8)),
		Hint: "was something else writing to the target? Run again", Code: pipeline.ExitDiffers,
	}
}

// explainWrite says what a failed write leaves behind.
func (r *run) explainWrite(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &pipeline.Error{Err: errors.New("interrupted"), Hint: r.remains(), Code: pipeline.ExitInterrupted}
	}
	hint, code := r.remains(), pipeline.ExitFailed
	var known *pipeline.Error
	switch {
	case errors.As(err, &known):
		if known.Hint != "" {
			hint = known.Hint + "; " + hint
		}
		if code = known.Code; code == pipeline.ExitRefused && len(r.made) > 0 {
			code = pipeline.ExitFailed // too late to refuse: something was written
		}
	case postgres.Code(err) == postgres.CodeDiskFull:
		hint = "make room on the server's disk; " + hint
	}
	return &pipeline.Error{Err: err, Hint: hint, Code: code}
}

const nothingWritten = "nothing was written"

// remains tells what this run has made, and how to go on.
func (r *run) remains() string {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	if len(r.made) == 0 {
		return nothingWritten
	}
	drop := "DROP TABLE IF EXISTS " + strings.Join(r.made, ", ") + " CASCADE"
	r.Report.Remains = &pipeline.Remains{Schema: r.Report.Target.Schema, Tables: r.made, Remove: drop}
	return fmt.Sprintf("%d tables of this run are in the target, without what comes after the rows; --on-data=truncate drops them and makes them again", len(r.made))
}
