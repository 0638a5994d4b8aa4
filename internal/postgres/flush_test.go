package postgres_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres"
)

// TestFlush: what was committed without waiting for the disk is there afterwards,
// for a role that may not write into the log by itself too.
func TestFlush(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database(t)
	role := server.Role(t)
	admin := pgtest.Connect(t, url)
	if _, err := admin.Exec(t.Context(), "CREATE TABLE t (n int); SET synchronous_commit = off"); err != nil {
		t.Fatal(err)
	}
	for _, guest := range []string{url, role.URL(t, url)} {
		conn := pgtest.Connect(t, guest)
		for range 20 {
			if _, err := admin.Exec(t.Context(), "INSERT INTO t SELECT generate_series(1, 1000)"); err != nil {
				t.Fatal(err)
			}
			var flushed bool
			if err := admin.QueryRow(t.Context(), "SELECT set_config('litehaul.end', pg_current_wal_insert_lsn()::text, false) = ''").Scan(&flushed); err != nil {
				t.Fatal(err)
			}
			if err := postgres.Flush(t.Context(), conn); err != nil {
				t.Fatal(err)
			}
			if err := admin.QueryRow(t.Context(), "SELECT pg_current_wal_flush_lsn() >= current_setting('litehaul.end')::pg_lsn").Scan(&flushed); err != nil || !flushed {
				t.Fatalf("the log is not on disk: %v", err)
			}
		}
		if _, err := admin.Exec(t.Context(), "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC"); err != nil {
			t.Fatal(err)
		}
	}
}
