package contest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
)

// floor is the floor for one number of streams, with the way that was found to
// be the fastest.
type floor struct {
	prepared *prepared
	jobs     int
	way      Way
	trials   []Trial
	dir      string // of the files
}

// prepareFloor migrates the case once, takes the result apart, and finds the
// fastest way to put it together again.
func (c *contest) prepareFloor(ctx context.Context, one Case, source string, jobs int) (*floor, error) {
	dir, err := openFolder(c.opts.Work, "litehaul-floor-")
	if err != nil {
		return nil, err
	}
	f := &floor{jobs: jobs, dir: dir}
	if err := c.fillFloor(ctx, f, one, source); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the floor of %s: %w", one.Spec, err), f.remove())
	}
	return f, nil
}

func (c *contest) fillFloor(ctx context.Context, f *floor, one Case, source string) error {
	const reference = "litehaul_bench_reference"
	migrate := contestant{"reference", f.jobs, false, true, c.litehaul(one, "--verify", "full")}
	if _, err := c.lap(ctx, migrate, source, reference); err != nil {
		return err
	}
	var err error
	if f.prepared, err = prepare(ctx, c.server, reference, f.dir, f.jobs); err != nil {
		return err
	}
	if err := c.server.drop(ctx, reference); err != nil {
		return err
	}
	return c.tune(ctx, f, source)
}

func (f *floor) remove() error {
	if err := os.RemoveAll(f.dir); err != nil {
		return fmt.Errorf("remove the floor's files: %w", err)
	}
	return nil
}

func (f *floor) run(ctx context.Context, l *lapRun) (Lap, error) {
	return f.prepared.floorRun(ctx, l.server, l.database, f.jobs, f.way)
}

// runSent is run with the files sent by a client.
func (f *floor) runSent(ctx context.Context, l *lapRun) (Lap, error) {
	way := f.way
	way.sent = true
	return f.prepared.floorRun(ctx, l.server, l.database, f.jobs, way)
}

// tune tries one change of the way after the other, and keeps those that make
// it faster. The best of a way's laps counts.
func (c *contest) tune(ctx context.Context, f *floor, source string) error {
	if c.opts.Trials == 0 {
		return nil
	}
	changes := []func(*Way){
		func(*Way) {},
		func(w *Way) { w.Freeze = true },
		func(w *Way) { w.Overlap = true },
		func(w *Way) { w.Workers = 1 },
		func(w *Way) { w.Workers = 2 },
	}
	if len(f.prepared.indexes) == 0 {
		changes = changes[:2] // the others are about keys
	}
	best := -1
	for _, change := range changes {
		trial := Trial{Jobs: f.jobs}
		if best >= 0 {
			trial.Way = f.trials[best].Way
		}
		change(&trial.Way)
		f.way = trial.Way
		for range c.opts.Trials {
			lap, err := c.lap(ctx, contestant{nameFloor, f.jobs, true, true, f.run}, source, contestDatabase)
			if err != nil {
				return err
			}
			trial.Seconds = append(trial.Seconds, lap.Seconds)
		}
		c.logf("  floor, %d streams, %s: %.2f s", f.jobs, trial.Way, slices.Min(trial.Seconds))
		f.trials = append(f.trials, trial)
		if best < 0 || slices.Min(trial.Seconds) < slices.Min(f.trials[best].Seconds) {
			best = len(f.trials) - 1
		}
	}
	f.trials[best].Chosen = true
	f.way = f.trials[best].Way
	return nil
}
