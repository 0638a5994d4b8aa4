package page

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// openMost is up to how many tables show their columns at once.
const openMost = 3

type tableView struct {
	ID, Name, Target         string
	Rows, Bytes, TargetBytes string
	RowN, ByteN, TargetN     int64 // to sort by
	ColumnN, IndexN          int
	Share                    string // of the target's size, in percent
	Key                      string
	Columns                  []columnView
	Links                    []linkView
	Open                     bool
	NameMarks                string // of hazards
}

type columnView struct {
	Name, Declared, Type, Form string
	Marks                      []string // not null, key, identity ...
	Evidence, Why              string
	Classes                    []classBar
	Label                      string // of the bar, for those who do not see it
	Forms                      []formBar
	Skipped                    bool
}

// classBar is a piece of a bar of 100 units.
type classBar struct{ Class, X, Width string }

type formBar struct{ Form, Percent, Width string }

type linkView struct{ Columns, Parent, Keys, ID, Note string }

func (v *view) tables(a *pipeline.Assessment) {
	total := int64(1)
	for _, t := range a.Tables {
		total += t.TargetBytes
	}
	marked := map[string]int{}
	for _, h := range a.Hazards {
		if h.Settled == "" {
			marked[h.Table]++
		}
	}
	for i, t := range a.Tables {
		x := tableView{
			ID: tableID(i), Name: short(t.Name, nameMost), Target: short(t.Target, textMost),
			Rows: render.Count(t.Rows), Bytes: render.Bytes(t.Bytes), TargetBytes: render.Bytes(t.TargetBytes),
			RowN: t.Rows, ByteN: t.Bytes, TargetN: t.TargetBytes,
			ColumnN: len(t.Columns), IndexN: t.Indexes, Share: percent(t.TargetBytes, total),
			Key: strings.Join(shortAll(t.Key, nameMost), ", "), Open: len(a.Tables) <= openMost,
		}
		if n := marked[t.Name]; n > 0 {
			x.NameMarks = render.Plural(int64(n), "finding")
		}
		for _, c := range t.Columns {
			x.Columns = append(x.Columns, newColumn(&c, t.Key))
		}
		v.Tables = append(v.Tables, x)
	}
	for _, l := range a.ForeignKeys {
		t := &v.Tables[l.From]
		t.Links = append(t.Links, newLink(l))
	}
}

func tableID(i int) string { return "t" + strconv.Itoa(i) }

func newLink(l pipeline.AssessedLink) linkView {
	x := linkView{
		Columns: strings.Join(shortAll(l.Columns, nameMost), ", "), Parent: short(l.Parent, nameMost),
		Keys: strings.Join(shortAll(l.Keys, nameMost), ", "),
	}
	if l.To >= 0 {
		x.ID = tableID(l.To)
	} else {
		x.Note = "not in this run"
	}
	if l.Orphans > 0 {
		x.Note = render.Plural(l.Orphans, "row") + " without a parent"
	}
	return x
}

func newColumn(c *pipeline.AssessedColumn, key []string) columnView {
	x := columnView{
		Name: short(c.Name, nameMost), Declared: short(c.Declared, nameMost), Type: short(c.Type, nameMost),
		Form: c.Form, Evidence: short(c.Evidence, textMost), Why: short(c.Why, textMost), Skipped: c.Skipped,
	}
	for _, k := range key {
		if k == c.Name {
			x.Marks = append(x.Marks, "key")
		}
	}
	if c.Identity > 0 {
		x.Marks = append(x.Marks, "identity, next "+render.Count(c.Identity))
	} else if c.NotNull {
		x.Marks = append(x.Marks, "not null")
	}
	if c.Target != "" && c.Target != c.Name {
		x.Marks = append(x.Marks, "named "+short(c.Target, nameMost))
	}
	x.bars(c)
	return x
}

// bars draws the shares of storage classes and forms.
func (x *columnView) bars(c *pipeline.AssessedColumn) {
	n := c.Classes
	classes := []struct {
		name string
		n    int64
	}{{"integer", n.Integer}, {"real", n.Real}, {"text", n.Text}, {"blob", n.Blob}, {"null", n.Null}}
	total := n.Integer + n.Real + n.Text + n.Blob + n.Null
	if total == 0 {
		x.Label = "no values"
		return
	}
	at := 0.0
	of := map[string]int64{}
	var label []string
	for _, k := range classes {
		of[k.name] = k.n
		if k.n == 0 {
			continue
		}
		const least = 1.5 // percent: also one in a million is seen
		width := max(least, 100*float64(k.n)/float64(total))
		x.Classes = append(x.Classes, classBar{k.name, number(at), number(width)})
		at += width
		label = append(label, percent(k.n, total)+" "+k.name)
	}
	for i := range x.Classes { // the least widths may have made it longer
		x.Classes[i].X, x.Classes[i].Width = scaled(x.Classes[i].X, 100/at), scaled(x.Classes[i].Width, 100/at)
	}
	x.Label = strings.Join(label, ", ")
	for _, f := range c.Forms {
		if f.Form == "0 or 1" && f.Count < of[f.Class] {
			continue // says nothing of other integers
		}
		x.Forms = append(x.Forms, formBar{
			Form: f.Form, Percent: percent(f.Count, of[f.Class]) + " of " + f.Class,
			Width: number(100 * float64(f.Count) / float64(max(1, of[f.Class]))),
		})
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

func scaled(s string, by float64) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s // not reached: number wrote it
	}
	return number(f * by)
}

// percent writes a share so that only all is 100 % and only nothing 0 %.
func percent(n, total int64) string {
	switch {
	case total == 0 || n == 0:
		return "0 %"
	case n >= total:
		return "100 %"
	}
	p := 100 * float64(n) / float64(total)
	switch {
	case p < 0.1:
		return "< 0.1 %"
	case p > 99.9:
		return "> 99.9 %"
	case p < 10 || p > 90 && p < 100:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}
