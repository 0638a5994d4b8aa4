package reseed_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// An archive whose statements do anything but make its own tables is refused
// before anything is written.
func TestHostileArchive(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	const own = `CREATE TABLE "public"."own" ("id" bigint);` + "\n"
	for name, c := range map[string]struct{ pre, post, want string }{
		"none":          {own, "", ""},
		"drop":          {own + "DROP TABLE public.victim;", "", "pre.sql: line 2: a statement that fixtures do not have: DROP TABLE public.victim"},
		"behind a text": {own + "CREATE TYPE public.x AS ENUM (E'a'\n'\\''); DROP TABLE public.victim; --');", "", "a string constant in two parts"},
		"other's index": {own, `CREATE INDEX i ON public.victim (id);`, "post.sql: line 1: table public.victim is none of the archive's"},
		"other's key":   {own, `ALTER TABLE public.own ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES public.victim (id);`, "victim is none of the archive's"},
		"in a block": {own, `DO $litehaul$
BEGIN
    ALTER TABLE public.victim ADD CONSTRAINT c CHECK (false) NOT VALID;
EXCEPTION WHEN OTHERS THEN
    IF left(SQLSTATE, 2) IN ('08', '40', '53', '57', '58', 'XX') THEN RAISE; END IF;
    RAISE WARNING '%', 'check c is left out: ' || SQLERRM;
END
$litehaul$;`, "victim is none of the archive's"},
		"other's sequence":     {own + `ALTER SEQUENCE public.victim_seq OWNED BY public.own.id;`, "", "victim_seq is none of the archive's"},
		"sequence for a table": {own + `CREATE SEQUENCE public.own_seq;`, `CREATE INDEX i ON public.own_seq (id);`, "own_seq is none of the archive's"},
		"too early":            {own + `ANALYZE public.own;`, "", "a statement that has no place there"},
		"query":                {own, `SELECT lo_unlink(1);`, "fixtures do not have"},
		"role":                 {`SET LOCAL role = postgres;` + own, "", "fixtures do not have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := forged(t, c.pre, c.post, fixture.TableDef{Schema: "public", Name: "own", Columns: []fixture.Column{{Name: "id", Type: "bigint"}}})
			database := server.Database(t)
			execSQL(t, database, `CREATE TABLE victim (id bigint PRIMARY KEY)`, `CREATE SEQUENCE victim_seq`)
			before := pgtest.Shape(t, database)
			_, err := reseed.Run(t.Context(), reseed.Config{Fixture: path, Target: database})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a refusal: %s", err, c.want)
			}
			if diff := cmp.Diff(before, pgtest.Shape(t, database)); diff != "" {
				t.Errorf("something was written (-before +after):\n%s", diff)
			}
		})
	}
}

// forged writes an archive of some statements and empty tables.
func forged(t *testing.T, pre, post string, tables ...fixture.TableDef) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "forged.tar")
	w, err := fixture.Create(path, fixture.Head{
		Tool: "test", Source: "test", Postgres: fixture.Servers{Min: 12, Max: 18}, PreSQL: pre, Tables: tables,
	}, fixture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tables {
		if err := w.EndTable(i, 0); err != nil {
			t.Fatal(err)
		}
	}
	ids := make([][]fixture.Identity, len(tables))
	if len(tables) > 1 { // the first one's id counts
		ids[0] = []fixture.Identity{{Column: "id", Next: 42}}
	}
	if _, err := w.Close(fixture.Tail{PostSQL: post, Identities: ids}); err != nil {
		t.Fatal(err)
	}
	return path
}

// Statements of any order that archives may have: what is not built side by side
// runs in its place, and what follows it waits.
func TestAllStatements(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	const pre = `
		CREATE SCHEMA IF NOT EXISTS app;
		CREATE TYPE app.mood AS ENUM ('good', 'bad');
		CREATE DOMAIN app.word AS text CHECK (VALUE <> '');
		CREATE SEQUENCE app.number;
		CREATE TABLE app.parent (id bigint DEFAULT nextval('app.number'::regclass) NOT NULL, mood app.mood, word app.word);
		ALTER SEQUENCE app.number OWNED BY app.parent.id;
		CREATE TABLE app.child (parent bigint);
		COMMENT ON TABLE app.parent IS 'it''s a parent'; COMMENT ON COLUMN app.child.parent IS 'up'`
	const post = `
		ALTER TABLE app.parent ALTER COLUMN mood SET STATISTICS 50;
		CREATE UNIQUE INDEX parent_pkey ON app.parent (id);
		ALTER TABLE app.parent ADD CONSTRAINT parent_pkey PRIMARY KEY USING INDEX parent_pkey;
		ALTER TABLE app.child ADD CONSTRAINT up FOREIGN KEY (parent) REFERENCES app.parent (id) NOT VALID;
		ALTER TABLE app.child VALIDATE CONSTRAINT up;
		ALTER TABLE app.parent CLUSTER ON parent_pkey;
		ALTER TABLE app.child ADD CONSTRAINT one UNIQUE (parent);
		CREATE VIEW app.both AS SELECT id FROM app.parent JOIN app.child ON id = parent;
		COMMENT ON VIEW app.both IS 'both'; ANALYZE app.child`
	path := forged(t, pre, post,
		fixture.TableDef{Schema: "app", Name: "parent", Columns: []fixture.Column{{Name: "id", Type: "bigint"}, {Name: "mood", Type: "app.mood"}, {Name: "word", Type: "app.word", Base: "text"}}},
		fixture.TableDef{Schema: "app", Name: "child", Level: 1, Columns: []fixture.Column{{Name: "parent", Type: "bigint"}}})
	want := server.Database(t)
	execSQL(t, want, pre, post, `SELECT setval('app.number', 42, false)`)
	for name, cfg := range map[string]reseed.Config{
		"parallel": {Jobs: 4}, "alone": {Jobs: 1}, "atomic": {Atomic: true},
	} {
		cfg.Fixture, cfg.Target = path, server.Database(t)
		mustRun(t, cfg)
		if !t.Run(name, func(t *testing.T) { equalDatabases(t, want, cfg.Target) }) {
			return
		}
		again := with(path, cfg.Target)
		mustRun(t, again)
		equalDatabases(t, want, cfg.Target)
	}
}
