package framework_test

import (
	"bufio"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // makes the fixtures

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap/framework"
)

// open opens a copy of a database with its side files and reads its schema.
func open(t testing.TB, path string) (*sqlite.Snapshot, *schema.Schema, error) {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(path))
	for _, side := range []string{"", "-wal", "-journal"} {
		b, err := os.ReadFile(path + side)
		if err != nil {
			if side == "" {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(to+side, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := sqlite.Open(t.Context(), to, sqlite.Options{})
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(func() { _ = snap.Close() })
	s, err := snap.Schema(t.Context())
	return snap, s, err
}

// build makes a database of SQL statements and reads its schema.
func build(t testing.TB, statements ...string) (*sqlite.Snapshot, *schema.Schema) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(0)")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	snap, s, err := open(t, path)
	if err != nil {
		t.Fatal(err)
	}
	return snap, s
}

// names lists the frameworks that were found.
func names(fs framework.Findings) []string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Name)
	}
	return out
}

// held reads all values and gives for each "table.column" the first hint that
// they keep, with the form that was settled.
func held(t testing.TB, snap *sqlite.Snapshot, s *schema.Schema) map[string]framework.Hint {
	t.Helper()
	fs := framework.Detect(s)
	out := map[string]framework.Hint{}
	for _, table := range s.Tables {
		hints := make([][]framework.Hint, len(table.Columns))
		tallies := make([][]framework.Tally, len(table.Columns))
		for c := range table.Columns {
			hints[c] = fs.Hints(table, c)
			tallies[c] = make([]framework.Tally, len(hints[c]))
		}
		scan(t, snap, table, func(vals []row.Value) {
			for c := range vals {
				for i := range hints[c] {
					hints[c][i].Count(&tallies[c][i], &vals[c])
				}
			}
		})
		for c, col := range table.Columns {
			for i := range hints[c] {
				if f, ok := hints[c][i].Holds(&tallies[c][i]); ok {
					h := hints[c][i]
					h.Form = f
					out[table.Name+"."+col.Name] = h
					break
				}
			}
		}
	}
	return out
}

func scan(t testing.TB, snap *sqlite.Snapshot, table *schema.Table, f func([]row.Value)) {
	t.Helper()
	r, err := snap.OpenReader(t.Context(), sqlite.TableUnit(table))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	vals := make([]row.Value, len(table.Columns))
	for {
		_, ok, err := r.Next(vals)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		f(vals)
	}
}

// index reads the list of the shared databases: name, file and class of each.
func index(t testing.TB, dir string) (out [][3]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		cells := strings.Split(s.Text(), "\t")
		if len(cells) > 5 && cells[0] != "name" {
			out = append(out, [3]string{cells[0], cells[1], cells[5]})
		}
	}
	if len(out) == 0 {
		t.Fatal("the list is empty")
	}
	return out
}
