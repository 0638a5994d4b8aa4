package sqlite_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // makes the fixtures

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// writerEnv makes the test binary play the writer in another process.
const writerEnv = "LITEHAUL_TEST_WRITER"

func TestMain(m *testing.M) {
	if role := os.Getenv(writerEnv); role != "" {
		os.Exit(playWriter(role, os.Args[1]))
	}
	os.Exit(m.Run())
}

// build makes a database file of SQL statements and gives its path.
func build(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	change(t, path, statements...)
	return path
}

// change runs SQL statements on a database file, on one connection.
func change(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(0)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// open opens a snapshot and closes it at the end of the test.
func open(t testing.TB, path string) *sqlite.Snapshot {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func schemaOf(t testing.TB, s *sqlite.Snapshot) *schema.Schema {
	t.Helper()
	sc, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// show prints a value as SQLite's quote() does, with its class where that is
// not plain.
func show(v *row.Value) string {
	switch v.Class {
	case row.Null:
		return "NULL"
	case row.Integer:
		return fmt.Sprint(v.Int())
	case row.Real:
		return fmt.Sprintf("%vr", v.Real())
	case row.Text:
		return fmt.Sprintf("%q", v.Bytes)
	case row.Blob:
		return fmt.Sprintf("x'%x'", v.Bytes)
	}
	return "invalid"
}

// drain reads a reader to its end: one line per row, the rowid first.
func drain(r row.Reader, columnN int) (lines []string, err error) {
	vals := make([]row.Value, columnN)
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil || !ok {
			return lines, errors.Join(err, r.Close())
		}
		line := []string{fmt.Sprint(rowid)}
		for i := range vals {
			line = append(line, show(&vals[i]))
		}
		lines = append(lines, strings.Join(line, "|"))
	}
}

// read gives all rows of a unit.
func read(t testing.TB, s *sqlite.Snapshot, u sqlite.Unit) []string {
	t.Helper()
	r, err := s.OpenReader(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := drain(r, len(u.Columns))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// readTable gives all rows of the named table.
func readTable(t testing.TB, s *sqlite.Snapshot, name string) []string {
	t.Helper()
	table := schemaOf(t, s).Table(name)
	if table == nil {
		t.Fatalf("no table %q", name)
	}
	return read(t, s, sqlite.TableUnit(table))
}

// copyDB copies a database with its side files into the test's own folder.
func copyDB(t testing.TB, path string) string {
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
	return to
}

// sums hashes the main file, the log and the journal; an absent file and an
// empty one are the same.
func sums(t testing.TB, path string) string {
	t.Helper()
	var out []string
	for _, side := range []string{"", "-wal", "-journal"} {
		b, err := os.ReadFile(path + side)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		h := sha256.Sum256(bytes.Clone(b))
		out = append(out, hex.EncodeToString(h[:]))
	}
	return strings.Join(out, " ")
}

// during runs statements on one connection and calls f before the connection is
// closed, its transaction rolled back.
func during(t testing.TB, path string, f func(), statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(0)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
	f()
}
