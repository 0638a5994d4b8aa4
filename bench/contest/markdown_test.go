package contest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/contest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// resultOf reads a result as it is published.
func resultOf(t *testing.T) contest.Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	var result contest.Result
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&result); err != nil {
		t.Fatal(err)
	}
	return result
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s (-update, if that is meant)", name, diff)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	result := resultOf(t)
	golden(t, "result.md", result.Markdown())
}

func TestChart(t *testing.T) {
	t.Parallel()
	result := resultOf(t)
	var svg bytes.Buffer
	if err := result.Chart().Write(&svg); err != nil {
		t.Fatal(err)
	}
	golden(t, "result.svg", svg.String())
}

func TestBars(t *testing.T) {
	t.Parallel()
	result := resultOf(t)
	type seen struct {
		What     string
		Measured bool
		Passed   bool
		Of       string
	}
	var got []seen
	for _, bar := range result.Bars() {
		got = append(got, seen{bar.What, bar.Measured, bar.Passed(), bar.Of})
	}
	want := []seen{
		{"decoding pages and encoding them for COPY, on one core", true, true, "Go benchmark"},
		{"decoding pages, by reading through the engine", true, false, "Go benchmark"},
		{"rows into Postgres and ANALYZE, by the floor", true, false, "tpch-bare-0.5"},
		{"the same, by the floor sent by a client that has nothing to do", true, true, "tpch-bare-0.5"},
		{"CPU of the client in the load stage, by the server's", true, false, "tpch-bare-0.5"},
		{"whole job with verify=counts, by the floor", true, true, "tpch-0.5"},
		{"whole job with verify=full, by the floor", true, false, "tpch-0.5"},
		{"pgloader, by the whole job with verify=counts", false, false, ""}, // it failed
		{"peak memory", true, true, "tpch-0.5"},
		{"peak memory", true, false, "tpch-1"},
		{"a small database, verify=full", true, true, "small"},
		{"of it starting: all of a dry run but the profile", true, true, "small"},
		{"gain of 2 jobs over 1 for one table, by the floor's", true, true, "tpch-0.5/lineitem"},
		{"migration with --fixture, by the same without it", true, true, "tpch-0.5"},
		{"the archive, by the SQLite file", true, false, "tpch-0.5"},
		{"peak memory with --fixture", true, true, "tpch-0.5"},
		{"reseeding, the load stage, by the floor's rows", true, true, "tpch-bare-0.5"},
		{"reseeding tables without keys, by the floor", true, true, "tpch-bare-0.5"},
		{"reseeding, whole job with verify=counts, by the floor", true, false, "tpch-0.5"},
		{"peak memory of reseeding", true, true, "tpch-0.5"},
		{"a fresh copy of the shop by --template", true, true, "shop"},
		{"reseeding the shop with verify=full, by --template", true, true, "shop"},
		{"the same, by --template --spare", false, false, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	empty := contest.Result{}
	for _, bar := range empty.Bars() {
		if bar.Measured || bar.Passed() {
			t.Errorf("%s: measured without a case", bar.What)
		}
	}
}

func TestInject(t *testing.T) {
	t.Parallel()
	page := "# Page\n\n" + contest.MarkerBegin + "\nold\n" + contest.MarkerEnd + "\n\nrest\n"
	got, err := contest.Inject(page, "new\n")
	if err != nil {
		t.Fatal(err)
	}
	want := "# Page\n\n" + contest.MarkerBegin + "\n\nnew\n\n" + contest.MarkerEnd + "\n\nrest\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again, err := contest.Inject(got, "new\n"); err != nil || again != got {
		t.Errorf("a second time: %v\n%s", err, again)
	}
	for _, page := range []string{"", contest.MarkerBegin, contest.MarkerEnd + contest.MarkerBegin} {
		if _, err := contest.Inject(page, "new"); !errors.Is(err, contest.ErrNoMarkers) {
			t.Errorf("%q: error %v", page, err)
		}
	}
}
