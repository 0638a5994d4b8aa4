package contest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench"
	"github.com/litehaul/litehaul/bench/contest"
	"github.com/litehaul/litehaul/internal/pgtest"
)

// programs is the folder of what the tests build.
var programs string

func TestMain(m *testing.M) {
	code, err := 1, error(nil)
	if programs, err = os.MkdirTemp("", "contest-programs-"); err == nil {
		code = pgtest.Main(m)
		err = os.RemoveAll(programs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// binary builds litehaul, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "litehaul")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/litehaul").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func litehaul(t *testing.T) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func cases(t *testing.T, specs ...string) []contest.Case {
	t.Helper()
	var all []contest.Case
	for _, spec := range specs {
		one, err := contest.ParseCase(spec)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// The whole contest at tiny scales, on a server of its own.
func TestRun(t *testing.T) {
	pgtest.Start(t) // skips where there is no server
	work := t.TempDir()
	openTo(t, work)
	var log strings.Builder
	result, err := contest.Run(t.Context(), contest.Options{
		Cases: cases(t, "tpch-0.002/lineitem", "small-0.1"), Runs: 1, SmallRuns: 1, Jobs: 2,
		Litehaul: litehaul(t), Skip: []string{"pgloader", "ogr2ogr"}, Limit: time.Minute,
		Settings: map[string]string{"fsync": "off"}, Cache: t.TempDir(), Work: work, Log: &log,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	type seen struct {
		Case, Name string
		Jobs, Laps int
	}
	var got []seen
	for _, c := range result.Cases {
		for _, e := range c.Entries {
			got = append(got, seen{c.Case, e.Name, e.Jobs, len(e.Laps)})
			checkLaps(t, c, e)
		}
	}
	want := []seen{
		{"tpch-0.002/lineitem", "floor", 1, 1},
		{"tpch-0.002/lineitem", "litehaul verify=counts", 1, 1},
		{"tpch-0.002/lineitem", "floor", 2, 1},
		{"tpch-0.002/lineitem", "litehaul verify=counts", 2, 1},
		{"small-0.1", "floor", 2, 1},
		{"small-0.1", "litehaul verify=counts", 2, 1},
		{"small-0.1", "litehaul verify=full", 2, 1},
		{"small-0.1", "litehaul verify=full --fixture", 2, 1},
		{"small-0.1", "litehaul --dry-run", 0, 1},
		{"small-0.1", "litehaul reseed verify=counts", 2, 1},
		{"small-0.1", "litehaul reseed verify=full", 2, 1},
		{"small-0.1", "litehaul reseed --template", 0, 1},
	}
	if installed("sqlite3") && installed("psql") {
		want = append(want, seen{"small-0.1", "sqlite3 | psql, no keys", 0, 1})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
		t.Errorf("left in the work folder: %v, %v", left, err)
	}
	if text, err := json.Marshal(result); err != nil || !strings.Contains(string(text), `"commit"`) {
		t.Errorf("JSON: %v\n%s", err, text)
	}
	measured := map[string]bool{}
	for _, bar := range result.Bars() {
		measured[bar.Of] = measured[bar.Of] || bar.Measured
	}
	if diff := cmp.Diff(map[string]bool{"": false, "tpch-0.002/lineitem": true, "small-0.1": true}, measured); diff != "" {
		t.Errorf("bars: %s", diff)
	}
}

// On a server that is there already: the floor's ways are tried.
func TestRunTries(t *testing.T) {
	t.Parallel()
	result, err := contest.Run(t.Context(), contest.Options{
		Cases: cases(t, "tpch-bare-0.001"), Runs: 1, SmallRuns: 2, Trials: 1, Jobs: 1, Litehaul: litehaul(t), Limit: time.Minute,
		Server: pgtest.Start(t).URL("postgres"), Cache: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	chosen := 0
	for _, trial := range result.Cases[0].Tuning {
		if trial.Chosen {
			chosen++
		}
	}
	if len(result.Cases[0].Tuning) != 2 || chosen != 1 {
		t.Errorf("ways: %+v", result.Cases[0].Tuning)
	}
	for _, e := range result.Cases[0].Entries {
		if len(e.Laps) != 2 {
			t.Errorf("%s: %d laps", e.Name, len(e.Laps))
		}
	}
}

func checkLaps(t *testing.T, c contest.CaseResult, e *contest.Entry) {
	t.Helper()
	if e.Error != "" {
		t.Errorf("%s: %s: %s", c.Case, e.Name, e.Error)
	}
	for _, lap := range e.Laps {
		if lap.Seconds <= 0 || (lap.Rows != c.Rows) != (e.Name == "litehaul --dry-run") {
			t.Errorf("%s: %s: lap %+v, want %d rows", c.Case, e.Name, lap, c.Rows)
		}
		if strings.HasSuffix(e.Name, "--fixture") != (lap.Archive > 0) {
			t.Errorf("%s: %s: archive of %d bytes", c.Case, e.Name, lap.Archive)
		}
		if e.Name == "floor" != (lap.Peak == 0) {
			t.Errorf("%s: %s: peak memory %d", c.Case, e.Name, lap.Peak)
		}
	}
}

func installed(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// openTo lets the server's user enter the test's folders.
func openTo(t *testing.T, dir string) {
	t.Helper()
	for _, folder := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever way the floor goes, it makes the same database as litehaul.
func TestFloorMakesTheSame(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database(t)
	source := filepath.Join(t.TempDir(), "shop.db")
	if _, err := bench.Shop(t.Context(), source, bench.ShopOptions{Scale: 0.02, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), litehaul(t), "migrate", source, url, "--progress", "none").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	conn := pgtest.Connect(t, url)
	var database string
	if err := conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	floor, err := contest.PrepareFloor(t.Context(), server.URL("postgres"), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := floor.Close(); err != nil {
			t.Error(err)
		}
	})
	want := dump(t, floor, database)
	if floor.Foreign() == 0 || !slices.ContainsFunc(want, func(line string) bool { return strings.Contains(line, "FOREIGN KEY") }) {
		t.Fatal("a reference without foreign keys")
	}
	for i, way := range []contest.Way{{}, {Freeze: true}, {Overlap: true}, {Freeze: true, Overlap: true, Workers: 2}} {
		name := fmt.Sprintf("floor_way_%d", i)
		lap, err := floor.Run(t.Context(), name, 1+i, way)
		if err != nil {
			t.Errorf("%s: %v", way, err)
			continue
		}
		if len(lap.Stages) != 5 {
			t.Errorf("%s: stages %v", way, lap.Stages)
		}
		if diff := cmp.Diff(want, dump(t, floor, name)); diff != "" {
			t.Errorf("%s: %s", way, diff)
		}
		if err := server.DropDatabase(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}

// dump gives a database as sorted lines of SQL: streams put rows in any order.
// What identities continue with is no work that takes time: the floor leaves
// it out. A check such as x = ANY (...) has other brackets each time that
// Postgres has read its own text of it.
func dump(t *testing.T, floor *contest.Floor, database string) []string {
	t.Helper()
	program, url, err := floor.Dump(database)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "--inserts", url).Output()
	if err != nil {
		t.Fatalf("dump %s: %v", database, err)
	}
	lines := strings.Split(string(out), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, `\`) || strings.Contains(line, "pg_catalog.setval") || strings.Contains(line, "= ANY (")
	})
	slices.Sort(lines)
	return lines
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	good := contest.Options{Cases: cases(t, "small"), Runs: 1, SmallRuns: 1, Jobs: 1, Limit: time.Minute, Litehaul: "/nowhere/litehaul"}
	tests := []struct {
		name   string
		change func(*contest.Options)
		want   string
	}{
		{"no case", func(o *contest.Options) { o.Cases = nil }, "no case"},
		{"no runs", func(o *contest.Options) { o.Runs = 0 }, "at least 1"},
		{"no jobs", func(o *contest.Options) { o.Jobs = 0 }, "at least 1"},
		{"unknown tool", func(o *contest.Options) { o.Skip = []string{"psql"} }, "cannot skip"},
		{"no program", func(*contest.Options) {}, "/nowhere/litehaul"},
	}
	for _, test := range tests {
		opts := good
		test.change(&opts)
		if _, err := contest.Run(t.Context(), opts); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}

func ExampleRun() {
	one, err := contest.ParseCase("tpch-0.5")
	if err != nil {
		return
	}
	ctx := context.Background() // the caller's
	result, err := contest.Run(ctx, contest.Options{
		Cases: []contest.Case{one}, Runs: 3, SmallRuns: 15, Trials: 2, Jobs: 2, Limit: 10 * time.Minute,
		Litehaul: "/nowhere/litehaul", Cache: "/nowhere/cache",
	})
	if err != nil {
		return
	}
	for _, bar := range result.Bars() {
		if bar.Measured && !bar.Passed() {
			fmt.Println(bar.What, bar.Value, bar.Limit)
		}
	}
}
