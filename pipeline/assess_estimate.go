package pipeline

// The rates of a whole run with full verification on 2 cores and 2 connections:
// docs/BENCHMARKS.md, case tpch-0.5 (4,330,984 rows, 692 MB of file, 22.5 s) and
// case small for what each run and each table costs by itself.
const (
	rowsPerSecond  = 190_000
	bytesPerSecond = 30_000_000
	secondsPerRun  = 0.1
	secondsPerObj  = 0.003
	// A run may be this much faster, on more cores, and slower: over a network,
	// on a server that waits for its disk.
	fasterBy, slowerBy = 2, 4
	// How far the estimated size was from the real one: docs/ASSESS.md.
	smallerBy, largerBy = 0.7, 1.3
)

// Estimate is how long a move may take and how large the target may become.
type Estimate struct {
	SecondsLow     float64 `json:"seconds_low"`
	SecondsHigh    float64 `json:"seconds_high"`
	TargetBytes    int64   `json:"target_bytes"` // tables with their indexes
	BytesLow       int64   `json:"target_bytes_low"`
	BytesHigh      int64   `json:"target_bytes_high"`
	RowsPerSecond  int64   `json:"rows_per_second"`  // the measured rates that the times
	BytesPerSecond int64   `json:"bytes_per_second"` // come from, whichever is slower
}

// estimate works out an assessment's estimates.
func estimate(a *Assessment) Estimate {
	e := Estimate{RowsPerSecond: rowsPerSecond, BytesPerSecond: bytesPerSecond}
	objects := 0
	for _, t := range a.Tables {
		objects += 1 + t.Indexes
		e.TargetBytes += t.TargetBytes
	}
	if objects == 0 {
		return e
	}
	seconds := secondsPerRun + secondsPerObj*float64(objects) +
		max(float64(a.Totals.Rows)/rowsPerSecond, float64(a.Totals.Bytes)/bytesPerSecond)
	e.SecondsLow, e.SecondsHigh = seconds/fasterBy, seconds*slowerBy
	e.BytesLow, e.BytesHigh = int64(smallerBy*float64(e.TargetBytes)), int64(largerBy*float64(e.TargetBytes))
	return e
}
