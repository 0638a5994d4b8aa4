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

// TestTwinAppended adds the rows of a Django application to those that its
// migrations have put into the target, whose content types and permissions have
// other ids.
func TestTwinAppended(t *testing.T) {
	t.Parallel()
	for _, policy := range []pipeline.OnDataPolicy{pipeline.OnDataAppend, pipeline.OnDataUpsert} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			folder := sharedtest.Dir(t, "twins", "django-shop")
			server := pgtest.Start(t)
			got, gold := server.Database(t), server.Database(t)
			pgtest.LoadDump(t, got, filepath.Join(folder, "target.sql"))
			pgtest.LoadDump(t, gold, filepath.Join(folder, "gold.sql"))
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
			asOracle(t, gold, got, filepath.Join(folder, "twin.json"))
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
			server := pgtest.Start(t)
			got, gold := server.Database(t), server.Database(t)
			pgtest.LoadDump(t, got, filepath.Join(folder, "target.sql"))
			pgtest.LoadDump(t, gold, filepath.Join(folder, "gold.sql"))
			cfg := pipeline.Config{
				Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")),
				Target: guest(t, server, got, "SELECT, INSERT, UPDATE"), OnData: pipeline.OnDataUpsert,
			}
			move(t, cfg)
			asOracle(t, gold, got, path)
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
	runSQL(t, url,
		"GRANT USAGE ON SCHEMA public TO "+role.Name,
		"GRANT "+rights+" ON ALL TABLES IN SCHEMA public TO "+role.Name,
		"GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO "+role.Name)
	return role.URL(t, url)
}

// asOracle has the twins' own program compare two databases.
func asOracle(t *testing.T, gold, got, description string) {
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
