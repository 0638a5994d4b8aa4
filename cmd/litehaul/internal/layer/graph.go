package layer

import "slices"

// graph is a graph without circles: edges that close one are turned around.
type graph struct {
	n     int
	edges []Edge
	back  []bool
	down  [][]int // the edges by which a node needs others, as indexes
	up    [][]int // those by which others need it
	layer []int
}

func newGraph(n int, edges []Edge) *graph {
	g := &graph{n: n, edges: slices.Clone(edges), back: make([]bool, len(edges))}
	g.link()
	g.turn()
	g.link()
	g.assign()
	return g
}

func (g *graph) link() {
	g.down, g.up = make([][]int, g.n), make([][]int, g.n)
	for i, e := range g.edges {
		if e.From != e.To {
			g.down[e.From] = append(g.down[e.From], i)
			g.up[e.To] = append(g.up[e.To], i)
		}
	}
}

// turn finds the edges that lead back onto the way of a search, and turns them.
func (g *graph) turn() {
	const onWay, done = 1, 2
	state := make([]int, g.n)
	var visit func(at int)
	visit = func(at int) {
		state[at] = onWay
		for _, i := range g.down[at] {
			switch to := g.edges[i].To; state[to] {
			case onWay:
				g.back[i] = true
			case done:
			default:
				visit(to)
			}
		}
		state[at] = done
	}
	for at := range g.n {
		if state[at] == 0 {
			visit(at)
		}
	}
	for i := range g.edges {
		if g.back[i] {
			e := &g.edges[i]
			e.From, e.To = e.To, e.From
		}
	}
}

// assign puts each node right of all that it needs, and then as far right as
// those that need it allow: lines become short.
func (g *graph) assign() {
	g.layer = make([]int, g.n)
	order := g.sorted()
	for _, at := range order {
		for _, i := range g.down[at] {
			g.layer[at] = max(g.layer[at], g.layer[g.edges[i].To]+1)
		}
	}
	for _, at := range slices.Backward(order) {
		if len(g.up[at]) == 0 || len(g.down[at]) > 0 {
			continue // only nodes that need nothing are free to move
		}
		least := g.n
		for _, i := range g.up[at] {
			least = min(least, g.layer[g.edges[i].From]-1)
		}
		g.layer[at] = max(g.layer[at], least)
	}
}

// sorted lists the nodes, each after those that it needs.
func (g *graph) sorted() []int {
	var order []int
	seen := make([]bool, g.n)
	var visit func(at int)
	visit = func(at int) {
		seen[at] = true
		for _, i := range g.down[at] {
			if to := g.edges[i].To; !seen[to] {
				visit(to)
			}
		}
		order = append(order, at)
	}
	for at := range g.n {
		if !seen[at] {
			visit(at)
		}
	}
	return order
}

// components lists the nodes that hang together.
func (g *graph) components() [][]int {
	var out [][]int
	seen := make([]bool, g.n)
	for root := range g.n {
		if seen[root] {
			continue
		}
		seen[root] = true
		list := []int{root}
		for k := 0; k < len(list); k++ {
			at := list[k]
			for _, i := range slices.Concat(g.down[at], g.up[at]) {
				for _, to := range []int{g.edges[i].From, g.edges[i].To} {
					if !seen[to] {
						seen[to] = true
						list = append(list, to)
					}
				}
			}
		}
		slices.Sort(list)
		out = append(out, list)
	}
	return out
}
