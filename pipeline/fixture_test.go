package pipeline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/archivetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// allKinds is a database with what rows and schemas may be: rows of several units,
// generated columns, tables without rows and without rowid, large and awkward
// values, a circle of foreign keys, rows that break a check, a view.
func allKinds(t testing.TB) string {
	t.Helper()
	return sqliteFile(t,
		`CREATE TABLE big (id INTEGER PRIMARY KEY, doc TEXT)`, rowsSQL("big", 9000, 4000),
		`CREATE TABLE small (id INTEGER PRIMARY KEY AUTOINCREMENT, price REAL, total REAL AS (price * 2) STORED,
			doc TEXT CHECK (length(doc) < 9), at DATETIME, flag BOOLEAN DEFAULT 1)`,
		`PRAGMA ignore_check_constraints = ON`,
		`INSERT INTO small (id, price, doc, at) VALUES (7, 1.25, '{"b":1,"a":[2]}', '2024-02-29 12:00:00.123456'), (8, -0.0, NULL, NULL), (9, 1e300, 'x', '1970-01-01 00:00:00')`,
		`DELETE FROM small WHERE id = 9`,
		`CREATE TABLE empty (a, b TEXT)`,
		`CREATE TABLE pair (k TEXT, n INTEGER, v BLOB, PRIMARY KEY (k, n)) WITHOUT ROWID`,
		`INSERT INTO pair VALUES ('é', 1, zeroblob(9000000)), ('it''s "q"', -5, x'00ff'), ('', 9223372036854775807, NULL)`,
		`CREATE TABLE "Weird: name" (id INTEGER PRIMARY KEY, "a b" REFERENCES other (id), "select" TEXT)`,
		`CREATE TABLE other (id INTEGER PRIMARY KEY, up INTEGER REFERENCES "Weird: name" (id) DEFERRABLE INITIALLY DEFERRED)`,
		`INSERT INTO "Weird: name" VALUES (1, 1, 'a'), (9223372036854775807, NULL, 'last')`, `INSERT INTO other VALUES (1, 1)`,
		`CREATE TABLE leaf (id INTEGER PRIMARY KEY, other INTEGER REFERENCES other (id), n DECIMAL(10, 2), c VARCHAR(20), d DATE)`,
		`INSERT INTO leaf VALUES (1, 1, 1.5, 'abc', '2024-01-01')`,
		`CREATE INDEX small_doc ON small (doc)`, `CREATE UNIQUE INDEX small_at ON small (at) WHERE at IS NOT NULL`,
		`CREATE VIEW cheap AS SELECT id, total FROM small WHERE price < 5`)
}

// writeFixture writes a fixture with so many jobs, and gives its path and SHA-256.
func writeFixture(t *testing.T, cfg pipeline.Config, jobs int) (path, sum string) {
	t.Helper()
	cfg.Jobs = jobs
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
	rep, err := pipeline.CreateFixture(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	if rep.Fixture == nil || rep.Fixture.ID == "" {
		t.Fatalf("the report tells of no fixture: %+v", rep.Fixture)
	}
	archivetest.Alone(t, cfg.Fixture.Path)
	return cfg.Fixture.Path, fileSum(t, cfg.Fixture.Path)
}

// The bytes do not depend on the number of jobs, nor on whether the rows went
// into a database beside.
func TestFixtureIsTheSame(t *testing.T) {
	t.Parallel()
	path := allKinds(t)
	server := pgtest.Start(t)
	for name, cfg := range map[string]pipeline.Config{
		"plain":   {Source: path},
		"schema":  {Source: path, Schema: "Other schema", Exclude: []string{"big"}, Fixture: pipeline.FixtureOutput{Level: "fastest"}},
		"values":  {Source: path, GeneratedValues: true, Tables: []string{"small"}},
		"engine":  {Source: path, Reader: pipeline.ReaderEngine, Exclude: []string{"big"}},
		"no look": {Source: path, Exclude: []string{"big"}, Verify: pipeline.VerifyNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, want := writeFixture(t, cfg, 1)
			if _, got := writeFixture(t, cfg, 5); got != want {
				t.Error("five jobs give other bytes than one")
			}
			cfg.Target = server.Database(t)
			cfg.Fixture.Path = filepath.Join(t.TempDir(), "beside.tar")
			rep, err := pipeline.Migrate(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := fileSum(t, cfg.Fixture.Path); got != want || rep.Fixture == nil {
				t.Errorf("beside a migration other bytes are written (%+v)", rep.Fixture)
			}
		})
	}
}

// An archive restored by hand is the database that a migration makes.
func TestFixtureRestored(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	same := func(t *testing.T, cfg pipeline.Config) string {
		cfg.Target = server.Database(t)
		cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
		if _, err := pipeline.Migrate(t.Context(), cfg); err != nil {
			t.Fatalf("%v (%s)", err, pipeline.Hint(err))
		}
		restored := server.Database(t)
		archivetest.Restore(t, cfg.Fixture.Path, restored)
		if diff := cmp.Diff(pgtest.Describe(t, cfg.Target, "public"), pgtest.Describe(t, restored, "public")); diff != "" {
			t.Errorf("migrated and restored (-want +got):\n%s", diff)
		}
		checkManifest(t, cfg.Fixture.Path, restored)
		return restored
	}
	t.Run("all kinds", func(t *testing.T) {
		t.Parallel()
		restored := same(t, pipeline.Config{Source: allKinds(t)})
		// The largest number is used up in the one as in the other.
		_, err := pgtest.Connect(t, restored).Exec(t.Context(), `INSERT INTO "Weird: name" ("select") VALUES ('x')`)
		if err == nil || !strings.Contains(err.Error(), "reached maximum value of sequence") {
			t.Errorf("a row after the largest id: %v", err)
		}
	})
	t.Run("citext", func(t *testing.T) {
		t.Parallel()
		same(t, pipeline.Config{NoCase: pipeline.NoCaseCitext, Source: sqliteFile(t,
			`CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE)`, `INSERT INTO u VALUES (1, 'Ann'), (2, 'bob')`)})
	})
	t.Run("too wide for an index", func(t *testing.T) {
		t.Parallel()
		same(t, pipeline.Config{Source: sqliteFile(t, `CREATE TABLE u (id TEXT PRIMARY KEY, n INTEGER REFERENCES v (id))`,
			`CREATE TABLE v (id INTEGER PRIMARY KEY)`, `INSERT INTO v VALUES (1)`,
			`INSERT INTO u SELECT group_concat(x, ''), 1 FROM (WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) SELECT hex(randomblob(8)) AS x FROM c)`)})
	})
}

// checkManifest holds the manifest against the database that the archive became.
func checkManifest(t *testing.T, path, url string) {
	t.Helper()
	level := map[string]int{}
	for _, table := range archivetest.Manifest(t, path).Tables {
		level[table.Name] = table.Level
		for _, c := range table.Columns {
			var want string
			if err := pgtest.Connect(t, url).QueryRow(t.Context(), `SELECT format_type(atttypid, atttypmod) FROM pg_attribute
				WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attname = $3`, table.Schema, table.Name, c.Name).Scan(&want); err != nil {
				t.Fatal(err)
			}
			if strings.TrimPrefix(strings.TrimPrefix(c.Type, `"public".`), "public.") != want {
				t.Errorf("%s.%s is %s in the manifest and %s in the server", table.Name, c.Name, c.Type, want)
			}
		}
	}
	if level["other"] != level["Weird: name"] || len(level) > 3 && level["leaf"] <= level["other"] {
		t.Errorf("levels: %v", level)
	}
}

// Of a migrated database the same rows are captured that the SQLite file gives, and
// what is restored from them is captured as the same bytes.
func TestFixtureCaptured(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := allKinds(t)
	made, _ := writeFixture(t, pipeline.Config{Source: source}, 2)
	url := server.Database(t)
	if _, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url}); err != nil {
		t.Fatal(err)
	}
	take := func(cfg capture.Config) (string, capture.Report) {
		cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
		rep, err := capture.Run(t.Context(), cfg)
		if err != nil {
			t.Fatalf("%v (%s)", err, pipeline.Hint(err))
		}
		archivetest.Alone(t, cfg.Fixture.Path)
		return cfg.Fixture.Path, rep
	}
	captured, rep := take(capture.Config{Target: url, Jobs: 3})
	if diff := cmp.Diff(archivetest.Digests(t, made), archivetest.Digests(t, captured)); diff != "" {
		t.Errorf("made of the file and captured (-want +got):\n%s", diff)
	}
	if len(rep.Tables) != 7 || rep.Fixture == nil {
		t.Errorf("report: %+v", rep)
	}
	restored := server.Database(t)
	archivetest.Restore(t, captured, restored)
	if diff := cmp.Diff(pgtest.Describe(t, url, "public"), pgtest.Describe(t, restored, "public")); diff != "" {
		t.Errorf("migrated and restored (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(pgtest.Shape(t, url), pgtest.Shape(t, restored)); diff != "" {
		t.Errorf("migrated and restored (-want +got):\n%s", diff)
	}
	checkManifest(t, captured, restored)
	again, _ := take(capture.Config{Target: restored, Jobs: 1, Exclude: []string{"empty"}})
	first, _ := take(capture.Config{Target: url, Jobs: 4, Exclude: []string{"public.EMPTY"}})
	a, b := archivetest.Manifest(t, first), archivetest.Manifest(t, again)
	a.Source, b.Source = "", ""
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("captured again (-want +got):\n%s", diff)
	}
}

// TestCorpusFixture takes every database of the corpus through an archive into
// another one, which is held against a migrated one; those with odd values by hand
// too, and an independent program compares them with the source.
func TestCorpusFixture(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	gate := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	for _, e := range corpusIndex(t) {
		if refused[e.name] != "" || testing.Short() && e.class != "4-edge" {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			gate <- struct{}{}
			defer func() { <-gate }()
			cfg := pipeline.Config{Source: copyDatabase(t, sharedtest.Dir(t, "corpus", filepath.FromSlash(e.file)))}
			if s, ok := settled[e.name]; ok {
				s.with(&cfg)
			}
			path, one := writeFixture(t, cfg, 1)
			if _, many := writeFixture(t, cfg, 4); one != many {
				t.Error("four jobs give other bytes than one")
			}
			databases := map[string]string{"reseeded": server.Database(t)}
			if _, err := reseed.Run(t.Context(), reseed.Config{Fixture: path, Target: databases["reseeded"], Jobs: 3}); err != nil {
				t.Fatalf("reseed: %v (%s)", err, pipeline.Hint(err))
			}
			compareWithOracle(t.Context(), t, e.name, cfg.Source, databases["reseeded"])
			if e.class == "4-edge" {
				databases["by hand"] = server.Database(t)
				archivetest.Restore(t, path, databases["by hand"])
			}
			cfg.Target, cfg.NoCase = server.Database(t), pipeline.NoCaseLower
			cfg.Fixture.Path = filepath.Join(t.TempDir(), "beside.tar")
			if _, err := pipeline.Migrate(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			if fileSum(t, cfg.Fixture.Path) != one {
				t.Error("beside a migration other bytes are written")
			}
			want := pgtest.Describe(t, cfg.Target, "public")
			for name, url := range databases {
				if diff := cmp.Diff(want, pgtest.Describe(t, url, "public")); diff != "" {
					t.Errorf("migrated and %s (-want +got):\n%s", name, diff)
				}
			}
			if diff := cmp.Diff(pgtest.Shape(t, cfg.Target), pgtest.Shape(t, databases["reseeded"])); diff != "" {
				t.Errorf("shapes, migrated and reseeded (-want +got):\n%s", diff)
			}
		})
	}
}

// A run that fails leaves what stood under the fixture's name, and nothing else.
func TestFixtureOfAFailedRun(t *testing.T) {
	t.Parallel()
	bad := sqliteFile(t, `CREATE TABLE a (id INTEGER PRIMARY KEY)`, `INSERT INTO a VALUES (1)`,
		`CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT)`, `INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT))`)
	out := filepath.Join(t.TempDir(), "out.tar")
	_, err := pipeline.CreateFixture(t.Context(), pipeline.Config{Source: bad, Fixture: pipeline.FixtureOutput{Path: out}})
	if pipeline.ExitCode(err) != pipeline.ExitRefused {
		t.Fatalf("got %v, want a refusal", err)
	}
	if list, _ := os.ReadDir(filepath.Dir(out)); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
	older, sum := writeFixture(t, pipeline.Config{Source: allKinds(t), Tables: []string{"small"}}, 2)
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, `CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not now''; END'`,
		`CREATE EVENT TRIGGER no ON ddl_command_start WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION no()`)
	_, err = pipeline.Migrate(t.Context(), pipeline.Config{Source: allKinds(t), Target: url, Exclude: []string{"big"}, Fixture: pipeline.FixtureOutput{Path: older}})
	if err == nil || !strings.Contains(err.Error(), "not now") {
		t.Fatalf("got %v, want the server's refusal", err)
	}
	archivetest.Alone(t, older)
	if fileSum(t, older) != sum {
		t.Error("the older fixture is not what it was")
	}
}

// What is no fixture is not replaced by one.
func TestFixtureReplacesNoOtherFile(t *testing.T) {
	t.Parallel()
	source := sqliteFile(t, `CREATE TABLE a (id INTEGER PRIMARY KEY)`)
	other := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{source: pipeline.ExitUsage, other: pipeline.ExitRefused, t.TempDir(): pipeline.ExitRefused} {
		before, _ := os.ReadFile(path)
		_, err := pipeline.CreateFixture(t.Context(), pipeline.Config{Source: source, Fixture: pipeline.FixtureOutput{Path: path}})
		after, _ := os.ReadFile(path)
		if pipeline.ExitCode(err) != want || !bytes.Equal(before, after) {
			t.Errorf("%s: %v, want exit code %d", path, err, want)
		}
	}
}

// Beside a run into an application's tables no fixture is written.
func TestFixtureBesideExistingTables(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, `CREATE TABLE a (id bigint PRIMARY KEY, n text)`)
	out := filepath.Join(t.TempDir(), "out.tar")
	_, err := pipeline.Migrate(t.Context(), pipeline.Config{
		Source: sqliteFile(t, `CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)`, `INSERT INTO a VALUES (1, 'x')`),
		Target: url, Into: pipeline.IntoExisting, Fixture: pipeline.FixtureOutput{Path: out},
	})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(pipeline.Hint(err), "--fixture") {
		t.Errorf("got %v (%s), want a refusal", err, pipeline.Hint(err))
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("there is a fixture")
	}
}
