package pipeline_test

import (
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestFireTriggers: an owner's triggers never fire, a guest's only where it said
// so; and what they do to rows does not pass unseen.
func TestFireTriggers(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := sqliteFile(t, smallTable)
	const app = `
		CREATE TABLE t (id int PRIMARY KEY, doc text);
		CREATE TABLE log (id int);
		CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END';
		CREATE TRIGGER audit BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION audit()`
	for _, test := range []struct {
		name         string
		owner, fires bool
		change       string // to the function
		code         int
		logged       string
	}{
		{"owner", true, false, "", pipeline.ExitDone, "0"},
		{"owner, with the flag", true, true, "", pipeline.ExitDone, "0"},
		{"guest", false, false, "", pipeline.ExitRefused, "0"},
		{"guest, with the flag", false, true, "", pipeline.ExitDone, "2"},
		{
			"a trigger that changes rows", false, true,
			"CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.doc := upper(NEW.doc); RETURN NEW; END'",
			pipeline.ExitDiffers, "0",
		},
		{
			"a trigger that swallows rows", false, true,
			"CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
			pipeline.ExitFailed, "0",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role := server.Role(t)
			super := server.DatabaseWith(t, pgtest.DatabaseOptions{Owner: role.Name})
			url := role.URL(t, super)
			if test.owner {
				runSQL(t, url, app)
			} else {
				runSQL(t, super, app)
				runSQL(t, super, grantTo(role, loading)...)
			}
			if test.change != "" {
				runSQL(t, super, test.change)
			}
			rep, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url, FireTriggers: test.fires})
			if pipeline.ExitCode(err) != test.code {
				t.Fatalf("exit %d: %v (%s)", pipeline.ExitCode(err), err, pipeline.Hint(err))
			}
			if test.code == pipeline.ExitRefused && !strings.Contains(pipeline.Hint(err), "--fire-triggers") {
				t.Errorf("the hint does not name the flag: %s", pipeline.Hint(err))
			}
			wantRows(t, super, "SELECT count(*) FROM log", test.logged)
			wantRows(t, super, "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'audit'", "O")
			told := false
			for _, o := range rep.Objects {
				told = told || o.Kind == "trigger" && o.Name == "audit" && strings.Contains(o.Why, "--fire-triggers")
			}
			if told != (test.fires && !test.owner) {
				t.Errorf("the report tells of a trigger that fired: %t", told)
			}
		})
	}
}
