package swap_test

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/swap"
)

// Tables are replaced in two transactions; rows come between them.
func Example() {
	_ = func(ctx context.Context, conn *pgx.Conn, tables []uint32) error {
		var plan *swap.Plan
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) (err error) {
			if plan, err = swap.Read(ctx, tx, tables); err != nil {
				return err
			}
			return plan.Rehearse(ctx, tx)
		})
		if err != nil {
			return err
		}
		// ... load the rows into each Table.New of plan.Tables ...
		for _, step := range plan.Steps() {
			if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return plan.Take(ctx, tx, step) }); err != nil {
				return err
			}
		}
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, t := range plan.Tables {
				if _, err := tx.Exec(ctx, "LOCK TABLE "+t.Old); err != nil {
					return err
				}
			}
			return plan.Swap(ctx, tx)
		})
	}
}
