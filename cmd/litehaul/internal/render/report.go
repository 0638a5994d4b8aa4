package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// Options say how a report is laid out.
type Options struct {
	// Width is that of the page in columns; 0 means DefaultWidth.
	Width int
	// Limit is how many entries of a list are shown; 0 means DefaultLimit, and
	// less than 0 all of them.
	Limit int
}

const (
	// DefaultWidth is the width of a page that is no terminal.
	DefaultWidth = 100
	// DefaultLimit is how many entries of one list a text report shows.
	DefaultLimit = 20
	// leastPage is the narrowest page; a smaller terminal breaks lines itself.
	leastPage = 40
	// sourceLimit is how much of an object's SQL text is shown.
	sourceLimit = 300
	// cellLimit is how many cells of a hazard or ledger group are shown.
	cellLimit = 3
)

// JSON writes a report as indented JSON, in the form of docs/REPORT.md.
func JSON(w io.Writer, rep *pipeline.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(rep); err != nil {
		return fmt.Errorf("write report as JSON: %w", err)
	}
	return nil
}

// Report writes the report of a migration as text.
func Report(w io.Writer, rep *pipeline.Report, opt Options) error {
	p := newPage(w, opt)
	p.header(rep)
	if rep.Outcome == OutcomeDryRun {
		p.plan(rep)
	} else {
		p.tables(rep)
	}
	p.differences(rep)
	p.writtenBy(rep)
	p.columns(rep)
	p.renames(rep)
	p.objects(rep)
	p.hazards(rep)
	p.ledger(rep)
	p.notes(rep)
	p.ddl(rep)
	p.stages(rep)
	p.archive(rep)
	p.verdict(rep)
	return p.flush()
}

// Inspect writes what was found in a source as text: its tables, and for each
// column what it holds and what it would become.
func Inspect(w io.Writer, rep *pipeline.Report, opt Options) error {
	p := newPage(w, opt)
	p.header(rep)
	p.sizes(rep)
	p.writtenBy(rep)
	p.proposals(rep)
	p.renames(rep)
	p.objects(rep)
	p.hazards(rep)
	p.notes(rep)
	p.stages(rep)
	return p.flush()
}

// page is a report in the making. The first error of its writer sticks and is
// given by flush.
type page struct {
	*bufio.Writer
	width, limit int
	begun        bool
}

func newPage(w io.Writer, opt Options) *page {
	p := &page{Writer: bufio.NewWriter(w), width: opt.Width, limit: opt.Limit}
	if p.width == 0 {
		p.width = DefaultWidth
	}
	p.width = max(p.width, leastPage)
	if p.limit == 0 {
		p.limit = DefaultLimit
	}
	return p
}

func (p *page) flush() error {
	if err := p.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// section begins a part of the report with an empty line and its title.
func (p *page) section(title string) {
	if p.begun {
		p.text("", "")
	}
	p.begun = true
	if title != "" {
		p.text("", title)
	}
}

// text writes a paragraph, each line of which begins with indent.
func (p *page) text(indent, s string) {
	for _, line := range Wrap(Clean(s), p.width-len(indent)) {
		_, _ = p.WriteString(strings.TrimRight(indent+line, " ") + "\n") // flush gives the error
	}
}

// item writes a label of our own and text, the later lines of which stand under its first.
func (p *page) item(indent, label, s string) {
	for i, line := range Wrap(Clean(s), p.width-len(indent)-len(label)) {
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		_, _ = p.WriteString(strings.TrimRight(indent+label+line, " ") + "\n")
	}
}

// hang writes a paragraph, the later lines of which stand a little to the right
// of its first.
func (p *page) hang(indent, s string) {
	const more = "    "
	for i, line := range Wrap(Clean(s), p.width-len(indent)-len(more)) {
		if i == 1 {
			indent += more
		}
		_, _ = p.WriteString(strings.TrimRight(indent+line, " ") + "\n")
	}
}

// shown gives how many of n entries the report shows.
func (p *page) shown(n int) int {
	if p.limit < 0 || n <= p.limit {
		return n
	}
	return p.limit
}

// more says how many entries were not shown.
func (p *page) more(indent string, n int) {
	if rest := n - p.shown(n); rest > 0 {
		p.text(indent, fmt.Sprintf("... %s more (see --report json)", Count(int64(rest))))
	}
}

// header names what went where.
func (p *page) header(rep *pipeline.Report) {
	src, dst := rep.Source, rep.Target
	p.section("")
	if rep.Tool != "" {
		p.item("", "tool      ", rep.Tool)
	}
	var facts []string
	if src.Bytes > 0 {
		facts = append(facts, Bytes(src.Bytes))
	}
	if src.Server != "" {
		facts = append(facts, "PostgreSQL "+src.Server)
	}
	for _, f := range []string{src.Encoding, src.JournalMode} {
		if f != "" {
			facts = append(facts, f)
		}
	}
	if src.PageSize > 0 {
		facts = append(facts, Count(int64(src.PageSize))+"-byte pages")
	}
	p.item("", "source    ", src.Path+parens(strings.Join(facts, ", ")))
	if dst == (pipeline.Target{}) {
		return
	}
	where := "database " + dst.Database + " on " + dst.Host + ", schema " + dst.Schema
	facts = facts[:0]
	if dst.Version != "" {
		facts = append(facts, "PostgreSQL "+strings.TrimPrefix(dst.Version, "PostgreSQL "))
	}
	if dst.User != "" {
		facts = append(facts, "user "+dst.User)
	}
	p.item("", "target    ", where+parens(strings.Join(facts, ", ")))
}

func parens(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}
