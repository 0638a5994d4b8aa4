package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/bench/measure"
	"github.com/litehaul/litehaul/internal/fetch"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// benchReseedOptions are the flags of litehaul bench reseed.
type benchReseedOptions struct {
	bench  benchOptions
	reseed reseedOptions
}

func newBenchReseed(con *console) *cobra.Command {
	o := &benchReseedOptions{}
	cmd := &cobra.Command{
		Use:   "reseed FIXTURE [TARGET]",
		Short: "Measure reseeding from a fixture archive, in each way that there is",
		Long: `Measure how long litehaul reseed takes with a fixture archive on your server, in each way
that there is; the ways take turns. The first run of each does not count.

  full          into an empty database
  truncate      in place of the same rows, with --on-data truncate
  only-changed  the same with --only-changed, and nothing has changed
  template      with --template, where the template stands already; not of some tables only

Each run goes into a database of its own, which is made before and removed after. A
schema would not do: an archive names those that its tables go into. So your role must be
allowed to make databases.`,
		Example: `  litehaul bench reseed app.tar postgres://app@localhost/app --json old.json
  litehaul bench reseed app.tar postgres://app@localhost/app --compare old.json --fail-if-slower=5`,
		Args:              argCount(1, 2),
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.bench.addFlags(fs)
	o.bench.scratch = measure.ModeDatabase
	o.reseed.addRowFlags(fs)
	o.reseed.from.addFlags(fs)
	return cmd
}

func (o *benchReseedOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkJobs(o.reseed.jobs); err != nil {
		return err
	}
	return o.reseed.from.with(cmd.Context(), con, args[0], func(f *fixture.Reader, src *fetch.Source) error {
		cfg := o.reseed.config(args)
		cfg.Archive, cfg.Fixture = f, src.Name()
		ways := reseedWays(cfg)
		if len(cfg.Tables)+len(cfg.Exclude) == 0 { // a template holds the whole archive
			way, err := templateWay(cfg)
			if err != nil {
				return err
			}
			ways = append(ways, way)
		}
		return o.bench.run(cmd, con, benchJob{
			name: "reseed", source: measure.Source{Name: filepath.Base(src.Name()), Bytes: src.Size()},
			target: cfg.Target, options: optionsOf(cmd.Flags()), ways: ways,
		})
	})
}

// reseedWays are the ways of litehaul reseed. All but the first begin where the
// database holds the archive's rows already.
func reseedWays(cfg reseed.Config) []measure.Way {
	do := func(cfg reseed.Config) func(context.Context, measure.Place) (measure.Done, error) {
		return func(ctx context.Context, p measure.Place) (measure.Done, error) { return reseedOnce(ctx, cfg, p) }
	}
	filled := func(ctx context.Context, p measure.Place) error {
		_, err := reseedOnce(ctx, cfg, p)
		return err
	}
	truncate := cfg
	truncate.OnData = pipeline.OnDataTruncate
	// The database was made for this run: there is nobody to ask.
	truncate.Confirm = func(context.Context, string, []string) (bool, error) { return true, nil }
	changed := truncate
	changed.OnlyChanged = true
	return []measure.Way{
		{Name: "full", Do: do(cfg)},
		{Name: "truncate", Ready: filled, Do: do(truncate)},
		{Name: "only-changed", Ready: filled, Do: do(changed)},
	}
}

// reseedOnce fills a place as cfg says.
func reseedOnce(ctx context.Context, cfg reseed.Config, p measure.Place) (done measure.Done, err error) {
	cfg.Target = p.Target
	rep, err := reseed.Run(ctx, cfg)
	return doneOf(&rep), err
}
