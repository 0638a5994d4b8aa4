package template

import "context"

// Forget drops the template that Run has made for cfg's ID as the same role, for
// one whose ID nobody else uses. One that is gone, or is in use at this moment, is
// no error.
func Forget(ctx context.Context, cfg Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	db, err := enter(ctx, cfg.Target, cfg.Maintenance)
	if err != nil {
		return err
	}
	defer db.leave(ctx)
	r := &run{cfg: cfg, db: db}
	_, err = r.dropUnused(ctx, templateName(cfg.ID, db.role))
	return err
}
