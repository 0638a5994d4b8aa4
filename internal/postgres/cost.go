package postgres

import "time"

// What the server's work costs, by which a schedule orders tasks. Measured on the
// TPC-H-like data at scale 0.5 (bench) with two connections on two cores,
// PostgreSQL 15; only their ratios matter.
const (
	indexRow      = 1000 * time.Nanosecond // a B-tree over one or two integers: 500 where rows come sorted, to 1400
	foreignKeyRow = 600 * time.Nanosecond  // 430 for one integer, 800 for two
	scanRow       = 100 * time.Nanosecond
	maxAnalyze    = 300 * time.Millisecond // a sample of 30,000 rows
)

// IndexCost is that of building an index.
func IndexCost(rows int64) time.Duration { return indexRow * time.Duration(rows) }

// ForeignKeyCost is that of validating a foreign key.
func ForeignKeyCost(rows int64) time.Duration { return foreignKeyRow * time.Duration(rows) }

// ScanCost is that of looking at each row: of counting them, or checking a condition.
func ScanCost(rows int64) time.Duration { return scanRow * time.Duration(rows) }

// AnalyzeCost is that of ANALYZE.
func AnalyzeCost(rows int64) time.Duration { return min(maxAnalyze, IndexCost(rows)) }
