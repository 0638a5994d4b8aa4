package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
)

// fromFlag names the database that fixture create captures.
const fromFlag = "from"

// capturing are the flags that go with it. The others decide what SQLite's tables
// become.
var capturing = []string{
	fromFlag, "schema", "tables", "exclude", "output", "level", "jobs", "report", "report-file",
	"progress", "log-level", "log-format", "metrics-addr", "metrics-file", "color",
}

// runFrom is fixture create with a Postgres database for its source.
func (o *fixtureCreateOptions) runFrom(cmd *cobra.Command, con *console, args []string) error {
	if len(args) > 0 {
		return usage("leave out one of them", "SOURCE and --from name two sources")
	}
	var foreign []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(capturing, f.Name) {
			foreign = append(foreign, "--"+f.Name)
		}
	})
	if len(foreign) > 0 {
		return usage("leave them out: a Postgres database is captured as it is", "%s and --from: the one is for SQLite files, the other for none", strings.Join(foreign, ", "))
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	con.hideSecrets(o.from)
	s, err := newSession(cmd.Context(), con, &o.session)
	if err != nil {
		return err
	}
	s.text = render.Fixture
	var hear pipeline.Config
	s.attach(&hear)
	cfg := capture.Config{
		Target: o.from, Tables: o.source.tables, Exclude: o.source.exclude, Jobs: o.jobs,
		Fixture: pipeline.FixtureOutput{Path: o.output, Level: o.level}, Observer: hear.Observer, Log: hear.Log,
	}
	if cmd.Flags().Changed("schema") {
		cfg.Schemas = strings.Split(o.schema, ",")
	}
	rep, err := capture.Run(cmd.Context(), cfg)
	return s.finish(cmd.Context(), &rep, err)
}
