package page

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/layer"
	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// The picture's measures, in CSS pixels.
const (
	nodeWidth, nodeHeight = 172, 40
	layerGap, rowGap      = 60, 12
	threadGap             = 9
	pageWidth             = 1100
	border                = 14
	labelWidth            = 148 // of the name within a node
	loopRoom              = 26  // beside a node that refers to itself
	// Beyond these nobody reads the picture, and its lines take long to order.
	nodesMost, linksMost = 600, 2000
)

// graphView is the graph of foreign keys as SVG elements.
type graphView struct {
	Width, Height string
	ViewBox       string
	Nodes         []nodeView
	Edges         []edgeView
	Alone         []aloneView // tables without foreign keys
	TooLarge      bool
	TableN, LinkN int
	Cycles        bool
	Orphans       bool
}

type nodeView struct {
	ID, X, Y, W, H, TextX, NameY, RowsY string
	Name, Full, Rows                    string
	Loop                                string // path of a foreign key to itself
	Class                               string
	N                                   int
}

type edgeView struct {
	Path, Class, Title string
	From, To           int
}

type aloneView struct{ ID, Name string }

func newGraphView(a *pipeline.Assessment) *graphView {
	g := &graphView{LinkN: len(a.ForeignKeys), TableN: len(a.Tables)}
	at, tables := numbered(a)
	for i, t := range a.Tables {
		if at[i] < 0 {
			g.Alone = append(g.Alone, aloneView{tableID(i), short(t.Name, nameMost)})
		}
	}
	if len(tables) == 0 {
		return g
	}
	if len(tables) > nodesMost || len(a.ForeignKeys) > linksMost {
		g.TooLarge = true
		return g
	}
	links, edges, selfs := merged(a, at)
	l := layer.Draw(len(tables), edges, layer.Size{
		Width: nodeWidth, Height: nodeHeight, Gap: layerGap, Row: rowGap, Thread: threadGap, Page: pageWidth,
	})
	names := make([]string, len(tables))
	for n, i := range tables {
		names[n] = short(a.Tables[i].Name, nameMost)
		g.Nodes = append(g.Nodes, newNode(&a.Tables[i], i, n, l.Nodes[n], selfs[n]))
	}
	for k, way := range l.Edges {
		g.Edges = append(g.Edges, newEdge(names, links[k], edges[k], way))
		g.Cycles = g.Cycles || links[k].Cycle
		g.Orphans = g.Orphans || links[k].Orphans > 0
	}
	width, height := l.Width+2*border+loopRoom, l.Height+2*border
	g.Width, g.Height = round(width), round(height)
	g.ViewBox = fmt.Sprintf("%d %d %s %s", -border, -border, round(width), round(height))
	return g
}

// numbered numbers the tables that have foreign keys or are referred to.
func numbered(a *pipeline.Assessment) (at, tables []int) {
	at = make([]int, len(a.Tables))
	for i := range at {
		at[i] = -1
	}
	for _, l := range a.ForeignKeys {
		if l.To >= 0 {
			at[l.From], at[l.To] = 0, 0
		}
	}
	for i := range at {
		if at[i] == 0 {
			at[i] = len(tables)
			tables = append(tables, i)
		}
	}
	return at, tables
}

// mergedLink is all foreign keys from one table to another.
type mergedLink struct {
	N       int
	Cycle   bool
	Orphans int64
}

// merged makes one edge of all foreign keys between two tables, and takes out
// those of a table to itself.
func merged(a *pipeline.Assessment, at []int) (links []*mergedLink, edges []layer.Edge, selfs map[int]bool) {
	selfs = map[int]bool{}
	known := map[layer.Edge]*mergedLink{}
	for _, l := range a.ForeignKeys {
		if l.To < 0 {
			continue
		}
		e := layer.Edge{From: at[l.From], To: at[l.To]}
		if e.From == e.To {
			selfs[e.From] = true
			continue
		}
		m := known[e]
		if m == nil {
			m = &mergedLink{}
			known[e] = m
			links, edges = append(links, m), append(edges, e)
		}
		m.N++
		m.Cycle = m.Cycle || l.Cycle
		m.Orphans += l.Orphans
	}
	return links, edges, selfs
}

func newNode(t *pipeline.AssessedTable, i, n int, p layer.Point, self bool) nodeView {
	const nameUp, rowsDown = 3, 13
	x := nodeView{
		ID: tableID(i), N: n, X: round(p.X), Y: round(p.Y - nodeHeight/2), W: strconv.Itoa(nodeWidth), H: strconv.Itoa(nodeHeight),
		TextX: round(p.X + 12), NameY: round(p.Y - nameUp), RowsY: round(p.Y + rowsDown),
		Name: fit(render.OneLine(t.Name, nameMost)),
		Full: short(t.Name, nameMost), Rows: render.Plural(t.Rows, "row"),
	}
	if self {
		// Over the upper right corner, out of the way of other arrows.
		x.Loop = fmt.Sprintf("M%s %sc0 -14 42 -12 22 9", round(p.X+nodeWidth-22), round(p.Y-nodeHeight/2))
	}
	return x
}

func newEdge(names []string, m *mergedLink, e layer.Edge, way []layer.Point) edgeView {
	x := edgeView{From: e.From, To: e.To, Path: curve(way), Class: "edge"}
	x.Title = names[e.From] + " refers to " + names[e.To]
	if m.N > 1 {
		x.Title += fmt.Sprintf(" (%d foreign keys)", m.N)
	}
	if m.Cycle {
		x.Class, x.Title = "edge cycle", x.Title+", in a circle"
	}
	if m.Orphans > 0 {
		x.Class, x.Title = x.Class+" orphans", x.Title+", "+render.Plural(m.Orphans, "row")+" without a parent"
	}
	return x
}

// curve draws a way: bends between layers, straight lines past them.
func curve(way []layer.Point) string {
	if len(way) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "M%s %s", round(way[0].X), round(way[0].Y))
	for i := 1; i < len(way); i++ {
		p, q := way[i-1], way[i]
		if p.Y == q.Y {
			fmt.Fprintf(&b, "H%s", round(q.X))
			continue
		}
		mid := (p.X + q.X) / 2
		fmt.Fprintf(&b, "C%s %s %s %s %s %s", round(mid), round(p.Y), round(mid), round(q.Y), round(q.X), round(q.Y))
	}
	return b.String()
}

func round(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// fit cuts a name so that it fits its node in any of the page's fonts, of which
// the widest counts.
func fit(name string) string {
	width := 0.0
	for i, c := range name {
		width += glyph(c)
		if width > labelWidth && i > 0 {
			runes := []rune(name[:i])
			return strings.TrimRight(string(runes[:max(1, len(runes)-1)]), " ") + "…"
		}
	}
	return name
}

// glyph gives about the width of a character at the size of names: that of
// DejaVu Sans Bold, which is wider than most.
func glyph(c rune) float64 {
	switch {
	case strings.ContainsRune("iIjl.,:;'|!", c):
		return 4.8
	case strings.ContainsRune("ftr-()[] ", c):
		return 6.2
	case strings.ContainsRune("mwMW@%", c):
		return 13.8
	case 'A' <= c && c <= 'Z':
		return 10.2
	case runewidth.RuneWidth(c) > 1:
		return 17
	}
	return 8.9
}
