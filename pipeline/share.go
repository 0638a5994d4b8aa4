package pipeline

import "time"

// Costs of the work that Postgres does, by which the schedule orders tasks.
// Measured on the TPC-H-like data at scale 0.5 (bench) with two connections on
// two cores, PostgreSQL 15; only their ratios matter.
const (
	loadByte   = 17 * time.Nanosecond   // of the source's values
	readByte   = 7 * time.Nanosecond    // of the source's values
	indexRow   = 1500 * time.Nanosecond // a B-tree over one or two integers
	fkRow      = 300 * time.Nanosecond
	scanRow    = 100 * time.Nanosecond
	maxAnalyze = 300 * time.Millisecond // a sample of 30,000 rows
)

// loadCost is that of one of the table's units.
func loadCost(t *table) time.Duration {
	return loadByte * time.Duration(t.profile.Bytes/int64(max(1, len(t.units))))
}

// readCost is that of one of n ranges that are read back.
func readCost(t *table, n int) time.Duration {
	return readByte * time.Duration(t.profile.Bytes/int64(n))
}

func indexCost(t *table) time.Duration      { return indexRow * time.Duration(t.profile.Rows) }
func foreignKeyCost(t *table) time.Duration { return fkRow * time.Duration(t.profile.Rows) }
func scanCost(t *table) time.Duration       { return scanRow * time.Duration(t.profile.Rows) }
func analyzeCost(t *table) time.Duration    { return min(maxAnalyze, indexCost(t)) }

// buildMem is what a build or a validation may use, in bytes.
func (r *run) buildMem() int64 { return r.server.BuildMem(r.cfg.Jobs) }

// buildSettings gives the statements of a transaction the memory of a build.
func (r *run) buildSettings(share int) string { return r.server.BuildSettings(r.cfg.Jobs, share) }
