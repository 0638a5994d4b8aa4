package measure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/machine"
	"github.com/litehaul/litehaul/bench/measure"
)

// result makes one of runs that took so many seconds, half of them in stage load.
func result(totals ...float64) *measure.Result {
	way := &measure.WayResult{Name: "migrate", Rows: 1000, Bytes: 1e6}
	for _, s := range totals {
		way.Runs = append(way.Runs, measure.Run{
			Seconds: s, CPU: s / 4, Peak: 30e6,
			Stages: []measure.Stage{{Name: "plan", Seconds: s / 1000}, {Name: "load", Seconds: s / 2}},
		})
	}
	return &measure.Result{
		Version: 1, Job: "migrate", Tool: "litehaul test", Machine: machine.Machine{CPU: "Abacus", Cores: 2, Memory: 8e9},
		Server:  measure.Server{Host: "db", Version: "15.1", Scratch: measure.ModeDatabase, Settings: map[string]string{"fsync": "on"}},
		Source:  measure.Source{Name: "app.db", Bytes: 2e6},
		Options: map[string]string{}, Ways: []*measure.WayResult{way},
	}
}

func compare(t *testing.T, older, newer *measure.Result) *measure.Comparison {
	t.Helper()
	c, err := measure.Compare(older, newer)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func total(t *testing.T, c *measure.Comparison) measure.Line {
	t.Helper()
	at := slices.IndexFunc(c.Lines, func(l measure.Line) bool { return l.Metric == "total" })
	if at < 0 {
		t.Fatal("no line for the total")
	}
	return c.Lines[at]
}

// samples gives two samples without ties whose Mann-Whitney U is u: the second
// one is above the first but for u pairs.
func samples(n1, n2, u int) (older, newer []float64) {
	isNew := append(make([]bool, n1), slices.Repeat([]bool{true}, n2)...)
	for range u {
		for i := range isNew[1:] {
			if !isNew[i] && isNew[i+1] {
				isNew[i], isNew[i+1] = true, false
				break
			}
		}
	}
	for i, second := range isNew {
		if second {
			newer = append(newer, 10+float64(i))
		} else {
			older = append(older, 10+float64(i))
		}
	}
	return older, newer
}

// The critical values of U for a two-sided test at 0.05, as in the tables of
// Mann and Whitney's test: with this U, and no greater one, the samples differ.
func TestCompareAgainstTables(t *testing.T) {
	t.Parallel()
	tests := []struct{ n1, n2, critical int }{
		{4, 4, 0},
		{3, 5, 0},
		{4, 5, 1},
		{5, 5, 2},
		{5, 6, 3},
		{6, 6, 5},
		{7, 7, 8},
		{8, 8, 13},
		{5, 10, 8},
		{9, 9, 17},
		{10, 10, 23},
		{10, 20, 55},
		{12, 12, 37},
		{15, 15, 64},
		{20, 20, 127},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d and %d", test.n1, test.n2), func(t *testing.T) {
			t.Parallel()
			for u, want := range map[int]measure.Verdict{test.critical: measure.Slower, test.critical + 1: measure.Same} {
				older, newer := samples(test.n1, test.n2, u)
				if got := total(t, compare(t, result(older...), result(newer...))); got.Verdict != want {
					t.Errorf("U=%d: %s, want %s (p=%.4f)", u, got.Verdict, want, got.P)
				}
				if want == measure.Slower {
					if got := total(t, compare(t, result(newer...), result(older...))); got.Verdict != measure.Faster {
						t.Errorf("U=%d the other way round: %s", u, got.Verdict)
					}
				}
			}
		})
	}
}

func TestEnough(t *testing.T) {
	t.Parallel()
	for _, n := range [][2]int{{1, 1}, {3, 3}, {3, 4}, {2, 7}, {1, 38}, {0, 10}} {
		if measure.Enough(n[0], n[1]) || measure.Enough(n[1], n[0]) {
			t.Errorf("%v runs are enough", n)
		}
	}
	for _, n := range [][2]int{{4, 4}, {3, 5}, {2, 8}, {1, 40}, {10, 10}, {1000, 1000}} {
		if !measure.Enough(n[0], n[1]) || !measure.Enough(n[1], n[0]) {
			t.Errorf("%v runs are not enough", n)
		}
	}
}

func TestCompareTooFew(t *testing.T) {
	t.Parallel()
	c := compare(t, result(1, 1.1, 1.2), result(5, 5.1, 5.2))
	if l := total(t, c); l.Verdict != measure.TooFew || len(c.Slower(0)) != 0 {
		t.Errorf("three runs each: %+v", l)
	}
	if !strings.Contains(c.Conclusion(), "too few runs to tell") {
		t.Error(c.Conclusion())
	}
}

func TestCompareAllEqual(t *testing.T) {
	t.Parallel()
	if l := total(t, compare(t, result(2, 2, 2, 2, 2), result(2, 2, 2, 2, 2))); l.Verdict != measure.Same {
		t.Errorf("%+v", l)
	}
}

// What is slower by less than the user minds does not fail.
func TestSlowerByPart(t *testing.T) {
	t.Parallel()
	c := compare(t, result(1, 1.01, 1.02, 1.03, 1.04), result(1.12, 1.13, 1.14, 1.15, 1.16))
	for part, want := range map[float64]int{0: 1, 0.05: 1, 0.11: 1, 0.12: 0, 0.5: 0} {
		if got := c.Slower(part); len(got) != want {
			t.Errorf("by %v: %+v", part, got)
		}
	}
	if lines := c.Lines; slices.ContainsFunc(lines, func(l measure.Line) bool { return l.Metric == "plan" }) {
		t.Error("a stage of a thousandth of the run has a line")
	}
}

// Stages that only one side has are not compared; a way that only the new one
// has is shown.
func TestCompareWays(t *testing.T) {
	t.Parallel()
	older, newer := result(1, 1, 1, 1), result(1, 1, 1, 1)
	for i := range newer.Ways[0].Runs {
		newer.Ways[0].Runs[i].Stages = append(newer.Ways[0].Runs[i].Stages, measure.Stage{Name: "dance", Seconds: 0.3})
	}
	newer.Ways = append(newer.Ways, &measure.WayResult{Name: "template", Runs: newer.Ways[0].Runs})
	var got []string
	for _, l := range compare(t, older, newer).Lines {
		got = append(got, l.Way+" "+l.Metric+": "+string(l.Verdict))
	}
	want := []string{
		"migrate load: no difference beyond noise", "migrate total: no difference beyond noise",
		"migrate CPU of litehaul: no difference beyond noise", "migrate peak memory: no difference beyond noise",
		"template total: not measured before",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	newer.Ways[0].Name = "other"
	if _, err := measure.Compare(older, newer); err == nil {
		t.Error("nothing in common, and no error")
	}
	newer.Job = "reseed"
	if _, err := measure.Compare(older, newer); err == nil {
		t.Error("another job, and no error")
	}
}

func TestCompareWarns(t *testing.T) {
	t.Parallel()
	older, newer := result(1, 1, 1, 1), result(1, 1, 1, 1)
	if c := compare(t, older, newer); len(c.Warnings) != 0 {
		t.Errorf("measured alike, and yet: %q", c.Warnings)
	}
	newer.Machine = machine.Machine{CPU: "Colossus", Cores: 4, Memory: 16e9, OS: "X"}
	newer.Server = measure.Server{Host: "db2", Version: "16.1", Scratch: measure.ModeSchema, Settings: map[string]string{"fsync": "off", "wal_level": "minimal"}}
	newer.Source = measure.Source{Name: "b.db", Bytes: 3e6}
	newer.Options = map[string]string{"jobs": "4"}
	newer.Ways[0].Rows = 1234567
	want := []string{
		"machine: was Abacus, is Colossus", "cores: was 2, is 4", "operating system: was unknown, is X",
		"memory of the machine: was 8 GB, is 16 GB", "server's host: was db, is db2", "PostgreSQL: was 15.1, is 16.1",
		"runs in: was a database, is a schema", "fsync: was on, is off", "wal_level: was unknown, is minimal",
		"source: was app.db, is b.db", "size of the source: was 2,000,000 bytes, is 3,000,000 bytes",
		"--jobs: was its default, is 4", "rows (migrate): was 1,000, is 1,234,567",
	}
	if diff := cmp.Diff(want, compare(t, older, newer).Warnings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
