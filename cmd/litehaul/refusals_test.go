package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
)

// refusalCase is a source and an application's tables that do not go together.
type refusalCase struct {
	name           string
	source, target string // SQL; in target GUEST is a role that owns nothing
	guest          bool   // the run connects as GUEST
	args           []string
}

const (
	twoTables = "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER); INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 1);"
	oneTable  = "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER, s TEXT); INSERT INTO a VALUES (1, 1, 'x'), (2, 70000, 'long enough'), (3, -70000, 'longest of all');"
	plainHome = "CREATE TABLE a (id int PRIMARY KEY, n int, s text);"
	guestMay  = "GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO GUEST;"
)

var refusalCases = []refusalCase{
	{
		name:   "ambiguous table",
		source: "CREATE TABLE OrderItem (id INTEGER PRIMARY KEY); INSERT INTO OrderItem VALUES (1);",
		target: `CREATE TABLE order_item (id int PRIMARY KEY); CREATE TABLE "orderItem" (id int PRIMARY KEY); CREATE TABLE "ORDERITEM" (id int PRIMARY KEY)`,
	},
	{
		name:   "ambiguous column",
		source: "CREATE TABLE a (id INTEGER PRIMARY KEY, userId INTEGER); INSERT INTO a VALUES (1, 1);",
		target: `CREATE TABLE a (id int PRIMARY KEY, "UserId" int, "userid" int, user_id int)`,
	},
	{
		name:   "two tables for one",
		source: `CREATE TABLE OrderItem (id INTEGER PRIMARY KEY); CREATE TABLE order_item (id INTEGER PRIMARY KEY);`,
		target: `CREATE TABLE "orderItem" (id int PRIMARY KEY)`,
	},
	{
		name:   "enum label",
		source: oneTable,
		target: "CREATE TYPE mood AS ENUM ('x', 'y'); CREATE TABLE a (id int PRIMARY KEY, n int, s mood)",
	},
	{
		name:   "narrow",
		source: oneTable,
		target: "CREATE TABLE a (id int PRIMARY KEY, n smallint, s varchar(12))",
	},
	{
		name:   "not null",
		source: "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO a VALUES (1, NULL), (2, NULL), (3, 3);",
		target: "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL)",
	},
	{
		name:   "circle",
		source: twoTables,
		guest:  true,
		target: "CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;" + guestMay,
	},
	{
		name:   "circle, no temporary tables",
		source: twoTables,
		guest:  true,
		target: "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;" + guestMay + "REVOKE TEMPORARY ON DATABASE DATABASE FROM PUBLIC",
	},
	{
		name:   "other application",
		source: twoTables,
		target: "CREATE TABLE a (id int PRIMARY KEY, title text NOT NULL, body text); CREATE TABLE c (id int PRIMARY KEY); CREATE TABLE users (id int PRIMARY KEY)",
	},
	{
		name:   "other application, all",
		source: oneTable,
		target: "CREATE TABLE a (uuid uuid PRIMARY KEY, title text NOT NULL, body text)",
	},
	{
		name:   "other application, forced",
		source: oneTable,
		target: "CREATE TABLE a (uuid uuid PRIMARY KEY, title text NOT NULL, body text)",
		args:   []string{"--into", "existing"},
	},
	{
		name:   "nothing there, forced",
		source: oneTable,
		target: "CREATE TABLE c (id int PRIMARY KEY)",
		args:   []string{"--into", "existing"},
	},
	{
		name:   "no right on one table",
		source: twoTables,
		guest:  true,
		target: "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int);" + guestMay + "REVOKE INSERT, SELECT ON b FROM GUEST",
	},
	{
		name:   "no right to read",
		source: twoTables,
		guest:  true,
		target: "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int);" + guestMay + "REVOKE SELECT ON b FROM GUEST",
	},
	{
		name:   "no right to truncate",
		source: twoTables,
		guest:  true,
		args:   []string{"--on-data", "truncate", "--yes"},
		target: "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int); INSERT INTO a VALUES (7);" + guestMay + "REVOKE TRUNCATE ON b FROM GUEST",
	},
	{
		name:   "schema not usable",
		source: oneTable,
		guest:  true, target: plainHome + guestMay + "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
	},
	{
		name:   "partitioned",
		source: oneTable,
		target: "CREATE TABLE a (id int PRIMARY KEY, n int, s text) PARTITION BY RANGE (id); CREATE TABLE a1 PARTITION OF a FOR VALUES FROM (0) TO (100)",
	},
	{
		name:   "inherited",
		source: oneTable, target: plainHome + "CREATE TABLE kid () INHERITS (a)",
	},
	{
		name:   "view",
		source: oneTable,
		target: "CREATE TABLE real_a (id int PRIMARY KEY, n int, s text); CREATE VIEW a AS SELECT * FROM real_a",
		args:   []string{"--into", "existing"},
	},
	{
		name:   "view, auto",
		source: oneTable,
		target: "CREATE TABLE real_a (id int PRIMARY KEY, n int, s text); CREATE VIEW a AS SELECT * FROM real_a",
	},
	{
		name:   "foreign table",
		source: oneTable,
		target: "CREATE EXTENSION file_fdw; CREATE SERVER f FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE a (id int, n int, s text) SERVER f OPTIONS (filename '/dev/null')",
		args:   []string{"--into", "existing"},
	},
	{
		name:   "row security",
		source: oneTable,
		guest:  true, target: plainHome + guestMay + "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
	},
	{
		name:   "rule",
		source: oneTable, target: plainHome + "CREATE RULE r AS ON INSERT TO a DO INSTEAD NOTHING",
	},
	{
		name:   "trigger of a guest",
		source: oneTable,
		guest:  true, target: plainHome + guestMay + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER audit AFTER INSERT ON a EXECUTE FUNCTION f()",
	},
	{
		name:   "rows there",
		source: oneTable, target: plainHome + "INSERT INTO a SELECT g FROM generate_series(1, 5) g",
	},
	{
		name:   "rows there, not confirmed",
		source: oneTable,
		args:   []string{"--on-data", "truncate"}, target: plainHome + "INSERT INTO a SELECT g FROM generate_series(1, 5) g",
	},
	{
		name:   "cascade",
		source: oneTable,
		args:   []string{"--on-data", "truncate", "--yes"}, target: plainHome + "CREATE TABLE other (a int REFERENCES a); INSERT INTO a VALUES (1)",
	},
	{
		name:   "column missing",
		source: oneTable,
		target: "CREATE TABLE a (id int PRIMARY KEY, n int)",
	},
	{
		name:   "column required",
		source: oneTable,
		target: "CREATE TABLE a (id int PRIMARY KEY, n int, s text, tenant int NOT NULL)",
	},
	{
		name:   "unique",
		source: "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO a VALUES (1, 1), (2, 1), (3, 2);",
		target: "CREATE TABLE a (id int PRIMARY KEY, n int UNIQUE)",
	},
	{
		name:   "orphans",
		source: "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER); CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1, 1), (2, 5); INSERT INTO b VALUES (1);",
		target: "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b)",
	},
	{
		name:   "some missing",
		source: twoTables,
		target: "CREATE TABLE a (id int PRIMARY KEY, b int)",
	},
}

// refusalsFile holds all that the cases print; GUEST and DATABASE stand for names.
const refusalsFile = "testdata/refusals.txt"

// TestRefusals holds, word for word, what a user reads when source and target do
// not go together: exit 3, and nothing in the target is touched. With -update it
// writes the words anew.
func TestRefusals(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	file, err := os.ReadFile(refusalsFile)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, part := range strings.Split(string(file), "== ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		want[name] = strings.TrimSpace(text)
	}
	var mu sync.Mutex
	got := map[string]string{}
	t.Cleanup(func() {
		if *update {
			writeRefusals(t, got)
		}
	})
	for _, c := range refusalCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := refuse(t, server, c)
			mu.Lock()
			got[c.name] = text
			mu.Unlock()
			if diff := cmp.Diff(want[c.name], text); diff != "" && !*update {
				t.Errorf("(-want +got):\n%s\n%s", diff, text)
			}
		})
	}
}

func writeRefusals(t *testing.T, got map[string]string) {
	t.Helper()
	var out strings.Builder
	for _, c := range refusalCases {
		fmt.Fprintf(&out, "== %s\n%s\n\n", c.name, got[c.name])
	}
	if err := os.WriteFile(refusalsFile, []byte(out.String()), 0o600); err != nil {
		t.Error(err)
	}
}

// refuse runs a case and gives what the user reads.
func refuse(t *testing.T, server *pgtest.Server, c refusalCase) string {
	t.Helper()
	database := fmt.Sprintf("refusal_%04d", databases.Add(1))
	if err := server.CreateDatabase(t.Context(), database, pgtest.DatabaseOptions{}); err != nil {
		t.Fatal(err)
	}
	guest, target := server.Role(t), server.URL(database)
	admin := pgtest.Connect(t, target)
	setup := strings.NewReplacer("GUEST", guest.Name, "DATABASE DATABASE", "DATABASE "+database).Replace(c.target)
	if _, err := admin.Exec(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	before := contents(t, target)
	if c.guest {
		target = guest.URL(t, target)
	}
	source := filepath.Join(t.TempDir(), "app.db")
	makeSource(t, source, c.source)
	cmd, out := litehaul(t, append([]string{"migrate", source, target, "--progress", "none"}, c.args...)...)
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := cmp.Diff(before, contents(t, server.URL(database))); diff != "" {
		t.Errorf("the target was touched (-before +after):\n%s", diff)
	}
	return strings.TrimSpace(strings.NewReplacer(guest.Name, "GUEST", database, "DATABASE").Replace(out.String()))
}

func makeSource(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), script)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// contents gives the shape of a target's tables, and their files, which a
// TRUNCATE replaces.
func contents(t *testing.T, target string) []string {
	t.Helper()
	var files string
	err := pgtest.Connect(t, target).QueryRow(t.Context(),
		"SELECT coalesce(string_agg(format('%s %s %s', relname, relfilenode, pg_relation_size(oid)), '; ' ORDER BY relname), '') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'f'").Scan(&files)
	if err != nil {
		t.Fatal(err)
	}
	return append(pgtest.Shape(t, target), files)
}
