package near_test

import (
	"fmt"
	"testing"

	"github.com/litehaul/litehaul/internal/near"
)

func Example() {
	fmt.Println(near.Word("tpye", []string{"form", "type", "to"}))
	// Output: type
}

func TestWord(t *testing.T) {
	t.Parallel()
	words := []string{"orphans", "on-data", "type", "to"}
	for typed, want := range map[string]string{
		"orphan": "orphans", "ondata": "on-data", "tyep": "type", "completely": "", "": "", "TYPE": "", "x": "",
	} {
		if got := near.Word(typed, words); got != want {
			t.Errorf("%q is near %q, want %q", typed, got, want)
		}
	}
}
