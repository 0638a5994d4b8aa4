package page

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// How much of a name, a value and a list the page shows. The JSON has all.
const (
	nameMost   = 80
	textMost   = 400
	sourceMost = 4000
	hazardMost = 200
	cellMost   = 8
	objectMost = 400
)

// view is what the template writes: text that is ready to be shown.
type view struct {
	Name, Title, Path   string
	Verdict             string // moves, choices, cannot
	Headline, Reason    string
	Hint                string
	ChangedTitle        string
	Command             []string // lines
	Advice              string   // before the command
	Facts               []fact
	SourceLine, Where   string
	Made                string
	Hazards, Settled    []hazard
	MoreHazards         int
	Frameworks          []pipeline.FrameworkFound
	Tables              []tableView
	TableBytes          string
	Graph               *graphView
	Kinds               []kindRow
	Changed, LeftOut    []objectView
	MoreChanged, MoreLO int
	Renamed             []pipeline.Rename
	Notes               []string
	Estimate            estimateView
	Existing            bool
}

type fact struct{ Label, Value, Note string }

type hazard struct {
	Where, Message, Hint, Settled, Count string
	Cells                                []pipeline.Cell
	More                                 string
	Flags                                []string
}

type kindRow struct {
	Kind                      string
	Carried, Changed, LeftOut int
}

type objectView struct {
	Kind, Name, Table, Why, Suggestion, Source, Target string
}

type estimateView struct {
	Rows, Bytes, Time, Size, SizeRange string
}

// short makes a name or value fit: clean, and cut in the middle of nowhere but
// told so.
func short(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	n := utf8.RuneCountInString(s)
	if n > most {
		s = string([]rune(s)[:most]) + fmt.Sprintf("… (%s characters)", render.Count(int64(n)))
	}
	return render.Clean(s)
}

func newView(a *pipeline.Assessment, next []string) *view {
	v := &view{
		Name: short(filepath.Base(a.Source.Path), nameMost), Path: short(a.Source.Path, textMost),
		Verdict: string(a.Verdict), Reason: short(a.Reason, textMost), Hint: short(a.Hint, textMost),
		Made:     a.Tool + ", " + a.Started.UTC().Format("2 January 2006, 15:04 UTC"),
		Existing: a.Into == pipeline.IntoExisting,
	}
	v.ChangedTitle = render.ChangedTitle(a)
	words := render.VerdictWords(a.Verdict)
	v.Headline = strings.ToUpper(words[:1]) + words[1:]
	v.Title = v.Name + ": " + words
	if a.Verdict == pipeline.VerdictMoves {
		v.Reason = "Every value has its place in PostgreSQL, and nothing needs a choice."
	}
	v.command(a, next)
	v.facts(a)
	v.hazards(a.Hazards)
	for _, f := range a.Frameworks {
		f.Evidence, f.Books = shortAll(f.Evidence, textMost), shortAll(f.Books, nameMost)
		v.Frameworks = append(v.Frameworks, f)
	}
	v.tables(a)
	v.Graph = newGraphView(a)
	v.objects(a)
	for _, r := range a.Renamed {
		v.Renamed = append(v.Renamed, pipeline.Rename{Kind: r.Kind, Old: short(r.Old, nameMost), New: short(r.New, nameMost), Why: short(r.Why, textMost)})
	}
	v.Notes = shortAll(a.Notes, textMost)
	return v
}

func shortAll(list []string, most int) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = short(s, most)
	}
	return out
}

// commandWidth is where the command is broken, so that it fits a page of paper.
const commandWidth = 88

func (v *view) command(a *pipeline.Assessment, next []string) {
	switch {
	case len(next) == 0 && a.Hint == "":
		v.Advice = "Settle first what no flag settles, then assess again."
		return
	case len(next) == 0:
		v.Advice = ""
		return
	case len(a.Next) > 0:
		v.Advice = "To go on with the first of the choices below (the others are as good, and yours to take):"
	default:
		v.Advice = "To move it:"
	}
	for _, line := range render.CommandLines(next, commandWidth) {
		v.Command = append(v.Command, render.Clean(line))
	}
}

func (v *view) facts(a *pipeline.Assessment) {
	s, e := a.Source, a.Estimate
	var parts []string
	for _, p := range []string{render.Bytes(s.Bytes), s.Encoding, journal(s.JournalMode)} {
		if p != "" && s.Bytes > 0 {
			parts = append(parts, p)
		}
	}
	v.SourceLine = strings.Join(parts, " · ")
	v.Where = "No server was asked; an empty schema of PostgreSQL 12 or newer is assumed."
	if t := a.Target; t != nil {
		v.Where = fmt.Sprintf("Into database %s on %s, schema %s (PostgreSQL %s)", t.Database, t.Host, t.Schema, t.Version)
		if v.Existing {
			v.Where += ", into the tables that an application has made there"
		}
		v.Where = short(v.Where+".", textMost)
	}
	if a.Totals.Tables == 0 {
		return
	}
	v.Estimate = estimateView{
		Rows: render.Count(e.RowsPerSecond), Bytes: render.Bytes(e.BytesPerSecond),
		Time: render.TimeRange(e.SecondsLow, e.SecondsHigh), Size: render.Bytes(e.TargetBytes),
		SizeRange: render.Bytes(e.BytesLow) + " to " + render.Bytes(e.BytesHigh),
	}
	v.Facts = []fact{
		{"Tables", render.Count(int64(a.Totals.Tables)), render.Plural(int64(a.Totals.Columns), "column")},
		{"Rows", render.Count(a.Totals.Rows), "all of them read"},
		{"Values", render.Bytes(a.Totals.Bytes), "in a file of " + render.Bytes(s.Bytes)},
		{"In Postgres", "≈ " + v.Estimate.Size, v.Estimate.SizeRange},
		{"Takes", v.Estimate.Time, "loaded and read back"},
	}
}

func journal(mode string) string {
	if mode == "wal" {
		return "write-ahead log"
	}
	return ""
}

func (v *view) hazards(all []pipeline.AssessedHazard) {
	for _, h := range all {
		x := hazard{
			Where: short(h.Table, nameMost), Message: short(h.Message, textMost), Hint: short(h.Hint, textMost),
			Settled: h.Settled, Count: render.Count(h.Count), Flags: nil,
		}
		if h.Column != "" {
			x.Where += "." + short(h.Column, nameMost)
		}
		for _, f := range h.Flags {
			x.Flags = append(x.Flags, render.Clean(render.ShellQuote(short(f, textMost))))
		}
		for _, c := range h.Cells[:min(cellMost, len(h.Cells))] {
			x.Cells = append(x.Cells, pipeline.Cell{Key: short(c.Key, nameMost), Value: short(c.Value, nameMost)})
		}
		if rest := h.Count - int64(len(x.Cells)); rest > 0 && len(x.Cells) > 0 {
			x.More = render.Count(rest)
		}
		switch {
		case h.Settled != "":
			v.Settled = append(v.Settled, x)
		case len(v.Hazards) < hazardMost:
			v.Hazards = append(v.Hazards, x)
		default:
			v.MoreHazards++
		}
	}
}

// kinds is the order in which kinds of objects are listed.
var kinds = []string{"table", "primary key", "unique", "index", "foreign key", "check", "default", "generated", "collation", "view", "trigger", "virtual table"}

func (v *view) objects(a *pipeline.Assessment) {
	var rest []string
	for kind := range a.Carried {
		if !slices.Contains(kinds, kind) {
			rest = append(rest, kind)
		}
	}
	slices.Sort(rest)
	for _, kind := range slices.Concat(kinds, rest) {
		if n, ok := a.Carried[kind]; ok {
			v.Kinds = append(v.Kinds, kindRow{render.Clean(kind), n.Carried, n.Changed, n.LeftOut})
		}
	}
	for _, o := range a.Objects {
		x := objectView{
			Kind: render.Clean(o.Kind), Name: short(o.Name, nameMost), Why: short(o.Why, textMost),
			Suggestion: short(o.Suggestion, textMost), Source: lines(o.Source), Target: lines(o.Target),
		}
		if o.Table != o.Name {
			x.Table = short(o.Table, nameMost)
		}
		list, more := &v.LeftOut, &v.MoreLO
		switch o.Status {
		case "carried":
			continue
		case "changed":
			list, more = &v.Changed, &v.MoreChanged
		}
		if len(*list) < objectMost {
			*list = append(*list, x)
		} else {
			*more++
		}
	}
}

// lines cleans SQL text, and keeps its lines.
func lines(s string) string {
	if utf8.RuneCountInString(s) > sourceMost {
		s = string([]rune(s)[:sourceMost]) + "\n…"
	}
	list := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range list {
		list[i] = render.Clean(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(list, "\n")
}
