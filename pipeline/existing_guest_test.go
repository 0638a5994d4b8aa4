package pipeline_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestTwinsAsGuest fills the tables of each twin as a role that owns nothing and
// has what GRANT gave it: all constraints stay in force, also those by which
// tables reference themselves and each other in a circle.
func TestTwinsAsGuest(t *testing.T) {
	t.Parallel()
	for _, description := range sharedtest.Twins(t, "twin.json") {
		folder := filepath.Dir(description)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			got, gold := server.Database(t), server.Database(t)
			pgtest.LoadDump(t, got, filepath.Join(folder, "target.sql"))
			pgtest.LoadDump(t, gold, filepath.Join(folder, "gold.sql"))
			guest := server.Role(t)
			runSQL(t, got, grantTo(guest)...)
			before := pgtest.Shape(t, got)
			move(t, pipeline.Config{
				Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: guest.URL(t, got),
				OnData: pipeline.OnDataTruncate, Confirm: agree,
			})
			if diff := cmp.Diff(before, pgtest.Shape(t, got)); diff != "" {
				t.Errorf("the target's shape (-before +after):\n%s", diff)
			}
			compareTwin(t, gold, got, description)
			insertEverywhere(t, got)
		})
	}
}

// grantTo gives a role what it needs to load, and no more.
func grantTo(guest pgtest.Role) []string {
	return []string{
		"GRANT USAGE ON SCHEMA public TO " + guest.Name,
		"GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO " + guest.Name,
		"GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO " + guest.Name,
	}
}

// compareTwin asks the oracle whether two databases of a twin hold the same.
func compareTwin(t *testing.T, gold, got, description string) {
	t.Helper()
	python := oraclePython(t)
	if python == "" {
		return
	}
	out, err := exec.CommandContext(t.Context(), python, sharedtest.Dir(t, "oracle", "twin.py"),
		libpq(t, gold), libpq(t, got), "--twin", description).CombinedOutput()
	if err != nil {
		t.Errorf("the oracle finds differences: %v\n%s", err, out)
	}
}
