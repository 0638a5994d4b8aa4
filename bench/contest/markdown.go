package contest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/bench/chart"
)

// Markers in a page between which the results stand.
const (
	MarkerBegin = "<!-- results of make bench: begin -->"
	MarkerEnd   = "<!-- results of make bench: end -->"
)

// ErrNoMarkers means that a page has no place for results.
var ErrNoMarkers = errors.New("no pair of markers for the results")

// Inject puts text in place of what stands between the markers of page.
func Inject(page, text string) (string, error) {
	before, rest, begins := strings.Cut(page, MarkerBegin)
	_, after, ends := strings.Cut(rest, MarkerEnd)
	if !begins || !ends {
		return "", ErrNoMarkers
	}
	return before + MarkerBegin + "\n\n" + strings.TrimSpace(text) + "\n\n" + MarkerEnd + after, nil
}

// Markdown gives the result as a part of a page: what was measured where, the
// bars, and a table for each case.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "litehaul %s on %s: %s, %d cores, %.0f GB, %s, kernel %s, %s, PostgreSQL %s with %s.\n",
		r.Litehaul.Version, r.Date.Format("2006-01-02"), r.Machine.CPU, r.Machine.Cores, float64(r.Machine.Memory)/1e9,
		r.Machine.OS, r.Machine.Kernel, r.Machine.Go, r.Machine.Postgres, settingsText(r.Settings))
	fmt.Fprintf(&b, "Medians of at least %d laps, %d jobs; ranges in brackets.\n", r.Runs, r.Jobs)
	b.WriteString("\n" + r.barsTable())
	for i := range r.Cases {
		b.WriteString("\n" + r.Cases[i].table())
	}
	return b.String()
}

func settingsText(settings map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		all = append(all, "`"+name+"="+settings[name]+"`")
	}
	if all == nil {
		return "its own settings"
	}
	return strings.Join(all, ", ")
}

// barsTable gives the bars.
func (r *Result) barsTable() string {
	var b strings.Builder
	b.WriteString("| what must be seen | bar | measured | | on |\n|---|---|---|---|---|\n")
	for _, bar := range r.Bars() {
		sign := "at most "
		if bar.Least {
			sign = "at least "
		}
		value, verdict := "not measured", ""
		if bar.Measured {
			value, verdict = short(bar.Value)+unit(bar.Unit), "missed"
			if bar.Passed() {
				verdict = "passed"
			}
		}
		fmt.Fprintf(&b, "| %s | %s%s%s | %s | %s | %s |\n", bar.What, sign, short(bar.Limit), unit(bar.Unit), value, verdict, bar.Of)
	}
	return b.String()
}

func unit(u string) string {
	if u == "" {
		return ""
	}
	return " " + u
}

// short gives a number of about three digits.
func short(value float64) string {
	if value >= 100 {
		return strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}

// table gives a case.
func (c *CaseResult) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%d rows in %s, %.0f MB.", c.Case, c.Rows, tables(c.Tables), float64(c.Bytes)/1e6)
	for _, trial := range c.Tuning {
		if trial.Chosen {
			fmt.Fprintf(&b, " The floor's fastest way over %d connections: %s.", trial.Jobs, trial.Way)
		}
	}
	b.WriteString("\n\n| | jobs | seconds | by the floor | stages | CPU of the client | of the server | peak memory |\n|---|---|---|---|---|---|---|---|\n")
	for _, e := range c.Entries {
		b.WriteString(c.row(e))
	}
	return b.String()
}

func tables(n int) string {
	if n == 1 {
		return "one table"
	}
	return strconv.Itoa(n) + " tables"
}

func (c *CaseResult) row(e *Entry) string {
	jobs := ""
	if e.Jobs > 0 {
		jobs = strconv.Itoa(e.Jobs)
	}
	if e.Error != "" || len(e.Laps) == 0 {
		reason, _, _ := strings.Cut(e.Error, "\n")
		return fmt.Sprintf("| %s | %s | - | | %s | | | |\n", cell(e.Name), jobs, cell(reason))
	}
	least, most := e.extremes()
	client, peak := "-", "-"
	if e.Name != nameFloor {
		client = fmt.Sprintf("%.2f s", e.median(func(l Lap) float64 { return l.ClientCPU }))
		peak = fmt.Sprintf("%.0f MB", float64(e.peak())/1e6)
	}
	name := cell(e.Name)
	if arrived := e.Laps[0].Rows; arrived != c.Rows && arrived != 0 {
		name += fmt.Sprintf(" (%d rows arrived)", arrived)
	}
	return fmt.Sprintf("| %s | %s | %.2f (%.2f to %.2f) | %.2f | %s | %s | %.2f s | %s |\n",
		name, jobs, e.seconds(), least, most, ratio(e.seconds(), c.entry(nameFloor, e.Jobs).seconds()),
		e.stageText(), client, e.median(func(l Lap) float64 { return l.ServerCPU }), peak)
}

// cell escapes what would end a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func (e *Entry) extremes() (least, most float64) {
	least = math.Inf(1)
	for _, lap := range e.Laps {
		least, most = min(least, lap.Seconds), max(most, lap.Seconds)
	}
	return least, most
}

// stageText gives the medians of all stages.
func (e *Entry) stageText() string {
	var all []string
	for _, s := range e.Laps[0].Stages {
		all = append(all, fmt.Sprintf("%s %.2f", s.Name, e.stage(s.Name)))
	}
	return strings.Join(all, ", ")
}

// Chart gives the seconds of whole jobs as a figure.
func (r *Result) Chart() chart.Figure {
	f := chart.Figure{Title: "Whole job: median of the laps in seconds, and their range", Unit: "s"}
	for i := range r.Cases {
		c := &r.Cases[i]
		p := chart.Panel{Title: fmt.Sprintf("%s: %.0f MB, %d rows", c.Case, float64(c.Bytes)/1e6, c.Rows)}
		for _, e := range c.Entries {
			if e.Error != "" || len(e.Laps) == 0 || e.Name == nameDryRun {
				continue
			}
			bar := chart.Bar{Label: e.Name, Kind: chart.Other, Value: e.seconds()}
			bar.Low, bar.High = e.extremes()
			switch {
			case e.Name == nameFloor:
				bar.Kind = chart.Bound
			case strings.HasPrefix(e.Name, "litehaul"):
				bar.Kind = chart.Own
			}
			if one, err := ParseCase(c.Case); err == nil && one.Table != "" {
				bar.Label += fmt.Sprintf(", jobs=%d", e.Jobs)
			}
			p.Bars = append(p.Bars, bar)
		}
		f.Panels = append(f.Panels, p)
	}
	return f
}
