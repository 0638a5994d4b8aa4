package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
	"github.com/litehaul/litehaul/pipeline/template"
)

// templateOptions are the flags of litehaul reseed --template.
type templateOptions struct {
	on          bool
	force       bool
	keep        int
	spare       bool
	maintenance string
}

// defaultKeep is how many templates are kept. Each takes the space of a database.
const defaultKeep = 8

// templateOnly are the flags that go with --template only, templateNever those
// that do not go with it: a template holds the whole archive.
var (
	templateOnly  = []string{"force", "spare", "keep-templates", "maintenance-db"}
	templateNever = []string{"tables", "exclude", "on-data", "only-changed", "atomic", "swap"}
)

func (o *templateOptions) addFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&o.on, "template", false, "make TARGET a fresh copy of a template database that holds the archive, and is made where it is missing; for tests")
	fs.BoolVar(&o.force, "force", false, "end the sessions in the database that --template replaces")
	fs.BoolVar(&o.spare, "spare", false, "have the server make one more copy when the run has ended, which the next run only has to rename")
	fs.IntVar(&o.keep, "keep-templates", defaultKeep, "keep the `N` templates of yours that were used last, and drop others; 0 keeps none")
	fs.StringVar(&o.maintenance, "maintenance-db", "", "connect to database `NAME` while --template makes and drops others (default: postgres, else template1)")
	group(fs, groupTemplate)
}

// check refuses flags that do not go together.
func (o *templateOptions) check(cmd *cobra.Command) error {
	names, format := templateNever, "--%s does not go with --template, which copies the whole archive"
	if !o.on {
		names, format = templateOnly, "--%s goes with --template only"
	}
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			return usage("", format, name)
		}
	}
	if o.keep < 0 {
		return usage("--keep-templates 8", "invalid value %d for --keep-templates: must not be below 0", o.keep)
	}
	return nil
}

// run makes the target a copy of the template. cfg says how that is filled.
func (o *templateOptions) run(ctx context.Context, cfg reseed.Config, confirm func(context.Context, string) (bool, error)) (pipeline.Report, error) {
	rep := pipeline.Report{
		Version: pipeline.ReportVersion, Tool: toolName(), Started: time.Now(),
		Source: pipeline.Source{Path: cfg.Fixture, Bytes: cfg.Archive.Size()},
		Stages: []pipeline.StageTime{}, Frameworks: []pipeline.FrameworkFound{}, Tables: []pipeline.TableReport{},
		Objects: []pipeline.Object{}, Hazards: []pipeline.Hazard{}, Renamed: []pipeline.Rename{}, Notes: []string{},
		Ledger: pipeline.LedgerSummary{Entries: []pipeline.LedgerGroup{}},
	}
	made, err := template.Run(ctx, template.Config{
		Target: cfg.Target, ID: cfg.Archive.ID(), Maintenance: o.maintenance, Force: o.force, Confirm: confirm,
		Keep: o.keep, Spare: o.spare, Log: cfg.Log,
		Fill: func(ctx context.Context, target string) error {
			fill := cfg
			fill.Target = target
			var err error
			rep, err = reseed.Run(ctx, fill)
			return err //nolint:wrapcheck // says what failed
		},
	})
	rep.Template, rep.Seconds, rep.Outcome = &made, made.Seconds, ""
	if err == nil {
		rep.Outcome = render.OutcomeDone
	}
	return rep, err //nolint:wrapcheck // says what failed
}

// confirmDatabase asks before a whole database is dropped.
func (p *prompt) confirmDatabase(ctx context.Context, database string) (ok bool, err error) {
	if p.yes {
		return true, nil
	}
	if !isTerminal(p.con.in) {
		return false, &pipeline.Error{
			Err:  fmt.Errorf("database %s was not made by reseed --template and would be dropped, and there is no terminal to ask on", database),
			Hint: "--yes goes on without a question",
			Code: pipeline.ExitRefused,
		}
	}
	p.pause(func() {
		p.con.say("Database %s was not made by reseed --template. It will be dropped, with all that is in it.", database)
		ok, err = p.typed(ctx, database)
	})
	return ok, err
}
