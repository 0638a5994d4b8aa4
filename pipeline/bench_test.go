//go:build unix

package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/litehaul/litehaul/bench"
	"github.com/litehaul/litehaul/pipeline"
)

// cpu gives the processor time of this process, user and system. Wall time
// would count what else runs on the machine.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// meter adds up the processor time and the allocations of one pass.
type meter struct {
	name   string
	spent  time.Duration
	allocs uint64

	began time.Duration
	mem   runtime.MemStats
}

func (m *meter) begin(tb testing.TB) {
	runtime.ReadMemStats(&m.mem)
	m.allocs -= m.mem.Mallocs
	m.began = cpu(tb)
}

func (m *meter) end(tb testing.TB) {
	m.spent += cpu(tb) - m.began
	runtime.ReadMemStats(&m.mem)
	m.allocs += m.mem.Mallocs
}

// benchSource gives the database of BenchmarkPasses: LITEHAUL_BENCH_DB, or a
// small one of TPC-H's shape.
func benchSource(b *testing.B) string {
	if path := os.Getenv("LITEHAUL_BENCH_DB"); path != "" {
		return path
	}
	path := filepath.Join(b.TempDir(), "tpch.db")
	if _, err := bench.TPCH(b.Context(), path, bench.TPCHOptions{Scale: 0.05, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkPasses reads a whole database in each of the ways in which a run
// does, in turn, on one goroutine: only decoding it, profiling every value,
// encoding it for COPY, and the same with its digest; and it takes the COPY apart again.
// It reports MB of the database, and rows, per second of processor time; the
// time of each pass by that of decoding alone; and allocations per row.
func BenchmarkPasses(b *testing.B) {
	p, err := pipeline.OpenPasses(b.Context(), benchSource(b))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			b.Error(err)
		}
	}()
	passes := []struct {
		meter
		run func(ctx context.Context) error
	}{
		{meter{name: "decode"}, p.Decode}, {meter{name: "profile"}, p.Profile}, {meter{name: "encode"}, p.Encode}, {meter{name: "digest"}, p.Digest},
	}
	readback := meter{name: "readback"}
	for b.Loop() {
		for i := range passes {
			pass := &passes[i]
			pass.begin(b)
			if err := pass.run(b.Context()); err != nil {
				b.Fatal(err)
			}
			pass.end(b)
		}
		same, err := p.Readback(b.Context(), func() { readback.begin(b) }, func() { readback.end(b) })
		if err != nil || !same {
			b.Fatal("digests of the read-back: ", same, err)
		}
	}
	all := []*meter{&passes[0].meter, &passes[1].meter, &passes[2].meter, &passes[3].meter, &readback}
	for _, m := range all {
		n := float64(b.N)
		b.ReportMetric(float64(p.Bytes)*n/1e6/m.spent.Seconds(), m.name+"-MB/s")
		b.ReportMetric(float64(p.Rows)*n/m.spent.Seconds(), m.name+"-rows/s")
		b.ReportMetric(float64(m.allocs)/n/float64(p.Rows), m.name+"-allocs/row")
		if m != all[0] {
			b.ReportMetric(m.spent.Seconds()/all[0].spent.Seconds(), m.name+"/"+all[0].name)
		}
	}
}
