package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/litehaul/litehaul/bench/measure"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
	"github.com/litehaul/litehaul/pipeline/template"
)

// templateWay is litehaul reseed --template where the template stands and the
// database is an older copy of it. The template is the benchmark's own, and goes
// with it: its name does not come from the archive.
func templateWay(cfg reseed.Config) (measure.Way, error) {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	target, err := postgres.ParseTarget(cfg.Target)
	if err != nil {
		return measure.Way{}, &pipeline.Error{Err: err, Code: pipeline.ExitUsage}
	}
	config := func(name string) template.Config {
		return template.Config{
			Target: name, ID: hex.EncodeToString(id[:]), Keep: template.KeepAll,
			Maintenance: target.Database(), // which the role can enter
			Confirm:     func(context.Context, string) (bool, error) { return true, nil },
			Fill: func(ctx context.Context, name string) error {
				fill := cfg
				fill.Target = name
				_, err := reseed.Run(ctx, fill)
				return err
			},
		}
	}
	return measure.Way{
		Name: "template",
		Ready: func(ctx context.Context, p measure.Place) error {
			_, err := template.Run(ctx, config(p.Target))
			return err
		},
		Do: func(ctx context.Context, p measure.Place) (done measure.Done, err error) {
			rep, err := template.Run(ctx, config(p.Target))
			done.Stages = []measure.Stage{{Name: "copy", Seconds: rep.CopySeconds}, {Name: "swap", Seconds: rep.SwapSeconds}}
			for _, t := range cfg.Archive.Manifest().Tables {
				done.Rows += t.Rows
			}
			return done, err
		},
		Clear: func(ctx context.Context) error { return template.Forget(ctx, config(cfg.Target)) },
	}, nil
}
