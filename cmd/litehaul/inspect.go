package main

import (
	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// inspectOptions are the flags of litehaul inspect.
type inspectOptions struct {
	source  sourceOptions
	session sessionOptions
	asJSON  bool
}

func newInspect(con *console) *cobra.Command {
	o := &inspectOptions{}
	cmd := &cobra.Command{
		Use:   "inspect SOURCE",
		Short: "Show what a SQLite file holds and what it would become",
		Long: `Show what a SQLite file holds and what it would become in Postgres: its tables and their
sizes, for each column what all of its values are and the type proposed for it, what
would not be carried over, and which choices the data forces. Needs no Postgres.`,
		Example: `  litehaul inspect app.db
  litehaul inspect app.db --tables 'order*' --json
  litehaul inspect app.db --type orders.total='numeric(12,2)'`,
		Args:              argCount(1, 1),
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.source.addFlags(fs)
	fs.BoolVar(&o.asJSON, "json", false, "print the report as JSON, same as --report json")
	o.session.addFlags(fs)
	return cmd
}

func (o *inspectOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkSource(args[0]); err != nil {
		return err
	}
	if o.asJSON {
		o.session.report = reportJSON
	}
	cfg := pipeline.Config{Source: args[0]}
	o.source.fill(&cfg)
	s, err := newSession(cmd.Context(), con, &o.session)
	if err != nil {
		return err
	}
	s.text = render.Inspect
	s.attach(&cfg)
	rep, err := pipeline.Inspect(cmd.Context(), cfg)
	return s.finish(cmd.Context(), &rep, err)
}
