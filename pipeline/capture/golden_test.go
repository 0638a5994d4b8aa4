package capture_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/archivetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
)

var update = flag.Bool("update", false, "write the golden fixture of the server's major version")

// dump reads all values of a database as text.
func dump(t *testing.T, url string) []string {
	t.Helper()
	conn := pgtest.Connect(t, url)
	lines := []string{}
	collect := func(query string) {
		rows, err := conn.Query(t.Context(), "SELECT line FROM ("+query+`) x (line) ORDER BY line COLLATE "C"`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%q", line))
		}
		if rows.Err() != nil {
			t.Fatal(rows.Err())
		}
	}
	if _, err := conn.Exec(t.Context(), `SET timezone = 'UTC'; SET datestyle = 'ISO'; SET lc_monetary = 'C'; SET extra_float_digits = 1; SET search_path = ''`); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"kinds", `"Other ""things"""`, "keyless", "counted"} {
		collect(`SELECT x::text FROM public.` + table + ` x`)
	}
	collect(`SELECT conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype <> 'n' AND oid >= 16384`)
	collect(`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`)
	collect(`SELECT format('%s %s', sequencename, nextval(format('%I.%I', schemaname, sequencename))) FROM pg_sequences`)
	return lines
}

// Archives that this version has captured from servers of several majors stay
// readable, and become what they were captured from in any server. With -update,
// the one of the present server's major version is written.
func TestGolden(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	const folder = "testdata"
	if *update {
		writeGolden(t, server, folder)
	}
	golden, err := filepath.Glob(filepath.Join(folder, "*.tar"))
	if err != nil || len(golden) < 2 {
		t.Fatalf("golden fixtures: %v %v", golden, err)
	}
	for _, path := range golden {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			path, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(path, ".tar") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			if m := archivetest.Manifest(t, path); m.Version != 1 || m.Postgres.Min != 14 || len(m.Tables) != 3 {
				t.Errorf("manifest: version %d, PostgreSQL %d, %d tables", m.Version, m.Postgres.Min, len(m.Tables))
			}
			restored := server.Database(t)
			archivetest.Restore(t, path, restored)
			if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), dump(t, restored)); diff != "" {
				t.Errorf("captured and restored (-want +got):\n%s", diff)
			}
			again, _ := take(t, capture.Config{Target: restored})
			if diff := cmp.Diff(archivetest.Digests(t, path), archivetest.Digests(t, again)); diff != "" {
				t.Errorf("captured again (-want +got):\n%s", diff)
			}
		})
	}
}

// writeGolden writes the fixture of the present server's major version, and what
// its database holds.
func writeGolden(t *testing.T, server *pgtest.Server, folder string) {
	t.Helper()
	sql, err := os.ReadFile(filepath.Join(folder, "kinds.sql"))
	if err != nil {
		t.Fatal(err)
	}
	url := server.Database(t)
	runSQL(t, url, string(sql))
	name := filepath.Join(folder, "pg"+ask(t, url, "SELECT current_setting('server_version_num')::int / 10000"))
	if _, err := capture.Run(t.Context(), capture.Config{
		Target: url, Fixture: pipeline.FixtureOutput{Path: name + ".tar", Level: "best"},
	}); err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	if err := os.WriteFile(name+".txt", []byte(strings.Join(dump(t, url), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}
