package layer_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/layer"
)

var size = layer.Size{Width: 100, Height: 20, Gap: 40, Row: 10, Thread: 5, Page: 600}

func Example() {
	// Orders need customers and products.
	l := layer.Draw(3, []layer.Edge{{From: 2, To: 0}, {From: 2, To: 1}}, size)
	for i, name := range []string{"customers", "products", "orders"} {
		fmt.Println(name, l.Nodes[i])
	}
	// Output:
	// customers {0 10}
	// products {0 40}
	// orders {140 25}
}

// TestDraw holds for any graph: boxes do not overlap, lines begin and end at
// their boxes, and lead to the left unless they close a circle.
func TestDraw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "nodes")
		node := rapid.IntRange(0, n-1)
		var edges []layer.Edge
		for range rapid.IntRange(0, 80).Draw(t, "edges") {
			edges = append(edges, layer.Edge{From: node.Draw(t, "from"), To: node.Draw(t, "to")})
		}
		l := layer.Draw(n, edges, size)
		if diff := cmp.Diff(l, layer.Draw(n, edges, size)); diff != "" {
			t.Errorf("the same graph looks different:\n%s", diff)
		}
		checkBoxes(t, l)
		for i, e := range edges {
			checkWay(t, l, i, e)
		}
	})
}

const slack = 1e-6

func checkBoxes(t *rapid.T, l *layer.Layout) {
	for i, a := range l.Nodes {
		if a.X < 0 || a.Y < size.Height/2-slack || a.X+size.Width > l.Width+slack || a.Y+size.Height/2 > l.Height+slack {
			t.Errorf("node %d at %v is outside of %.0f x %.0f", i, a, l.Width, l.Height)
		}
		for k, b := range l.Nodes[:i] {
			if a.X < b.X+size.Width && b.X < a.X+size.Width && a.Y < b.Y+size.Height-slack && b.Y < a.Y+size.Height-slack {
				t.Errorf("nodes %d at %v and %d at %v overlap", k, b, i, a)
			}
		}
	}
}

func checkWay(t *rapid.T, l *layer.Layout, i int, e layer.Edge) {
	way := l.Edges[i]
	if e.From == e.To {
		if len(way) > 0 {
			t.Errorf("edge %v of a node to itself has a way", e)
		}
		return
	}
	right := func(n int) layer.Point { return layer.Point{X: l.Nodes[n].X + size.Width, Y: l.Nodes[n].Y} }
	want := []layer.Point{l.Nodes[e.From], right(e.To)}
	sign := -1.0
	if l.Back[i] {
		want, sign = []layer.Point{right(e.From), l.Nodes[e.To]}, 1
	}
	if diff := cmp.Diff(want, []layer.Point{way[0], way[len(way)-1]}); diff != "" {
		t.Errorf("ends of edge %v (-want +got):\n%s", e, diff)
	}
	for k := 1; k < len(way); k++ {
		if (way[k].X-way[k-1].X)*sign <= 0 {
			t.Errorf("edge %v turns round: %v", e, way)
		}
	}
}

// TestCrossings: lines that need not cross do not.
func TestCrossings(t *testing.T) {
	t.Parallel()
	// Four pairs, named so that their order at first is the worst.
	l := layer.Draw(9, []layer.Edge{{4, 3}, {5, 2}, {6, 1}, {7, 0}, {4, 8}, {5, 8}, {6, 8}, {7, 8}}, size)
	for i := range 3 {
		if up, down := l.Nodes[i].Y < l.Nodes[i+1].Y, l.Nodes[7-i].Y < l.Nodes[6-i].Y; up != down {
			t.Errorf("the lines of %d and %d cross: %v", i, i+1, l.Nodes)
		}
	}
}

// TestLong: a chain as long as a schema neither overflows nor takes long.
func TestLong(t *testing.T) {
	t.Parallel()
	const n = 2000
	var edges []layer.Edge
	for i := 1; i < n; i++ {
		edges = append(edges, layer.Edge{From: i, To: i - 1})
	}
	l := layer.Draw(n, edges, size)
	if want := n*(size.Width+size.Gap) - size.Gap; l.Width != want {
		t.Errorf("%.0f wide, want %.0f", l.Width, want)
	}
}
