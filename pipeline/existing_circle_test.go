package pipeline_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestCirclesOfAGuest: tables that reference each other in circles, and
// themselves, are filled with all keys in force.
func TestCirclesOfAGuest(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := sqliteFile(t,
		"CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER NOT NULL)",
		"CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, up INTEGER)",
		"CREATE TABLE below (id INTEGER PRIMARY KEY, b INTEGER)",
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500) INSERT INTO a SELECT i, 501 - i FROM c",
		"INSERT INTO b SELECT id, b, b FROM a", "INSERT INTO below SELECT id, id FROM b")
	const tables = `
		CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b int %s, twice int GENERATED ALWAYS AS (b * 2) STORED);
		CREATE TABLE b (id bigint PRIMARY KEY, a int NOT NULL REFERENCES a %s, up bigint REFERENCES b %s);
		CREATE TABLE below (id int PRIMARY KEY, b bigint REFERENCES b);
		ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b %s`
	for _, test := range []struct {
		name                string
		null, down, up, top string
		code                int
	}{
		{"one key deferrable", "NOT NULL", "", "", "DEFERRABLE", pipeline.ExitDone},
		{"the other deferrable", "NOT NULL", "DEFERRABLE", "DEFERRABLE", "", pipeline.ExitDone},
		{"deferred from the start", "NOT NULL", "DEFERRABLE INITIALLY DEFERRED", "", "DEFERRABLE INITIALLY DEFERRED", pipeline.ExitDone},
		{"one column may be NULL", "", "", "", "", pipeline.ExitDone},
		{"no way in", "NOT NULL", "", "", "", pipeline.ExitRefused},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			guest := server.Role(t)
			runSQL(t, url, fmt.Sprintf(tables, test.null, test.down, test.up, test.top))
			runSQL(t, url, grantTo(guest, loading)...)
			before := pgtest.Shape(t, url)
			cfg := pipeline.Config{Source: source, Target: guest.URL(t, url)}
			if test.code == pipeline.ExitDone {
				move(t, cfg)
				wantRows(t, url, "SELECT count(*), sum(b), sum(twice)::text FROM a UNION ALL SELECT count(*), sum(a), sum(up)::text FROM b", "500|125250|250500", "500|125250|125250")
				runSQL(t, url, "INSERT INTO b VALUES (1000, 1, 1000)")
			} else if _, err := pipeline.Migrate(t.Context(), cfg); pipeline.ExitCode(err) != test.code {
				t.Errorf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
