package reseed_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// manyRows are enough for a table's indexes to be taken off, fewRows are not.
const (
	manyRows = 21_000
	fewRows  = 1_000
)

// shop is a source with so many orders, and foreign keys: through three tables, and
// within one.
func shop(t testing.TB, orders int) string {
	t.Helper()
	return sqliteFile(t,
		`CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, boss INTEGER REFERENCES people (id))`,
		`CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL REFERENCES people (id), note TEXT)`,
		`CREATE TABLE lines (id INTEGER PRIMARY KEY, "order" INTEGER NOT NULL REFERENCES orders (id))`,
		`CREATE INDEX orders_person ON orders (person)`, `CREATE INDEX orders_note ON orders (note)`,
		`INSERT INTO people WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300) SELECT i, 'p' || i, min(i + 7, 300) FROM c`,
		fmt.Sprintf(`INSERT INTO orders WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d) SELECT i, i %% 300 + 1, 'note ' || i FROM c`, orders),
		`INSERT INTO lines WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 900) SELECT i, i FROM c`)
}

// extras are what an application has beside the archive's own: they stay.
const extras = `CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''a trigger fired''; END';
	CREATE TRIGGER orders_audit AFTER INSERT OR TRUNCATE ON orders EXECUTE FUNCTION audit();
	CREATE INDEX mine ON orders (lower(note)); COMMENT ON TABLE orders IS 'of the shop'; ALTER TABLE orders CLUSTER ON orders_person`

var truncate = reseed.Config{
	OnData:  pipeline.OnDataTruncate,
	Confirm: func(context.Context, string, []string) (bool, error) { return true, nil },
}

// with gives the configuration of a run that may empty tables.
func with(fixture, target string) reseed.Config {
	cfg := truncate
	cfg.Fixture, cfg.Target, cfg.Jobs = fixture, target, 2
	return cfg
}

// seeded makes a database of an archive, with rows that tests have left behind.
func seeded(t testing.TB, fixture string) string {
	t.Helper()
	database := pgtest.Start(t).Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: database})
	execSQL(t, database, `INSERT INTO people (name) VALUES ('left')`, `UPDATE orders SET note = 'other' WHERE id % 3 = 0`, `DELETE FROM lines WHERE id > 5`, extras)
	return database
}

// Tables that stand are emptied and filled; what else is on them stays as it was.
func TestRefill(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, manyRows)})
	clean, database := pgtest.Start(t).Database(t), seeded(t, fixture)
	mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
	before := pgtest.Shape(t, database)
	var asked []string
	cfg := with(fixture, database)
	cfg.Confirm = func(_ context.Context, _ string, tables []string) (bool, error) {
		asked = tables
		return true, nil
	}
	mustRun(t, cfg)
	slices.Sort(asked)
	if diff := cmp.Diff([]string{"lines", "orders", "people"}, asked); diff != "" {
		t.Errorf("asked about (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, pgtest.Shape(t, database)); diff != "" {
		t.Errorf("shape (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(values(t, clean), values(t, database)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// What cannot be filled is refused, by name, before anything is written.
func TestRefuse(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	no := with(fixture, "")
	no.Confirm = func(context.Context, string, []string) (bool, error) { return false, nil }
	for name, c := range map[string]struct {
		cfg   reseed.Config
		setUp string
		want  []string
	}{
		"rows":    {reseed.Config{Fixture: fixture}, "", []string{"hold rows already", "people", "--on-data"}},
		"no":      {no, "", []string{"not confirmed"}},
		"missing": {with(fixture, ""), "DROP TABLE lines", []string{"2 of the archive's 3 tables", "lines"}},
		"columns": {
			with(fixture, ""), "ALTER TABLE people ADD extra int; ALTER TABLE orders DROP note; ALTER TABLE lines ALTER id TYPE int",
			[]string{"people.extra", "orders of the target has no column note", "lines.id is integer in the target and bigint in the archive"},
		},
		"cascade":     {with(fixture, ""), "CREATE TABLE notes (person bigint REFERENCES people)", []string{"public.notes", "people cannot be emptied"}},
		"view":        {with(fixture, ""), "DROP TABLE lines; CREATE VIEW lines AS SELECT 1 AS id", []string{"lines of the target is a view"}},
		"partitioned": {with(fixture, ""), "DROP TABLE lines; CREATE TABLE lines (id bigint, \"order\" bigint) PARTITION BY RANGE (id)", []string{"is a partitioned table"}},
		"rule":        {with(fixture, ""), "CREATE RULE r AS ON INSERT TO lines DO INSTEAD NOTHING", []string{"rule r of lines"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.cfg.Target = seeded(t, fixture)
			if c.setUp != "" {
				execSQL(t, c.cfg.Target, c.setUp)
			}
			shape, rows := pgtest.Shape(t, c.cfg.Target), values(t, c.cfg.Target)
			rep, err := reseed.Run(t.Context(), c.cfg)
			if pipeline.ExitCode(err) != pipeline.ExitRefused || pipeline.Hint(err) == "" {
				t.Fatalf("got %v (%s), want a refusal", err, pipeline.Hint(err))
			}
			told := fmt.Sprint(err, pipeline.Hint(err), rep.Hazards)
			for _, w := range c.want {
				if !strings.Contains(strings.ReplaceAll(told, "column people.extra", "people.extra"), w) {
					t.Errorf("%s\nis not said in: %s", w, told)
				}
			}
			if diff := cmp.Diff([][]string{shape, rows}, [][]string{pgtest.Shape(t, c.cfg.Target), values(t, c.cfg.Target)}); diff != "" {
				t.Errorf("something was written (-before +after):\n%s", diff)
			}
		})
	}
}

// A name that is taken is found before anything is made.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	database := pgtest.Start(t).Database(t)
	execSQL(t, database, `CREATE TABLE other (id int)`, `CREATE INDEX orders_note ON other (id)`)
	_, err := reseed.Run(t.Context(), reseed.Config{Fixture: fixture, Target: database})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "index public.orders_note") {
		t.Errorf("got %v, want a refusal that names the index", err)
	}
}

// A role that owns nothing fills tables in the order of their foreign keys.
func TestRefillAsGuest(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, manyRows)})
	clean, database := server.Database(t), seeded(t, fixture)
	mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
	guest := server.Role(t)
	grant := fmt.Sprintf(`GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO %[1]s; GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO %[1]s`, guest.Name)
	execSQL(t, database, grant)
	cfg := with(fixture, guest.URL(t, database))
	if _, err := reseed.Run(t.Context(), cfg); pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "trigger orders_audit") {
		t.Fatalf("got %v, want a refusal for the trigger", err)
	}
	execSQL(t, database, `DROP TRIGGER orders_audit ON orders`)
	before := pgtest.Shape(t, database)
	mustRun(t, cfg)
	if diff := cmp.Diff(before, pgtest.Shape(t, database)); diff != "" {
		t.Errorf("shape (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(values(t, clean), values(t, database)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Tables in a circle take one transaction, where keys can be deferred; else they
// are refused to a role that cannot take the keys off.
func TestCircleAsGuest(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for name, deferrable := range map[string][2]string{"there": {"DEFERRABLE", ""}, "back": {"", "DEFERRABLE"}, "not": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fixture := archiveOf(t, pipeline.Config{Source: sqliteFile(t,
				`CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER NOT NULL REFERENCES b (id) `+deferrable[0]+`)`,
				`CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a (id) `+deferrable[1]+`)`,
				`INSERT INTO a VALUES (1, 1)`, `INSERT INTO b VALUES (1, 1)`)})
			database, guest := server.Database(t), server.Role(t)
			mustRun(t, reseed.Config{Fixture: fixture, Target: database})
			execSQL(t, database, `GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO `+guest.Name, `GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO `+guest.Name)
			cfg := with(fixture, guest.URL(t, database))
			if deferrable != [2]string{} {
				mustRun(t, cfg)
				return
			}
			if _, err := reseed.Run(t.Context(), cfg); pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "in a circle") {
				t.Errorf("got %v, want a refusal", err)
			}
		})
	}
}

// A damaged archive is found before anything is emptied. Where it was to be made
// anew, what it has made is told from whole tables, and a whole one replaces it.
func TestDamagedArchive(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, manyRows)})
	bad, chunk := damaged(t, fixture)
	t.Run("stands", func(t *testing.T) {
		t.Parallel()
		database := seeded(t, fixture)
		shape, rows := pgtest.Shape(t, database), values(t, database)
		_, err := reseed.Run(t.Context(), with(bad, database))
		if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), chunk) {
			t.Fatalf("got %v, want a refusal that names the chunk", err)
		}
		if diff := cmp.Diff([][]string{shape, rows}, [][]string{pgtest.Shape(t, database), values(t, database)}); diff != "" {
			t.Errorf("something was written (-before +after):\n%s", diff)
		}
	})
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		server := pgtest.Start(t)
		clean, database := server.Database(t), server.Database(t)
		mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
		rep, err := reseed.Run(t.Context(), with(bad, database))
		if pipeline.ExitCode(err) != pipeline.ExitFailed || !strings.Contains(err.Error(), chunk) || rep.Remains == nil {
			t.Fatalf("got %v, want a failure that names the chunk and tells what remains", err)
		}
		_, err = reseed.Run(t.Context(), reseed.Config{Fixture: fixture, Target: database})
		if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "did not end") {
			t.Errorf("a half made target is not refused: %v", err)
		}
		mustRun(t, with(fixture, database))
		equalDatabases(t, clean, database)
	})
}
