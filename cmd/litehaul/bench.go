package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/bench/measure"
	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// newBench makes the command under which the benchmarks stand.
func newBench(con *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how long migrating or reseeding takes on your server, and whether it got slower",
		Long: `Measure how long a migration, or seeding from a fixture archive, takes on your server, run
after run, and whether it got slower since the last time. docs/BENCH.md describes what is
measured and how.`,
		Example: `  litehaul bench migrate app.db postgres://app@localhost/app --json old.json
  litehaul bench migrate app.db postgres://app@localhost/app --compare old.json
  litehaul bench reseed app.tar postgres://app@localhost/app`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBenchMigrate(con), newBenchReseed(con))
	return cmd
}

// benchOptions are the flags that all benchmarks have.
type benchOptions struct {
	runs     int
	scratch  measure.Mode
	json     string
	svg      string
	compare  string
	slower   float64
	progress string
}

const (
	defaultRuns = 10
	maxRuns     = 1000
	percent     = 100
)

func (o *benchOptions) addFlags(fs *pflag.FlagSet) {
	fs.IntVar(&o.runs, "runs", defaultRuns, "measure `N` runs, after one that does not count")
	fs.StringVar(&o.compare, "compare", "", "say whether it got slower since the result in `FILE`, which --json wrote")
	fs.Float64Var(&o.slower, "fail-if-slower", 0, "with --compare: exit with 1 if whole runs got slower beyond noise, or with =`PERCENT` if by more than that too")
	fs.Lookup("fail-if-slower").NoOptDefVal = "0"
	group(fs, groupBench)
	fs.StringVar(&o.json, "json", "", "write the result, with each single run, as JSON to `FILE`; - is stdout, in place of the tables")
	fs.StringVar(&o.svg, "svg", "", "draw the result into `FILE`")
	group(fs, groupReport)
	fs.Var(newChoice(&o.progress, progressPlain, progressNone), "progress", "a line for each run on stderr")
	group(fs, groupMessages)
}

// benchJob is what one of the commands measures.
type benchJob struct {
	name    string
	source  measure.Source
	target  string
	options map[string]string
	ways    []measure.Way
}

// run measures the job, shows the result, and compares it.
func (o *benchOptions) run(cmd *cobra.Command, con *console, job benchJob) error {
	older, err := o.check(cmd.Flags(), job)
	if err != nil {
		return err
	}
	con.hideSecrets(job.target)
	plan := measure.Plan{Target: job.target, Mode: o.scratch, Runs: o.runs, Ways: job.ways}
	if o.progress == progressPlain {
		plan.Note = func(line string) { con.say("%s", line) }
	}
	result, err := measure.Measure(cmd.Context(), plan)
	if err != nil {
		return benchError(cmd.Context(), con, err)
	}
	result.Job, result.Tool, result.Source, result.Options = job.name, toolName(), job.source, job.options
	return o.show(cmd.Flags(), con, result, older)
}

// check finds before the first run what is wrong with the flags, and reads the
// result to compare with, nil for none.
func (o *benchOptions) check(flags *pflag.FlagSet, job benchJob) (*measure.Result, error) {
	if o.runs < 1 || o.runs > maxRuns {
		return nil, usage("--runs 10", "invalid value %d for --runs: must be from 1 to %d", o.runs, maxRuns)
	}
	if !(o.slower >= 0) {
		return nil, usage("--fail-if-slower=5", "invalid value %v for --fail-if-slower: must be at least 0", o.slower)
	}
	if o.json != toStdout {
		if err := checkWritable("json", o.json); err != nil {
			return nil, err
		}
	}
	if err := checkWritable("svg", o.svg); err != nil {
		return nil, err
	}
	strict := flags.Changed("fail-if-slower")
	if o.compare == "" {
		if strict {
			return nil, usage("add --compare old.json", "--fail-if-slower needs something to compare with")
		}
		return nil, nil //nolint:nilnil // nothing to compare with is no error
	}
	older, err := readResult(o.compare)
	if err != nil {
		return nil, usage("--compare takes what --json wrote", "--compare %s: %w", o.compare, err)
	}
	if older.Job != job.name {
		return nil, usage("litehaul bench "+older.Job, "--compare %s: a result of bench %s, not of bench %s", o.compare, older.Job, job.name)
	}
	if !slices.ContainsFunc(job.ways, func(w measure.Way) bool { return older.Way(w.Name) != nil }) {
		return nil, usage("", "--compare %s: a result of other ways than are measured now", o.compare)
	}
	for _, w := range older.Ways {
		if strict && !measure.Enough(len(w.Runs), o.runs) {
			return nil, usage("--runs 10, and as many in the older result",
				"--fail-if-slower: %s against %d cannot tell a difference from noise", render.Plural(int64(o.runs), "run"), len(w.Runs))
		}
	}
	return older, nil
}

func readResult(path string) (*measure.Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it is only read
	return measure.Read(f)
}

// benchError gives an error of measuring its exit code. A scratch place that is
// left behind is told of in any case, also where the user has interrupted.
func benchError(ctx context.Context, con *console, err error) error {
	var left *measure.LeftError
	if errors.As(err, &left) {
		if ctx.Err() != nil {
			con.say("%v", left)
			con.say("remove it: %s", left.SQL)
		}
		if pipeline.Hint(err) == "" {
			err = &pipeline.Error{Err: err, Hint: "remove it: " + left.SQL, Code: pipeline.ExitFailed}
		}
		return err
	}
	var refused *measure.RefusedError
	var unreachable *postgres.ConnectError
	switch {
	case pipeline.Hint(err) != "":
	case errors.As(err, &refused):
		return &pipeline.Error{Err: err, Hint: refused.Hint, Code: pipeline.ExitRefused}
	case errors.As(err, &unreachable):
		return &pipeline.Error{Err: err, Hint: unreachable.Hint, Code: pipeline.ExitFailed}
	}
	return err
}

// show puts the result where it was asked for, and says whether it got slower.
func (o *benchOptions) show(flags *pflag.FlagSet, con *console, result, older *measure.Result) error {
	var c *measure.Comparison
	if older != nil {
		var err error
		if c, err = measure.Compare(older, result); err != nil {
			return fmt.Errorf("--compare %s: %w", o.compare, err)
		}
	}
	if err := o.write(con, result, older, c); err != nil {
		return err
	}
	if c == nil || !flags.Changed("fail-if-slower") {
		return nil
	}
	if slower := c.Slower(o.slower / percent); len(slower) > 0 {
		l := slower[0]
		return &pipeline.Error{
			Err:  fmt.Errorf("%s got slower: %.3g s, was %.3g s (%+.1f %%, p=%.3f)", l.Way, l.Is, l.Was, percent*l.Change(), l.P),
			Code: pipeline.ExitFailed,
		}
	}
	return nil
}

func (o *benchOptions) write(con *console, result, older *measure.Result, c *measure.Comparison) error {
	if o.json != "" && o.json != toStdout {
		if err := writeFile(o.json, result.Write); err != nil {
			return err
		}
	}
	if o.svg != "" {
		if err := writeFile(o.svg, result.Figure(older).Write); err != nil {
			return err
		}
	}
	var out io.Writer = con.out
	if o.json == toStdout {
		if err := result.Write(out); err != nil {
			return err
		}
		out = con.err // what was compared is still worth a look
	} else if err := result.Text(out); err != nil {
		return err
	}
	if c == nil {
		return nil
	}
	_, _ = fmt.Fprintln(out)
	return c.Text(out, o.compare)
}

// decisive are the headings of the flags that decide what a run does.
var decisive = []string{groupWhat, groupTypes, groupChoices, groupSource, groupLoad, groupFixture}

// optionsOf gives the flags that decide what is measured, as far as they were
// set, for the result.
func optionsOf(fs *pflag.FlagSet) map[string]string {
	set := map[string]string{}
	fs.Visit(func(f *pflag.Flag) {
		if of := f.Annotations[groupKey]; len(of) > 0 && slices.Contains(decisive, of[0]) {
			set[f.Name] = f.Value.String()
		}
	})
	return set
}

// stageOrder is that in which stages begin; a report has them as they end.
var stageOrder = []pipeline.Stage{
	pipeline.StageSnapshot, pipeline.StageSchema, pipeline.StageProfile, pipeline.StagePlan,
	pipeline.StageLoad, pipeline.StageFinish, pipeline.StageVerify,
}

// doneOf takes from the report of a run what a benchmark keeps.
func doneOf(rep *pipeline.Report) (done measure.Done) {
	for _, t := range rep.Tables {
		done.Rows += t.Loaded + t.Already
		done.Bytes += t.Bytes
	}
	for _, stage := range stageOrder {
		for _, t := range rep.Stages {
			if t.Stage == stage {
				done.Stages = append(done.Stages, measure.Stage{Name: string(stage), Seconds: t.Seconds})
			}
		}
	}
	return done
}
