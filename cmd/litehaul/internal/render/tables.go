package render

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// tables lists what was loaded, and how fast.
func (p *page) tables(rep *pipeline.Report) {
	if len(rep.Tables) == 0 {
		return
	}
	p.section("")
	extra := extraCounts(rep)
	header := []string{"table", "rows", "MB", "seconds", "rows/s", "verified"}
	for _, x := range extra {
		header = append(header, x.name)
	}
	g := newGrid(header...).right(1, 2, 3, 4)
	for i := 6; i < len(header); i++ {
		g.right(i)
	}
	var rows, bytes int64
	for _, t := range rep.Tables {
		rows += t.Loaded
		bytes += t.Bytes
	}
	for _, t := range rep.Tables[:p.shown(len(rep.Tables))] {
		cells := []string{t.Name, Count(t.Loaded), Megabytes(t.Bytes), Seconds(t.Seconds), rate(t.Loaded, t.Seconds), t.Verified}
		for _, x := range extra {
			cells = append(cells, Count(x.of(&t)))
		}
		g.add(cells...)
	}
	total := []string{"total", Count(rows), Megabytes(bytes), Seconds(rep.Seconds), rate(rows, rep.Seconds), ""}
	for _, x := range extra {
		total = append(total, Count(x.total))
	}
	g.foot = total
	g.write(p.Writer, p.width)
	p.more("", len(rep.Tables))
}

// extraCount is a column that only some reports have.
type extraCount struct {
	name  string
	of    func(*pipeline.TableReport) int64
	total int64
}

// extraCounts lists the columns that have something to tell.
func extraCounts(rep *pipeline.Report) (out []extraCount) {
	for _, x := range []extraCount{
		{name: "updated", of: func(t *pipeline.TableReport) int64 { return t.Updated }},
		{name: "there already", of: func(t *pipeline.TableReport) int64 { return t.Already }},
		{name: "rejected", of: func(t *pipeline.TableReport) int64 { return t.Rejected }},
		{name: "damaged", of: func(t *pipeline.TableReport) int64 { return t.Lost }},
	} {
		for i := range rep.Tables {
			x.total += x.of(&rep.Tables[i])
		}
		if x.total > 0 {
			out = append(out, x)
		}
	}
	return out
}

func sums(rep *pipeline.Report) (rejected, lost int64) {
	for _, t := range rep.Tables {
		rejected += t.Rejected
		lost += t.Lost
	}
	return rejected, lost
}

// leastSeconds is the shortest time over which a rate says anything.
const leastSeconds = 0.001

func rate(rows int64, seconds float64) string {
	if seconds < leastSeconds || rows == 0 {
		return "-"
	}
	return Count(int64(float64(rows) / seconds))
}

// plan lists what a dry run would load.
func (p *page) plan(rep *pipeline.Report) {
	if len(rep.Tables) == 0 {
		return
	}
	p.section("Plan")
	g := newGrid("table", "rows", "becomes", "columns").right(1, 3)
	for _, t := range rep.Tables[:p.shown(len(rep.Tables))] {
		g.add(t.Name, Count(t.Rows), t.Target, Count(int64(len(t.Columns))))
	}
	g.write(p.Writer, p.width)
	p.more("", len(rep.Tables))
}

// sizes lists the tables of an inspected source.
func (p *page) sizes(rep *pipeline.Report) {
	if len(rep.Tables) == 0 {
		return
	}
	p.section("")
	g := newGrid("table", "rows", "MB", "columns").right(1, 2, 3)
	var rows, bytes, columns int64
	for _, t := range rep.Tables {
		rows += t.Rows
		bytes += t.Bytes
		columns += int64(len(t.Columns))
		g.add(t.Name, Count(t.Rows), Megabytes(t.Bytes), Count(int64(len(t.Columns))))
	}
	g.foot = []string{"total", Count(rows), Megabytes(bytes), Count(columns)}
	g.write(p.Writer, p.width)
}

// proposals lists each column of each table with what it would become. None is
// left out: it is what inspect is asked for.
func (p *page) proposals(rep *pipeline.Report) {
	for _, t := range rep.Tables {
		p.section(fmt.Sprintf("%s (%s)", t.Name, Plural(t.Rows, "row")))
		g := newGrid("column", "declared", "nulls", "becomes", "found", "why").right(2)
		g.indent = "  "
		for _, c := range t.Columns {
			g.add(c.Name, declared(c), Count(c.Nulls), becomes(c), c.Evidence, c.Why)
		}
		g.write(p.Writer, p.width)
	}
}

// declared gives a column's declaration, or says that there is none.
func declared(c pipeline.ColumnReport) string {
	if c.Declared == "" {
		return "(no type)"
	}
	return c.Declared
}

// becomes writes a column's type with what else it carries.
func becomes(c pipeline.ColumnReport) string {
	parts := []string{c.Type}
	if c.Form != "" {
		parts = append(parts, "from "+c.Form)
	}
	if c.Identity > 0 {
		parts = append(parts, "identity, next "+Count(c.Identity))
	} else if c.NotNull {
		parts = append(parts, "not null")
	}
	return strings.Join(parts, ", ")
}

// columns lists the columns that became something other than the plain type of
// their declaration.
func (p *page) columns(rep *pipeline.Report) {
	g := newGrid("column", "declared", "became", "why")
	g.indent = "  "
	n := 0
	for _, t := range rep.Tables {
		for _, c := range t.Columns {
			if c.Why == "" {
				continue
			}
			if n++; p.limit < 0 || n <= p.limit {
				g.add(t.Name+"."+c.Name, declared(c), columnType(c), why(c))
			}
		}
	}
	if n == 0 {
		return
	}
	p.section("Columns that became something else than their declaration says")
	g.write(p.Writer, p.width)
	p.more("  ", n)
}

func columnType(c pipeline.ColumnReport) string {
	if c.Form == "" {
		return c.Type
	}
	return c.Type + " from " + c.Form
}

func why(c pipeline.ColumnReport) string {
	if c.Evidence == "" {
		return c.Why
	}
	return c.Why + " (" + c.Evidence + ")"
}

// differences lists the tables that verification found unequal.
func (p *page) differences(rep *pipeline.Report) {
	begun := false
	for _, t := range rep.Tables {
		d := t.Differs
		if d == nil {
			continue
		}
		if !begun {
			begun = true
			p.section("Tables that differ from the source")
		}
		s := fmt.Sprintf("%s in the source, %s in the target", Plural(d.SourceRows, "row"), Count(d.TargetRows))
		if len(d.Columns) > 0 {
			s += "; columns " + strings.Join(d.Columns, ", ")
		}
		if len(d.Keys) > 0 {
			s += "; keys " + strings.Join(d.Keys, ", ")
		}
		if d.More > 0 {
			s += fmt.Sprintf(" and %s more", Count(d.More))
		}
		p.hang("  ", t.Name+": "+s)
	}
}
