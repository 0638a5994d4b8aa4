package layer

import (
	"cmp"
	"slices"
)

// part is a part of a graph that hangs together. Its edges lead through every
// layer between their ends, by way of knots.
type part struct {
	size          Size
	g             *graph
	layers        [][]*knot
	ways          map[int][]*knot // of each edge, from its right end to its left
	width, height float64
}

// knot is a node, or the place where an edge passes a layer.
type knot struct {
	node        int // -1: an edge passes
	layer       int
	left, right []*knot // the knots that it is tied to
	weight      float64 // for sorting
	y           float64
}

func (g *graph) part(nodes []int, size Size) *part {
	p := &part{size: size, g: g, ways: map[int][]*knot{}}
	byNode := map[int]*knot{}
	least := g.n
	for _, at := range nodes {
		least = min(least, g.layer[at])
	}
	for _, at := range nodes {
		byNode[at] = p.add(at, g.layer[at]-least)
	}
	for _, at := range nodes {
		for _, i := range g.down[at] {
			p.thread(i, byNode[at], byNode[g.edges[i].To])
		}
	}
	return p
}

func (p *part) add(node, layer int) *knot {
	for len(p.layers) <= layer {
		p.layers = append(p.layers, nil)
	}
	k := &knot{node: node, layer: layer}
	p.layers[layer] = append(p.layers[layer], k)
	return k
}

// thread leads an edge from the knot on its right to the one on its left.
func (p *part) thread(edge int, from, to *knot) {
	way := []*knot{from}
	for at := from; at != to; {
		next := to
		if at.layer > to.layer+1 {
			next = p.add(-1, at.layer-1)
		}
		at.left = append(at.left, next)
		next.right = append(next.right, at)
		way, at = append(way, next), next
	}
	p.ways[edge] = way
}

// order sorts each layer so that few lines cross: by the mean place of what its
// knots are tied to, sweeping to and fro, and keeps the best order seen.
func (p *part) order() {
	best, fewest := p.snapshot(), p.crossings()
	for sweep := 0; sweep < sweeps && fewest > 0; sweep++ {
		if sweep%2 == 0 {
			for _, l := range p.layers[1:] {
				sortBy(l, func(k *knot) []*knot { return k.left })
			}
		} else {
			for _, l := range slices.Backward(p.layers[:len(p.layers)-1]) {
				sortBy(l, func(k *knot) []*knot { return k.right })
			}
		}
		p.number()
		if n := p.crossings(); n < fewest {
			best, fewest = p.snapshot(), n
		}
	}
	p.layers = best
	p.number()
}

func (p *part) snapshot() [][]*knot {
	p.number()
	out := make([][]*knot, len(p.layers))
	for i, l := range p.layers {
		out[i] = slices.Clone(l)
	}
	return out
}

// number gives each knot its place in its layer.
func (p *part) number() {
	for _, l := range p.layers {
		for i, k := range l {
			k.y = float64(i)
		}
	}
}

func sortBy(layer []*knot, ties func(*knot) []*knot) {
	for _, k := range layer {
		k.weight = mean(ties(k), k.y)
	}
	slices.SortStableFunc(layer, func(a, b *knot) int { return cmp.Compare(a.weight, b.weight) })
	for i, k := range layer {
		k.y = float64(i)
	}
}

func mean(list []*knot, none float64) float64 {
	if len(list) == 0 {
		return none
	}
	sum := 0.0
	for _, k := range list {
		sum += k.y
	}
	return sum / float64(len(list))
}

// crossings counts the pairs of lines between neighbouring layers that cross.
func (p *part) crossings() int {
	n := 0
	for _, l := range p.layers {
		var ends []float64
		for _, k := range l {
			tied := make([]float64, len(k.left))
			for i, x := range k.left {
				tied[i] = x.y
			}
			slices.Sort(tied)
			for _, y := range tied {
				at, _ := slices.BinarySearch(ends, y+0.5) // places are whole numbers
				n += len(ends) - at
			}
			for _, y := range tied {
				at, _ := slices.BinarySearch(ends, y)
				ends = slices.Insert(ends, at, y)
			}
		}
	}
	return n
}

// place gives each knot its height: as near as may be to what it is tied to,
// and not too near to its neighbours.
func (p *part) place() {
	for _, l := range p.layers {
		y := 0.0
		for i, k := range l {
			if i > 0 {
				y += p.apart(l[i-1], k)
			}
			k.y = y
		}
	}
	for sweep := range 2 * sweeps {
		at := p.layers
		ties := func(k *knot) []*knot { return k.left }
		if sweep%2 == 1 {
			at = slices.Clone(p.layers)
			slices.Reverse(at)
			ties = func(k *knot) []*knot { return k.right }
		}
		if sweep >= sweeps { // at last, both sides
			ties = func(k *knot) []*knot { return slices.Concat(k.left, k.right) }
		}
		for _, l := range at {
			p.settle(l, ties)
		}
	}
	p.measure()
}

// apart gives the distance that two neighbours in a layer need.
func (p *part) apart(a, b *knot) float64 {
	if a.node < 0 && b.node < 0 {
		return p.size.Thread
	}
	if a.node < 0 || b.node < 0 {
		return (p.size.Height + p.size.Row + p.size.Thread) / 2
	}
	return p.size.Height + p.size.Row
}

// settle moves the knots of a layer to where they want to be, in the sense of
// least squares, without changing their order: pool adjacent violators.
func (p *part) settle(l []*knot, ties func(*knot) []*knot) {
	type pool struct {
		sum      float64 // of the wishes, less the offsets
		n, first int
	}
	var pools []pool
	offset := 0.0
	offsets := make([]float64, len(l))
	for i, k := range l {
		if i > 0 {
			offset += p.apart(l[i-1], k)
		}
		offsets[i] = offset
		pools = append(pools, pool{sum: mean(ties(k), k.y) - offset, n: 1, first: i})
		for last := len(pools) - 1; last > 0; last-- {
			a, b := &pools[last-1], pools[last]
			if a.sum/float64(a.n) <= b.sum/float64(b.n) {
				break
			}
			a.sum, a.n = a.sum+b.sum, a.n+b.n
			pools = pools[:last]
		}
	}
	for _, q := range pools {
		for i := q.first; i < q.first+q.n; i++ {
			l[i].y = q.sum/float64(q.n) + offsets[i]
		}
	}
}

// measure moves the part to the origin.
func (p *part) measure() {
	low, high := 0.0, 0.0
	first := true
	for _, l := range p.layers {
		for _, k := range l {
			if first {
				low, high, first = k.y, k.y, false
			}
			low, high = min(low, k.y), max(high, k.y)
		}
	}
	for _, l := range p.layers {
		for _, k := range l {
			k.y += p.size.Height/2 - low
		}
	}
	p.height = high - low + p.size.Height
	p.width = float64(len(p.layers))*(p.size.Width+p.size.Gap) - p.size.Gap
}

// emit writes the part's places into a layout, moved by at.
func (p *part) emit(at Point, out *Layout) {
	x := func(k *knot) float64 { return at.X + float64(k.layer)*(p.size.Width+p.size.Gap) }
	for _, l := range p.layers {
		for _, k := range l {
			if k.node >= 0 {
				out.Nodes[k.node] = Point{x(k), at.Y + k.y}
			}
		}
	}
	for edge, way := range p.ways {
		var points []Point
		for i, k := range way {
			left, right := Point{x(k), at.Y + k.y}, Point{x(k) + p.size.Width, at.Y + k.y}
			switch i {
			case 0:
				points = append(points, left)
			case len(way) - 1:
				points = append(points, right)
			default:
				points = append(points, right, left)
			}
		}
		if p.g.back[edge] {
			slices.Reverse(points)
		}
		out.Edges[edge] = points
	}
}
