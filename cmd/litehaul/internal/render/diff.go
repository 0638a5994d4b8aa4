package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/litehaul/litehaul/internal/fixture/diff"
)

// Diff writes how the fixture archives a and b differ.
func Diff(w io.Writer, rep *diff.Report, a, b string, opt Options) error {
	p := newPage(w, opt)
	p.item("", "--- ", a)
	p.item("", "+++ ", b)
	p.begun = true
	p.diffSchema(&rep.Schema)
	differing := 0
	for i := range rep.Tables {
		if t := &rep.Tables[i]; t.Status != diff.StatusEqual {
			differing++
			p.diffTable(t)
		}
	}
	switch {
	case rep.Equal:
		p.section("equal: the schema and " + Plural(int64(len(rep.Tables)), "table"))
	case differing == 0:
		p.section("the schema differs; all rows are equal")
	default:
		p.section(fmt.Sprintf("%d of %s differ", differing, Plural(int64(len(rep.Tables)), "table")))
	}
	return p.flush()
}

func (p *page) diffSchema(s *diff.Schema) {
	if s.Equal {
		return
	}
	p.section("schema")
	for _, list := range []struct {
		mark  string
		lines []string
		n     int64
	}{{"- ", s.Removed, s.RemovedN}, {"+ ", s.Added, s.AddedN}} {
		for _, sql := range list.lines {
			p.item("  ", list.mark, OneLine(sql, sourceLimit))
		}
		p.diffMore(list.mark, list.n-int64(len(list.lines)))
	}
}

func (p *page) diffMore(mark string, n int64) {
	if n > 0 {
		p.text("  ", fmt.Sprintf("%s... %s more", mark, Count(n)))
	}
}

func (p *page) diffTable(t *diff.Table) {
	name := "table " + t.Schema + "." + t.Name
	switch t.Status {
	case diff.StatusRemoved:
		p.section("- " + name + ", " + Plural(t.RowsA, "row"))
		return
	case diff.StatusAdded:
		p.section("+ " + name + ", " + Plural(t.RowsB, "row"))
		return
	}
	how := "without a key"
	if len(t.Key) > 0 {
		how = "matched by " + strings.Join(t.Key, ", ")
	}
	if n := t.Removed + t.Changed + t.Added; n == 0 {
		how = "no row differs"
	} else {
		how = fmt.Sprintf("%s removed, %s changed, %s added, %s", Count(t.Removed), Count(t.Changed), Count(t.Added), how)
	}
	p.section(fmt.Sprintf("%s: %s and %s; %s", name, Plural(t.RowsA, "row"), Plural(t.RowsB, "row"), how))
	for _, c := range t.Columns {
		p.item("  ", "", "column "+change(c))
	}
	for _, c := range t.Identities {
		p.item("  ", "", "next value of "+change(c))
	}
	for _, kind := range []struct {
		name, mark string
		n          int64
	}{{diff.RowRemoved, "- ", t.Removed}, {diff.RowChanged, "~ ", t.Changed}, {diff.RowAdded, "+ ", t.Added}} {
		rest := kind.n
		for _, r := range t.Rows {
			if r.Change == kind.name {
				p.item("  ", kind.mark, rowText(&r))
				rest--
			}
		}
		p.diffMore(kind.mark, rest)
	}
}

func rowText(r *diff.Row) string {
	parts := make([]string, len(r.Key))
	for i, v := range r.Key {
		parts[i] = v.Column + " " + v.Value
	}
	line := strings.Join(parts, ", ")
	for i, c := range r.Columns {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		line += sep + change(c)
	}
	return line
}

// change writes what a thing was and is.
func change(c diff.Change) string {
	switch {
	case c.A == "":
		return c.Name + ": added, " + c.B
	case c.B == "":
		return c.Name + ": removed, was " + c.A
	}
	return c.Name + " " + c.A + " -> " + c.B
}
