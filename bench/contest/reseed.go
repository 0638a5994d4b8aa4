package contest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// archiveLevel is that at which a migration writes an archive beside its load.
const archiveLevel = "fastest"

// withFixture migrates, and writes an archive beside the load.
func (c *contest) withFixture(one Case) contestant {
	run := func(ctx context.Context, l *lapRun) (Lap, error) {
		file := filepath.Join(l.scratch, "fixture.tar")
		migrate := c.litehaul(one, "--verify", "full", "--jobs", strconv.Itoa(c.opts.Jobs), "--fixture", file, "--fixture-level", archiveLevel)
		lap, err := migrate(ctx, l)
		if err != nil {
			return lap, err
		}
		info, err := os.Stat(file)
		if err != nil {
			return lap, fmt.Errorf("the fixture: %w", err)
		}
		lap.Archive = info.Size()
		return lap, nil
	}
	return contestant{nameFixture, c.opts.Jobs, true, true, run}
}

// prepareArchive writes what reseeders begin with into the folder of a floor,
// which goes with it.
func (c *contest) prepareArchive(ctx context.Context, f *floor, source string) (string, error) {
	file := filepath.Join(f.dir, "fixture.tar")
	quiet := &programs{sampler: &sampler{}}
	if err := quiet.run(ctx, nil, c.opts.Litehaul, "fixture", "create", source, "-o", file, "--progress", "none"); err != nil {
		return "", fmt.Errorf("write a fixture: %w", err)
	}
	return file, nil
}

// reseeder fills the database from an archive.
func (c *contest) reseeder(archive, verify string) contestant {
	jobs := c.opts.Jobs
	run := func(ctx context.Context, l *lapRun) (Lap, error) {
		return c.reported(ctx, l, []string{"reseed", archive, l.url(), "--verify", verify, "--jobs", strconv.Itoa(jobs)})
	}
	return contestant{reseedPrefix + verify, jobs, true, true, run}
}
