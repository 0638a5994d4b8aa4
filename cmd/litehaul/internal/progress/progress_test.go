package progress_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/progress"
	"github.com/litehaul/litehaul/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// buffer may be read while a display writes.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// waitFor waits until b holds text.
func (b *buffer) waitFor(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(b.String(), text) {
			return
		}
	}
	t.Fatalf("%q was not written; what was: %q", text, b.String())
}

type step struct {
	after  time.Duration
	events []pipeline.Event
	want   []string
}

func TestLines(t *testing.T) {
	t.Parallel()
	const load, finish, profile = pipeline.StageLoad, pipeline.StageFinish, pipeline.StageProfile
	tests := []struct {
		name  string
		steps []step
	}{
		{"a stage without tables", []step{
			{0, []pipeline.Event{{Kind: pipeline.StageBegin, Stage: pipeline.StagePlan}}, []string{"plan: 00:00"}},
			{65 * time.Second, nil, []string{"plan: 01:05"}},
			{0, []pipeline.Event{{Kind: pipeline.StageEnd, Stage: pipeline.StagePlan}}, []string{}},
		}},
		{"rows, speed and time left", []step{
			{0, []pipeline.Event{
				{Kind: pipeline.StageBegin, Stage: load, TotalRows: 4000},
				{Kind: pipeline.TableBegin, Stage: load, Table: "a", TotalRows: 3000},
				{Kind: pipeline.TableBegin, Stage: load, Table: "b", TotalRows: 1000},
			}, []string{"load: 0 of 2 tables, 0 of 4,000 rows (0 %)"}},
			{10 * time.Second, []pipeline.Event{
				{Kind: pipeline.Advance, Stage: load, Table: "a", Rows: 1000, Bytes: 25_000_000},
			}, []string{"load: 0 of 2 tables, 1,000 of 4,000 rows (25 %), 2.50 MB/s, 00:30 left"}},
			{0, []pipeline.Event{
				{Kind: pipeline.Advance, Stage: load, Table: "b", Rows: 1000},
				{Kind: pipeline.TableEnd, Stage: load, Table: "b"},
				{Kind: pipeline.Advance, Stage: load, Table: "b", Rows: 5}, // late
			}, []string{"load: 1 of 2 tables, 2,005 of 4,000 rows (50 %), 2.50 MB/s, 00:20 left"}},
		}},
		{"totals that only the profile knows", []step{
			{0, []pipeline.Event{
				{Kind: pipeline.Advance, Stage: profile, Table: "a", Rows: 40},
				{Kind: pipeline.Advance, Stage: profile, Table: "b", Rows: 60},
			}, []string{"profile: 0 of 2 tables, 100 rows"}},
			{time.Second, []pipeline.Event{
				{Kind: pipeline.StageEnd, Stage: profile},
				{Kind: pipeline.StageBegin, Stage: load},
				{Kind: pipeline.Advance, Stage: load, Table: "a", Rows: 40},
				{Kind: pipeline.TableEnd, Stage: load, Table: "a"},
			}, []string{"load: 1 of 2 tables, 40 of 100 rows (40 %)"}},
		}},
		{"steps, beside another stage", []step{
			{0, []pipeline.Event{
				{Kind: pipeline.StageBegin, Stage: load},
				{Kind: pipeline.StepBegin, Stage: finish, Step: "a_pkey"},
				{Kind: pipeline.StepBegin, Stage: finish, Step: "b\x1b_pkey"},
				{Kind: pipeline.StepEnd, Stage: finish, Step: "a_pkey"},
				{Kind: pipeline.StepEnd, Stage: finish, Step: "never begun"},
			}, []string{"load: 00:00", `finish: 1 done, building b\x1b_pkey`}},
		}},
		{"more rows than expected", []step{
			{0, []pipeline.Event{
				{Kind: pipeline.StageBegin, Stage: load, TotalRows: 10},
				{Kind: pipeline.Advance, Stage: load, Table: "a", Rows: 12},
			}, []string{"load: 0 of 1 table, 12 of 10 rows (100 %)"}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr := progress.NewTracker(time.Unix(1_700_000_000, 0))
			for i, s := range tt.steps {
				tr.Now = tr.Now.Add(s.after)
				for _, e := range s.events {
					tr.Observe(e)
				}
				if diff := cmp.Diff(s.want, tr.Lines()); diff != "" {
					t.Errorf("step %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	var out buffer
	d := progress.NewTestPlain(&out, 10*time.Millisecond)
	d.Observe(pipeline.Event{Kind: pipeline.StageBegin, Stage: pipeline.StageLoad})
	d.Observe(pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: "a", Rows: 7})
	out.waitFor(t, "load: 0 of 1 table, 7 rows\n")
	d.Close()
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "load: ") {
			t.Errorf("unexpected line %q", line)
		}
	}
}

// TestBars checks that bars show tables, that a log line passes whole, that a
// prompt has the terminal, and that nothing stays at the end.
func TestBars(t *testing.T) {
	t.Parallel()
	for _, width := range []int{20, 40, 80, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			var out buffer
			d := progress.NewTestBars(&out, width)
			d.Observe(pipeline.Event{Kind: pipeline.StageBegin, Stage: pipeline.StageLoad, TotalRows: 100})
			d.Observe(pipeline.Event{Kind: pipeline.TableBegin, Stage: pipeline.StageLoad, Table: "orders", TotalRows: 100})
			d.Observe(pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: "orders", Rows: 40, Bytes: 4000})
			out.waitFor(t, "orders")
			if _, err := io.WriteString(d, "a log line\n"); err != nil {
				t.Error(err)
			}
			out.waitFor(t, "a log line\n")
			d.Pause(func() {
				before := out.String()
				time.Sleep(300 * time.Millisecond)
				if after := out.String(); after != before {
					t.Errorf("drawn in a pause: %q", after[len(before):])
				}
			})
			d.Close()
			if shown := screen(out.String()); shown != "a log line\n" {
				t.Errorf("what stays is %q", shown)
			}
			for line := range strings.Lines(out.String()) {
				if n := len([]rune(strings.TrimRight(strip(line), "\n"))); n > width {
					t.Errorf("a line of %d on a page of %d: %q", n, width, line)
				}
			}
		})
	}
}

// screen replays what was written: text, and "cursor up n, erase below".
func screen(s string) string {
	var lines []string
	for s != "" {
		if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
			var up int
			if n, err := fmt.Sscanf(rest, "%dA", &up); n != 1 || err != nil {
				return "unknown sequence " + s
			}
			_, s, _ = strings.Cut(rest, "\x1b[J")
			lines = lines[:max(0, len(lines)-up)]
			continue
		}
		line, rest, _ := strings.Cut(s, "\n")
		lines, s = append(lines, line), rest
	}
	return strings.Join(append(lines, ""), "\n")
}

// strip removes the sequences that screen knows.
func strip(s string) string {
	if i := strings.LastIndex(s, "\x1b[J"); i >= 0 {
		return s[i+len("\x1b[J"):]
	}
	return s
}

// TestManyWorkers is for the race detector.
func TestManyWorkers(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]progress.Display{
		"bars":  progress.NewTestBars(io.Discard, 80),
		"plain": progress.NewTestPlain(io.Discard, time.Millisecond),
		"none":  progress.NewNone(io.Discard),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g errgroup.Group
			for w := range 4 {
				g.Go(func() error {
					table := fmt.Sprint("t", w)
					d.Observe(pipeline.Event{Kind: pipeline.TableBegin, Stage: pipeline.StageLoad, Table: table, TotalRows: 1000})
					for range 1000 {
						d.Observe(pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: table, Rows: 1, Bytes: 10})
					}
					time.Sleep(250 * time.Millisecond)
					_, err := fmt.Fprintln(d, "done")
					d.Observe(pipeline.Event{Kind: pipeline.TableEnd, Stage: pipeline.StageLoad, Table: table})
					return err
				})
			}
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
			d.Close()
		})
	}
}

// TestUnused: a display that heard nothing draws nothing and leaves nothing.
func TestUnused(t *testing.T) {
	t.Parallel()
	var out buffer
	for _, d := range []progress.Display{progress.NewTestBars(&out, 80), progress.NewPlain(&out), progress.NewNone(&out)} {
		d.Pause(func() {})
		d.Close()
	}
	if out.String() != "" {
		t.Errorf("drawn: %q", out.String())
	}
}

func ExampleNewPlain() {
	d := progress.NewPlain(os.Stdout) // a line every three seconds
	d.Observe(pipeline.Event{Kind: pipeline.StageBegin, Stage: pipeline.StageLoad, TotalRows: 1000})
	_, _ = fmt.Fprintln(d, "messages pass")
	d.Close()
	// Output: messages pass
}

// TestObserveAllocates nothing for the event that comes with every batch.
func TestObserveAllocates(t *testing.T) {
	d := progress.NewTestPlain(io.Discard, time.Hour)
	defer d.Close()
	e := pipeline.Event{Kind: pipeline.Advance, Stage: pipeline.StageLoad, Table: "a", Rows: 1}
	d.Observe(e)
	if n := testing.AllocsPerRun(100, func() { d.Observe(e) }); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}
