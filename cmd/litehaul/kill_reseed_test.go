//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
)

// reseedKills are the moments at which a reseeding is killed: of a database in
// which nothing stands, and of one that is to be filled again.
var reseedKills = []struct {
	name, statement string
	nth             int
	refill          bool
}{
	{"nothing is made", `CREATE TABLE`, 1, false},
	{"the tables are there", `^COPY .* FROM STDIN`, 1, false},
	{"in the middle of the rows", copyData, 3, false},
	{"an index is made", `CREATE UNIQUE INDEX`, 2, false},
	{"a foreign key is not valid yet", `VALIDATE CONSTRAINT`, 2, false},
	{"the marks go", `COMMENT ON TABLE .* IS NULL`, 1, false},

	{"an index is written down", `^DROP INDEX`, 1, true},
	{"a trigger goes off", `DISABLE TRIGGER`, 2, true},
	{"all is off", `TRUNCATE`, 1, true},
	{"the tables are empty", `^COPY .* FROM STDIN`, 1, true},
	{"rows are not committed", copyDone, 2, true},
	{"one index is back", `^CREATE (UNIQUE )?INDEX`, 2, true},
	{"a foreign key comes back", `ADD CONSTRAINT`, 1, true},
	{"all is back", `^(?i)drop table \S+litehaul_rebuild`, 1, true},
}

// reseedExtras are what an application has beside the archive's own.
const reseedExtras = `
CREATE INDEX orders_person ON orders (person); CREATE UNIQUE INDEX orders_note ON orders (lower(note));
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''a trigger fired''; END';
CREATE TRIGGER orders_audit AFTER INSERT OR TRUNCATE ON orders EXECUTE FUNCTION audit();
CREATE TRIGGER lines_audit BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION audit();
INSERT INTO people (name) VALUES ('left by a test')`

// TestReseedKilled kills litehaul reseed at each step. The next run completes, and
// until then litehaul repair puts back what was off.
func TestReseedKilled(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	archive := filepath.Join(t.TempDir(), "app.tar")
	mustLitehaul(t, "fixture", "create", appFile(t), "-o", archive, "--progress", "none")
	args := func(target string) []string {
		return []string{"reseed", archive, target, "--on-data", "truncate", "--yes", "--jobs", "2", "--progress", "none"}
	}
	database := func(t *testing.T) string {
		name := fmt.Sprintf("reseeded_%d", databases.Add(1))
		if err := server.CreateDatabase(t.Context(), name, pgtest.DatabaseOptions{}); err != nil {
			t.Fatal(err)
		}
		return server.TCPURL(name)
	}
	clean := database(t)
	mustLitehaul(t, args(clean)...)
	whole := pgtest.Shape(t, clean)
	for i, step := range reseedKills {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			target, before := database(t), whole
			if step.refill {
				mustLitehaul(t, args(target)...)
				if _, err := pgtest.Connect(t, target).Exec(t.Context(), reseedExtras); err != nil {
					t.Fatal(err)
				}
				before = pgtest.Shape(t, target)
			}
			killAt(t, args, target, step.statement, step.nth)
			waitIdle(t, target)
			if step.refill && i%2 == 0 { // every other step, the second run has it all to do
				repairApp(t, target, before)
			}
			mustLitehaul(t, args(target)...)
			if diff := cmp.Diff(before, pgtest.Shape(t, target)); diff != "" {
				t.Errorf("after the second run (-want +got):\n%s", diff)
			}
		})
	}
}

// swapKills are the moments at which reseed --swap is killed.
var swapKills = []struct {
	name, statement string
	nth             int
}{
	{"nothing is made", `CREATE SCHEMA litehaul_swap_`, 1},
	{"the new tables are there", `^COPY .* FROM STDIN`, 1},
	{"in the middle of the rows", copyData, 3},
	{"the rehearsal", `CREATE TRIGGER`, 1},
	{"an index is made", `CREATE UNIQUE INDEX`, 6}, // four in the rehearsal
	{"a trigger is made", `CREATE TRIGGER`, 3},
	{"the tables are locked", `ACCESS EXCLUSIVE`, 1},
	{"an old table goes", `DROP TABLE`, 1},
	{"the new ones are in", `^DROP SCHEMA`, 1},
}

// TestSwapKilled kills litehaul reseed --swap before its swap: the tables are as
// they were, and what is beside goes with litehaul repair or the next run.
func TestSwapKilled(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	archive := filepath.Join(t.TempDir(), "app.tar")
	mustLitehaul(t, "fixture", "create", appFile(t), "-o", archive, "--progress", "none")
	args := func(target string) []string {
		return []string{"reseed", archive, target, "--on-data", "truncate", "--yes", "--jobs", "2", "--progress", "none", "--swap"}
	}
	for i, step := range swapKills {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("swapped_%d", databases.Add(1))
			if err := server.CreateDatabase(t.Context(), name, pgtest.DatabaseOptions{}); err != nil {
				t.Fatal(err)
			}
			target := server.TCPURL(name)
			mustLitehaul(t, args(target)...)
			conn := pgtest.Connect(t, target)
			if _, err := conn.Exec(t.Context(), reseedExtras); err != nil {
				t.Fatal(err)
			}
			before := pgtest.Shape(t, target)
			killAt(t, args, target, step.statement, step.nth)
			waitIdle(t, target)
			var left, names int
			if err := conn.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM people WHERE name = 'left by a test'), (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'litehaul%')").Scan(&left, &names); err != nil {
				t.Fatal(err)
			}
			if left != 1 || names > 1 {
				t.Errorf("%d of the old rows, %d schemas beside", left, names)
			}
			if i%2 == 0 { // every other step, the second run has it to do
				mustLitehaul(t, "repair", target)
				if diff := cmp.Diff(before, pgtest.Shape(t, target)); diff != "" {
					t.Errorf("after the repair (-before +after):\n%s", diff)
				}
			}
			mustLitehaul(t, args(target)...)
			if diff := cmp.Diff(before, pgtest.Shape(t, target)); diff != "" {
				t.Errorf("after the second run (-want +got):\n%s", diff)
			}
		})
	}
}

// mustLitehaul runs the program.
func mustLitehaul(t *testing.T, args ...string) {
	t.Helper()
	cmd, out := litehaul(t, args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}
