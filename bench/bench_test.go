package bench_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // driver

	"github.com/litehaul/litehaul/bench"
)

var update = flag.Bool("update", false, "write the digests of the generated contents anew")

// generators are all of them, at scales for tests.
var generators = func() []generator {
	scales := map[string]float64{
		"tpch": 0.001, "tpch-bare": 0.001, "shop": 0.02, "wide": 0.001,
		"narrow": 0.0001, "large": 0.01, "events": 0.001, "small": 0.05,
	}
	var all []generator
	for _, set := range bench.Datasets() {
		all = append(all, generator{set.Name, func(ctx context.Context, path string, seed uint64) (bench.Stats, error) {
			return set.Write(ctx, path, bench.Size{Scale: scales[set.Name], Seed: seed})
		}})
	}
	return all
}()

type generator struct {
	name  string
	write func(ctx context.Context, path string, seed uint64) (bench.Stats, error)
}

// generatorOf finds one by name.
func generatorOf(t *testing.T, name string) generator {
	t.Helper()
	for _, g := range generators {
		if g.name == name {
			return g
		}
	}
	t.Fatalf("no generator %s", name)
	return generator{}
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	for _, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			var sums []string
			for i, seed := range []uint64{7, 7, 8} {
				path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", i))
				if _, err := g.write(t.Context(), path, seed); err != nil {
					t.Fatal(err)
				}
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(file)))
			}
			if sums[0] != sums[1] {
				t.Error("one seed gave two files")
			}
			if sums[0] == sums[2] {
				t.Error("two seeds gave one file")
			}
		})
	}
}

// The contents do not depend on the machine either. A change of a generator
// changes its digest: then all published measurements are of other data.
func TestContents(t *testing.T) {
	t.Parallel()
	for _, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			db := generated(t, g.write)
			got := contents(t, db)
			golden := filepath.Join("testdata", g.name+".sha256")
			if *update {
				if err := os.WriteFile(golden, []byte(got+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != strings.TrimSpace(string(want)) {
				t.Errorf("contents have digest %s, want %s (go test ./bench -update, if that is meant)", got, want)
			}
		})
	}
}

// generated writes a database with seed 1 and opens it.
func generated(t *testing.T, write func(context.Context, string, uint64) (bench.Stats, error)) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "generated.db")
	stats, err := write(t.Context(), path, 1)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	var rows, counted int64
	for _, table := range stats.Tables {
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table.Table).Scan(&counted); err != nil {
			t.Fatal(err)
		}
		if counted != table.Rows {
			t.Errorf("%s: %d rows, reported are %d", table.Table, counted, table.Rows)
		}
		rows += counted
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{rows, info.Size()}, []int64{stats.Rows, stats.Bytes}); diff != "" {
		t.Errorf("rows and bytes: %s", diff)
	}
	return db
}

// contents digests the schema and every row of every ordinary table.
func contents(t *testing.T, db *sql.DB) string {
	t.Helper()
	digest := sha256.New()
	add := func(query string) {
		for _, row := range list(t, db, query) {
			if _, err := fmt.Fprintln(digest, row); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("SELECT quote(type) || quote(name) || quote(tbl_name) || quote(sql) FROM sqlite_schema ORDER BY rowid")
	tables := list(t, db, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name")
	for _, table := range tables {
		columns := list(t, db, "SELECT 'quote(' || name || ')' FROM pragma_table_xinfo('"+table+"')")
		if table == "sqlite_schema" {
			continue // has page numbers, which are no contents
		}
		add("SELECT " + strings.Join(columns, " || ',' || ") + " FROM " + table)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// list returns the first column of what query yields.
func list(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// property is something that holds: a query that yields no rows.
type property struct {
	name, violations string
}

func hold(t *testing.T, db *sql.DB, properties []property) {
	t.Helper()
	for _, p := range properties {
		if found := list(t, db, "WITH v(x) AS ("+p.violations+") SELECT quote(x) FROM v LIMIT 3"); len(found) > 0 {
			t.Errorf("%s: violated by %v", p.name, found)
		}
	}
}

func TestSound(t *testing.T) {
	t.Parallel()
	for _, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			db := generated(t, g.write)
			if diff := cmp.Diff([]string{"ok"}, list(t, db, "PRAGMA integrity_check")); diff != "" {
				t.Error(diff)
			}
			if bad := list(t, db, `SELECT "table" FROM pragma_foreign_key_check`); len(bad) > 0 {
				t.Errorf("orphans in %v", bad)
			}
		})
	}
}

func TestErrorsLeaveNoFile(t *testing.T) {
	t.Parallel()
	for _, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			path := filepath.Join(t.TempDir(), "none.db")
			if _, err := g.write(cancelled, path, 1); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("cancelled: file is there: %v", err)
			}
			if _, err := g.write(t.Context(), filepath.Join(path, "below", "nothing.db"), 1); err == nil {
				t.Error("no error for a folder that does not exist")
			}
		})
	}
	for _, set := range bench.Datasets() {
		path := filepath.Join(t.TempDir(), "none.db")
		if _, err := set.Write(t.Context(), path, bench.Size{Scale: -1}); err == nil {
			t.Errorf("%s: no error for scale -1", set.Name)
		}
	}
	if _, err := bench.TPCH(t.Context(), filepath.Join(t.TempDir(), "none.db"), bench.TPCHOptions{}); err == nil {
		t.Error("tpch: no error for scale 0")
	}
}

func TestExistingFileIsKept(t *testing.T) {
	t.Parallel()
	for _, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "mine.db")
			if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := g.write(t.Context(), path, 1); !errors.Is(err, os.ErrExist) {
				t.Errorf("error %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "precious" {
				t.Errorf("file now has %q, %v", got, err)
			}
		})
	}
}
