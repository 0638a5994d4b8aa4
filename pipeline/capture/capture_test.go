package capture_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/archivetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
)

// Databases that applications made come back as they were.
func TestTwins(t *testing.T) {
	t.Parallel()
	for _, file := range sharedtest.Twins(t, "gold.sql") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			url, restored := server.Database(t), server.Database(t)
			pgtest.LoadDump(t, url, file)
			path, _ := take(t, capture.Config{Target: url, Jobs: 2})
			archivetest.Restore(t, path, restored)
			const nextSQL = `SELECT string_agg(sequencename || ' ' || nextval(format('%I.%I', schemaname, sequencename)), E'\n' ORDER BY sequencename) FROM pg_sequences WHERE schemaname = 'public'`
			if diff := cmp.Diff(ask(t, url, nextSQL), ask(t, restored, nextSQL)); diff != "" {
				t.Errorf("captured and restored (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(pgtest.Describe(t, url, "public"), pgtest.Describe(t, restored, "public")); diff != "" {
				t.Errorf("captured and restored (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(pgtest.Shape(t, url), pgtest.Shape(t, restored)); diff != "" {
				t.Errorf("captured and restored (-want +got):\n%s", diff)
			}
		})
	}
}

// All kinds of objects come through the two texts as psql reads them.
func TestEverything(t *testing.T) {
	t.Parallel()
	sql, err := os.ReadFile("../../internal/postgres/definition/testdata/everything.sql")
	if err != nil {
		t.Fatal(err)
	}
	server := pgtest.Start(t)
	url, restored := server.Database(t), server.Database(t)
	conn := pgtest.Connect(t, url)
	if _, err := conn.PgConn().Exec(t.Context(), string(sql)+`
		ALTER TABLE app.parent DROP COLUMN ms;
		DROP TABLE app.no_columns;
		CREATE FUNCTION app.odd() RETURNS text LANGUAGE sql AS $f$SELECT '\;' || $litehaul$ ; \q
:'x' $litehaul$$f$;
		COMMENT ON FUNCTION app.odd() IS E'\\q\n\\! false; :"USER"';
		INSERT INTO app.child (id, k, parent, span, room) SELECT i, 'k' || i, 1 + i % 2, int4range(i, i + 1), 1 FROM generate_series(1, 20) i;
		REFRESH MATERIALIZED VIEW app.kept`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	path, rep := take(t, capture.Config{Target: url})
	for _, o := range rep.Objects {
		if o.Status != "carried" {
			t.Errorf("%s %s is %s: %s", o.Kind, o.Name, o.Status, o.Why)
		}
	}
	archivetest.Restore(t, path, restored)
	shape := func(url string) []string {
		return slices.DeleteFunc(pgtest.Shape(t, url), func(line string) bool { return strings.Contains(line, "pg.dropped") })
	}
	if diff := cmp.Diff(shape(url), shape(restored)); diff != "" {
		t.Errorf("captured and restored (-want +got):\n%s", diff)
	}
	// Sequences are told by what they give, and not by where they stand.
	other := func(line string) bool {
		return strings.Contains(line, " next ") || strings.Contains(line, "pg.dropped")
	}
	want, got := pgtest.Describe(t, url, "app"), pgtest.Describe(t, restored, "app")
	if diff := cmp.Diff(slices.DeleteFunc(want, other), slices.DeleteFunc(got, other)); diff != "" {
		t.Errorf("captured and restored (-want +got):\n%s", diff)
	}
	const odd = `SELECT app.odd() || obj_description('app.odd'::regproc) || (SELECT n FROM app.kept)`
	if diff := cmp.Diff(ask(t, url, odd), ask(t, restored, odd)); diff != "" {
		t.Errorf("a function's text (-want +got):\n%s", diff)
	}
	again, _ := take(t, capture.Config{Target: restored, Jobs: 1})
	a, b := archivetest.Manifest(t, path), archivetest.Manifest(t, again)
	a.Source, b.Source = "", ""
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("captured again (-want +got):\n%s", diff)
	}
}

// keyedSQL makes tables of several units: their rows are stored in another order than
// that of their keys.
const keyedSQL = `CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE DOMAIN code AS text COLLATE "C";
CREATE TABLE keyed (a size, b code, c timestamptz, n int, PRIMARY KEY (b, a, c));
INSERT INTO keyed SELECT (enum_range(NULL::size))[1 + i % 3], 'x''\' || i / 7, to_timestamp(i / 8.0), i FROM generate_series(1, 140000) i ORDER BY %s;
CREATE TABLE uniquely (id bigint NOT NULL UNIQUE, x text);
INSERT INTO uniquely SELECT i * 3, repeat('y', i %% 5) FROM generate_series(-70000, 70000) i ORDER BY %[1]s;
CREATE TABLE heap AS SELECT n FROM keyed WHERE n < 100 ORDER BY n`

// The bytes follow from the content, not from where rows are stored or who reads.
func TestOrder(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	var sums []string
	for i, order := range []string{"i", "md5(i::text)"} {
		url := server.Database(t)
		runSQL(t, url, strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(keyedSQL, "%[1]s", order), "%s", order), "%%", "%"))
		path, rep := take(t, capture.Config{Target: url, Jobs: 1 + 3*i})
		for _, table := range rep.Tables {
			if want := map[string]int{"public.keyed": 3, "public.uniquely": 3, "public.heap": 1}[table.Name]; table.Units != want {
				t.Errorf("%s has %d units, want %d", table.Name, table.Units, want)
			}
		}
		m := archivetest.Manifest(t, path)
		m.Source = ""
		if rows := []int64{m.Tables[0].Rows, m.Tables[1].Rows, m.Tables[2].Rows}; !cmp.Equal(rows, []int64{99, 140000, 140001}) {
			t.Errorf("rows: %v", rows)
		}
		if m.Postgres.Min != 12 {
			t.Errorf("made for PostgreSQL %d and later", m.Postgres.Min)
		}
		sums = append(sums, cmp.Diff(nil, m))
	}
	if sums[0] != sums[1] {
		t.Error("the same content gives other bytes")
	}
}

// A role that may SELECT and nothing else captures all, and one that may not is told
// of all tables at once.
func TestAsPlainRole(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database(t)
	reader, other := server.Role(t), server.Role(t)
	runSQL(t, url, `CREATE TABLE a (id serial PRIMARY KEY, d int GENERATED ALWAYS AS IDENTITY (INCREMENT BY -1))`,
		`INSERT INTO a VALUES (7), (41)`, `ALTER SEQUENCE a_id_seq RESTART 42`,
		`CREATE TABLE b (x int)`, `CREATE VIEW v AS SELECT * FROM b`, `CREATE SCHEMA secret`, `CREATE TABLE secret.t (x int)`,
		`GRANT SELECT ON a, b TO `+reader.Name, `REVOKE ALL ON SCHEMA secret FROM public`)
	path, rep := take(t, capture.Config{Target: reader.URL(t, url)})
	m := archivetest.Manifest(t, path)
	if len(m.Tables) != 2 || len(m.Tables[0].Identities) != 2 || m.Tables[0].Identities[0].Next != -3 || m.Tables[0].Identities[1].Next != 42 {
		t.Errorf("tables: %+v", m.Tables)
	}
	var left []string
	for _, o := range rep.Objects {
		if o.Status == "left out" {
			left = append(left, o.Kind+" "+o.Name)
		}
	}
	if diff := cmp.Diff([]string{"schema secret", "value of sequence public.a_d_seq", "value of sequence public.a_id_seq", "rights on 2 relations"}, left); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	_, err := capture.Run(t.Context(), capture.Config{Target: other.URL(t, url), Fixture: pipeline.FixtureOutput{Path: filepath.Join(t.TempDir(), "x.tar")}})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "may not read table public.a (and 1 more)") || !strings.Contains(pipeline.Hint(err), "GRANT SELECT") {
		t.Errorf("a role without rights: %v (%s)", err, pipeline.Hint(err))
	}
}

// What cannot be carried refuses before anything is written, and can be left out.
func TestRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql, want string
		cfg             capture.Config
		code            int
	}{
		{"partitions", "CREATE TABLE p (id int) PARTITION BY RANGE (id)", "table public.p cannot be carried: it is partitioned", capture.Config{}, pipeline.ExitRefused},
		{"arrays of enums", "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (x e[])", "values of public.e[] hold the number that type public.e has in this database alone", capture.Config{}, pipeline.ExitRefused},
		{"composites of enums", "CREATE TYPE e AS ENUM ('a'); CREATE TYPE c AS (x int, y e); CREATE TABLE t (x c)", "values of public.c hold the number", capture.Config{}, pipeline.ExitRefused},
		{"numbers of objects", "CREATE DOMAIN d AS regclass; CREATE TABLE t (x d)", "values of regclass are numbers of this database's own objects", capture.Config{}, pipeline.ExitRefused},
		{"no binary form", "CREATE TABLE t (x aclitem)", "values of aclitem have no binary form", capture.Config{}, pipeline.ExitRefused},
		{"no columns", "CREATE TABLE t ()", "has no column", capture.Config{}, pipeline.ExitRefused},
		{"no such schema", "CREATE TABLE t (x int)", `no schema "app"`, capture.Config{Schemas: []string{"app"}}, pipeline.ExitUsage},
		{"no such table", "CREATE TABLE t (x int)", `no table matches "u*"`, capture.Config{Tables: []string{"u*"}}, pipeline.ExitUsage},
		{"nothing", "", "no table to capture", capture.Config{}, pipeline.ExitUsage},
		{"a level", "CREATE TABLE t (x int)", "level", capture.Config{Fixture: pipeline.FixtureOutput{Level: "most"}}, pipeline.ExitUsage},
		{"no server", "", "postgres://", capture.Config{Target: "postgres://localhost:1/x"}, pipeline.ExitFailed},
		{"an unfinished run", "CREATE TABLE litehaul_rebuild (x int)", "was cut off", capture.Config{}, pipeline.ExitRefused},
	}
	tests[len(tests)-2].want = "localhost"
	server := pgtest.Start(t)
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			if tc.sql != "" {
				runSQL(t, url, tc.sql)
			}
			cfg := tc.cfg
			if cfg.Target == "" {
				cfg.Target = url
			}
			cfg.Fixture.Path = filepath.Join(t.TempDir(), "x.tar")
			_, err := capture.Run(t.Context(), cfg)
			if pipeline.ExitCode(err) != tc.code || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v (exit code %d), want %q and %d", err, pipeline.ExitCode(err), tc.want, tc.code)
			}
			if _, err := os.Stat(cfg.Fixture.Path); err == nil {
				t.Error("there is a fixture")
			}
		})
	}
	url := server.Database(t)
	runSQL(t, url, "CREATE TABLE p (id int) PARTITION BY RANGE (id)", "CREATE TABLE p1 PARTITION OF p DEFAULT", "CREATE TABLE t (x int)")
	path, _ := take(t, capture.Config{Target: url, Exclude: []string{"p*"}})
	if m := archivetest.Manifest(t, path); len(m.Tables) != 1 {
		t.Errorf("%d tables", len(m.Tables))
	}
}

// Row security that hides rows refuses; rows that others write meanwhile do not come.
func TestSeesOneState(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database(t)
	reader := server.Role(t)
	runSQL(t, url, `CREATE TABLE a (id int PRIMARY KEY)`, `CREATE TABLE b (a int REFERENCES a)`, `INSERT INTO a VALUES (1)`,
		`CREATE TABLE hidden (x int)`, `ALTER TABLE hidden ENABLE ROW LEVEL SECURITY`, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO `+reader.Name)
	_, err := capture.Run(t.Context(), capture.Config{Target: reader.URL(t, url), Fixture: pipeline.FixtureOutput{Path: filepath.Join(t.TempDir(), "x.tar")}})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "row security keeps rows of table public.hidden") {
		t.Errorf("row security: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	conn := pgtest.Connect(t, url)
	go func() {
		defer close(done)
		for i := 2; ctx.Err() == nil; i++ {
			_, _ = conn.Exec(ctx, "WITH x AS (INSERT INTO a VALUES ($1) RETURNING id) INSERT INTO b SELECT $1 FROM x", i)
		}
	}()
	for range 3 {
		path, _ := take(t, capture.Config{Target: url, Jobs: 4})
		m := archivetest.Manifest(t, path)
		if m.Tables[0].Rows != m.Tables[1].Rows+1 {
			t.Errorf("%d rows of a and %d of b are of different states", m.Tables[0].Rows, m.Tables[1].Rows)
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	<-done
}

// Sequences go on where they stand, used up ones too.
func TestSequences(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url, restored := server.Database(t), server.Database(t)
	runSQL(t, url, `CREATE SEQUENCE free INCREMENT BY 5`, `SELECT nextval('free'), nextval('free')`, `CREATE SEQUENCE untouched START 9`,
		`CREATE TABLE s (id smallserial, down int GENERATED ALWAYS AS IDENTITY (INCREMENT BY -2 MINVALUE -4 MAXVALUE 0 CYCLE), f int DEFAULT nextval('free'))`,
		`INSERT INTO s (id) VALUES (DEFAULT), (DEFAULT), (DEFAULT)`, `SELECT setval('s_id_seq', 32767)`,
		`CREATE TABLE pair (x int)`, `CREATE SEQUENCE one OWNED BY pair.x`, `CREATE SEQUENCE two OWNED BY pair.x START 3`, `SELECT nextval('two')`)
	path, _ := take(t, capture.Config{Target: url})
	archivetest.Restore(t, path, restored)
	for query, want := range map[string]string{
		`SELECT nextval('free')`: "26", `SELECT nextval('untouched')`: "9", `SELECT nextval('one')`: "1", `SELECT nextval('two')`: "4", `SELECT nextval('s_down_seq')`: "0",
	} {
		if got := ask(t, restored, query); got != want {
			t.Errorf("%s gives %s, want %s", query, got, want)
		}
	}
	if _, err := pgtest.Connect(t, restored).Exec(t.Context(), `SELECT nextval('s_id_seq')`); err == nil {
		t.Error("a sequence that was used up goes on")
	}
}

// Names and texts of a database in another encoding come as UTF-8.
func TestEncoding(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.DatabaseWith(t, pgtest.DatabaseOptions{Template: "template0", Encoding: "LATIN1", Locale: "C"})
	runSQL(t, url, `SET client_encoding = 'UTF8'`, `CREATE TABLE "täble" (id int PRIMARY KEY, "ü" text DEFAULT 'ö')`, `INSERT INTO "täble" VALUES (1, 'ñandú')`)
	path, _ := take(t, capture.Config{Target: url, Tables: []string{"tä*"}})
	restored := server.Database(t)
	archivetest.Restore(t, path, restored)
	if got := ask(t, restored, `SELECT "ü" || pg_get_expr(adbin, adrelid) FROM "täble", pg_attrdef`); got != "ñandú'ö'::text" {
		t.Errorf("restored: %q", got)
	}
	ascii := server.DatabaseWith(t, pgtest.DatabaseOptions{Template: "template0", Encoding: "SQL_ASCII", Locale: "C"})
	_, err := capture.Run(t.Context(), capture.Config{Target: ascii, Fixture: pipeline.FixtureOutput{Path: filepath.Join(t.TempDir(), "x.tar")}})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "SQL_ASCII") {
		t.Errorf("SQL_ASCII: %v", err)
	}
}
