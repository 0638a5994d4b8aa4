package rebuild

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Lift takes objects off a table like Detach, for a load that is one
// transaction: what ends tx without a commit brings them back, so that no control
// table is needed. The caller holds a lock that keeps others from changing the
// table's definition. Settings of tx stay as they are.
func Lift(ctx context.Context, tx pgx.Tx, table uint32, scope Scope) ([]Item, error) {
	f, err := look(ctx, tx, table, scope)
	if err != nil {
		return nil, err
	}
	for _, i := range f.off {
		if _, err := tx.Exec(ctx, i.Drop); err != nil {
			return nil, fmt.Errorf("take off %s: %w", i, err)
		}
	}
	return f.off, nil
}

// look finds what may go, under settings that go with a savepoint. The savepoint
// is released, not only rolled back to: all that follows would be part of it.
func look(ctx context.Context, tx pgx.Tx, table uint32, scope Scope) (*found, error) {
	if _, err := tx.Exec(ctx, "savepoint litehaul_look"); err != nil {
		return nil, fmt.Errorf("look what stands on the tables: %w", err)
	}
	f, err := settled(ctx, tx, table, scope)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, "rollback to savepoint litehaul_look; release savepoint litehaul_look"); err != nil {
		return nil, fmt.Errorf("look what stands on the tables: %w", err)
	}
	return f, nil
}

func settled(ctx context.Context, tx pgx.Tx, table uint32, scope Scope) (*found, error) {
	if err := catalog.Settle(ctx, tx); err != nil {
		return nil, err
	}
	return find(ctx, tx, table, scope)
}

// Lower puts back what Lift took off, in the same transaction, and has Postgres
// check the rows against foreign keys. Settings of tx, its search_path among
// them, are others afterwards.
func Lower(ctx context.Context, tx pgx.Tx, items []Item, settings ...Setting) error {
	var path string
	if err := tx.QueryRow(ctx, "select current_setting('search_path')").Scan(&path); err != nil {
		return fmt.Errorf("put back what was taken off: %w", err)
	}
	if err := catalog.Settle(ctx, tx); err != nil {
		return err
	}
	if err := apply(ctx, tx, settings); err != nil {
		return err
	}
	order(items)
	for i := range items {
		item := &items[i]
		item.path = path
		statements := append([]string{item.Create}, item.then...)
		if item.validate != "" {
			statements = append(statements, item.validate)
		}
		if err := item.run(ctx, tx, statements); err != nil {
			return fmt.Errorf("put back %s: %w", item, err)
		}
	}
	return nil
}
