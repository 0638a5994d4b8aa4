package contest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgserver"
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

// keepTemplates is more than there are: those of others stay.
const keepTemplates = "1000"

// fromTemplate makes the database a copy of a template that holds the archive.
// The template is made before the clock runs, if this is the first lap.
func (c *contest) fromTemplate(archive string) contestant {
	run := func(ctx context.Context, l *lapRun) (lap Lap, err error) {
		args := []string{"reseed", archive, l.url(), "--template", "--keep-templates", keepTemplates, "--yes", "--progress", "none", "--report", "json"}
		if err := l.programs.run(ctx, nil, c.opts.Litehaul, args...); err != nil {
			return lap, err
		}
		l.programs.spent = 0
		l.programs.sampler.restart()
		file := filepath.Join(l.scratch, "report.json")
		begin := time.Now()
		if err := l.programs.run(ctx, nil, c.opts.Litehaul, append(args, "--report-file", file)...); err != nil {
			return lap, err
		}
		lap.Seconds = time.Since(begin).Seconds()
		text, err := os.ReadFile(file)
		if err != nil {
			return lap, fmt.Errorf("litehaul's report: %w", err)
		}
		var report struct {
			Template struct {
				Name string  `json:"template"`
				Copy float64 `json:"copy_seconds"`
				Swap float64 `json:"swap_seconds"`
			} `json:"template"`
		}
		if err := json.Unmarshal(text, &report); err != nil {
			return lap, fmt.Errorf("litehaul's report: %w", err)
		}
		lap.Stages = []Stage{{"copy", report.Template.Copy}, {"swap", report.Template.Swap}}
		c.template = report.Template.Name
		return lap, nil
	}
	return contestant{nameTemplate, 0, true, true, run}
}

// dropTemplate drops the template of the last case, if there is one.
func (c *contest) dropTemplate(ctx context.Context) error {
	if c.template == "" {
		return nil
	}
	name := pgserver.Quote(c.template)
	c.template = ""
	return c.server.with(ctx, "", func(conn *pgx.Conn) error {
		return errors.Join(
			script(ctx, conn, "ALTER DATABASE "+name+" IS_TEMPLATE false"),
			script(ctx, conn, "DROP DATABASE "+name+" WITH (FORCE)"),
		)
	})
}
