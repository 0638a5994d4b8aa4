package reseed_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // the driver that makes sources

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// sqliteFile makes a database.
func sqliteFile(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// archiveOf writes a fixture of a source.
func archiveOf(t testing.TB, cfg pipeline.Config) string {
	t.Helper()
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "app.tar")
	if _, err := pipeline.CreateFixture(t.Context(), cfg); err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	return cfg.Fixture.Path
}

// allKinds is a database with what rows and schemas may be: a table of several
// chunks, generated columns, tables without rows, large values, names that need
// quotes, a circle of foreign keys, rows that break a check, a view.
func allKinds(t testing.TB) string {
	t.Helper()
	return sqliteFile(t,
		`CREATE TABLE big (id INTEGER PRIMARY KEY, doc TEXT)`,
		`INSERT INTO big WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) SELECT i, i || printf('%.*c', 4000, 'x') FROM c`,
		`CREATE TABLE small (id INTEGER PRIMARY KEY AUTOINCREMENT, price REAL, total REAL AS (price * 2) STORED,
			doc TEXT CHECK (length(doc) < 9), at DATETIME, flag BOOLEAN DEFAULT 1)`,
		`PRAGMA ignore_check_constraints = ON`,
		`INSERT INTO small (id, price, doc, at) VALUES (7, 1.25, '{"b":1,"a":[2]}', '2024-02-29 12:00:00.123456'), (8, -0.0, NULL, NULL), (9, 1e300, 'x', '1970-01-01 00:00:00')`,
		`DELETE FROM small WHERE id = 9`,
		`CREATE TABLE empty (a, b TEXT)`,
		`CREATE TABLE pair (k TEXT, n INTEGER, v BLOB, PRIMARY KEY (k, n)) WITHOUT ROWID`,
		`INSERT INTO pair VALUES ('é', 1, zeroblob(90000)), ('it''s "q"', -5, x'00ff'), ('', 9223372036854775807, NULL)`,
		`CREATE TABLE "Weird: name" (id INTEGER PRIMARY KEY, "a b" REFERENCES other (id), "select" TEXT)`,
		`CREATE TABLE other (id INTEGER PRIMARY KEY, up INTEGER REFERENCES "Weird: name" (id) DEFERRABLE INITIALLY DEFERRED)`,
		`INSERT INTO "Weird: name" VALUES (1, 1, 'a'), (9223372036854775807, NULL, 'last')`, `INSERT INTO other VALUES (1, 1)`,
		`CREATE TABLE leaf (id INTEGER PRIMARY KEY, other INTEGER REFERENCES other (id), n DECIMAL(10, 2), c VARCHAR(20), d DATE)`,
		`INSERT INTO leaf VALUES (1, 1, 1.5, 'abc', '2024-01-01')`,
		`CREATE INDEX small_doc ON small (doc)`, `CREATE UNIQUE INDEX small_at ON small (at) WHERE at IS NOT NULL`,
		`CREATE VIEW cheap AS SELECT id, total FROM small WHERE price < 5`)
}

// mustRun reseeds, and checks that all of the archive was read back and equal.
func mustRun(t testing.TB, cfg reseed.Config) reseed.Report {
	t.Helper()
	rep, err := reseed.Run(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	for _, x := range rep.Tables {
		if x.Verified != "full" && cfg.Verify == "" || x.Loaded+x.Already != x.Rows {
			t.Errorf("table %s: %d rows, %d loaded, verified %s", x.Name, x.Rows, x.Loaded, x.Verified)
		}
	}
	return rep
}

// migrated migrates a source into a database and writes a fixture beside.
func migrated(t testing.TB, cfg pipeline.Config, database string) (fixture string) {
	t.Helper()
	cfg.Target = database
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "beside.tar")
	if _, err := pipeline.Migrate(t.Context(), cfg); err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	return cfg.Fixture.Path
}

// valuesSQL tells what rows a schema's tables and views hold and what its
// sequences give next.
const valuesSQL = `SELECT line FROM (
	SELECT format('%s %s', table_name, (xpath('/row/n/text()', query_to_xml(format(
		'SELECT concat_ws(''/'', count(*), md5(string_agg(md5(x::text), '''' ORDER BY md5(x::text)))) AS n FROM %I.%I x', table_schema, table_name), false, true, '')))[1]::text) AS line
	FROM information_schema.tables WHERE table_schema !~ '^(pg_|information_schema)'
	UNION ALL SELECT format('%s next %s', sequencename, (xpath('/row/n/text()', query_to_xml(format(
		'SELECT last_value + is_called::int AS n FROM %I.%I', schemaname, sequencename), false, true, '')))[1]::text)
	FROM pg_sequences WHERE last_value IS DISTINCT FROM 9223372036854775807
) x ORDER BY line COLLATE "C"`

func values(t testing.TB, database string) []string {
	t.Helper()
	rows, err := pgtest.Connect(t, database).Query(t.Context(), valuesSQL)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// equalDatabases checks that two databases are the same: schema, rows, sequences.
func equalDatabases(t testing.TB, want, got string) {
	t.Helper()
	if diff := cmp.Diff(pgtest.Shape(t, want), pgtest.Shape(t, got)); diff != "" {
		t.Errorf("shapes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(values(t, want), values(t, got)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// execSQL runs statements.
func execSQL(t testing.TB, database string, statements ...string) {
	t.Helper()
	if _, err := pgtest.Connect(t, database).Exec(t.Context(), strings.Join(statements, ";\n")); err != nil {
		t.Fatal(err)
	}
}

// fileBytes reads a file.
func fileBytes(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// damaged copies an archive with another bit in the middle of a chunk, and names that.
func damaged(t testing.TB, fixture string) (path, chunk string) {
	t.Helper()
	chunk = "data/public.orders/00000.copy.zst"
	content := fileBytes(t, fixture)
	content[bytes.Index(content, []byte(chunk))+512+2000] ^= 4
	path = filepath.Join(t.TempDir(), "bad.tar")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, chunk
}
