package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestLockedTarget: whoever locks a table of the target is named, also before
// anything is read; the run does not wait for ever.
func TestLockedTarget(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for _, test := range []struct {
		name, mode string
	}{
		{"against readers", "ACCESS EXCLUSIVE"},
		{"against changes", "ACCESS SHARE"}, // a dump, or a transaction that forgot to end
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			runSQL(t, url, "CREATE TABLE t (id int PRIMARY KEY, doc text); CREATE INDEX d ON t (doc)",
				"CREATE TABLE up (id int PRIMARY KEY); ALTER TABLE t ADD CHECK (id > 0); INSERT INTO t VALUES (7)")
			before := pgtest.Shape(t, url)
			other := pgtest.Connect(t, url)
			if _, err := other.Exec(t.Context(), "SET application_name = 'the app'; BEGIN; LOCK TABLE t IN "+test.mode+" MODE"); err != nil {
				t.Fatal(err)
			}
			_, err := pipeline.Migrate(t.Context(), pipeline.Impatient(pipeline.RebuildAll(pipeline.Config{
				Source: sqliteFile(t, smallTable), Target: url, OnData: pipeline.OnDataTruncate, Confirm: agree,
			})))
			pid := other.PgConn().PID()
			want := fmt.Sprintf("table public.t is locked by server process %d (postgres, the app, idle in transaction), for more than 300ms", pid)
			if pipeline.ExitCode(err) != pipeline.ExitRefused || err == nil || err.Error() != want {
				t.Errorf("exit %d: %v, want %s", pipeline.ExitCode(err), err, want)
			}
			if hint := pipeline.Hint(err); !strings.HasPrefix(hint, fmt.Sprintf("stop the application for the time of the move; or end that session: SELECT pg_terminate_backend(%d)", pid)) {
				t.Errorf("hint %q", hint)
			}
			if _, err := other.Exec(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
				t.Error(diff)
			}
			wantRows(t, url, "SELECT id FROM t", "7")
		})
	}
}

// TestApplicationWrites: nothing keeps an application from writing during the
// load; that it did is found out, and the tables are whole afterwards.
func TestApplicationWrites(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE t (id int PRIMARY KEY, doc text, n int); CREATE INDEX d ON t (doc)")
	before := pgtest.Shape(t, url)
	cfg := pipeline.RebuildAll(pipeline.Config{Source: sqliteFile(t, smallTable), Target: url})
	cfg.Observer = once(func(e pipeline.Event) bool { return e.Kind == pipeline.UnitEnd && e.Stage == pipeline.StageLoad }, func() {
		runSQL(t, url, "INSERT INTO t VALUES (99, 'of the application')")
	})
	_, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitDiffers || !strings.Contains(pipeline.Hint(err), "was something else writing") {
		t.Errorf("exit %d: %v (%s)", pipeline.ExitCode(err), err, pipeline.Hint(err))
	}
	if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
		t.Error(diff)
	}
}
