package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/bench/measure"
	"github.com/litehaul/litehaul/pipeline"
)

// benchMigrateOptions are the flags of litehaul bench migrate: those of migrate
// that say what is moved and how, but none that say where to.
type benchMigrateOptions struct {
	bench   benchOptions
	migrate migrateOptions
}

func newBenchMigrate(con *console) *cobra.Command {
	o := &benchMigrateOptions{}
	cmd := &cobra.Command{
		Use:   "migrate SOURCE [TARGET]",
		Short: "Measure migrations of a SQLite file",
		Long: `Measure how long litehaul migrate takes with a SQLite file on your server: in all, and in
each stage, with rows and megabytes per second, CPU time and memory of this program.

Each run makes its tables in a database of its own, which it makes before and removes after:
nothing that is on the server is touched. Where your role may not make databases, it is a
schema of its own in the database of TARGET. The first run does not count.

--compare says of each stage whether it got slower, beyond noise: by the medians, and by
the Mann-Whitney U test (p < 0.05), for which both sides need at least 4 runs.`,
		Example: `  # ten runs, kept for later
  litehaul bench migrate app.db postgres://app@localhost/app --json old.json --svg old.svg

  # after an upgrade: did it get slower? By more than 5 percent: exit with 1
  litehaul bench migrate app.db postgres://app@localhost/app --compare old.json --fail-if-slower=5`,
		Args:              argCount(1, 2),
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.bench.addFlags(fs)
	fs.Var(newChoice(&o.bench.scratch, measure.ModeAuto, measure.ModeDatabase, measure.ModeSchema), "scratch",
		"where each run goes: a database of its own, or a schema of its own where your role may not make or enter databases")
	group(fs, groupBench)
	o.migrate.source.addFlags(fs)
	o.migrate.addChoiceFlags(fs)
	o.migrate.addLoadFlags(fs)
	return cmd
}

func (o *benchMigrateOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkSource(args[0]); err != nil {
		return err
	}
	if err := checkJobs(o.migrate.jobs); err != nil {
		return err
	}
	info, err := os.Stat(args[0])
	if err != nil {
		return usage("", "%w", err)
	}
	cfg := o.migrate.config(args)
	return o.bench.run(cmd, con, benchJob{
		name: "migrate", source: measure.Source{Name: filepath.Base(cfg.Source), Bytes: info.Size()}, target: cfg.Target, options: optionsOf(cmd.Flags()),
		ways: []measure.Way{{Name: "migrate", Do: func(ctx context.Context, p measure.Place) (measure.Done, error) {
			return migrateOnce(ctx, cfg, p)
		}}},
	})
}

// migrateOnce migrates into a place that is empty.
func migrateOnce(ctx context.Context, cfg pipeline.Config, p measure.Place) (done measure.Done, err error) {
	cfg.Target, cfg.Schema, cfg.Into = p.Target, p.Schema, pipeline.IntoCreate
	rep, err := pipeline.Migrate(ctx, cfg)
	return doneOf(&rep), err
}
