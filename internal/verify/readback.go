package verify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

const (
	// RangeBlocks is the size of one range that is read back, in blocks of 8 kB:
	// 64 MB, so that several connections share a large table.
	RangeBlocks = 8192
	blockSize   = 8192
	// maxRanges bounds the tasks that reading a table back takes.
	maxRanges = 64

	// TIDScanVersion is the first server that reads a range of ctid without
	// reading the whole table (PostgreSQL 14).
	TIDScanVersion = 140000
)

// Ranges tells into how many ranges a table of about so many bytes is cut to be
// read back from a server of a version.
func Ranges(version int, bytes int64) int {
	if version < TIDScanVersion {
		return 1
	}
	return int(min(maxRanges, 1+bytes/(RangeBlocks*blockSize)))
}

// Range gives the condition, from " WHERE" on, under which rows are in the i-th
// of n ranges. The last one takes all that is left: how large the table is, was
// guessed.
func Range(i, n int) string {
	if n == 1 {
		return ""
	}
	where := fmt.Sprintf(" WHERE ctid >= '(%d,0)'", i*RangeBlocks)
	if i < n-1 {
		where += fmt.Sprintf(" AND ctid < '(%d,0)'", (i+1)*RangeBlocks)
	}
	return where
}

// CopyOut runs a query whose rows have so many columns through COPY TO in binary,
// and hands over each tuple's fields.
func CopyOut(ctx context.Context, conn *pgconn.PgConn, query string, columnN int, f func(fields []byte) error) error {
	sc := pgcopy.NewScanner(columnN, func(fields []byte, _ int) error { return f(fields) })
	if _, err := conn.CopyTo(ctx, sc, "COPY ("+query+") TO STDOUT (FORMAT binary)"); err != nil {
		return err //nolint:wrapcheck // the caller names the table
	}
	return sc.Close()
}

// progressRows is how many rows make a report of progress.
const progressRows = 4096

// Read digests the rows of a query, which have these types. advance, or nil,
// hears how many have come, some thousands at a time.
func Read(ctx context.Context, conn *pgconn.PgConn, query string, types []sqltype.Type, advance func(rows int64)) (Digest, error) {
	var sum Digest
	if advance == nil {
		advance = func(int64) {}
	}
	hasher := NewHasher(types)
	batch := int64(0)
	err := CopyOut(ctx, conn, query, len(types), func(fields []byte) error {
		hi, lo, err := hasher.Hash(fields)
		if err != nil {
			return err
		}
		sum.Add(hi, lo)
		if batch++; batch == progressRows {
			advance(batch)
			batch = 0
		}
		return nil
	})
	if err == nil {
		advance(batch)
	}
	return sum, err
}
