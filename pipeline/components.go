package pipeline

import "github.com/litehaul/litehaul/internal/graph"

// components is graph.Components.
func components[T comparable](nodes []T, next func(T) []T) [][]T {
	return graph.Components(nodes, next)
}
