package contest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
// The template, and with flags for it a spare copy, are made before the clock runs;
// what the server does when the run has ended is waited for, and not counted.
func (c *contest) fromTemplate(name, archive string, flags ...string) contestant {
	run := func(ctx context.Context, l *lapRun) (lap Lap, err error) {
		args := append([]string{"reseed", archive, l.url(), "--template", "--keep-templates", keepTemplates, "--yes", "--progress", "none", "--report", "json"}, flags...)
		if err := l.programs.run(ctx, nil, c.opts.Litehaul, args...); err != nil {
			return lap, err
		}
		if err := c.awaitSpare(ctx, len(flags) > 0); err != nil {
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
		return lap, c.awaitSpare(ctx, len(flags) > 0)
	}
	return contestant{name, 0, true, true, run}
}

// awaitSpare waits until the server has made the next copy and dropped the last one.
func (c *contest) awaitSpare(ctx context.Context, wanted bool) error {
	for wanted {
		ready := false
		err := c.server.with(ctx, "", func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, `SELECT count(*) FILTER (WHERE datname ~ '^litehaul_spr_') = 1 AND count(*) = 1
				FROM pg_database WHERE datname ~ '^litehaul_(spr|old|new)_'`).Scan(&ready)
		})
		if ready || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // it is the caller's
		case <-time.After(sparePause):
		}
	}
	return nil
}

const sparePause = 50 * time.Millisecond

// dropTemplate drops the template of the last case, if there is one.
func (c *contest) dropTemplate(ctx context.Context) error {
	if c.template == "" {
		return nil
	}
	name := pgserver.Quote(c.template)
	spare := pgserver.Quote(strings.Replace(c.template, "_tpl_", "_spr_", 1))
	c.template = ""
	return c.server.with(ctx, "", func(conn *pgx.Conn) error {
		return errors.Join(
			script(ctx, conn, "ALTER DATABASE "+name+" IS_TEMPLATE false"),
			script(ctx, conn, "DROP DATABASE "+name+" WITH (FORCE)"),
			script(ctx, conn, "DROP DATABASE IF EXISTS "+spare),
		)
	})
}
