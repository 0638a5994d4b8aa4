package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// The outcomes of a report that change how it is written.
const (
	OutcomeDone        = "done"
	OutcomeDryRun      = "dry-run"
	OutcomeRefused     = "refused"
	OutcomeFailed      = "failed"
	OutcomeDiffers     = "differs"
	OutcomeInterrupted = "interrupted"
)

// The states of an object that was not carried over as it is.
const (
	statusChanged = "changed"
	statusLeftOut = "left out"
)

func (p *page) renames(rep *pipeline.Report) {
	if len(rep.Renamed) == 0 {
		return
	}
	p.section("Renamed")
	g := newGrid("kind", "in SQLite", "in Postgres", "why")
	g.indent = "  "
	for _, r := range rep.Renamed[:p.shown(len(rep.Renamed))] {
		g.add(r.Kind, r.Old, r.New, r.Why)
	}
	g.write(p.Writer, p.width)
	p.more("  ", len(rep.Renamed))
}

// objects lists what is not in the target as it was in the source.
func (p *page) objects(rep *pipeline.Report) {
	p.objectList("Not carried over", withStatus(rep.Objects, statusLeftOut))
	p.objectList("Carried over with a change", withStatus(rep.Objects, statusChanged))
}

func withStatus(objects []pipeline.Object, status string) []pipeline.Object {
	var found []pipeline.Object
	for _, o := range objects {
		if o.Status == status {
			found = append(found, o)
		}
	}
	return found
}

func (p *page) objectList(title string, objects []pipeline.Object) {
	if len(objects) == 0 {
		return
	}
	p.section(title)
	for _, o := range objects[:p.shown(len(objects))] {
		name := o.Kind
		if o.Name != "" {
			name += " " + o.Name
		}
		if o.Table != "" && o.Table != o.Name {
			name += " on " + o.Table
		}
		p.hang("  ", name+colon(o.Why))
		for _, part := range []struct{ label, text string }{
			{"was: ", OneLine(o.Source, sourceLimit)},
			{"is:  ", OneLine(o.Target, sourceLimit)},
			{"try: ", o.Suggestion},
		} {
			if part.text != "" {
				p.item("      ", part.label, part.text)
			}
		}
	}
	p.more("  ", len(objects))
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// hazards lists what a policy of the user has settled, and what stands open.
func (p *page) hazards(rep *pipeline.Report) {
	var settled, open []pipeline.Hazard
	for _, h := range rep.Hazards {
		if h.Settled == "" {
			open = append(open, h)
		} else {
			settled = append(settled, h)
		}
	}
	p.hazardList("Needs a choice", open)
	p.hazardList("Settled by a choice of yours", settled)
}

func (p *page) hazardList(title string, hazards []pipeline.Hazard) {
	if len(hazards) == 0 {
		return
	}
	p.section(title)
	for _, h := range hazards[:p.shown(len(hazards))] {
		p.hazard(h)
	}
	p.more("  ", len(hazards))
}

func (p *page) hazard(h pipeline.Hazard) {
	where := h.Table
	if h.Column != "" {
		where += "." + h.Column
	}
	if where != "" {
		where += ": "
	}
	p.hang("  ", where+h.Message)
	p.cells(h.Cells, h.Count)
	if h.Settled != "" {
		p.item("      ", "settled by ", h.Settled)
	} else if h.Hint != "" {
		p.item("      ", "try: ", h.Hint)
	}
}

// cells lists the first of n cells.
func (p *page) cells(cells []pipeline.Cell, n int64) {
	shown := len(cells)
	if p.limit >= 0 {
		shown = min(shown, cellLimit)
	}
	for _, c := range cells[:shown] {
		text := c.Key
		if c.Value != "" {
			text += ": " + c.Value
		}
		p.text("      ", text)
	}
	if rest := max(n, int64(len(cells))) - int64(shown); rest > 0 && shown > 0 {
		p.text("      ", fmt.Sprintf("... %s more", Count(rest)))
	}
}

// Hazards writes the hazards that made a run refuse.
func Hazards(w io.Writer, hazards []pipeline.Hazard, opt Options) error {
	p := newPage(w, opt)
	open := 0
	for _, h := range hazards {
		if h.Settled != "" {
			continue
		}
		if open++; p.limit < 0 || open <= p.limit {
			p.hazard(h)
		}
	}
	p.more("  ", open)
	return p.flush()
}

func (p *page) ledger(rep *pipeline.Report) {
	l := rep.Ledger
	if l.Total == 0 {
		return
	}
	p.section(fmt.Sprintf("Ledger: %s did not arrive as they were", Plural(l.Total, "cell")))
	for _, e := range l.Entries[:p.shown(len(l.Entries))] {
		text := fmt.Sprintf("%s.%s: %s (%s)", e.Table, e.Column, e.What, Count(e.Count))
		if e.Why != "" {
			text += "; " + e.Why
		}
		p.hang("  ", text)
		p.cells(e.Cells, e.Count)
	}
	p.more("  ", len(l.Entries))
}

func (p *page) notes(rep *pipeline.Report) {
	if len(rep.Notes) == 0 {
		return
	}
	p.section("Notes")
	for _, n := range rep.Notes[:p.shown(len(rep.Notes))] {
		p.item("  ", "- ", n)
	}
	p.more("  ", len(rep.Notes))
}

// ddl writes the statements of a plan, none left out, and so that they can be
// pasted: the text of Postgres statements is litehaul's own, except for names
// and literals. Line ends within a statement stay; other control characters do
// not reach the terminal.
func (p *page) ddl(rep *pipeline.Report) {
	if len(rep.DDL) == 0 {
		return
	}
	p.section("Statements")
	DDL(p.Writer, rep.DDL)
}

// DDL writes statements, each ended with a semicolon.
func DDL(w *bufio.Writer, statements []string) {
	for _, s := range statements {
		s = strings.TrimRight(s, "; \n")
		for line := range strings.SplitSeq(s+";", "\n") {
			line = strings.ReplaceAll(line, "\t", "    ")
			_, _ = w.WriteString(Clean(line) + "\n") // the caller's Flush gives the error
		}
	}
}

func (p *page) stages(rep *pipeline.Report) {
	if len(rep.Stages) == 0 {
		return
	}
	parts := make([]string, len(rep.Stages))
	for i, s := range rep.Stages {
		parts[i] = string(s.Stage) + " " + Seconds(s.Seconds)
	}
	p.section("")
	p.item("", "stages (s)  ", strings.Join(parts, ", "))
}

// verdict is the report's last line: how it ended.
func (p *page) verdict(rep *pipeline.Report) {
	p.section(Verdict(rep))
}

// Verdict says in one line how a run ended.
func Verdict(rep *pipeline.Report) string {
	var rows, updated, already int64
	for _, t := range rep.Tables {
		rows += t.Loaded
		updated += t.Updated
		already += t.Already
	}
	what := Plural(rows, "row")
	if updated+already > 0 {
		what = fmt.Sprintf("%s (%s added, %s updated, %s there already)", Plural(rows+updated+already, "row"), Count(rows), Count(updated), Count(already))
	}
	moved := fmt.Sprintf("%s, %s in %s s", Plural(int64(len(rep.Tables)), "table"), what, Seconds(rep.Seconds))
	switch rep.Outcome {
	case OutcomeDone:
		return "done: " + moved + "; " + proof(rep)
	case OutcomeDryRun:
		return fmt.Sprintf("dry run: %s planned in %s s; nothing was written",
			Plural(int64(len(rep.Tables)), "table"), Seconds(rep.Seconds))
	case OutcomeDiffers:
		return "DIFFERS: " + moved + "; the target does not equal the source"
	case OutcomeRefused:
		return "refused: nothing was written"
	case OutcomeInterrupted:
		return "interrupted after " + Seconds(rep.Seconds) + " s"
	}
	return "failed after " + Seconds(rep.Seconds) + " s"
}

// proof says how much of a finished run was checked, and what stayed behind.
func proof(rep *pipeline.Report) string {
	counted := map[string]int{}
	for _, t := range rep.Tables {
		counted[t.Verified]++
	}
	var s string
	switch len(rep.Tables) {
	case counted["full"]:
		s = "every row read back and equal"
	case counted["full"] + counted["counts"]:
		s = "row counts equal, values not compared"
		if counted["full"] > 0 {
			s = fmt.Sprintf("%d tables read back and equal, of %d only the row counts", counted["full"], counted["counts"])
		}
	default:
		s = "not verified"
	}
	var kept int64
	for _, t := range rep.Tables {
		kept += t.Kept
	}
	if kept > 0 {
		s += "; " + Plural(kept, "row") + " of the target stay with other values than the source's, see the ledger"
	}
	rejected, lost := sums(rep)
	if rejected > 0 {
		s += "; " + Plural(rejected, "row") + " left behind by your choice"
	}
	if lost > 0 {
		s += "; " + Plural(lost, "damaged cell") + " could not be read"
	}
	return s
}
