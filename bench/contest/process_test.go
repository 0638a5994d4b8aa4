package contest_test

import (
	"math"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/contest"
	"github.com/litehaul/litehaul/bench/machine"
)

func needsProc(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
}

// What a child spent counts while it runs, and when it has ended.
func TestTreeCPU(t *testing.T) {
	t.Parallel()
	needsProc(t)
	shell := exec.CommandContext(t.Context(), "sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; read line")
	input, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := output.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	alone, err := contest.TreeCPU(shell.Process.Pid)
	if err != nil || alone < 20*time.Millisecond {
		t.Errorf("the child spent %s, %v", alone, err)
	}
	running, err := contest.TreeCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if peak := machine.Peak(shell.Process.Pid); peak < 100<<10 || peak > 100<<20 {
		t.Errorf("peak of a shell: %d bytes", peak)
	}
	if ppid, err := contest.Parent(shell.Process.Pid); err != nil || ppid != os.Getpid() {
		t.Errorf("parent %d, %v", ppid, err)
	}
	if err := input.Close(); err != nil {
		t.Fatal(err)
	}
	_ = shell.Wait() // read fails at the end of its input
	ended, err := contest.TreeCPU(os.Getpid())
	if err != nil || ended < running || ended < alone {
		t.Errorf("with the child ended: %s, before %s, %v", ended, running, err)
	}
	if _, err := contest.TreeCPU(shell.Process.Pid); err == nil {
		t.Error("no error for a process that has ended")
	}
}

func TestSpentBetweenSamples(t *testing.T) {
	t.Parallel()
	samples := map[float64]float64{1: 10, 2: 20, 4: 24}
	for at, want := range map[float64]float64{0: 10, 1: 10, 1.5: 15, 2: 20, 3: 22, 4: 24, 9: 24} {
		if got := contest.Spent(samples, at); math.Abs(got-want) > 1e-6 {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
	if got := contest.Spent(nil, 1); got != 0 {
		t.Errorf("no samples: %v", got)
	}
}

func TestReadMetrics(t *testing.T) {
	t.Parallel()
	got := map[string]float64{}
	contest.ReadMetrics(got, `goos: linux
BenchmarkPages/lineitem/pages-2         	      10	 104857600 ns/op	 901.50 MB/s	         7 allocs/op
BenchmarkPages/lineitem/engine-2        	       3	 1e+09 ns/op	 180 MB/s
PASS
ok  	github.com/litehaul/litehaul/internal/sqlite	2.1s
`)
	want := map[string]float64{
		"BenchmarkPages/lineitem/pages ns/op": 104857600, "BenchmarkPages/lineitem/pages MB/s": 901.5, "BenchmarkPages/lineitem/pages allocs/op": 7,
		"BenchmarkPages/lineitem/engine ns/op": 1e9, "BenchmarkPages/lineitem/engine MB/s": 180,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
