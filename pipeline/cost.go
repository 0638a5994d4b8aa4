package pipeline

import "time"

// Costs of moving rows, beside those of package postgres; measured with them. Only
// their ratios matter.
const (
	loadByte = 17 * time.Nanosecond // of the source's values
	readByte = 7 * time.Nanosecond  // of the source's values
)

// loadCost is that of one of the table's units.
func loadCost(t *table) time.Duration {
	return loadByte * time.Duration(t.profile.Bytes/int64(max(1, len(t.units))))
}

// readCost is that of one of n ranges that are read back.
func readCost(t *table, n int) time.Duration {
	return readByte * time.Duration(t.profile.Bytes/int64(n))
}

// buildSettings gives the statements of a transaction the memory of a build.
func (r *run) buildSettings(share int) string { return r.server.BuildSettings(r.cfg.Jobs, share) }
