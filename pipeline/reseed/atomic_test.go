package reseed_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// observer calls a function with each event, one at a time.
type observer struct {
	mu sync.Mutex
	f  func(pipeline.Event)
}

// Observe implements pipeline.Observer.
func (o *observer) Observe(e pipeline.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.f(e)
}

// In one transaction, readers see the rows that were there until all of it is done;
// what fails leaves them.
func TestAtomic(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	clean, database := pgtest.Start(t).Database(t), seeded(t, fixture)
	mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
	shape, rows := pgtest.Shape(t, database), values(t, database)
	cfg := with(fixture, database)
	cfg.Atomic = true

	// A row that the target alone refuses.
	execSQL(t, database, `ALTER TABLE lines ADD CONSTRAINT few CHECK (id < 900) NOT VALID`)
	_, err := reseed.Run(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitFailed || !strings.Contains(pipeline.Hint(err), "nothing was changed") {
		t.Errorf("got %v (%s), want a failure that leaves all", err, pipeline.Hint(err))
	}
	execSQL(t, database, `ALTER TABLE lines DROP CONSTRAINT few`)
	if diff := cmp.Diff([][]string{shape, rows}, [][]string{pgtest.Shape(t, database), values(t, database)}); diff != "" {
		t.Errorf("after a failure (-before +after):\n%s", diff)
	}

	looked := 0
	cfg.Observer = &observer{f: func(e pipeline.Event) {
		if e.Kind == pipeline.Verified {
			looked++
			if diff := cmp.Diff(rows, values(t, database)); diff != "" {
				t.Errorf("while it is under way, a reader sees (-before +now):\n%s", diff)
			}
		}
	}}
	mustRun(t, cfg)
	if looked == 0 {
		t.Error("nobody has looked")
	}
	if diff := cmp.Diff([][]string{shape, values(t, clean)}, [][]string{pgtest.Shape(t, database), values(t, database)}); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}

	// Tables that reference one that has changed go with it: their keys stay on.
	execSQL(t, database, `ALTER TABLE orders DISABLE TRIGGER orders_audit; UPDATE orders SET note = 'x' WHERE id = 1`)
	cfg.OnlyChanged, cfg.Observer = true, nil
	rep := mustRun(t, cfg)
	for _, x := range rep.Tables {
		if (x.Already > 0) != (x.Name == "people") {
			t.Errorf("%s: %d rows loaded, %d there already", x.Name, x.Loaded, x.Already)
		}
	}
	if diff := cmp.Diff(values(t, clean), values(t, database)); diff != "" {
		t.Errorf("only what has changed (-want +got):\n%s", diff)
	}
}

// Foreign keys stay on: a circle of them must be deferrable.
func TestAtomicCircle(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for deferrable, want := range map[[2]string]int{
		{"DEFERRABLE", ""}: pipeline.ExitDone, {"", "DEFERRABLE"}: pipeline.ExitDone, {}: pipeline.ExitRefused,
	} {
		fixture := archiveOf(t, pipeline.Config{Source: sqliteFile(t,
			`CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER NOT NULL REFERENCES b (id) `+deferrable[0]+`)`,
			`CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a (id) `+deferrable[1]+`)`,
			`INSERT INTO a VALUES (1, 1)`, `INSERT INTO b VALUES (1, 1)`)})
		cfg := with(fixture, server.Database(t))
		cfg.Atomic = true
		mustRun(t, cfg)
		if _, err := reseed.Run(t.Context(), cfg); pipeline.ExitCode(err) != want {
			t.Errorf("%q: got %v", deferrable, err)
		}
	}
}

// Rows that would be deleted one by one against a scan each are refused.
func TestAtomicWithoutIndex(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, manyRows)})
	database := pgtest.Start(t).Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: database})
	execSQL(t, database, `DROP INDEX orders_person`, `INSERT INTO people SELECT i, 'p', NULL FROM generate_series(1000, 250000) i`, `ANALYZE people`)
	cfg := with(fixture, database)
	cfg.Atomic = true
	if _, err := reseed.Run(t.Context(), cfg); pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(pipeline.Hint(err), `CREATE INDEX ON "public"."`) {
		t.Errorf("got %v (%s), want a refusal that names the index", err, pipeline.Hint(err))
	}
}
