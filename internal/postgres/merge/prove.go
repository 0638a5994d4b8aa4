package merge

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// written selects the rows that the transaction at hand has written.
const written = "xmin = (SELECT (txid_current() & 4294967295)::text::xid)"

// Wrote counts the rows of the table that the transaction at hand has written,
// whoever had it do so.
func (m *Rows) Wrote(ctx context.Context, conn *pgx.Conn) (n int64, err error) {
	err = conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM ONLY %s WHERE %s", m.table(), written)).Scan(&n)
	return n, err
}

// Waiting selects the rows as they wait.
func (m *Rows) Waiting() string { return "SELECT " + of("v", m.Columns) + " FROM " + m.From + " v" }

// Written selects, by the same columns, the rows of the table that the transaction
// at hand has written.
func (m *Rows) Written() string {
	return fmt.Sprintf("SELECT %s FROM ONLY %s t WHERE t.%s", of("t", m.Columns), m.table(), written)
}

// Equal counts the rows that stand in the table under their key, equal bit by bit.
func (m *Rows) Equal(ctx context.Context, conn *pgx.Conn) (n int64, err error) {
	err = conn.QueryRow(ctx, "SELECT count(*) "+m.joined()+" WHERE "+Image("v", "*=", "t", m.Columns)).Scan(&n)
	return n, err
}

// Different selects the rows that stand in the table with other values.
func (m *Rows) Different() string {
	return fmt.Sprintf("SELECT v.%s AS key, '' AS value %s WHERE %s", postgres.Quote(KeyColumn), m.joined(), Image("v", "*<>", "t", m.Columns))
}
