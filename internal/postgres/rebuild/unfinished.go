package rebuild

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// unfinished is the comment of a table that a run makes, until its keys and indexes
// are there: one that was killed leaves tables behind which the next would take
// for whole ones.
const unfinished = "litehaul: this table is being made, its keys and indexes are not there yet"

// MarkUnfinished writes the statement that marks a table as being made. name is
// qualified and quoted.
func MarkUnfinished(name string) string {
	return "COMMENT ON TABLE " + name + " IS " + postgres.Literal(unfinished)
}

// MarkFinished writes the one that takes the mark off.
func MarkFinished(name string) string { return "COMMENT ON TABLE " + name + " IS NULL" }

// Unfinished finds those of the tables, by their OIDs, that are marked.
func Unfinished(ctx context.Context, conn *pgx.Conn, tables []uint32) ([]uint32, error) {
	rows, err := conn.Query(ctx, "SELECT objoid FROM pg_catalog.pg_description WHERE classoid = 'pg_catalog.pg_class'::regclass AND objsubid = 0 AND objoid = ANY($1) AND description = $2",
		tables, unfinished)
	if err != nil {
		return nil, fmt.Errorf("look for tables that are being made: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil {
		return nil, fmt.Errorf("look for tables that are being made: %w", err)
	}
	return found, nil
}
