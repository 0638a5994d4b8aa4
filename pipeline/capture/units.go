package capture

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/verify"
)

const (
	// unitRows is how many rows a unit has of a table with a key: its cuts follow
	// from the content alone.
	unitRows = 1 << 16
	// leastRow is the least that a row takes in a table's file, in bytes: a header
	// of 23 that ends at a multiple of 8, and a line pointer ("Database Page
	// Layout" in the PostgreSQL documentation).
	leastRow = 28
)

// reader opens a connection that sees the snapshot.
func (r *run) reader(ctx context.Context) (*pgx.Conn, error) {
	conn, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	err = postgres.Exec(ctx, conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT "+postgres.Literal(r.snapshot)+"; "+
		settings(r.server.Version))
	if err != nil {
		postgres.Close(ctx, conn)
		return nil, fmt.Errorf("join the snapshot: %w", err)
	}
	return conn, nil
}

// share runs work over n items on as many connections as there are jobs.
func (r *run) share(ctx context.Context, n int, work func(ctx context.Context, conn *pgx.Conn, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	next := make(chan int)
	g.Go(func() error {
		defer close(next)
		for i := range n {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range min(n, r.cfg.Jobs) {
		g.Go(func() error {
			conn, err := r.reader(ctx)
			if err != nil {
				return err
			}
			defer postgres.Close(ctx, conn)
			for i := range next {
				if err := work(ctx, conn, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// cut divides all tables into units.
func (r *run) cut(ctx context.Context) error {
	return r.share(ctx, len(r.tables), func(ctx context.Context, conn *pgx.Conn, i int) error {
		if err := r.cutTable(ctx, conn, r.tables[i]); err != nil {
			return fmt.Errorf("divide %s: %w", r.tables[i].label(), err)
		}
		return nil
	})
}

func (r *run) cutTable(ctx context.Context, conn *pgx.Conn, t *table) error {
	t.where = []string{""}
	var size, block int64
	err := conn.QueryRow(ctx, "SELECT pg_relation_size($1::text::regclass), current_setting('block_size')::int", t.qualified()).Scan(&size, &block)
	switch {
	case err != nil:
		return err
	case len(t.key) == 0:
		if r.server.Version >= verify.TIDScanVersion {
			t.cutBlocks(size / block)
		}
	case t.keyTypes != nil && size/leastRow > unitRows:
		return t.cutKeys(ctx, conn)
	}
	return nil
}

// cutBlocks divides a table without a key by where its rows are stored.
func (t *table) cutBlocks(blocks int64) {
	n := int(max(1, (blocks+verify.RangeBlocks-1)/verify.RangeBlocks))
	t.where = make([]string, n)
	for i := range t.where {
		t.where[i] = verify.Range(i, n)
	}
}

// cutKeys divides a table behind each unitRows rows in the order of its key. The
// index has the keys in that order.
func (t *table) cutKeys(ctx context.Context, conn *pgx.Conn) error {
	if err := postgres.Exec(ctx, conn, "SET LOCAL enable_seqscan = off"); err != nil {
		return err
	}
	keys := strings.Join(t.key, ", ")
	texts := make([]string, len(t.key))
	for i, k := range t.key {
		texts[i] = k + "::pg_catalog.text"
	}
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT ARRAY[%s] FROM (SELECT %s, row_number() OVER (ORDER BY %s) AS %s FROM ONLY %s) x WHERE %[4]s %% %[6]d = 0 ORDER BY %[4]s",
		strings.Join(texts, ", "), keys, keys, postgres.Quote("litehaul row"), t.qualified(), unitRows))
	if err != nil {
		return err
	}
	bounds, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	if err != nil {
		return err
	}
	above := ""
	t.where, t.exact = nil, true
	for _, b := range append(bounds, nil) {
		var conditions []string
		if above != "" {
			conditions = append(conditions, above)
		}
		if b != nil {
			values := make([]string, len(b))
			for i, v := range b {
				values[i] = postgres.Literal(v) + "::" + t.keyTypes[i]
			}
			conditions = append(conditions, fmt.Sprintf("(%s) <= (%s)", keys, strings.Join(values, ", ")))
			above = fmt.Sprintf("(%s) > (%s)", keys, strings.Join(values, ", "))
		}
		where := ""
		if len(conditions) > 0 {
			where = " WHERE " + strings.Join(conditions, " AND ")
		}
		t.where = append(t.where, where)
	}
	return nil
}
