package pipeline

import (
	"fmt"
	"time"
)

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

// maxBuildMem bounds what one index build is given: more was not faster for
// 3.0 M rows, nor is it for the merge of more than that.
const maxBuildMem = 1 << 30

// buildMem is what a build or a validation may use, in bytes: a share of what
// the server's settings say about its memory, as several work at once, and not
// less than the server's own setting.
func (r *run) buildMem() int64 {
	// An untuned server has the small default of shared_buffers beside an
	// effective_cache_size that nobody has looked at.
	total := min(r.server.CacheSize/4, 4*r.server.SharedBuffers)
	return max(r.server.MaintenanceMem, min(maxBuildMem, total/int64(r.cfg.Jobs)))
}

// buildSettings gives the statements of a transaction the memory of a build,
// and parallel workers where share tells that connections are idle. A server
// whose owner forbids parallel maintenance is left with that.
func (r *run) buildSettings(share int) string {
	sql := fmt.Sprintf("SET LOCAL maintenance_work_mem = '%dkB'; ", r.buildMem()>>10)
	if r.server.MaxParallelMaintenance > 0 {
		sql += fmt.Sprintf("SET LOCAL max_parallel_maintenance_workers = %d; ", min(share-1, r.server.MaxParallel))
	}
	return sql
}
