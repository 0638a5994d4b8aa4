package pipeline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// corpusMemory bounds the memory of the whole test process, server aside,
// while several databases move at once; with all other tests beside them, it has
// half as much again.
func corpusMemory() int64 {
	const alone = 512 << 20
	if strings.Contains(flag.Lookup("test.run").Value.String(), "Corpus") {
		return alone
	}
	return alone + alone/2
}

// settled are the policies with which the databases go through that force a
// choice; the hazards are what litehaul must ask about first.
var settled = map[string]struct {
	hazards []string
	with    func(*pipeline.Config)
}{
	"gda-sales":           {[]string{"orphans"}, func(c *pipeline.Config) { c.Orphans = pipeline.OrphansNotValid }},
	"drizzle-comments":    {[]string{"bad-key", "orphans"}, relaxed},
	"pgloader-sqlite":     {[]string{"bad-key"}, relaxed},
	"proj-db":             {[]string{"bad-key"}, relaxed},
	"large-presage-es":    {[]string{"invalid-text"}, func(c *pipeline.Config) { c.InvalidText = pipeline.InvalidBytea }},
	"rpmdb":               {[]string{"invalid-text"}, func(c *pipeline.Config) { c.InvalidText = pipeline.InvalidBytea }},
	"duck-rtree":          {nil, func(c *pipeline.Config) { c.VirtualContent = true }},
	"broken-zigpy-v3":     {[]string{"damaged"}, salvaged},
	"broken-swift-schema": {[]string{"damaged-schema"}, salvaged},
}

func relaxed(c *pipeline.Config) {
	c.BadKeys = pipeline.BadKeysRelax
	c.Orphans = pipeline.OrphansNotValid
}

func salvaged(c *pipeline.Config) {
	relaxed(c)
	c.SkipDamaged = true
}

// refused are the files that hold nothing to migrate, with a word of what the
// user must be told.
var refused = map[string]string{
	"broken-anki":          "damaged",
	"broken-kexi-alter":    "damaged",
	"broken-swift-header":  "not a SQLite database",
	"encrypted-sqlcipher1": "encrypted",
}

// TestCorpus moves every database of the corpus, each into a database of its
// own: with default policies, or, where the values force a choice, refused
// with the cells named and then with the choice made. An independent program
// compares each with its source; what it still finds is in oracleFindings.
func TestCorpus(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	gate := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	for _, e := range corpusIndex(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			gate <- struct{}{}
			defer func() { <-gate }()
			moveCorpus(t, e, srv.Database(t))
		})
	}
	t.Cleanup(func() {
		if peak := peakMemory(t); peak > corpusMemory() && !raceDetector {
			t.Errorf("the tests took %d MB of memory, want at most %d", peak>>20, corpusMemory()>>20)
		}
	})
}

func moveCorpus(t *testing.T, e corpusEntry, target string) {
	path := copyDatabase(t, sharedtest.Dir(t, "corpus", filepath.FromSlash(e.file)))
	before := fileSum(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cfg := pipeline.Config{Source: path, Target: target}
	assessed := assess(t, pipeline.Config{Source: path})
	rep, err := pipeline.Migrate(ctx, cfg)
	checkVerdict(t, assessed, err)
	if want, ok := refused[e.name]; ok {
		if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), want) || pipeline.Hint(err) == "" {
			t.Fatalf("got %v (hint %q), want a refusal that says %q", err, pipeline.Hint(err), want)
		}
		return
	}
	if s, ok := settled[e.name]; ok {
		if pipeline.ExitCode(err) != pipeline.ExitRefused {
			t.Fatalf("got %v, want a refusal", err)
		}
		checkHazards(t, rep, s.hazards)
		s.with(&cfg)
		rep, err = pipeline.Migrate(ctx, cfg)
	}
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	for _, tab := range rep.Tables {
		if tab.Verified != "full" || tab.Rows != tab.Loaded+tab.Rejected {
			t.Errorf("table %s: %d rows, %d loaded, %d rejected, verified %s", tab.Name, tab.Rows, tab.Loaded, tab.Rejected, tab.Verified)
		}
	}
	if fileSum(t, path) != before {
		t.Error("the source file has changed")
	}
	checkSize(t, assessed, target)
	compareWithOracle(ctx, t, e.name, path, target)
}

// checkHazards makes sure that a refusal names its reasons and their cells.
func checkHazards(t *testing.T, rep pipeline.Report, want []string) {
	t.Helper()
	var got []string
	for _, h := range rep.Hazards {
		if !slices.Contains(got, h.Code) {
			got = append(got, h.Code)
		}
		if h.Hint == "" || h.Count == 0 {
			t.Errorf("hazard %s of %s.%s has no hint or count", h.Code, h.Table, h.Column)
		}
		if len(h.Cells) == 0 && !strings.HasPrefix(h.Code, "damaged") {
			t.Errorf("hazard %s of %s.%s names no cells", h.Code, h.Table, h.Column)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hazards (-want +got):\n%s", diff)
	}
}

// compareWithOracle runs the independent comparison and holds what it finds
// against the list of what is explained.
func compareWithOracle(ctx context.Context, t *testing.T, name, path, target string) {
	t.Helper()
	python := oraclePython(t)
	if python == "" {
		return
	}
	out, err := exec.CommandContext(ctx, python, sharedtest.Dir(t, "oracle", "compare.py"), path, libpq(t, target)).CombinedOutput()
	if err == nil && oracleFindings[name] == nil {
		return
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	got := lines[:len(lines)-1]
	if strings.HasPrefix(lines[0], "Traceback") {
		got = lines[len(lines)-1:]
	}
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
		t.Logf("oracle: %s", got[i])
	}
	want := oracleFindings[name]
	for i, w := range want {
		if begin, ok := strings.CutPrefix(w, "any "); ok && i < len(got) && strings.HasPrefix(got[i], begin) {
			got[i] = w
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the oracle's findings (-explained +found):\n%s", diff)
	}
}

// oraclePython finds a Python that has psycopg2.
func oraclePython(t *testing.T) string {
	t.Helper()
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import psycopg2").Run() == nil {
			return p
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no python3 with psycopg2: apt-get install python3-psycopg2")
	}
	t.Log("no python3 with psycopg2: the independent comparison is left out")
	return ""
}

// libpq turns a URL into a key=value string, as psycopg2 takes it.
func libpq(t *testing.T, target string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	kv := []string{"dbname=" + strings.TrimPrefix(u.Path, "/")}
	if u.User != nil {
		pw, _ := u.User.Password()
		kv = append(kv, "user="+u.User.Username(), "password="+pw, "host="+u.Hostname(), "port="+u.Port())
	}
	for k, v := range u.Query() {
		kv = append(kv, k+"="+v[0])
	}
	return strings.Join(kv, " ")
}

func fileSum(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// peakMemory gives the largest resident size that this process has had, 0
// where the system does not tell.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kb, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}
