package sqlite_test

import (
	"slices"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// TestPagesUnderWriter compares the readers at one snapshot while another process
// commits and checkpoints.
func TestPagesUnderWriter(t *testing.T) {
	t.Parallel()
	for _, tc := range writerModes {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := steadyDB(t, tc.mode)
			var wait func(string, int)
			if tc.before {
				wait = writer(t, "writer", path)
				wait("commit", 7)
			}
			s := openAt(t, path, tc.before)
			first := readTable(t, s, "t")
			if wait == nil {
				wait = writer(t, "writer", path)
			}
			table := schemaOf(t, s).Table("t")
			rounds := 0
			for end := time.Now().Add(3 * time.Second); time.Now().Before(end); rounds++ {
				wait(tc.sees, 1)
				r, err := s.OpenPages(t.Context(), sqlite.TableUnit(table))
				if err != nil {
					t.Fatal(err)
				}
				got, err := drain(r, len(table.Columns))
				if err != nil || !slices.Equal(got, first) {
					t.Fatalf("round %d: %d rows, want %d, %v", rounds, len(got), len(first), err)
				}
			}
			comparePages(t, s)
			if found := accountPages(t, s); len(found) > 0 {
				t.Errorf("a sound file: %+v", found)
			}
		})
	}
}

// openAt opens a snapshot with or without frames in the log, which a writer that
// checkpoints without a pause may have emptied.
func openAt(t *testing.T, path string, frames bool) *sqlite.Snapshot {
	t.Helper()
	for range 200 {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Info().Log.Frames > 0 == frames {
			t.Cleanup(func() { _ = s.Close() }) // closed before in some tests
			return s
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("no snapshot of the state that is meant")
	return nil
}

// TestPagesOfManySnapshots opens snapshots at whatever state the writer is in.
func TestPagesOfManySnapshots(t *testing.T) {
	t.Parallel()
	path := steadyDB(t, "WAL")
	wait := writer(t, "writer", path)
	for i := range 25 {
		wait("commit", 2)
		s := openAt(t, path, i%5 > 0)
		comparePages(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPagesFailures: what OpenPages cannot read is an error, and readers outlive
// Close, as the engine's do.
func TestPagesFailures(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "CREATE TABLE t(a, b AS (a + 1))", "CREATE TABLE u(a INTEGER PRIMARY KEY)",
		"INSERT INTO u VALUES (1), (2)", "CREATE VIEW v AS SELECT 1"))
	sc := schemaOf(t, s)
	if ok, why := s.PagesCan(sc.Table("t")); ok || why == "" {
		t.Errorf("a virtual column can be read from pages: %v, %q", ok, why)
	}
	for _, u := range []sqlite.Unit{sqlite.TableUnit(sc.Table("t")), sqlite.ViewUnit(sc.Views[0])} {
		if _, err := s.OpenPages(t.Context(), u); err == nil {
			t.Errorf("%s was opened", u.Name)
		}
	}
	if _, err := s.PageUnits(t.Context(), sc.Table("t"), 3); err == nil {
		t.Error("a table that pages cannot read was cut")
	}
	u := sqlite.TableUnit(sc.Table("u"))
	r, err := s.OpenPages(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if lines, err := drain(r, 1); err != nil || len(lines) != 2 {
		t.Errorf("after Close: %q, %v", lines, err)
	}
	if _, err := s.OpenPages(t.Context(), u); err == nil {
		t.Error("a closed snapshot was read")
	}
}
