package pipeline

import (
	"context"
	"slices"

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
	left, err := leftovers(ctx, conn, cfg.Schema)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	holder, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer closeConn(ctx, holder) // which gives the schemas free
	var homes []string
	for _, l := range left {
		if l.Home != "" {
			homes = append(homes, l.Home)
		}
	}
	if _, err := rebuild.Acquire(ctx, holder, homes...); err != nil {
		return nil, explainRebuild(err)
	}
	if left, err = leftovers(ctx, conn, cfg.Schema); err != nil { // a run may have ended until the lock was ours
		return nil, err
	}
	for _, l := range left {
		if l.Home != "" && !slices.Contains(homes, l.Home) {
			continue // of a run that has just begun
		}
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return swap.Remove(ctx, tx, l.Name) })
		if err != nil {
			return removed, &Error{Err: err, Hint: "look what is in it: it holds nothing but copies that a run has begun", Code: ExitFailed}
		}
		removed = append(removed, l.Name)
	}
	return removed, nil
}

// leftovers lists those of a schema, or of all.
func leftovers(ctx context.Context, conn *pgx.Conn, schema string) ([]swap.Leftover, error) {
	left, err := swap.Leftovers(ctx, conn)
	if err != nil {
		return nil, err //nolint:wrapcheck // says all
	}
	return slices.DeleteFunc(left, func(l swap.Leftover) bool { return schema != "" && schema != l.Home }), nil
}
