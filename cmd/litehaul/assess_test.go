package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/pipeline"
)

const assessSQL = `
CREATE TABLE team (id INTEGER PRIMARY KEY, uid CHAR(36) UNIQUE, name VARCHAR(20) NOT NULL);
CREATE TABLE member (id INTEGER PRIMARY KEY, team_id INTEGER REFERENCES team (id), boss INTEGER REFERENCES member, joined DATETIME);
CREATE VIEW names AS SELECT name FROM team;
INSERT INTO team VALUES (1, '123e4567-e89b-12d3-a456-426614174000', 'one');
INSERT INTO member VALUES (1, 1, NULL, '2024-05-06 07:08:09'), (2, 9, 1, NULL);
`

// TestAssessJSON holds the fields of docs/ASSESS.md, their order and their
// values; -update writes them anew.
func TestAssessJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), assessSQL); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := pipeline.Assess(t.Context(), pipeline.Config{Source: path})
	if err != nil {
		t.Fatal(err)
	}
	a.Source.Path, a.Started, a.Tool = "app.db", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "litehaul"
	var got bytes.Buffer
	if err := assessJSON(&got, a); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/assess.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("assessment (-want +got):\n%s", diff)
	}
	describedIn(t, "../../docs/ASSESS.md", got.Bytes())
}

// describedIn makes sure that a page names every field of a JSON object.
func describedIn(t *testing.T, page string, data []byte) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if !strings.Contains(string(text), "`"+name+"`") {
					t.Errorf("%s does not describe %s", page, name)
				}
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	walk(v)
}

// TestAssessFlags: what decides a migration decides an assessment.
func TestAssessFlags(t *testing.T) {
	t.Parallel()
	has := map[string]bool{}
	cmd := newAssess(newConsole())
	cmd.Flags().VisitAll(func(f *pflag.Flag) { has[f.Name] = true })
	migrate := newMigrate(newConsole())
	for _, name := range flagNames(migrate) {
		left := false
		for _, x := range notAssessed {
			left = left || x == name
		}
		if has[name] == left && name != "progress" {
			t.Errorf("flag --%s of migrate: of assess too: %v", name, has[name])
		}
	}
	for _, name := range notAssessed {
		if migrate.Flags().Lookup(name) == nil {
			t.Errorf("migrate has no --%s", name)
		}
	}
}

// TestAdvice: the flags with which pipeline settles hazards are flags of migrate
// with words that they take.
func TestAdvice(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../pipeline/settle.go")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`"(--[a-z-]+)(=[^"]*)?"`).FindAllStringSubmatch(string(text), -1)
	if len(flags) < 10 {
		t.Fatalf("found only %q", flags)
	}
	placeholder := strings.NewReplacer("RULE", "t.c", "FORM", "plain", "TYPE", "text")
	for _, f := range flags {
		cmd := newMigrate(newConsole())
		if err := cmd.ParseFlags([]string{placeholder.Replace(f[1] + f[2])}); err != nil {
			t.Errorf("%s%s: %v", f[1], f[2], err)
		}
	}
}
