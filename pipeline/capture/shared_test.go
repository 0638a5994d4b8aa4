package capture_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/litehaul/litehaul/internal/archivetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
)

// take captures a database into a fixture, and gives its path and the report.
func take(t *testing.T, cfg capture.Config) (string, capture.Report) {
	t.Helper()
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
	rep, err := capture.Run(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	archivetest.Alone(t, cfg.Fixture.Path)
	return cfg.Fixture.Path, rep
}

// runSQL runs statements, one by one.
func runSQL(t *testing.T, database string, statements ...string) {
	t.Helper()
	conn := pgtest.Connect(t, database)
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// ask gives the one value that a query has.
func ask(t *testing.T, database, query string) string {
	t.Helper()
	var value any
	if err := pgtest.Connect(t, database).QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return fmt.Sprint(value)
}
