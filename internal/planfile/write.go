package planfile

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Write writes a plan as YAML, with comments for whoever reviews it. The same
// plan always becomes the same bytes. An error is one of w, or a name that no
// text file can hold.
func Write(w io.Writer, p *Plan, words Words) error {
	if err := writable(p); err != nil {
		return err
	}
	var out writer
	out.head(p)
	out.policies(p, words)
	out.tables(p)
	out.leftOut(p)
	_, err := w.Write(out.buf)
	return err //nolint:wrapcheck // the caller knows what w is
}

// writable refuses names that are not UTF-8.
func writable(p *Plan) error {
	for _, t := range p.Tables {
		names := []string{t.Name, t.To.Table}
		for _, c := range t.Columns {
			names = append(names, c.Name, c.To, c.Declared)
		}
		for _, n := range names {
			if !utf8.ValidString(n) {
				return fmt.Errorf("name %q of table %q is not UTF-8: a plan cannot name it", n, t.Name)
			}
		}
	}
	return nil
}

// commentWidth is the width of comments.
const commentWidth = 96

// writer writes the file piece by piece.
type writer struct{ buf []byte }

// line writes one line, indented by so many levels.
func (w *writer) line(level int, format string, args ...any) {
	w.buf = append(w.buf, strings.Repeat("  ", level)...)
	w.buf = append(fmt.Appendf(w.buf, format, args...), '\n')
}

// comment writes a text as lines of comment, those after the first one further
// in by hang. Spaces before the text stay.
func (w *writer) comment(level, hang int, s string) {
	width := commentWidth - 2*level - 2
	line, pad := "", s[:len(s)-len(strings.TrimLeft(s, " "))]
	for word := range strings.FieldsSeq(printable(s)) {
		if line != "" && len(pad)+len(line)+1+len(word) > width {
			w.line(level, "# %s%s", pad, line)
			line, pad = "", strings.Repeat(" ", hang)
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	w.line(level, "# %s%s", pad, line)
}

func (w *writer) head(p *Plan) {
	w.comment(0, 0, "The plan of a litehaul run: what becomes of each table and column, and why. Change what should be "+
		"otherwise; litehaul migrate --plan follows it, and refuses where the source or the target is not the one it was made for.")
	for _, a := range p.Applications {
		w.comment(0, 2, "Made by "+a)
	}
	open := 0
	for _, h := range p.Hazards {
		if h.Settled == "" {
			open++
		}
	}
	switch {
	case open > 0:
		w.comment(0, 2, fmt.Sprintf("HAZARDS: %d of %d wait for your choice. They stand below, each where it belongs; "+
			"the flags that they name are keys of the policies, tables and columns here.", open, len(p.Hazards)))
	case len(p.Hazards) > 0:
		w.comment(0, 2, fmt.Sprintf("Hazards: %d, all settled by the policies below.", len(p.Hazards)))
	}
	for _, h := range p.Hazards {
		if h.Table == "" || p.Table(h.Table) == nil {
			w.hazard(0, h)
		}
	}
	w.line(0, "version: %d", Version)
	w.line(0, "source:")
	w.line(1, "file: %s", scalar(p.Source.File))
	w.line(1, "hash: %s", quoted(p.Source.Hash))
	w.line(0, "into: %s", p.Into)
	w.line(0, "schema: %s", scalar(p.Schema))
}

func (w *writer) hazard(level int, h Hazard) {
	if h.Settled != "" {
		w.comment(level, 2, fmt.Sprintf("Hazard, settled by %s: %s", h.Settled, h.Message))
		return
	}
	w.comment(level, 2, "HAZARD: "+h.Message)
	if h.Hint != "" {
		w.comment(level, 7, "  try: "+h.Hint)
	}
}

func (w *writer) policies(p *Plan, words Words) {
	w.line(0, "\npolicies:")
	for _, x := range p.Policies {
		if c := words.policy(x.Name); c != nil {
			about := c.About
			if len(c.Allowed) > 0 {
				about += ": " + orList(c.Allowed)
			}
			w.comment(1, 2, about)
		}
		w.line(1, "%s: %s", scalar(x.Name), policyValue(x.Value))
	}
}

// policyValue writes a policy's value; true and false are words here.
func policyValue(s string) string {
	if s == "true" || s == "false" {
		return s
	}
	return scalar(s)
}

func (w *writer) tables(p *Plan) {
	w.line(0, "\ntables:")
	for i := range p.Tables {
		t := &p.Tables[i]
		if i > 0 {
			w.buf = append(w.buf, '\n')
		}
		if t.Why != "" {
			w.comment(1, 2, t.Why)
		}
		w.hazardsOf(1, p, t, "")
		w.line(1, "%s:", scalar(t.Name))
		w.line(2, "action: %s", t.Action)
		if t.Rows >= 0 {
			w.line(2, "rows: %d", t.Rows)
		}
		if t.To.Table != "" {
			w.line(2, "to: %s", scalar(t.To.String()))
		}
		if t.Source != "" {
			w.line(2, "source: %s", quoted(t.Source))
		}
		if t.Target != "" {
			w.line(2, "target: %s", quoted(t.Target))
		}
		if len(t.Columns) > 0 {
			w.columns(p, t)
		}
	}
}

// hazardsOf writes the hazards of one column of a table, or with "" those that
// are of no single one.
func (w *writer) hazardsOf(level int, p *Plan, t *Table, column string) {
	for _, h := range p.Hazards {
		if foldASCII(h.Table) != foldASCII(t.Name) {
			continue
		}
		if h.Column == column || column == "" && t.Column(h.Column) == nil {
			w.hazard(level, h)
		}
	}
}

func (w *writer) columns(p *Plan, t *Table) {
	w.line(2, "columns:")
	for i := range t.Columns {
		c := &t.Columns[i]
		about := c.Evidence
		switch {
		case about == "":
			about = c.Why
		case !strings.Contains(about, c.Why):
			about += " - " + c.Why
		}
		if about != "" {
			w.comment(3, 2, about)
		}
		w.hazardsOf(3, p, t, c.Name)
		w.line(3, "%s: {%s}", scalar(c.Name), strings.Join(c.entries(), ", "))
	}
}

// entries gives the keys of a column with their values.
func (c *Column) entries() []string {
	var out []string
	put := func(key, value string) {
		if value != "" {
			out = append(out, key+": "+scalar(value))
		}
	}
	put("declared", c.Declared)
	if c.Action != Load {
		put("action", string(c.Action))
	}
	put("to", c.To)
	put("type", c.Type)
	switch len(c.Forms) {
	case 0:
	case 1:
		put("form", c.Forms[0])
	default:
		out = append(out, "form: ["+strings.Join(c.Forms, ", ")+"]")
	}
	return out
}

func (w *writer) leftOut(p *Plan) {
	if len(p.LeftOut) == 0 {
		return
	}
	w.buf = append(w.buf, '\n')
	w.comment(0, 2, "Not carried over as it is in the source:")
	for _, o := range p.LeftOut {
		name := o.Name
		if o.Table != "" && o.Table != o.Name {
			name += " of " + o.Table
		}
		s := o.Kind + " " + name + ": " + o.Status
		if o.Why != "" {
			s += ", " + o.Why
		}
		w.comment(0, 4, "- "+s)
	}
}

// orList writes: a, b or c.
func orList(words []string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " or " + words[n]
	}
	return strings.Join(words, "")
}
