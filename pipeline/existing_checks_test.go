package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestTargetRefusesRows: what only the target itself can judge fails the run,
// with the constraint and the row, and leaves all of the table's objects as they
// were.
func TestTargetRefusesRows(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := sqliteFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT, n INTEGER)",
		"INSERT INTO t VALUES (1, 'a', 5), (2, 'A', -5), (3, 'c', 5)")
	for _, test := range []struct {
		name, ddl string
		say       string
		rebuild   bool
	}{
		{"check", "CREATE TABLE t (id int PRIMARY KEY, doc text, n int CONSTRAINT positive CHECK (n > 0))", `violates check constraint "positive" (Failing row contains (2, A, -5).)`, false},
		{"domain", "CREATE DOMAIN pos AS int CONSTRAINT positive CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, doc text, n pos)", `value for domain pos violates check constraint "positive"`, false},
		{"expression", "CREATE TABLE t (id int PRIMARY KEY, doc text, n int); CREATE UNIQUE INDEX x ON t (lower(doc))", `unique constraint "x" (Key (lower(doc))=(a) already exists.)`, false},
		{"expression, rebuilt", "CREATE TABLE t (id int PRIMARY KEY, doc text, n int); CREATE UNIQUE INDEX x ON t (lower(doc))", `put back index "x" of "public"."t": could not create unique index "x" (Key (lower(doc))=(a) is duplicated.)`, true},
		{"condition", "CREATE TABLE t (id int PRIMARY KEY, doc text, n int); CREATE UNIQUE INDEX x ON t (n) WHERE n > 0", `unique constraint "x" (Key (n)=(5) already exists.)`, false},
		{"exclusion", "CREATE TABLE t (id int PRIMARY KEY, doc text, n int, EXCLUDE USING btree (n WITH =))", `exclusion constraint "t_n_excl" (Key (n)=(5) conflicts with existing key (n)=(5).)`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			runSQL(t, url, test.ddl)
			before := pgtest.Shape(t, url)
			cfg := pipeline.Config{Source: source, Target: url}
			if test.rebuild {
				cfg = pipeline.RebuildAll(cfg)
			}
			_, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != pipeline.ExitFailed || !strings.Contains(err.Error(), test.say) || !strings.Contains(pipeline.Hint(err), "mend") {
				t.Errorf("exit %d: %v (%s)", pipeline.ExitCode(err), err, pipeline.Hint(err))
			}
			runSQL(t, url, "DELETE FROM t")
			if _, err := pipeline.Repair(t.Context(), cfg); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestKeyOutsideOfRun: a row whose parent is in no table of the run, and not in
// the target either, is told before anything is written.
func TestKeyOutsideOfRun(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o VALUES (5); CREATE TABLE t (id int PRIMARY KEY, n int REFERENCES o)")
	source := sqliteFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 5), (2, -5), (3, NULL)")
	_, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url})
	const want = "1 rows of t have no parent in o, neither in the source nor in the target"
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), want) {
		t.Errorf("want %q: %v", want, err)
	}
	if n := ask(t, url, "SELECT count(*) FROM t"); n[0] != "0" {
		t.Errorf("%s rows were written", n[0])
	}
}
