package measure

import (
	"fmt"
	"slices"

	"github.com/litehaul/litehaul/bench/chart"
)

// Figure draws the medians of each way and their ranges, and, where older is not
// nil, those of an older result beside them.
func (r *Result) Figure(older *Result) chart.Figure {
	f := chart.Figure{
		Title: fmt.Sprintf("litehaul %s of %s: median of the runs in seconds, and their range", r.Job, r.Source.Name),
		Unit:  unitSeconds,
	}
	for _, w := range r.Ways {
		var was *WayResult
		var all []metric
		if older != nil {
			was = older.Way(w.Name)
		}
		if was != nil {
			all = metrics(w, was)
		} else {
			all = metrics(w)
		}
		p := chart.Panel{Title: fmt.Sprintf("%s: %s, %s rows", w.Name, runs(len(w.Runs)), grouped(w.Rows))}
		for _, m := range all {
			if m.unit != unitSeconds || m.name == nameCPU {
				continue
			}
			p.Bars = append(p.Bars, bar(m.name, chart.Own, m.values))
			if was == nil {
				continue
			}
			before := metrics(was, w)
			if at := slices.IndexFunc(before, func(b metric) bool { return b.name == m.name }); at >= 0 {
				p.Bars = append(p.Bars, bar(m.name+", before", chart.Bound, before[at].values))
			}
		}
		f.Panels = append(f.Panels, p)
	}
	return f
}

func bar(label string, kind chart.Kind, values []float64) chart.Bar {
	return chart.Bar{Label: label, Kind: kind, Value: median(values), Low: slices.Min(values), High: slices.Max(values)}
}
