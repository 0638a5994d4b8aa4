package pipeline_test

import (
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestMadeAndNotFinished: a table of a run that did not end is not taken for the
// application's own, which would do without its keys.
func TestMadeAndNotFinished(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE top (id int PRIMARY KEY)", "CREATE TABLE last (id int PRIMARY KEY CHECK (id < 9))")
	source := []string{
		"CREATE TABLE top (id INTEGER PRIMARY KEY)", "CREATE TABLE mid (id INTEGER PRIMARY KEY, top INT REFERENCES top)",
		"CREATE TABLE last (id INTEGER PRIMARY KEY)", "INSERT INTO top VALUES (1)", "INSERT INTO mid VALUES (2, 1)",
	}
	cfg := pipeline.Config{Target: url, CreateMissing: true, Jobs: 1, Source: sqliteFile(t, append(source, "INSERT INTO last VALUES (9)")...)}
	if _, err := pipeline.Migrate(t.Context(), cfg); err == nil {
		t.Fatal("a row that breaks a check arrived")
	}
	wantRows(t, url, "SELECT count(*) FROM pg_tables WHERE tablename = 'mid'", "1")
	cfg.Source, cfg.OnData, cfg.Confirm = sqliteFile(t, source...), pipeline.OnDataTruncate, agree
	_, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "public.mid was made by a run") ||
		!strings.Contains(pipeline.Hint(err), `DROP TABLE "public"."mid" CASCADE`) {
		t.Fatalf("got %v (%s), want a refusal", err, pipeline.Hint(err))
	}
	runSQL(t, url, "DROP TABLE mid CASCADE")
	move(t, cfg)
	wantRows(t, url, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'", "FOREIGN KEY (top) REFERENCES top(id)")
	wantRows(t, url, "SELECT count(*) FROM pg_description WHERE description LIKE 'litehaul%'", "0")
}

// TestNothingToEmpty: tables that hold no rows are not emptied, which another
// table's foreign key would forbid and nobody was asked about.
func TestNothingToEmpty(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE outside (a int REFERENCES a)")
	move(t, pipeline.Config{
		Target: url, OnData: pipeline.OnDataTruncate,
		Source: sqliteFile(t, "CREATE TABLE a (id INTEGER PRIMARY KEY)", "INSERT INTO a VALUES (1)"),
	})
	wantRows(t, url, "SELECT id FROM a", "1")
}
