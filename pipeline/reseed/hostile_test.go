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
		"in a block": {own, (`DO $litehaul$
BEGIN
    ALTER TABLE public.victim ADD CONSTRAINT c CHECK (false) NOT VALID;
EXCEPTION WHEN OTHERS THEN
    IF left(SQLSTATE, 2) IN ('08', '40', '53', '57', '58', 'XX') THEN RAISE; END IF;
    RAISE WARNING '%', 'check c is left out: ' || SQLERRM;
END
$litehaul$;`), "victim is none of the archive's"},
		"other's sequence": {own + `ALTER SEQUENCE public.victim_seq OWNED BY public.own.id;`, "", "victim_seq is none of the archive's"},
		"too early":        {own + `ANALYZE public.own;`, "", "a statement that has no place there"},
		"query":            {own, `SELECT lo_unlink(1);`, "fixtures do not have"},
		"role":             {`SET LOCAL role = postgres;` + own, "", "fixtures do not have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "evil.tar")
			w, err := fixture.Create(path, fixture.Head{
				Tool: "test", Source: "test", Postgres: fixture.Servers{Min: 12, Max: 18}, PreSQL: c.pre,
				Tables: []fixture.TableDef{{Schema: "public", Name: "own", Columns: []fixture.Column{{Name: "id", Type: "bigint"}}}},
			}, fixture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.EndTable(0, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Close(fixture.Tail{PostSQL: c.post, Identities: [][]fixture.Identity{nil}}); err != nil {
				t.Fatal(err)
			}
			database := server.Database(t)
			execSQL(t, database, `CREATE TABLE victim (id bigint PRIMARY KEY)`, `CREATE SEQUENCE victim_seq`)
			before := pgtest.Shape(t, database)
			_, err = reseed.Run(t.Context(), reseed.Config{Fixture: path, Target: database})
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
