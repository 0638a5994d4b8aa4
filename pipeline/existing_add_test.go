package pipeline_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestTwinAppended adds the rows of a Django application to those that its
// migrations have put into the target, whose content types and permissions have
// other ids.
func TestTwinAppended(t *testing.T) {
	t.Parallel()
	for _, policy := range []pipeline.OnDataPolicy{pipeline.OnDataAppend, pipeline.OnDataUpsert} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			folder := sharedtest.Dir(t, "twins", "django-shop")
			_, got, gold := twinDatabases(t, folder)
			before := pgtest.Shape(t, got)
			cfg := pipeline.Config{
				Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: got, OnData: policy,
			}
			if policy == pipeline.OnDataAppend { // five rows of a data migration stand there
				cfg.Remaps = []pipeline.Remap{{Table: "shop_setting", Key: []string{"key"}}}
			}
			move(t, cfg)
			if diff := cmp.Diff(before, pgtest.Shape(t, got)); diff != "" {
				t.Errorf("the target's shape (-before +after):\n%s", diff)
			}
			compareTwin(t, gold, got, filepath.Join(folder, "twin.json"))
		})
	}
}

// TestTwinsUpserted brings the rows of each twin over those that stand in the
// target, as a role that owns nothing, and a second time, when all stand there.
func TestTwinsUpserted(t *testing.T) {
	t.Parallel()
	for _, path := range sharedtest.Twins(t, "twin.json") {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			server, got, gold := twinDatabases(t, folder)
			cfg := pipeline.Config{
				Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")),
				Target: guest(t, server, got, "SELECT, INSERT, UPDATE"), OnData: pipeline.OnDataUpsert,
			}
			move(t, cfg)
			compareTwin(t, gold, got, path)
			for _, tab := range move(t, cfg).Tables {
				if tab.Already != tab.Rows {
					t.Errorf("table %s, second time: %d rows, %d loaded, %d updated", tab.Name, tab.Rows, tab.Loaded, tab.Updated)
				}
			}
		})
	}
}

// guest gives the URL of a role that owns nothing and has some rights on all
// tables of a database.
func guest(t testing.TB, server *pgtest.Server, url, rights string) string {
	t.Helper()
	role := server.Role(t)
	runSQL(t, url, grantTo(role, rights)...)
	return role.URL(t, url)
}
