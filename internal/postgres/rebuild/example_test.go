package rebuild_test

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// A load: take off, write rows, put back. After a kill at any point the last
// loop alone is the repair.
func Example() {
	_ = func(ctx context.Context, guard, conn *pgx.Conn, tables []uint32) error {
		lock, err := rebuild.Acquire(ctx, guard, "app")
		if err != nil {
			return err
		}
		defer func() { _ = lock.Release(ctx) }()
		for _, oid := range tables {
			req := rebuild.Request{
				Scope:    rebuild.Scope{Indexes: true, ForeignKeys: true, Triggers: true},
				Run:      "run 1",
				Settings: []rebuild.Setting{{Name: "lock_timeout", Value: "30s"}},
			}
			if _, err := rebuild.Detach(ctx, conn, oid, req); err != nil {
				return err
			}
		}
		// ... load the rows ...
		items, err := rebuild.Pending(ctx, conn, "app")
		if err != nil {
			return err
		}
		memory := rebuild.Setting{Name: "maintenance_work_mem", Value: "256MB"}
		for _, item := range items {
			if err := rebuild.Restore(ctx, conn, item, memory); err != nil {
				return err
			}
		}
		return rebuild.Clear(ctx, conn, "app")
	}
}
