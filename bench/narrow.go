package bench

import "context"

const (
	narrowRows  = 20_000_000
	narrowNodes = 5_000_000
)

// narrowTable is what an edge list, a log of counters or a join table looks
// like: nearly all of a migration's cost is per row, not per byte.
const narrowTable = `
CREATE TABLE edges (
  id     INTEGER PRIMARY KEY,
  source INTEGER NOT NULL,
  target INTEGER NOT NULL
);
`

// Narrow writes one table of three integers to a new file at path: 20 million
// rows at scale 1. An error leaves no file.
func Narrow(ctx context.Context, path string, size Size) (Stats, error) {
	size, err := size.normal()
	if err != nil {
		return Stats{}, err
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	fill := func(t *insert, d *dice, n int64) {
		t.int(n + 1)
		t.int(d.skewed(narrowNodes))
		t.int(d.Int64N(narrowNodes))
	}
	parts := []part{{table: "edges", columns: "id source target", rows: narrowRows, fill: fill}}
	return w.finish(w.writeParts(narrowTable, parts, size, ""))
}
