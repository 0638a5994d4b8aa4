package template

import (
	"context"
	"time"
)

// run is one call of Run.
type run struct {
	cfg      Config
	db       *admin
	name     string // of the database that is wanted
	template string
	rep      Report
}

// Run makes the database that cfg wants, and its template if that is not there.
// The report is filled as far as the run came, also when err is not nil.
func Run(ctx context.Context, cfg Config) (Report, error) {
	start := time.Now()
	if err := cfg.check(); err != nil {
		return Report{}, err
	}
	name, err := nameOf(cfg.Target)
	if err != nil {
		return Report{}, err
	}
	r := &run{cfg: cfg, name: name}
	r.rep = Report{Database: r.name, ID: cfg.ID, Dropped: []string{}}
	if r.db, err = enter(ctx, cfg.Target, cfg.Maintenance); err != nil {
		return r.rep, err
	}
	defer r.db.leave(ctx)
	r.template = templateName(cfg.ID, r.db.role)
	r.rep.Template = r.template
	err = r.run(ctx)
	r.rep.Seconds = seconds(start)
	return r.rep, err
}

func (r *run) run(ctx context.Context) error {
	// One run for a database at a time; the lock's name is also that of the copy
	// which may be left of a killed one, so that others can ask about it.
	waited, err := r.db.take(ctx, hold{name: besideName(newPrefix, r.name)})
	if err != nil {
		return err
	}
	r.rep.WaitSeconds += waited
	old, err := r.mayReplace(ctx) // refuses before a template is made
	if err != nil {
		return err
	}
	if err := r.ensure(ctx); err != nil {
		return err
	}
	if err := r.give(ctx, old); err != nil {
		return err
	}
	if err := r.collect(ctx); err != nil {
		return err
	}
	r.orderSpare(ctx)
	r.orderDrop()
	return nil
}
