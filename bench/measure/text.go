package measure

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// columnGap stands between two columns of a table.
const columnGap = 3

// table gives rows in columns: the first one to the left, the others to the right
// of theirs.
func table(rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, columnGap, ' ', tabwriter.AlignRight)
	widest := 0
	for _, row := range rows {
		widest = max(widest, len(row[0]))
	}
	for _, row := range rows {
		// A buffer takes everything.
		_, _ = fmt.Fprintf(w, "  %-*s\t%s\t\n", widest, row[0], strings.Join(row[1:], "\t"))
	}
	_ = w.Flush()
	var out strings.Builder
	for text := range strings.Lines(b.String()) {
		out.WriteString(strings.TrimRight(text, " \n") + "\n")
	}
	return out.String()
}

// Text writes the result for a terminal.
func (r *Result) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s, %s MB, with %s\n", r.Job, r.Source.Name, megabytes(r.Source.Bytes), r.Tool)
	fmt.Fprintf(&b, "to PostgreSQL %s on %s, each run into a %s of its own\n", r.Server.Version, r.Server.Host, r.Server.Scratch)
	fmt.Fprintf(&b, "from %s, %d cores, %s, %s\n", r.Machine.CPU, r.Machine.Cores, gigabytes(r.Machine.Memory), r.Machine.OS)
	for _, way := range r.Ways {
		b.WriteString("\n" + way.text())
	}
	b.WriteString("\nStages overlap. p95: of 20 runs, 19 are not above it.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (w *WayResult) text() string {
	rows := [][]string{{w.Name + ", " + runs(len(w.Runs)), "min", "median", "p95"}}
	for _, m := range metrics(w) {
		row := []string{m.name}
		for _, value := range []float64{slices.Min(m.values), median(m.values), percentile(m.values, 95)} {
			row = append(row, short(value)+" "+m.unit)
		}
		rows = append(rows, row)
	}
	rate := "  " + grouped(w.Rows) + " rows"
	if w.Bytes > 0 {
		rate += fmt.Sprintf(", %s MB of COPY data", megabytes(w.Bytes))
	}
	if total := median(w.total()); total > 0 {
		rate += fmt.Sprintf(": %s rows/s", grouped(int64(math.Round(float64(w.Rows)/total))))
		if w.Bytes > 0 {
			rate += fmt.Sprintf(", %s MB/s", short(float64(w.Bytes)/1e6/total))
		}
		rate += " at the median"
	}
	if w.unsteady() {
		rate += "\n  The runs vary much, as if something else were at work here or on the server:\n  measure again when it is quiet, before you believe a difference."
	}
	return table(rows) + rate + "\n"
}

func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

func megabytes(n int64) string { return short(float64(n) / 1e6) }

// steady is by how much the run at three quarters may be above that at one
// quarter on a machine that has nothing else to do. The U test asks whether runs
// differ, not why: of a machine that is slower now than it was before it says
// so too.
const steady = 1.25

func (w *WayResult) unsteady() bool {
	total := w.total()
	return len(total) > 3 && percentile(total, 75) > steady*percentile(total, 25)
}

// Text writes the comparison for a terminal. Name is what the older result is
// called, such as its file.
func (c *Comparison) Text(w io.Writer, name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Compared with %s (%s, %s):\n", name, c.Old.Tool, c.Old.Date.Format("2006-01-02 15:04"))
	for _, warning := range c.Warnings {
		fmt.Fprintf(&b, "  warning: not measured alike: %s\n", warning)
	}
	way := ""
	var rows [][]string
	for _, l := range c.Lines {
		if l.Way != way {
			b.WriteString(flush(rows))
			rows, way = [][]string{{l.Way, "was", "is", "change", "p", "runs", ""}}, l.Way
		}
		rows = append(rows, l.row())
	}
	b.WriteString(flush(rows))
	fmt.Fprintf(&b, "\n%s\n", c.Conclusion())
	_, err := io.WriteString(w, b.String())
	return err
}

// flush gives a table behind an empty line, nothing for no rows.
func flush(rows [][]string) string {
	if rows == nil {
		return ""
	}
	return "\n" + table(rows)
}

func (l Line) row() []string {
	counts := fmt.Sprintf("%d+%d", l.WasRuns, l.IsRuns)
	is := short(l.Is) + " " + l.Unit
	switch l.Verdict {
	case OnlyNew:
		return []string{l.Metric, "-", is, "", "", counts, string(l.Verdict)}
	case Slower, Faster:
		word := string(l.Verdict)
		if l.Unit != unitSeconds || l.Metric == nameCPU {
			word = map[Verdict]string{Slower: "more", Faster: "less"}[l.Verdict]
		}
		return []string{l.Metric, short(l.Was) + " " + l.Unit, is, l.percent(), fmt.Sprintf("%.3f", l.P), counts, word}
	}
	return []string{l.Metric, short(l.Was) + " " + l.Unit, is, "~", fmt.Sprintf("%.3f", l.P), counts, ""}
}

func (l Line) percent() string { return fmt.Sprintf("%+.1f %%", 100*l.Change()) }

// Conclusion says in a sentence for each way whether it became slower.
func (c *Comparison) Conclusion() string {
	var all []string
	for _, l := range c.Lines {
		if l.Metric != nameTotal {
			continue
		}
		text := string(l.Verdict)
		switch l.Verdict {
		case Slower, Faster:
			text = fmt.Sprintf("%s by %s (p=%.3f)", l.Verdict, strings.TrimLeft(l.percent(), "+-"), l.P)
		case TooFew:
			text += ": of 4 runs on each side, all must be slower or all faster to be more than noise"
		}
		if stages := c.moved(l.Way); stages != "" {
			text += "; " + stages
		}
		all = append(all, l.Way+": "+text)
	}
	return strings.Join(all, "\n")
}

// moved names the stages of a way that changed.
func (c *Comparison) moved(way string) string {
	var all []string
	for _, l := range c.Lines {
		changed := l.Verdict == Slower || l.Verdict == Faster
		if l.Way == way && changed && l.Unit == unitSeconds && l.Metric != nameTotal && l.Metric != nameCPU {
			all = append(all, l.Metric+" "+l.percent())
		}
	}
	return strings.Join(all, ", ")
}
