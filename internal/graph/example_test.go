package graph_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/graph"
)

// With edges from children to parents, parents come first, and those that lead to
// each other together.
func ExampleComponents() {
	parents := map[string][]string{"lines": {"orders"}, "orders": {"people"}, "people": {"orders"}}
	fmt.Println(graph.Components([]string{"lines", "orders", "people"}, func(t string) []string { return parents[t] }))
	// Output:
	// [[orders people] [lines]]
}

// Parents have a lower level than their children, and tables of a circle the same.
func ExampleLevels() {
	parents := map[string][]string{"lines": {"orders"}, "orders": {"people"}, "people": {"orders", "towns"}}
	fmt.Println(graph.Levels([]string{"lines", "orders", "people", "towns"}, func(t string) []string { return parents[t] }))
	// Output:
	// map[lines:2 orders:1 people:1 towns:0]
}
