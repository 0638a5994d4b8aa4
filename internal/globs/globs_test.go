package globs_test

import (
	"fmt"
	"testing"

	"github.com/litehaul/litehaul/internal/globs"
)

func Example() {
	c := globs.New([]string{"p*", "shop.*"}, []string{"*_log", "nothing"})
	for _, t := range [][2]string{{"public", "people"}, {"public", "orders"}, {"shop", "Orders"}, {"shop", "orders_LOG"}, {"", "Pets"}} {
		takes, err := c.Takes(t[0], t[1])
		fmt.Println(t, takes, err)
	}
	fmt.Println(c.Unmatched())
	// Output:
	// [public people] true <nil>
	// [public orders] false <nil>
	// [shop Orders] true <nil>
	// [shop orders_LOG] false <nil>
	// [ Pets] true <nil>
	// nothing true
}

func TestBadGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []*globs.Choice{globs.New([]string{"[a"}, nil), globs.New(nil, []string{"[a"})} {
		if _, err := c.Takes("", "a"); err == nil || err.Error() != `glob "[a": syntax error in pattern` {
			t.Errorf("got %v", err)
		}
	}
	if g, ok := globs.New(nil, nil).Unmatched(); ok {
		t.Errorf("%q is none", g)
	}
}
