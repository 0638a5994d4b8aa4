package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// verdicts are the verdicts of an assessment in words.
var verdicts = map[pipeline.Verdict]string{
	pipeline.VerdictMoves: "moves as is", pipeline.VerdictChoices: "needs choices", pipeline.VerdictCannot: "cannot move",
}

// VerdictWords gives a verdict in words: "moves as is".
func VerdictWords(v pipeline.Verdict) string { return verdicts[v] }

// largestN is how many tables an assessment lists.
const largestN = 10

// Assess writes an assessment as text, the verdict first. next is the command
// to type next, nil where there is none.
func Assess(w io.Writer, a *pipeline.Assessment, next []string, opt Options) error {
	p := newPage(w, opt)
	p.section(verdicts[a.Verdict] + ": " + a.Reason)
	p.assessHead(a)
	p.frameworks(a.Frameworks)
	p.assessHazards(a.Hazards)
	p.objectNames("Left out", withStatus(a.Objects, statusLeftOut))
	p.objectNames(ChangedTitle(a), withStatus(a.Objects, statusChanged))
	p.renames(&pipeline.Report{Renamed: a.Renamed})
	p.largest(a)
	p.notes(&pipeline.Report{Notes: a.Notes})
	p.next(a, next)
	return p.flush()
}

// ChangedTitle heads the objects that change. Where choices are open, some of
// them change only when these are made.
func ChangedTitle(a *pipeline.Assessment) string {
	if a.Verdict == pipeline.VerdictChoices {
		return "Carried over with a change, some of them after a choice"
	}
	return "Carried over with a change"
}

func (p *page) assessHead(a *pipeline.Assessment) {
	p.header(&pipeline.Report{Source: a.Source})
	if a.Target == nil {
		p.item("", "target    ", "none was asked: an empty schema of PostgreSQL 12 or newer is assumed")
	} else {
		where := "database " + a.Target.Database + " on " + a.Target.Host + ", schema " + a.Target.Schema +
			parens("PostgreSQL "+shortVersion(a.Target.Version)+", user "+a.Target.User)
		p.item("", "target    ", where)
		if a.Into == pipeline.IntoExisting {
			p.item("", "into      ", "the tables that an application has made there")
		}
	}
	if a.Totals.Tables == 0 {
		return
	}
	p.item("", "size      ", fmt.Sprintf("%s, %s, %s of values", Plural(int64(a.Totals.Tables), "table"),
		Plural(a.Totals.Rows, "row"), Bytes(a.Totals.Bytes)))
	p.item("", "becomes   ", fmt.Sprintf("about %s in Postgres with all indexes (%s to %s)",
		Bytes(a.Estimate.TargetBytes), Bytes(a.Estimate.BytesLow), Bytes(a.Estimate.BytesHigh)))
	p.item("", "takes     ", TimeRange(a.Estimate.SecondsLow, a.Estimate.SecondsHigh)+", everything read back and compared")
}

// shortVersion leaves out who built a server.
func shortVersion(v string) string {
	v, _, _ = strings.Cut(v, " (")
	return v
}

// TimeRange writes a range of durations in units that suit them.
func TimeRange(low, high float64) string {
	if high < 1 {
		return "under a second"
	}
	if low < 1 {
		return "up to " + roundTime(high)
	}
	from, to := roundTime(low), roundTime(high)
	if n, unit, _ := strings.Cut(from, " "); strings.HasSuffix(to, " "+unit) || strings.HasSuffix(to, " "+unit+"s") {
		from = n // 2 to 16 seconds
	}
	return from + " to " + to
}

// roundTime writes a duration that is only roughly known.
func roundTime(s float64) string {
	const minute, hour = 60, 3600
	switch {
	case s < 1.5*minute:
		return Plural(int64(s+0.99), "second")
	case s < 1.5*hour:
		return Plural(int64(s/minute+0.99), "minute")
	}
	return Plural(int64(s/hour+0.99), "hour")
}

func (p *page) frameworks(found []pipeline.FrameworkFound) {
	const evidenceN = 3
	for _, f := range found {
		p.item("", "made by   ", f.Name)
		for _, e := range f.Evidence[:min(evidenceN, len(f.Evidence))] {
			p.item("          ", "- ", e)
		}
		if rest := len(f.Evidence) - evidenceN; rest > 0 {
			p.text("            ", fmt.Sprintf("and %d more signs", rest))
		}
	}
}

func (p *page) assessHazards(all []pipeline.AssessedHazard) {
	var open []pipeline.AssessedHazard
	var settled []pipeline.Hazard
	for _, h := range all {
		if h.Settled == "" {
			open = append(open, h)
		} else {
			settled = append(settled, h.Hazard)
		}
	}
	if len(open) > 0 {
		p.section(fmt.Sprintf("Needs a choice: %s", Plural(int64(len(open)), "finding")))
	}
	for _, h := range open[:p.shown(len(open))] {
		plain := h.Hazard
		plain.Settled, plain.Hint = "", ""
		p.hazard(plain)
		for i, flag := range h.Flags {
			label := "settle with "
			if i > 0 {
				label = "         or "
			}
			p.item("      ", label, ShellQuote(flag))
		}
		if len(h.Flags) == 0 {
			p.item("      ", "no flag settles it: ", h.Hint)
		}
	}
	p.more("  ", len(open))
	p.hazardList("Settled by a choice of yours", settled)
}

// objectNames lists objects by why they are not what they were.
func (p *page) objectNames(title string, objects []pipeline.Object) {
	if len(objects) == 0 {
		return
	}
	type group struct {
		kind, why, suggestion string
		names                 []string
	}
	var groups []*group
	for _, o := range objects {
		at := slices.IndexFunc(groups, func(g *group) bool { return g.kind == o.Kind && g.why == o.Why })
		if at < 0 {
			at, groups = len(groups), append(groups, &group{kind: o.Kind, why: o.Why, suggestion: o.Suggestion})
		}
		name := o.Name
		if o.Table != "" && o.Table != o.Name && name != "" {
			name += " on " + o.Table
		} else if name == "" {
			name = o.Table
		}
		groups[at].names = append(groups[at].names, name)
	}
	p.section(fmt.Sprintf("%s: %s", title, Plural(int64(len(objects)), "object")))
	for _, g := range groups[:p.shown(len(groups))] {
		const namesN = 4
		names := strings.Join(g.names[:min(namesN, len(g.names))], ", ")
		if rest := len(g.names) - namesN; rest > 0 {
			names += fmt.Sprintf(" and %d more", rest)
		}
		p.hang("  ", g.kind+" "+names+colon(g.why))
		if g.suggestion != "" {
			p.item("      ", "try: ", g.suggestion)
		}
	}
	p.more("  ", len(groups))
}

// largest lists the tables that will take most room.
func (p *page) largest(a *pipeline.Assessment) {
	if len(a.Tables) == 0 {
		return
	}
	tables := slices.Clone(a.Tables)
	slices.SortStableFunc(tables, func(x, y pipeline.AssessedTable) int {
		return int(min(max(y.TargetBytes-x.TargetBytes, -1), 1))
	})
	title := "Tables"
	if len(tables) > largestN {
		title = fmt.Sprintf("The largest of %d tables", len(tables))
	}
	p.section(title)
	g := newGrid("table", "rows", "values", "in Postgres", "columns", "indexes").right(1, 2, 3, 4, 5)
	g.indent = "  "
	for _, t := range tables[:min(largestN, len(tables))] {
		g.add(OneLine(t.Name, nameLimit), Count(t.Rows), Bytes(t.Bytes), Bytes(t.TargetBytes),
			Count(int64(len(t.Columns))), Count(int64(t.Indexes)))
	}
	g.write(p.Writer, p.width)
}

// nameLimit is how much of a table's name a list shows.
const nameLimit = 60

// next tells what to do.
func (p *page) next(a *pipeline.Assessment, command []string) {
	switch {
	case len(command) == 0 && a.Hint != "":
		p.section("Next")
		p.text("  ", a.Hint)
		return
	case len(command) == 0:
		p.section("Next")
		p.text("  ", "settle what no flag settles, then assess again")
		return
	case len(a.Next) > 0:
		p.section("Next, with the first of the choices (the others are as good, and yours to take)")
	default:
		p.section("Next")
	}
	for _, line := range CommandLines(command, p.width-len("  ")) {
		_, _ = p.WriteString("  " + line + "\n") // flush gives the error
	}
}
