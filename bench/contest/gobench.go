package contest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// goBenchmarks are those that bars are about: package, pattern, how long.
var goBenchmarks = [][3]string{
	{"./pipeline", "^BenchmarkPasses$", "5x"},
	{"./internal/sqlite", "^BenchmarkPages$/^lineitem$", "1s"},
}

// BenchDB names the environment variable with the database of BenchmarkPasses.
const BenchDB = "LITEHAUL_BENCH_DB"

// GoBench runs the Go benchmarks of litehaul's checkout in folder dir, on the
// database of a case, and gives their metrics by name and unit.
func GoBench(ctx context.Context, dir, cache string, one Case) (map[string]float64, error) {
	source, err := one.file(ctx, cache)
	if err != nil {
		return nil, err
	}
	metrics := map[string]float64{}
	for _, b := range goBenchmarks {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", b[1], "-benchtime", b[2], b[0]) //nolint:gosec // G204: from the constant list above
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), BenchDB+"="+source)
		out, err := cmd.CombinedOutput()
		if err != nil {
			tail := &tailWriter{}
			_, _ = tail.Write(out) // takes everything
			return nil, fmt.Errorf("go test -bench %s %s: %w%s", b[1], b[0], err, tail)
		}
		readMetrics(metrics, string(out))
	}
	return metrics, nil
}

// readMetrics takes the metrics from the output of go test, lines such as
// "BenchmarkPages/lineitem/pages-2  10  1234 ns/op  5.6 MB/s". The number of
// processors behind the name is left out.
func readMetrics(metrics map[string]float64, output string) {
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := fields[0]
		if at := strings.LastIndexByte(name, '-'); at > 0 {
			name = name[:at]
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				metrics[name+" "+fields[i+1]] = value
			}
		}
	}
}
