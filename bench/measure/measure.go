package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/litehaul/litehaul/bench/machine"
)

// Way is one way to do a job.
type Way struct {
	Name string

	// Ready brings the place to where the job begins. It is not measured. Nil:
	// the job begins in an empty place.
	Ready func(ctx context.Context, p Place) error

	// Do does the job.
	Do func(ctx context.Context, p Place) (Done, error)

	// Clear removes what the way keeps outside of the places, when all runs are
	// over. Nil: it keeps nothing.
	Clear func(ctx context.Context) error
}

// Done is what a way tells of a run.
type Done struct {
	Stages []Stage
	Rows   int64
	Bytes  int64 // of COPY data
}

// Plan says how to measure.
type Plan struct {
	Target string // connection string of a database of the server
	Mode   Mode   // what a place is
	Runs   int    // of each way, without the first, which does not count
	Ways   []Way

	// Note hears what happens: a line for each run. It may be nil.
	Note func(line string)
}

// Measure does the runs. The ways take turns, so that a server whose speed
// drifts is unfair to none. The result has the machine, the server and the
// ways. All that was made on the server is gone when it returns, also when ctx
// ends.
func Measure(ctx context.Context, p Plan) (*Result, error) {
	if p.Note == nil {
		p.Note = func(string) {}
	}
	s, err := openScratch(ctx, p.Target, p.Mode)
	if err != nil {
		return nil, err
	}
	for _, note := range s.notes {
		p.Note(note)
	}
	result := &Result{Version: ResultVersion, Date: time.Now().UTC().Truncate(time.Second), Machine: machine.This(), Server: s.server}
	for _, way := range p.Ways {
		result.Ways = append(result.Ways, &WayResult{Name: way.Name})
	}
	err = p.turns(ctx, s, result)
	for _, way := range p.Ways {
		if way.Clear != nil {
			err = errors.Join(err, lasting(ctx, way.Clear))
		}
	}
	return result, err
}

// turns lets all ways do all their runs. Run 0 fills caches, and does not count.
func (p *Plan) turns(ctx context.Context, s *scratch, result *Result) error {
	for n := range p.Runs + 1 {
		for i, way := range p.Ways {
			run, done, err := once(ctx, s, way)
			if err != nil {
				return err
			}
			of := result.Ways[i]
			if n == 0 {
				p.Note(fmt.Sprintf("%s, warm-up: %s", way.Name, seconds(run.Seconds)))
				continue
			}
			of.Rows, of.Bytes, of.Runs = done.Rows, done.Bytes, append(of.Runs, run)
			p.Note(fmt.Sprintf("%s, run %d of %d: %s", way.Name, n, p.Runs, seconds(run.Seconds)))
		}
	}
	return nil
}

// once does one run in a place of its own.
func once(ctx context.Context, s *scratch, way Way) (run Run, done Done, err error) {
	place, err := s.make(ctx)
	if err != nil {
		return run, done, err
	}
	defer func() {
		err = errors.Join(err, lasting(ctx, func(ctx context.Context) error { return s.remove(ctx, place) }))
	}()
	if way.Ready != nil {
		if err := way.Ready(ctx, place); err != nil {
			return run, done, err
		}
	}
	s.checkpoint(ctx)
	meter, begin := machine.NewMeter(), time.Now()
	if done, err = way.Do(ctx, place); err != nil {
		return run, done, err
	}
	run = Run{Seconds: time.Since(begin).Seconds(), Stages: done.Stages, CPU: meter.CPU().Seconds(), Peak: meter.Peak()}
	return run, done, nil
}

// cleanLimit is how long a clean-up may take, of a run that was stopped too.
const cleanLimit = time.Minute

// lasting calls clean with a context that has not ended, also where ctx has.
func lasting(ctx context.Context, clean func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanLimit)
	defer cancel()
	return clean(ctx)
}
