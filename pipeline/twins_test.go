package pipeline_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestTwins moves what an ORM wrote to SQLite into the tables that the same
// application made in Postgres, and compares with what the ORM itself put
// there.
func TestTwins(t *testing.T) {
	t.Parallel()
	for _, path := range sharedtest.Twins(t, "twin.json") {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			moveTwin(t, folder, path)
		})
	}
}

func moveTwin(t *testing.T, folder, description string) {
	t.Helper()
	_, got, gold := twinDatabases(t, folder)
	before := pgtest.Shape(t, got)
	cfg := pipeline.Config{
		Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: got,
		OnData: pipeline.OnDataTruncate, Confirm: agree,
	}
	checkVerdict(t, assess(t, cfg), nil)
	move(t, cfg)
	if diff := cmp.Diff(before, pgtest.Shape(t, got)); diff != "" {
		t.Errorf("the target's shape (-before +after):\n%s", diff)
	}
	compareTwin(t, gold, got, description)
}

// canceller ends a run at the first of some events.
type canceller struct {
	kind   pipeline.EventKind
	cancel context.CancelFunc
}

func (c canceller) Observe(e pipeline.Event) {
	if e.Kind == c.kind && e.Stage != pipeline.StageProfile {
		c.cancel()
	}
}

// TestRepair puts back what runs left off that were interrupted at one point
// or another, and then runs to the end.
func TestRepair(t *testing.T) {
	t.Parallel()
	folder := sharedtest.Dir(t, "twins", "peewee-library")
	source := copyDatabase(t, filepath.Join(folder, "source.sqlite3"))
	server := pgtest.Start(t)
	for name, kind := range map[string]pipeline.EventKind{
		"load begins": pipeline.TableBegin, "a unit is in": pipeline.UnitEnd, "a table is in": pipeline.TableEnd, "a table is verified": pipeline.Verified,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			pgtest.LoadDump(t, url, filepath.Join(folder, "target.sql"))
			before := pgtest.Shape(t, url)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cfg := pipeline.Config{Source: source, Target: url, OnData: pipeline.OnDataTruncate, Confirm: agree}
			broken := cfg
			broken.Observer = canceller{kind, cancel}
			if _, err := pipeline.Migrate(ctx, broken); pipeline.ExitCode(err) != pipeline.ExitInterrupted {
				t.Fatalf("the run was not interrupted: %v", err)
			}
			// A load that did not end may have left children without parents:
			// their foreign keys cannot be valid before it is run again.
			_, err := pipeline.Repair(t.Context(), cfg)
			if err != nil && !strings.Contains(err.Error(), "violates foreign key constraint") {
				t.Fatal(err)
			}
			if err != nil {
				move(t, cfg)
			}
			if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
				t.Errorf("the target's shape (-before +after repair):\n%s", diff)
			}
			if left := ask(t, url, "SELECT count(*) FROM pg_class WHERE relname = 'litehaul_rebuild'"); left[0] != "0" {
				t.Error("the control table is still there")
			}
		})
	}
}

// twinDatabases makes the two databases of a twin: the application's schema with
// its seed rows, and what its ORM itself put there.
func twinDatabases(t *testing.T, folder string) (server *pgtest.Server, got, gold string) {
	t.Helper()
	server = pgtest.Start(t)
	got, gold = server.Database(t), server.Database(t)
	pgtest.LoadDump(t, got, filepath.Join(folder, "target.sql"))
	pgtest.LoadDump(t, gold, filepath.Join(folder, "gold.sql"))
	return server, got, gold
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
