package pipeline_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

func assess(t *testing.T, cfg pipeline.Config) *pipeline.Assessment {
	t.Helper()
	a, err := pipeline.Assess(t.Context(), cfg)
	if err != nil {
		t.Fatalf("assess: %v (%s)", err, pipeline.Hint(err))
	}
	return a
}

// checkVerdict holds a verdict against what a migration with the same options
// came to.
func checkVerdict(t *testing.T, a *pipeline.Assessment, err error) {
	t.Helper()
	if got, want := a.Verdict.ExitCode(), pipeline.ExitCode(err); got != want {
		t.Errorf("assessed as %s (%s), and the migration ended with %v", a.Verdict, a.Reason, err)
	}
	if (a.Verdict == pipeline.VerdictChoices) != (len(a.Next) > 0) {
		t.Errorf("verdict %s, and to do next: %q", a.Verdict, a.Next)
	}
}

// sizeFrom is the size from which on an estimate must be near: below, single
// blocks count.
const sizeFrom = 200_000

// checkSize holds the estimated size against the real one.
func checkSize(t *testing.T, a *pipeline.Assessment, target string) {
	t.Helper()
	var actual int64
	conn := pgtest.Connect(t, target)
	err := conn.QueryRow(t.Context(), `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8 FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`).Scan(&actual)
	if err != nil {
		t.Fatal(err)
	}
	e := a.Estimate
	t.Logf("size: %d estimated, %d real: %.2f", e.TargetBytes, actual, float64(e.TargetBytes)/float64(max(actual, 1)))
	if actual > sizeFrom && len(a.Hazards) == 0 && (actual < e.BytesLow/2 || actual > e.BytesHigh*2) {
		t.Errorf("the target takes %d bytes, estimated were %d to %d", actual, e.BytesLow, e.BytesHigh)
	}
}

const assessSQL = `
CREATE TABLE team (id INTEGER PRIMARY KEY, uid CHAR(36) UNIQUE, lead INTEGER REFERENCES member (id));
CREATE TABLE member (id INTEGER PRIMARY KEY, team INTEGER REFERENCES team (id), boss INTEGER REFERENCES member, note);
CREATE TABLE log (at TEXT, who INTEGER REFERENCES member, gone INTEGER REFERENCES nowhere (id));
CREATE INDEX log_who ON log (who);
INSERT INTO team VALUES (1, '123e4567-e89b-12d3-a456-426614174000', 1), (2, '123e4567-e89b-12d3-a456-426614174001', NULL);
INSERT INTO member VALUES (1, 1, NULL, 'x'), (2, 1, 1, NULL), (3, 2, 1, 17), (4, 2, 1, x'00');
INSERT INTO log VALUES ('2024-01-01 10:00:00', 1, NULL), ('2024-01-02 10:00:00', 99, NULL);
`

// TestAssess: evidence, links, cycles and what settles a hazard.
func TestAssess(t *testing.T) {
	t.Parallel()
	path := sqliteFile(t, assessSQL)
	a := assess(t, pipeline.Config{Source: path})
	if a.Verdict != pipeline.VerdictChoices || a.Target != nil || a.Into != pipeline.IntoCreate {
		t.Errorf("verdict %s, target %v, into %s", a.Verdict, a.Target, a.Into)
	}
	if diff := cmp.Diff([]string{"--orphans=not-valid"}, a.Next); diff != "" {
		t.Errorf("next (-want +got):\n%s", diff)
	}
	note := a.Tables[1].Columns[3]
	if diff := cmp.Diff(pipeline.ClassCount{Null: 1, Integer: 1, Text: 1, Blob: 1}, note.Classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	uid := a.Tables[0].Columns[1]
	if diff := cmp.Diff([]pipeline.FormSeen{{Class: "text", Form: "UUID with dashes", Count: 2}}, uid.Forms); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
	if uid.Bytes != 72 || a.Tables[0].Indexes != 2 || a.Tables[2].Indexes != 1 || a.Totals.Rows != 8 {
		t.Errorf("%d bytes of uid, %d and %d indexes, %d rows", uid.Bytes, a.Tables[0].Indexes, a.Tables[2].Indexes, a.Totals.Rows)
	}
	var links []string
	for _, l := range a.ForeignKeys {
		links = append(links, l.Table+"."+strings.Join(l.Columns, "+")+" "+l.Parent+"."+strings.Join(l.Keys, "+")+
			" "+strconv.FormatInt(l.Orphans, 10)+" "+strconv.FormatBool(l.Cycle)+" "+strconv.Itoa(l.To))
	}
	want := []string{
		"team.lead member.id 0 true 1", "member.team team.id 0 true 0", "member.boss member.id 0 true 1",
		"log.who member.id 1 false 1", "log.gone nowhere.id 0 false -1",
	}
	if diff := cmp.Diff(want, links); diff != "" {
		t.Errorf("foreign keys (-want +got):\n%s", diff)
	}
	if a = assess(t, pipeline.Config{Source: path, Orphans: pipeline.OrphansNotValid}); a.Verdict != pipeline.VerdictMoves {
		t.Errorf("with its own advice: %s, %s", a.Verdict, a.Reason)
	}
}

// TestAssessVirtual: a file of virtual tables moves by a flag.
func TestAssessVirtual(t *testing.T) {
	t.Parallel()
	cfg := pipeline.Config{Source: sqliteFile(t, "CREATE VIRTUAL TABLE docs USING fts5(title); INSERT INTO docs VALUES ('a')")}
	a := assess(t, cfg)
	if diff := cmp.Diff([]string{"--virtual-tables=content"}, a.Next); diff != "" || a.Verdict != pipeline.VerdictChoices {
		t.Errorf("%s: %s\n%s", a.Verdict, a.Reason, diff)
	}
	cfg.VirtualContent = true
	if a = assess(t, cfg); a.Verdict != pipeline.VerdictMoves {
		t.Errorf("%s: %s", a.Verdict, a.Reason)
	}
}

// TestAssessExisting asks a server, and writes nothing there.
func TestAssessExisting(t *testing.T) {
	t.Parallel()
	folder := sharedtest.Dir(t, "twins", "peewee-library")
	url := pgtest.Start(t).Database(t)
	pgtest.LoadDump(t, url, filepath.Join(folder, "target.sql"))
	const everything = `SELECT relname, pg_stat_get_live_tuples(oid) + pg_relation_size(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`
	shape, sizes := pgtest.Shape(t, url), ask(t, url, everything)
	cfg := pipeline.Config{Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: url}
	a := assess(t, cfg)
	if a.Verdict != pipeline.VerdictChoices || a.Into != pipeline.IntoExisting || len(a.ForeignKeys) == 0 {
		t.Errorf("verdict %s (%s), into %s, %d foreign keys", a.Verdict, a.Reason, a.Into, len(a.ForeignKeys))
	}
	if diff := cmp.Diff([]string{"--on-data=truncate"}, a.Next); diff != "" {
		t.Errorf("next (-want +got):\n%s", diff)
	}
	cfg.OnData = pipeline.OnDataTruncate
	if a = assess(t, cfg); a.Verdict != pipeline.VerdictMoves || a.Estimate.TargetBytes == 0 {
		t.Errorf("with its own advice: %s, %s", a.Verdict, a.Reason)
	}
	if diff := cmp.Diff(shape, pgtest.Shape(t, url)); diff != "" {
		t.Errorf("the target's shape changed:\n%s", diff)
	}
	if diff := cmp.Diff(sizes, ask(t, url, everything)); diff != "" {
		t.Errorf("the target's tables changed:\n%s", diff)
	}
}

// TestSettlers: each kind of hazard is known to what says which flags settle it.
func TestSettlers(t *testing.T) {
	t.Parallel()
	// No flag of migrate helps here: the way out is at the rows or the target.
	stuck := map[string]bool{
		"row-security": true, "rights": true, "column-required": true, "cascade": true, "circle": true,
		// Rows that cannot be added to those of the target, and a plan for another source.
		"id-taken": true, "id-range": true, "identity": true, "natural-key": true, "check": true, "remap": true, "plan": true, "unfinished": true,
		// Of a Postgres database that is captured.
		"not-carried": true,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, path := range files {
		if !strings.HasSuffix(path, "_test.go") {
			hazardCodes(t, path, codes)
		}
	}
	if len(codes) < 15 {
		t.Fatalf("found only %d codes of hazards: %v", len(codes), codes)
	}
	for code := range codes {
		if (len(pipeline.Settlers(code)) == 0) != stuck[code] {
			t.Errorf("settlers(%q) gives %q: add it to settle.go, or to this test where no flag helps", code, pipeline.Settlers(code))
		}
	}
}

// hazardCodes collects the codes of hazards that a file makes: Code fields that
// are literals, and second arguments of homeHazard.
func hazardCodes(t *testing.T, path string, codes map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	add := func(x ast.Expr) {
		if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[s] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := x.Key.(*ast.Ident); ok && key.Name == "Code" {
				add(x.Value)
			}
		case *ast.CallExpr:
			if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "homeHazard" {
				add(x.Args[1])
			}
		}
		return true
	})
}

// TestEstimateRates holds the rates of estimates against the last benchmarks.
func TestEstimateRates(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/bench/results.json")
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Cases []struct {
			Case        string
			Bytes, Rows int64
			Entries     []struct {
				Name string
				Laps []struct{ Seconds float64 }
			}
		}
	}
	if err := json.Unmarshal(data, &results); err != nil {
		t.Fatal(err)
	}
	rates := assess(t, pipeline.Config{Source: sqliteFile(t, assessSQL)}).Estimate
	seen := false
	for _, c := range results.Cases {
		for _, e := range c.Entries {
			if c.Case != "tpch-0.5" || e.Name != "litehaul verify=full" {
				continue
			}
			for _, lap := range e.Laps {
				seen = true
				rows, bytes := float64(c.Rows)/lap.Seconds, float64(c.Bytes)/lap.Seconds
				for what, ratio := range map[string]float64{
					"rows": rows / float64(rates.RowsPerSecond), "bytes": bytes / float64(rates.BytesPerSecond),
				} {
					if ratio < 0.5 || ratio > 2 {
						t.Errorf("the benchmark's rate of %s is %.2f times that of estimates", what, ratio)
					}
				}
			}
		}
	}
	if !seen {
		t.Error("the benchmarks have no tpch-0.5 with verify=full")
	}
}
