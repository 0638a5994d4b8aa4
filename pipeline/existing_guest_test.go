package pipeline_test

import (
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
			server, got, gold := twinDatabases(t, folder)
			guest := server.Role(t)
			runSQL(t, got, grantTo(guest, loading)...)
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

// loading are the rights that a role needs to load, and no more.
const loading = "SELECT, INSERT, TRUNCATE"

// grantTo gives a role rights on all tables of the schema public, and on their
// sequences.
func grantTo(guest pgtest.Role, rights string) []string {
	return []string{
		"GRANT USAGE ON SCHEMA public TO " + guest.Name,
		"GRANT " + rights + " ON ALL TABLES IN SCHEMA public TO " + guest.Name,
		"GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO " + guest.Name,
	}
}
