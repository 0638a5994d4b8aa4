package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// tablesPerQuery bounds how many tables one statement reads: it locks each of
// them and all their indexes, and the server's lock table is finite (64 per
// connection by default).
const tablesPerQuery = 100

// Populated tells which of the tables hold rows that the role can see, in the
// order given. A table's own rows count, not those of tables that inherit from
// it; a partitioned table's are those of its partitions.
func Populated(ctx context.Context, conn *pgx.Conn, tables []*Relation) ([]*Relation, error) {
	has, err := ask[bool](ctx, conn, tables, "exists (select from %s)")
	if err != nil {
		return nil, err
	}
	var out []*Relation
	for i, yes := range has {
		if yes {
			out = append(out, tables[i])
		}
	}
	return out, nil
}

// Count counts the rows of each table that the role can see, in the order
// given, as Populated understands a table. It reads all of them.
func Count(ctx context.Context, conn *pgx.Conn, tables []*Relation) ([]int64, error) {
	return ask[int64](ctx, conn, tables, "(select count(*) from %s)")
}

// ask evaluates an SQL expression over each table.
func ask[T any](ctx context.Context, conn *pgx.Conn, tables []*Relation, expression string) ([]T, error) {
	out := make([]T, 0, len(tables))
	for rest := tables; len(rest) > 0; {
		n := min(len(rest), tablesPerQuery)
		values, err := askSome[T](ctx, conn, rest[:n], expression)
		if err != nil {
			return nil, err
		}
		out, rest = append(out, values...), rest[n:]
	}
	return out, nil
}

func askSome[T any](ctx context.Context, conn *pgx.Conn, tables []*Relation, expression string) ([]T, error) {
	values := make([]T, len(tables))
	dest := make([]any, len(tables))
	parts := make([]string, len(tables))
	for i, t := range tables {
		from := postgres.Qualify(t.Schema, t.Name)
		if !t.readable() {
			return nil, fmt.Errorf("look for rows in %s: the role has no SELECT right on it", from)
		}
		if t.Kind == Table {
			from = "only " + from
		}
		parts[i], dest[i] = fmt.Sprintf(expression, from), &values[i]
	}
	if err := conn.QueryRow(ctx, "select "+strings.Join(parts, ", ")).Scan(dest...); err != nil {
		return nil, fmt.Errorf("look for rows in %d tables: %w", len(tables), err)
	}
	return values, nil
}

// readable tells whether the role may count rows: the right to one column is
// enough.
func (r *Relation) readable() bool {
	if r.Rights.Has(Select) {
		return true
	}
	for _, c := range r.Columns {
		if c.Rights.Has(Select) {
			return true
		}
	}
	return false
}
