package page_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/page"
	"github.com/litehaul/litehaul/pipeline"
)

func ExampleWrite() {
	a := &pipeline.Assessment{
		Verdict: pipeline.VerdictCannot, Reason: "it is not a SQLite database",
		Source: pipeline.Source{Path: "<b>notes</b>.txt"},
	}
	var out bytes.Buffer
	if err := page.Write(&out, a, nil); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "<h1>") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output: <h1><bdi>b&gt;.txt</bdi></h1>
}
