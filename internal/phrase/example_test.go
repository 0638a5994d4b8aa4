package phrase_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/phrase"
)

func ExampleList() {
	fmt.Println(phrase.List([]string{"orders", "people"}, 2))
	fmt.Println(phrase.List([]string{"lines", "orders", "people", "towns"}, 2))
	// Output:
	// orders, people
	// lines, orders and 2 more
}
