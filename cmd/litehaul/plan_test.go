package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/pipeline"
)

// TestPlanSchemaDocument: the JSON Schema in the documentation is the one that
// the program prints.
func TestPlanSchemaDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/plan.schema.json"
	if *update {
		if err := os.WriteFile(path, pipeline.PlanSchema(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, pipeline.PlanSchema()) {
		t.Errorf("%s is not what litehaul plan --json-schema prints; go test ./cmd/litehaul -run PlanSchema -update writes it", path)
	}
}

// TestPlanDocument: the plans in docs/PLAN.md can be read.
func TestPlanDocument(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/PLAN.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for block := range strings.SplitSeq(string(page), "```yaml\n") {
		text, _, ok := strings.Cut(block, "```")
		if !ok || !strings.Contains(text, "version:") {
			continue
		}
		n++
		if _, err := pipeline.ReadPlan("PLAN.md", strings.NewReader(text)); err != nil {
			t.Errorf("%v:\n%s", err, text)
		}
	}
	if n == 0 {
		t.Error("docs/PLAN.md shows no plan")
	}
}
