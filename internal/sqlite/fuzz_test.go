package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// FuzzOpen: whatever a file holds, everything that reads it ends with rows or
// errors.
func FuzzOpen(f *testing.F) {
	for _, statements := range [][]string{
		{"CREATE TABLE t(a, b)", "INSERT INTO t VALUES (1, 'x'), (2, NULL)", "CREATE INDEX i ON t(a)"},
		{"CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID", "INSERT INTO t VALUES ('k', 1.5)"},
		{"CREATE TABLE t(a, b AS (a + 1))", "INSERT INTO t(a) VALUES (1)", "CREATE VIEW v AS SELECT * FROM t"},
	} {
		path := build(f, append([]string{"PRAGMA page_size=512"}, statements...)...)
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		s, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			return
		}
		defer s.Close()
		sc, err := s.Schema(ctx)
		if err != nil {
			return
		}
		_, _ = s.Check(ctx) // findings and errors are both right
		for _, table := range sc.Tables {
			r, err := s.OpenReader(ctx, sqlite.TableUnit(table))
			n, err := count(r, err, len(table.Columns))
			v, openErr := s.OpenSalvage(ctx, table, func(sqlite.Gap) {})
			k, salvageErr := count(v, openErr, len(table.Columns))
			if err == nil && salvageErr == nil && n != k {
				t.Errorf("%s: read %d rows, salvaged %d", table.Name, n, k)
			}
		}
	})
}
