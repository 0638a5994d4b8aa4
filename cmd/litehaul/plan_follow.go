package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/pipeline"
)

// follow reads the plan of --plan and makes cfg follow it.
func (o *migrateOptions) follow(cmd *cobra.Command, cfg *pipeline.Config) error {
	f, err := os.Open(o.plan)
	if err != nil {
		return planFileError(o.plan, err)
	}
	plan, err := pipeline.ReadPlan(o.plan, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if cfg.Source == "" {
		if cfg.Source, err = besidePlan(o.plan, plan); err != nil {
			return err
		}
	}
	return cfg.Follow(plan, cmd.Flags().Changed) //nolint:wrapcheck // it is the pipeline's own error
}

// besidePlan finds the source that a plan names, in the plan's own folder.
func besidePlan(path string, plan *pipeline.Plan) (string, error) {
	name := filepath.FromSlash(plan.Source.File)
	if name == "" {
		return "", usage("litehaul migrate --plan plan.yaml app.db", "%s names no source file, and SOURCE is not given", path)
	}
	if !filepath.IsLocal(name) {
		return "", usage("litehaul migrate --plan plan.yaml app.db", "%s: source file %q is not in the plan's folder: give it as SOURCE", plan.At(plan.Source.Pos), name)
	}
	name = filepath.Join(filepath.Dir(path), name)
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return "", usage("litehaul migrate --plan plan.yaml app.db", "there is no file %s, which the plan names: give it as SOURCE", name)
	}
	return name, nil
}

func planFileError(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return usage("litehaul plan app.db -o plan.yaml makes one", "read plan %s: %w", path, err)
}

// arguments tells SOURCE and TARGET apart. Beside a plan, which names the source,
// TARGET may stand alone.
func (o *migrateOptions) arguments(args []string) (source, target string) {
	switch {
	case len(args) == 2:
		return args[0], args[1]
	case len(args) == 1 && o.plan != "" && isTarget(args[0]):
		return "", args[0]
	case len(args) == 1:
		return args[0], ""
	}
	return "", ""
}
