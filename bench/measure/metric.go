package measure

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"
)

// metric is one figure of a way, with its value in each run.
type metric struct {
	name   string
	unit   string
	values []float64
}

// The names of the metrics that are no stages.
const (
	nameTotal  = "total"
	nameCPU    = "CPU of litehaul"
	nameMemory = "peak memory"
)

// The units.
const (
	unitSeconds = "s"
	unitMB      = "MB"
)

// leastPart of a run's time is what a stage must take to be worth a line.
const leastPart = 0.01

// metrics gives the figures of a way in the order in which they are shown.
// What the system did not tell, and stages that take next to nothing in all
// results, are left out.
func metrics(w *WayResult, others ...*WayResult) []metric {
	var all []metric
	for _, name := range w.stages() {
		worth := false
		for _, r := range append(others, w) {
			worth = worth || median(r.of(name)) >= leastPart*median(r.total())
		}
		if worth {
			all = append(all, metric{name, unitSeconds, w.of(name)})
		}
	}
	all = append(all, metric{nameTotal, unitSeconds, w.total()})
	if cpu := w.each(func(r Run) float64 { return r.CPU }); slices.Max(cpu) > 0 {
		all = append(all, metric{nameCPU, unitSeconds, cpu})
	}
	if peak := w.each(func(r Run) float64 { return float64(r.Peak) / 1e6 }); slices.Max(peak) > 0 {
		all = append(all, metric{nameMemory, unitMB, peak})
	}
	return all
}

func (w *WayResult) each(of func(Run) float64) []float64 {
	values := make([]float64, len(w.Runs))
	for i, r := range w.Runs {
		values[i] = of(r)
	}
	return values
}

func (w *WayResult) total() []float64 { return w.each(func(r Run) float64 { return r.Seconds }) }

func (w *WayResult) of(stage string) []float64 {
	return w.each(func(r Run) float64 { s, _ := r.stage(stage); return s })
}

// stages gives the names of those that every run has, in the order of the first
// run.
func (w *WayResult) stages() []string {
	var names []string
	for _, s := range w.Runs[0].Stages {
		all := !slices.ContainsFunc(w.Runs, func(r Run) bool { _, ok := r.stage(s.Name); return !ok })
		if all && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// sample sorts a copy of the values.
func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// median is the middle value, or the mean of the two middle ones.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return benchmath.AssumeNothing.Summary(sample(values), 0).Center
}

// percentile gives the smallest value that p percent of all are not above
// (nearest rank): of 10 values, the 95th percentile is the largest.
func percentile(values []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(p/100*float64(len(sorted))))-1)]
}

// seconds writes a length of time.
func seconds(s float64) string { return short(s) + " " + unitSeconds }

// short writes a number with three digits that count.
func short(value float64) string {
	if value == 0 || math.IsInf(value, 0) || math.IsNaN(value) {
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	whole := int(math.Floor(math.Log10(math.Abs(value)))) + 1
	return strconv.FormatFloat(value, 'f', min(max(3-whole, 0), 4), 64)
}

// grouped writes a whole number with commas.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
