package contest

import (
	"fmt"
	"slices"
	"strings"
)

// Bar is something that must be seen in a result.
type Bar struct {
	What  string
	Limit float64
	Least bool   // the limit is the least that passes, not the most
	Unit  string // of Limit and Value, as in "MB"; empty for ratios

	Measured bool
	Value    float64
	Of       string // the cases that it was measured on
}

// Passed tells whether the bar was measured and is passed.
func (b Bar) Passed() bool {
	switch {
	case !b.Measured:
		return false
	case b.Least:
		return b.Value >= b.Limit
	}
	return b.Value <= b.Limit
}

// at gives the bar with what was measured; nothing was if value is not greater
// than 0.
func (b Bar) at(value float64, of ...string) Bar {
	if value > 0 {
		b.Measured, b.Value, b.Of = true, value, strings.Join(of, ", ")
	}
	return b
}

// ratio is 0, which stands for not measured, if either side is.
func ratio(a, b float64) float64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	return a / b
}

// mainCase is the scale at which the bars stand. Where that case was not run,
// the largest of its kind takes its place.
const mainCase = "0.5"

// pick finds the case of a data set that bars are measured on.
func (r *Result) pick(set string, single bool) *CaseResult {
	var best *CaseResult
	for i := range r.Cases {
		c, err := ParseCase(r.Cases[i].Case)
		if err != nil || c.Set != set || (c.Table != "") != single {
			continue
		}
		if strings.HasPrefix(r.Cases[i].Case, set+"-"+mainCase) {
			return &r.Cases[i]
		}
		if best == nil || r.Cases[i].Bytes > best.Bytes {
			best = &r.Cases[i]
		}
	}
	return best
}

// Bars are the ratios that decide whether litehaul is as fast as Postgres can
// take it, with what this result says of them.
func (r *Result) Bars() []Bar {
	return slices.Concat(r.goBars(), r.rowsBars(), r.wholeBars(), r.memoryBars(), r.smallBars(), r.jobsBars(), r.fixtureBars(), r.reseedBars(), r.templateBars())
}

// Metrics of the Go benchmarks that bars are about, see GoBench.
const (
	metricEncode = "BenchmarkPasses encode-MB/s"
	metricPages  = "BenchmarkPages/lineitem/pages MB/s"
	metricEngine = "BenchmarkPages/lineitem/engine MB/s"
)

func (r *Result) goBars() []Bar {
	return []Bar{
		Bar{What: "decoding pages and encoding them for COPY, on one core", Limit: 600, Least: true, Unit: "MB/s"}.
			at(r.GoBench[metricEncode], "Go benchmark"),
		Bar{What: "decoding pages, by reading through the engine", Limit: 3, Least: true}.
			at(ratio(r.GoBench[metricPages], r.GoBench[metricEngine]), "Go benchmark"),
	}
}

func (r *Result) rowsBars() []Bar {
	rows := Bar{What: "rows into Postgres and ANALYZE, by the floor", Limit: 1.15}
	sent := Bar{What: "the same, by the floor sent by a client that has nothing to do", Limit: 1.15}
	share := Bar{What: "CPU of the client in the load stage, by the server's", Limit: 0.2}
	c := r.pick("tpch-bare", false)
	if c == nil {
		return []Bar{rows, sent, share}
	}
	own := c.entry(nameNone, 0)
	client := own.median(func(l Lap) float64 { return l.share().ClientCPU })
	server := own.median(func(l Lap) float64 { return l.share().ServerCPU })
	// ANALYZE of one table runs beside the rows of another: it cannot be taken out
	// of the load stage, and so it is in on both sides.
	took := own.median(func(l Lap) float64 { return l.Seconds - l.before("load") })
	return []Bar{
		rows.at(ratio(took, c.entry(nameFloor, 0).seconds()), c.Case),
		sent.at(ratio(took, c.entry(nameSent, 0).seconds()), c.Case),
		share.at(ratio(client, server), c.Case),
	}
}

// before gives how long the stages before this one took.
func (l Lap) before(stage string) (seconds float64) {
	for _, s := range l.Stages {
		if s.Name == stage {
			break
		}
		seconds += s.Seconds
	}
	return seconds
}

func (l Lap) share() Share {
	if l.Load == nil {
		return Share{}
	}
	return *l.Load
}

func (r *Result) wholeBars() []Bar {
	counts := Bar{What: "whole job with verify=counts, by the floor", Limit: 1.2}
	full := Bar{What: "whole job with verify=full, by the floor", Limit: 1.5}
	loader := Bar{What: "pgloader, by the whole job with verify=counts", Limit: 4, Least: true}
	c := r.pick("tpch", false)
	if c == nil {
		return []Bar{counts, full, loader}
	}
	least, own := c.entry(nameFloor, 0).seconds(), c.entry(nameCounts, 0).seconds()
	return []Bar{
		counts.at(ratio(own, least), c.Case),
		full.at(ratio(c.entry(nameFull, 0).seconds(), least), c.Case),
		loader.at(ratio(c.entry(namePgloader, 0).seconds(), own), c.Case),
	}
}

func (r *Result) memoryBars() []Bar {
	var all []Bar
	for i := range r.Cases {
		c := &r.Cases[i]
		one, err := ParseCase(c.Case)
		if err != nil || one.Set != "tpch" || one.Table != "" {
			continue
		}
		peak := max(c.entry(nameCounts, 0).peak(), c.entry(nameFull, 0).peak())
		all = append(all, Bar{What: "peak memory", Limit: 150, Unit: "MB"}.at(float64(peak)/1e6, c.Case))
	}
	if all == nil {
		all = []Bar{{What: "peak memory", Limit: 150, Unit: "MB"}}
	}
	return all
}

func (r *Result) smallBars() []Bar {
	whole := Bar{What: "a small database, verify=full", Limit: 0.5, Unit: "s"}
	start := Bar{What: "of it starting: all of a dry run but the profile", Limit: 0.05, Unit: "s"}
	c := r.pick("small", false)
	if c == nil {
		return []Bar{whole, start}
	}
	dry := c.entry(nameDryRun, 0).median(func(l Lap) float64 { return l.Seconds - l.stage("profile") })
	return []Bar{whole.at(c.entry(nameFull, 0).seconds(), c.Case), start.at(dry, c.Case)}
}

// jobsBars compares what one more connection brings for one large table.
func (r *Result) jobsBars() []Bar {
	bar := Bar{What: "gain of %d jobs over 1 for one table, by the floor's", Limit: 0.9, Least: true}
	c := r.pick("tpch", true)
	if c == nil || r.Jobs < 2 {
		bar.What = fmt.Sprintf(bar.What, 2)
		return []Bar{bar}
	}
	bar.What = fmt.Sprintf(bar.What, r.Jobs)
	gain := func(name, stage string) float64 {
		return ratio(c.entry(name, 1).stage(stage), c.entry(name, r.Jobs).stage(stage))
	}
	return []Bar{bar.at(ratio(gain(nameCounts, "load"), gain(nameFloor, stageRows)), c.Case)}
}
