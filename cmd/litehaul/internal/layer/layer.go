// Package layer lays a directed graph out in layers from left to right: nodes
// that nothing else needs stand left, those that need them to their right
// (Sugiyama, Tagawa and Toda 1981).
//
// It is pure: it knows nodes by number, and nothing of how they are drawn. The
// same graph gives the same picture.
package layer

import (
	"cmp"
	"slices"
)

// Edge says that node From needs node To.
type Edge struct{ From, To int }

// Size is what a layout is measured in.
type Size struct {
	Width, Height float64 // of a node
	Gap           float64 // between layers
	Row           float64 // between nodes of a layer
	Thread        float64 // between lines that pass a layer
	Page          float64 // width that parts of the graph are set side by side in
}

// Point is a place; y grows downwards.
type Point struct{ X, Y float64 }

// Layout is a finished picture. Places are those of the middle of a node's left
// side.
type Layout struct {
	Width, Height float64
	Nodes         []Point
	// Edges are the ways of the edges, from the left side of From to the right
	// side of To, or around the nodes between. Those of a node to itself are
	// empty.
	Edges [][]Point
	// Back tells of an edge that it closes a circle: it runs from left to right.
	Back []bool
}

// sweeps is how often the order within layers is improved; more changed nothing
// in the schemas at hand.
const sweeps = 12

// Draw lays out a graph of n nodes. Edges whose ends are out of range are an
// error of the caller.
func Draw(n int, edges []Edge, size Size) *Layout {
	g := newGraph(n, edges)
	out := &Layout{Nodes: make([]Point, n), Edges: make([][]Point, len(edges)), Back: g.back}
	var parts []*part
	for _, nodes := range g.components() {
		p := g.part(nodes, size)
		p.order()
		p.place()
		parts = append(parts, p)
	}
	// Large parts first, then those that fit beside each other.
	slices.SortStableFunc(parts, func(a, b *part) int { return cmp.Compare(b.height, a.height) })
	pack(parts, size, out)
	return out
}

// pack sets the parts in rows, as wide as the page or the widest part.
func pack(parts []*part, size Size, out *Layout) {
	page := size.Page
	for _, p := range parts {
		page = max(page, p.width)
	}
	x, y, tall := 0.0, 0.0, 0.0
	for _, p := range parts {
		if x > 0 && x+p.width > page {
			x, y, tall = 0, y+tall+2*size.Row, 0
		}
		p.emit(Point{x, y}, out)
		out.Width = max(out.Width, x+p.width)
		tall = max(tall, p.height)
		x += p.width + size.Gap
	}
	out.Height = y + tall
}
