package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/pipeline"
)

// planOptions are the flags of litehaul plan: those of migrate on which its
// decisions depend, and where the plan goes.
type planOptions struct {
	migrateOptions
	output     string
	jsonSchema bool
}

func newPlan(con *console) *cobra.Command {
	o := &planOptions{}
	cmd := &cobra.Command{
		Use:   "plan SOURCE [TARGET]",
		Short: "Write down all that a migration would decide, to review and edit",
		Long: `Write down all that a migration would decide: for each table where its rows go, for each
column its Postgres type, how its values stand and what says so, the choices that the data
forces, the policies in force, and what is not carried over. Nothing is written but the plan.

Review it, change what should be otherwise, keep it under version control, and run
litehaul migrate --plan. The same source, target and flags give the same bytes.

Without TARGET, the plan is for tables that litehaul makes, and no Postgres is needed. With
TARGET, it is for the tables that an application made there, if there are some.`,
		Example: `  # review, edit, follow
  litehaul plan app.db -o plan.yaml
  litehaul migrate --plan plan.yaml app.db postgres://app@localhost/app

  # for the tables that the application has made
  litehaul plan db.sqlite3 postgres:///app -o plan.yaml

  # the JSON Schema, for editors
  litehaul plan --json-schema`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.jsonSchema {
				return argCount(0, 0)(cmd, args)
			}
			return argCount(1, 2)(cmd, args)
		},
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&o.output, "output", "o", "-", "write the plan to `FILE`; - is stdout")
	fs.BoolVar(&o.jsonSchema, "json-schema", false, "print the JSON Schema of plans, for editors, and end")
	group(fs, groupReport)
	o.addDecisionFlags(fs)
	o.session.addProgressFlag(fs)
	o.session.addLogFlags(fs)
	return cmd
}

func (o *planOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if o.jsonSchema {
		_, err := con.out.Write(pipeline.PlanSchema())
		return err //nolint:wrapcheck // stdout says what is wrong with it
	}
	if err := checkSource(args[0]); err != nil {
		return err
	}
	cfg := o.config(args)
	con.hideSecrets(cfg.Target)
	if o.output != "-" && o.output != "" {
		if err := checkWritable("output", o.output); err != nil {
			return err
		}
	}
	s, err := newSession(cmd.Context(), con, &o.session)
	if err != nil {
		return err
	}
	s.attach(&cfg)
	rep, err := pipeline.MakePlan(cmd.Context(), cfg, len(args) > 1)
	s.display.Close()
	if err != nil {
		s.tell(&rep, exitCode(cmd.Context(), err), err)
		return told{err}
	}
	if err := o.write(con, args[0], rep.Plan); err != nil {
		return err
	}
	open := 0
	for _, h := range rep.Hazards {
		if h.Settled == "" {
			open++
		}
	}
	if open > 0 {
		con.say("%d of what the plan calls HAZARD must be settled before a run", open)
	}
	return nil
}

// write puts the plan where it was asked for. The source is named relative to
// the plan's folder where it lies in it, so that the two can move together.
func (o *planOptions) write(con *console, source string, plan *pipeline.Plan) error {
	if o.output == "-" || o.output == "" {
		return pipeline.WritePlan(con.out, plan) //nolint:wrapcheck // it is the pipeline's own error
	}
	if rel, err := relative(filepath.Dir(o.output), source); err == nil && filepath.IsLocal(rel) {
		plan.Source.File = filepath.ToSlash(rel)
	}
	return writeFile(o.output, func(w io.Writer) error { return pipeline.WritePlan(w, plan) })
}

func relative(folder, path string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", fmt.Errorf("find folder %s: %w", folder, err)
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find file %s: %w", path, err)
	}
	return filepath.Rel(from, to) //nolint:wrapcheck // tells both paths
}

// isTarget tells a TARGET from a SOURCE, where a plan names the source.
func isTarget(arg string) bool {
	scheme, _, ok := strings.Cut(arg, "://")
	return ok && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql")) ||
		!ok && strings.Contains(arg, "=")
}
