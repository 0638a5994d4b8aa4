package contest

import (
	"context"
	"os"
	"time"
)

// Internals under test.
var (
	TreeCPU     = treeCPU
	ReadMetrics = readMetrics
	Parent      = parent
)

// Spent estimates from samples, in seconds, what was spent up to a moment.
func Spent(samples map[float64]float64, at float64) float64 {
	zero := time.Unix(0, 0)
	moment := func(s float64) time.Time { return zero.Add(time.Duration(s * float64(time.Second))) }
	var all series
	for _, s := range []float64{0, 1, 2, 3, 4} {
		if spent, ok := samples[s]; ok {
			all = append(all, sample{moment(s), time.Duration(spent * float64(time.Second))})
		}
	}
	return all.at(moment(at)).Seconds()
}

// Floor is a floor under test, on a server of the test's own.
type Floor struct {
	server *server
	made   *prepared
	dir    string
}

// PrepareFloor takes the database of a URL apart.
func PrepareFloor(ctx context.Context, address, database string) (*Floor, error) {
	s, err := openServer(ctx, address, nil)
	if err != nil {
		return nil, err
	}
	dir, err := openFolder("", "contest-test-")
	if err != nil {
		return nil, err
	}
	made, err := prepare(ctx, s, database, dir, 2)
	return &Floor{s, made, dir}, err
}

// Rows and Foreign count what was found.
func (f *Floor) Rows() int64  { return f.made.rows }
func (f *Floor) Foreign() int { return len(f.made.foreign) }

// Run puts everything together again in a new database.
func (f *Floor) Run(ctx context.Context, database string, jobs int, way Way) (Lap, error) {
	if err := f.server.fresh(ctx, database); err != nil {
		return Lap{}, err
	}
	return f.made.floorRun(ctx, f.server, database, jobs, way)
}

// Dump gives a database as pg_dump does.
func (f *Floor) Dump(database string) (program, url string, err error) {
	program, err = f.server.program("pg_dump")
	return program, f.server.url(database), err
}

// Close removes the files.
func (f *Floor) Close() error { return os.RemoveAll(f.dir) }
