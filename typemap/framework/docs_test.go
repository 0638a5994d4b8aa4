package framework_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/typemap/framework"
)

// The page's example is real code, and each framework has its row, which
// names all its bookkeeping tables.
func TestDocs(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "FRAMEWORKS.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatal("no example")
	}
	source, err := os.ReadFile("laravel.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), block[1]) {
		t.Error("the example is not in laravel.go")
	}
	if n := strings.Count(block[1], "\n"); n > 10 {
		t.Errorf("the example has %d lines", n)
	}
	rows := map[string]string{}
	for line := range strings.SplitSeq(page, "\n") {
		if cells := strings.Split(line, " | "); len(cells) > 1 {
			rows[strings.TrimPrefix(cells[0], "| ")] = strings.ReplaceAll(line, `\_`, "_")
		}
	}
	for _, name := range framework.Names() {
		row, ok := rows[name]
		if !ok {
			t.Errorf("%s has no row", name)
		}
		for _, table := range framework.Tables(name) {
			if !strings.Contains(row, table) {
				t.Errorf("the row of %s lacks %s", name, table)
			}
		}
	}
}
