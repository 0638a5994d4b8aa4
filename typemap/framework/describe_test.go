package framework_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/typemap/framework"
)

var update = flag.Bool("update", false, "write the table of docs/TYPES.md")

// TestTypesTable holds the table of frameworks in docs/TYPES.md against the
// rules.
func TestTypesTable(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "TYPES.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- the frameworks -->\n", "<!-- the end of the frameworks -->\n"
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("docs/TYPES.md has no table of frameworks")
	}
	want := typesTable()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run go test ./typemap/framework -run TypesTable -update (-want +got):\n%s", diff)
	}
}

func typesTable() string {
	var b strings.Builder
	b.WriteString("\n| Framework | Declared | Becomes | Because | Empty |\n|---|---|---|---|---|\n")
	for _, d := range framework.Describe() {
		decl := "any"
		if len(d.Decl) > 0 {
			decl = "`" + strings.Join(d.Decl, "`, `") + "`"
		}
		if d.Where != "" {
			decl += ", " + d.Where
		}
		empty := ""
		if d.Empty {
			empty = "too"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", d.Framework, decl, d.Type, d.Why, empty)
	}
	b.WriteString("\n")
	return b.String()
}
