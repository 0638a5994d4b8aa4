package page_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // makes the files

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// build makes a database of SQL statements and gives the bytes of its file and of
// its write-ahead log.
func build(t testing.TB, statements ...string) (main, log []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path)
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
	if main, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	log, _ = os.ReadFile(path + "-wal") // only in WAL mode
	return main, log
}

// numbers inserts n rows (i, 'row i').
func numbers(table string, n int) string {
	return fmt.Sprintf(`INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		SELECT i, 'row ' || i FROM n`, table, n)
}

func openFile(t testing.TB, b []byte, l *page.Log) *page.File {
	t.Helper()
	f, err := page.Open(page.Source{Main: bytes.NewReader(b), Size: int64(len(b)), Log: l})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// drain reads a part: one line per row, and the error that ended it.
func drain(t testing.TB, f *page.File, l *page.Layout, p page.Part, columnN int) (lines []string, err error) {
	t.Helper()
	r, err := f.Reader(t.Context(), l, p, page.ReadOptions{})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	vals := make([]row.Value, columnN)
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil || !ok {
			return lines, err
		}
		line := []string{fmt.Sprint(rowid)}
		for i := range vals {
			line = append(line, show(&vals[i]))
		}
		lines = append(lines, strings.Join(line, "|"))
	}
}
