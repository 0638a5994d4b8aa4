package pipeline

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/postgres/swap"
)

// RemoveLeftovers drops the new tables that interrupted runs of a reseeding with
// swap have left beside the tables of a schema, or of all schemas where cfg names
// none, and gives the names of the schemas that it removed. The tables that they
// were to replace stand as they were. Only Target, Schema and Log of cfg count.
func RemoveLeftovers(ctx context.Context, cfg Config) (removed []string, err error) {
	r, err := newRun(cfg)
	if err != nil {
		return nil, err
	}
	if err := r.openTarget(ctx); err != nil {
		return nil, err
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer closeConn(ctx, conn)
	left, err := swap.Leftovers(ctx, conn)
	if err != nil {
		return nil, err //nolint:wrapcheck // says all
	}
	for _, l := range left {
		if cfg.Schema != "" && cfg.Schema != l.Home {
			continue
		}
		if err := r.removeLeftover(ctx, conn, l); err != nil {
			return removed, err
		}
		removed = append(removed, l.Name)
	}
	return removed, nil
}

// removeLeftover removes one when no run is at work on its tables.
func (r *run) removeLeftover(ctx context.Context, conn *pgx.Conn, l swap.Leftover) error {
	guard, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, guard)
	if l.Home != "" {
		if _, err := rebuild.Acquire(ctx, guard, l.Home); err != nil {
			return explainRebuild(err)
		}
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return swap.Remove(ctx, tx, l.Name) })
	if err != nil {
		return &Error{Err: err, Hint: "look what is in it: it holds nothing but copies that a run has begun", Code: ExitFailed}
	}
	return nil
}
