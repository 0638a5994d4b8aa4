package render_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

var update = flag.Bool("update", false, "write the golden files")

// load reads a report from its JSON form, so that the golden files show what
// each field does.
func load(t *testing.T, name string) *pipeline.Report {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var rep pipeline.Report
	if err := dec.Decode(&rep); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &rep
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, report, golden string
		opt                  render.Options
	}{
		{"done", "done.json", "done.txt", render.Options{}},
		{"narrow", "done.json", "done-60.txt", render.Options{Width: 60}},
		{"added", "added.json", "added.txt", render.Options{}},
		{"capped", "done.json", "done-capped.txt", render.Options{Limit: 1}},
		{"dry run", "dry-run.json", "dry-run.txt", render.Options{}},
		{"differs", "differs.json", "differs.txt", render.Options{}},
		{"nothing", "nothing.json", "nothing.txt", render.Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := render.Report(&b, load(t, tt.report), tt.opt); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.golden, b.Bytes())
		})
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := render.Inspect(&b, load(t, "inspect.json"), render.Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "inspect.txt", b.Bytes())
}

func TestHazards(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := render.Hazards(&b, load(t, "inspect.json").Hazards, render.Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "hazards.txt", b.Bytes())
}

func TestJSONKeepsAll(t *testing.T) {
	t.Parallel()
	want := load(t, "done.json")
	var b bytes.Buffer
	if err := render.JSON(&b, want); err != nil {
		t.Fatal(err)
	}
	var got pipeline.Report
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// TestNoLineIsTooWide tries the widths of terminals. Only numbers and single
// words may be wider than a page.
func TestNoLineIsTooWide(t *testing.T) {
	t.Parallel()
	for width := 80; width <= 200; width += 8 {
		var b bytes.Buffer
		if err := render.Report(&b, load(t, "done.json"), render.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(b.String(), "\n") {
			if n := len([]rune(line)); n > width {
				t.Errorf("width %d: a line of %d: %s", width, n, line)
			}
		}
	}
}

// TestNothingReachesTheTerminal puts escape sequences wherever a file could.
func TestNothingReachesTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "a\x1b[2Jb\nc\u202ed\xff"
	rep := &pipeline.Report{
		Outcome: evil, Source: pipeline.Source{Path: evil, JournalMode: evil},
		Target: pipeline.Target{Database: evil, Version: evil, User: evil},
		Tables: []pipeline.TableReport{{
			Name: evil, Target: evil, Verified: evil,
			Columns: []pipeline.ColumnReport{{Name: evil, Declared: evil, Type: evil, Why: evil, Evidence: evil, Form: evil}},
			Differs: &pipeline.Difference{Columns: []string{evil}, Keys: []string{evil}},
		}},
		Objects: []pipeline.Object{
			{Kind: evil, Name: evil, Table: "t", Status: "left out", Why: evil, Source: evil, Suggestion: evil},
			{Kind: evil, Name: evil, Status: "changed", Target: evil},
		},
		Hazards:    []pipeline.Hazard{{Table: evil, Column: evil, Message: evil, Hint: evil, Count: 2, Cells: []pipeline.Cell{{Key: evil, Value: evil}}}},
		Frameworks: []pipeline.FrameworkFound{{Name: evil, Evidence: []string{evil}}},
		Renamed:    []pipeline.Rename{{Kind: evil, Old: evil, New: evil, Why: evil}},
		Notes:      []string{evil},
		Ledger: pipeline.LedgerSummary{Total: 1, Entries: []pipeline.LedgerGroup{
			{Table: evil, Column: evil, What: evil, Why: evil, Count: 1, Cells: []pipeline.Cell{{Key: evil, Value: evil}}},
		}},
		DDL:    []string{evil},
		Stages: []pipeline.StageTime{{Stage: evil}},
	}
	var b bytes.Buffer
	for _, write := range []func() error{
		func() error { return render.Report(&b, rep, render.Options{}) },
		func() error { return render.Inspect(&b, rep, render.Options{}) },
		func() error { return render.Hazards(&b, rep.Hazards, render.Options{}) },
		func() error { return render.Psql(&b, []string{evil}, [][]string{{evil}}, 0) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"\x1b", "\u202e", "\xff"} {
		if i := strings.Index(b.String(), bad); i >= 0 {
			t.Errorf("%q stands in the output: %q", bad, b.String()[max(0, i-40):i+20])
		}
	}
}
