package measure

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// Verdict is what a comparison says of a figure.
type Verdict string

// The verdicts. Of memory and CPU time, slower means more, faster means less.
const (
	Slower  Verdict = "slower"
	Faster  Verdict = "faster"
	Same    Verdict = "no difference beyond noise"
	TooFew  Verdict = "too few runs to tell"
	OnlyNew Verdict = "not measured before"
)

// Alpha is the probability of taking noise for a difference that Compare
// accepts, for each figure: that of benchstat.
const Alpha = 0.05

// Comparison holds two results of one job against each other.
type Comparison struct {
	Old, New *Result
	Lines    []Line
	Warnings []string // in what they differ beside the time
}

// Line is one figure of one way.
type Line struct {
	Way, Metric, Unit string
	Was, Is           float64 // medians
	WasRuns, IsRuns   int
	P                 float64 // of the Mann-Whitney U test, two-sided
	Verdict           Verdict
}

// Change is the difference of the medians as a part of what it was.
func (l Line) Change() float64 {
	if l.Was == 0 {
		return 0
	}
	return l.Is/l.Was - 1
}

// Compare holds a result against an older one of the same job.
func Compare(older, newer *Result) (*Comparison, error) {
	if older.Job != newer.Job {
		return nil, fmt.Errorf("that is a result of bench %s, not of bench %s", older.Job, newer.Job)
	}
	c := &Comparison{Old: older, New: newer, Warnings: warnings(older, newer)}
	both := false
	for _, w := range newer.Ways {
		was := older.Way(w.Name)
		if was == nil {
			c.Lines = append(c.Lines, Line{Way: w.Name, Metric: nameTotal, Unit: unitSeconds, Is: median(w.total()), IsRuns: len(w.Runs), P: 1, Verdict: OnlyNew})
			continue
		}
		both = true
		before := metrics(was, w)
		for _, m := range metrics(w, was) {
			at := slices.IndexFunc(before, func(b metric) bool { return b.name == m.name })
			if at >= 0 {
				c.Lines = append(c.Lines, line(w.Name, before[at], m))
			}
		}
	}
	if !both {
		return nil, errors.New("the two results have no way in common")
	}
	return c, nil
}

func line(way string, was, is metric) Line {
	l := Line{
		Way: way, Metric: is.name, Unit: is.unit, Was: median(was.values), Is: median(is.values),
		WasRuns: len(was.values), IsRuns: len(is.values), Verdict: Same,
	}
	l.P = benchmath.AssumeNothing.Compare(sample(was.values), sample(is.values)).P
	switch {
	case !Enough(l.WasRuns, l.IsRuns):
		l.Verdict = TooFew
	case l.P >= Alpha:
	case l.Is > l.Was:
		l.Verdict = Slower
	case l.Is < l.Was:
		l.Verdict = Faster
	}
	return l
}

// Enough tells whether so many runs on each side can show any difference at all:
// whether the least p that the test can give, two of all ways to order the runs,
// is below Alpha.
func Enough(was, is int) bool {
	orders := new(big.Float).SetInt(new(big.Int).Binomial(int64(was+is), int64(was)))
	return new(big.Float).Mul(orders, big.NewFloat(Alpha)).Cmp(big.NewFloat(2)) > 0
}

// Slower gives the whole runs, not stages, that became slower by more than a
// part (0.05: five percent) and beyond noise.
func (c *Comparison) Slower(part float64) []Line {
	var all []Line
	for _, l := range c.Lines {
		if l.Metric == nameTotal && l.Verdict == Slower && l.Change() > part {
			all = append(all, l)
		}
	}
	return all
}

// warnings names in what the two were measured differently.
func warnings(older, newer *Result) []string {
	var all []string
	differ := func(what, was, is string) {
		if was != is {
			all = append(all, fmt.Sprintf("%s: was %s, is %s", what, was, is))
		}
	}
	a, b := older.Machine, newer.Machine
	differ("machine", a.CPU, b.CPU)
	differ("cores", fmt.Sprint(a.Cores), fmt.Sprint(b.Cores))
	differ("operating system", orElse(strings.TrimSpace(a.OS+" "+a.Kernel), "unknown"), orElse(strings.TrimSpace(b.OS+" "+b.Kernel), "unknown"))
	differ("memory of the machine", gigabytes(a.Memory), gigabytes(b.Memory))
	differ("server's host", older.Server.Host, newer.Server.Host)
	differ("PostgreSQL", older.Server.Version, newer.Server.Version)
	differ("runs in", "a "+string(older.Server.Scratch), "a "+string(newer.Server.Scratch))
	eachKey(older.Server.Settings, newer.Server.Settings, func(key, was, is string) { differ(key, orElse(was, "unknown"), orElse(is, "unknown")) })
	differ("source", older.Source.Name, newer.Source.Name)
	differ("size of the source", grouped(older.Source.Bytes)+" bytes", grouped(newer.Source.Bytes)+" bytes")
	eachKey(older.Options, newer.Options, func(key, was, is string) { differ("--"+key, orElse(was, "its default"), orElse(is, "its default")) })
	for _, w := range newer.Ways {
		if was := older.Way(w.Name); was != nil {
			differ("rows ("+w.Name+")", grouped(was.Rows), grouped(w.Rows))
		}
	}
	return all
}

// eachKey calls do with the keys of both maps, in order.
func eachKey(was, is map[string]string, do func(key, was, is string)) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(is))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		do(key, was[key], is[key])
	}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func gigabytes(n int64) string { return fmt.Sprintf("%.0f GB", float64(n)/1e9) }
