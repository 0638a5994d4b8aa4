package pipeline_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
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
	alone(t, cfg.Fixture.Path)
	return cfg.Fixture.Path, fileSum(t, cfg.Fixture.Path)
}

// alone checks that nothing stands beside the file, such as parts of it.
func alone(t *testing.T, path string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Name() != filepath.Base(path) {
		t.Errorf("beside the fixture: %v", list)
	}
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

// restore restores an archive by the commands of the document.
func restore(t *testing.T, archive, url string) {
	t.Helper()
	for _, program := range []string{"sh", "tar", "zstd", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "" {
				t.Skipf("needs %s: %v", program, err)
			}
			t.Fatal(err)
		}
	}
	doc, err := os.ReadFile("../docs/FIXTURE-FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(doc), "```sh\n")
	commands, _, _ := strings.Cut(after, "```")
	if out, err := exec.CommandContext(t.Context(), "tar", "-tf", archive).Output(); err != nil || !bytes.Contains(out, []byte("data/")) {
		commands = strings.Replace(commands, "zstd -d -q -r --rm data\n", "", 1) // as the document says
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c",
		strings.NewReplacer("FIXTURE", "'"+archive+"'", "TARGET", "'"+url+"'").Replace(commands))
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// shapeSQL lists what stands in a database: columns with their defaults, keys,
// indexes, constraints and whether they are validated, views, and sequences.
const shapeSQL = `SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
	SELECT format('%s.%s %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) AS line
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE a.attnum > 0 AND c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'v')
	UNION ALL SELECT format('%s %s %s', conname, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = $1::text::regnamespace AND contype <> 'n'
	UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = $1
	UNION ALL SELECT format('%s %s', viewname, definition) FROM pg_views WHERE schemaname = $1
	UNION ALL SELECT format('%s next %s', sequencename, coalesce(last_value + 1, start_value)) FROM pg_sequences
		WHERE schemaname = $1 AND last_value IS DISTINCT FROM 9223372036854775807
) x`

// contents digests the rows of all tables of a schema, whatever their order.
const contentsSQL = `SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
	SELECT tablename || ' ' || (xpath('/row/n/text()', query_to_xml(format(
		'SELECT concat_ws(''/'', count(*), md5(string_agg(md5(x::text), '''' ORDER BY md5(x::text)))) AS n FROM %I.%I x', schemaname, tablename), false, true, '')))[1]::text AS line
	FROM pg_tables WHERE schemaname = $1) x`

func describe(t *testing.T, url, schema, query string) []string {
	t.Helper()
	var text string
	if err := pgtest.Connect(t, url).QueryRow(t.Context(), query, schema).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return strings.Split(text, "\n")
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
		restore(t, cfg.Fixture.Path, restored)
		for _, query := range []string{shapeSQL, contentsSQL} {
			if diff := cmp.Diff(describe(t, cfg.Target, "public", query), describe(t, restored, "public", query)); diff != "" {
				t.Errorf("migrated and restored (-want +got):\n%s", diff)
			}
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
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := fixture.Open(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(t.Context(), 2); err != nil {
		t.Error(err)
	}
	level := map[string]int{}
	for _, table := range f.Manifest().Tables {
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
			if e.class == "4-edge" { // TestCorpus compares what all others are held against below
				databases["by hand"] = server.Database(t)
				restore(t, path, databases["by hand"])
				compareWithOracle(t.Context(), t, e.name, cfg.Source, databases["reseeded"])
			}
			cfg.Target, cfg.NoCase = server.Database(t), pipeline.NoCaseLower
			cfg.Fixture.Path = filepath.Join(t.TempDir(), "beside.tar")
			if _, err := pipeline.Migrate(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			if fileSum(t, cfg.Fixture.Path) != one {
				t.Error("beside a migration other bytes are written")
			}
			for _, query := range []string{shapeSQL, contentsSQL} {
				want := describe(t, cfg.Target, "public", query)
				for name, url := range databases {
					if diff := cmp.Diff(want, describe(t, url, "public", query)); diff != "" {
						t.Errorf("migrated and %s (-want +got):\n%s", name, diff)
					}
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
	alone(t, older)
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
