// Package graph finds what belongs together in a graph.
package graph

import "slices"

// Components gives the strongly connected parts of a graph, those that others
// lead to first: with edges to parents, parents come before their children
// (Tarjan, "Depth-first search and linear graph algorithms", 1972). next lists
// where the edges of a node lead, all of it among nodes.
func Components[T comparable](nodes []T, next func(T) []T) [][]T {
	c := tarjan[T]{next: next, order: map[T]int{}, low: map[T]int{}, closed: map[T]bool{}}
	for _, x := range nodes {
		if c.order[x] == 0 {
			c.visit(x)
		}
	}
	return c.parts
}

// tarjan is the state of a search.
type tarjan[T comparable] struct {
	next       func(T) []T
	order, low map[T]int // from 1 on; 0 is not yet
	closed     map[T]bool
	open       []T
	parts      [][]T
}

func (c *tarjan[T]) visit(x T) {
	c.order[x] = len(c.order) + 1
	c.low[x] = c.order[x]
	c.open = append(c.open, x)
	for _, y := range c.next(x) {
		switch {
		case c.order[y] == 0:
			c.visit(y)
			c.low[x] = min(c.low[x], c.low[y])
		case !c.closed[y]:
			c.low[x] = min(c.low[x], c.order[y])
		}
	}
	if c.low[x] != c.order[x] {
		return
	}
	at := slices.Index(c.open, x)
	part := slices.Clone(c.open[at:])
	c.open = c.open[:at]
	for _, y := range part {
		c.closed[y] = true
	}
	c.parts = append(c.parts, part)
}

// Levels gives each node the number of the longest way from it, counted in parts:
// 0 for those whose edges lead nowhere else, and equal numbers for nodes of one
// part. next is that of Components.
func Levels[T comparable](nodes []T, next func(T) []T) map[T]int {
	levels := map[T]int{}
	for _, part := range Components(nodes, next) {
		level := 0
		for _, x := range part {
			for _, y := range next(x) {
				if !slices.Contains(part, y) {
					level = max(level, levels[y]+1)
				}
			}
		}
		for _, x := range part {
			levels[x] = level
		}
	}
	return levels
}
