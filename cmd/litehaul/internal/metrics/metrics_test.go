package metrics_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/metrics"
	"github.com/litehaul/litehaul/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func observed() *metrics.Metrics {
	m := metrics.New(metrics.Build{Version: "v1.2.3", Commit: "abc", Go: "go1.26"})
	for _, e := range []pipeline.Event{
		{Kind: pipeline.StageBegin, Stage: pipeline.StageLoad},
		{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: "orders", Rows: 2, Bytes: 30},
		{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: "orders", Rows: 1, Bytes: 12},
		{Kind: pipeline.Advance, Stage: pipeline.StageVerify, Table: "orders", Rows: 3},
		{Kind: pipeline.UnitEnd, Stage: pipeline.StageLoad, Table: "orders"},
		{Kind: pipeline.Reject, Stage: pipeline.StageLoad, Table: "orders", Rows: 4},
		{Kind: pipeline.Verified, Stage: pipeline.StageVerify, Table: "orders", OK: true},
		{Kind: pipeline.Verified, Stage: pipeline.StageVerify, Table: "a \"b\"\n\xff", OK: false},
		{Kind: pipeline.StageEnd, Stage: pipeline.StageLoad, Seconds: 1.5},
	} {
		m.Observe(e)
	}
	return m
}

// samples gives the lines of an exposition that hold values, without the time.
func samples(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "litehaul_end_timestamp_seconds") {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
	}
	return list
}

var want = []string{
	`litehaul_build_info{commit="abc",goversion="go1.26",version="v1.2.3"} 1`,
	`litehaul_bytes_total{stage="load",table="orders"} 42`,
	`litehaul_bytes_total{stage="verify",table="orders"} 0`,
	`litehaul_exit_code 4`,
	`litehaul_rejects_total{table="orders"} 4`,
	`litehaul_rows_total{stage="load",table="orders"} 3`,
	`litehaul_rows_total{stage="verify",table="orders"} 3`,
	`litehaul_stage_seconds{stage="load"} 1.5`,
	`litehaul_units_total{table="orders"} 1`,
	"litehaul_verify_result{table=\"a \\\"b\\\"\\n\ufffd\"} 0",
	`litehaul_verify_result{table="orders"} 1`,
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "litehaul.prom")
	m := observed()
	m.End(pipeline.ExitDiffers)
	if err := m.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, samples(string(text))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !regexp.MustCompile(`(?m)^litehaul_end_timestamp_seconds [1-9]`).Match(text) {
		t.Error("no time of the end")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("in the folder: %v, %v", entries, err)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	m := observed()
	s, err := metrics.Serve(t.Context(), "127.0.0.1:0", m)
	if err != nil {
		t.Fatal(err)
	}
	m.End(pipeline.ExitDiffers)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + s.Addr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, samples(string(body))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := client.Get("http://" + s.Addr() + "/metrics"); err == nil {
		t.Error("still served after Close")
	}
}

// TestCloseWithIdleClient: a client that has connected and says nothing does not
// hold up the end of a run.
func TestCloseWithIdleClient(t *testing.T) {
	t.Parallel()
	s, err := metrics.Serve(t.Context(), "127.0.0.1:0", observed())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestServeTaken(t *testing.T) {
	t.Parallel()
	s, err := metrics.Serve(t.Context(), "127.0.0.1:0", observed())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.Background())
	if second, err := metrics.Serve(t.Context(), s.Addr(), observed()); err == nil {
		_ = second.Close(t.Context())
		t.Error("two servers on one port")
	}
}

func ExampleMetrics_WriteFile() {
	m := metrics.New(metrics.Build{Version: "v0.1.0"})
	m.Observe(pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: "orders", Rows: 1000})
	m.End(pipeline.ExitDone)
	path := filepath.Join(os.TempDir(), "litehaul-example.prom")
	defer os.Remove(path) //nolint:errcheck // a file in a temporary folder
	if err := m.WriteFile(path); err != nil {
		fmt.Println(err)
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "litehaul_rows_total") {
			fmt.Print(line)
		}
	}
	// Output: litehaul_rows_total{stage="load",table="orders"} 1000
}
