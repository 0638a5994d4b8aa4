package sample_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // makes the sources, and checks the samples

	"github.com/litehaul/litehaul/internal/sample"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// fataler is what a test and a property have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// change runs statements on a database file.
func change(t fataler, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(0)&_pragma=journal_mode(memory)")
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// violation is a row that lacks a parent. Rows of WITHOUT ROWID tables have no number.
type violation struct {
	table string
	rowid sql.NullInt64
	key   int64
}

// orphans lets SQLite itself count what lacks a parent.
func orphans(t fataler, path string) map[violation]int {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query("PRAGMA foreign_key_check")
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[violation]int{}
	for rows.Next() {
		var v violation
		var parent string
		if err := rows.Scan(&v.table, &v.rowid, &parent, &v.key); err != nil {
			t.Fatalf("%v", err)
		}
		out[v]++
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v", err)
	}
	return out
}

// source is an open source with all that a request says of it.
type source struct {
	snap *sqlite.Snapshot
	req  sample.Request
}

func open(t fataler, path string) (src *source, done func()) {
	t.Helper()
	ctx := testContext
	snap, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	s, err := snap.Schema(ctx)
	if err != nil {
		t.Fatalf("%v", err)
	}
	src = &source{snap: snap}
	place := map[string]int{}
	for i, table := range s.Tables {
		place[table.Name] = i
		src.req.Tables = append(src.req.Tables, sample.Table{Schema: table})
	}
	for i, table := range s.Tables {
		for _, fk := range table.ForeignKeys {
			if parent, cols := typemap.ResolveParent(s, fk); parent != nil && len(cols) == len(fk.Columns) {
				src.req.References = append(src.req.References, sample.Reference{Child: i, Parent: place[parent.Name], Key: fk, ParentColumns: cols})
			}
		}
	}
	return src, func() { _ = snap.Close() }
}

// kept gives the numbers of the rows that go in, by table, read by pages and in up to n
// units.
func (s *source) kept(t fataler, c *sample.Choice, n int) map[string][]int64 {
	t.Helper()
	ctx := testContext
	out := map[string][]int64{}
	for i := range s.req.Tables {
		table := s.req.Tables[i].Schema
		rows := c.Table(i)
		if rows != nil && rows.Ordinals() {
			n = 1
		}
		units, err := s.snap.PageUnits(ctx, table, n)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for _, u := range units {
			r, err := s.snap.OpenPages(ctx, u)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if rows != nil {
				r = rows.Reader(r)
			}
			vals := make([]row.Value, len(table.Columns))
			for {
				rowid, ok, err := r.Next(vals)
				if err != nil {
					t.Fatalf("%v", err)
				}
				if !ok {
					break
				}
				out[table.Name] = append(out[table.Name], rowid)
			}
			_ = r.Close()
		}
	}
	return out
}

// choose chooses, and gives what goes in.
func (s *source) choose(t fataler) (kept map[string][]int64, left int64) {
	t.Helper()
	c, err := sample.Choose(testContext, s.snap, s.req)
	if err != nil {
		t.Fatalf("%v", err)
	}
	kept = s.kept(t, c, 3)
	for i := range s.req.Tables {
		if rows := c.Table(i); rows != nil {
			left += rows.Left()
		}
	}
	if err := c.Close(); err != nil {
		t.Fatalf("%v", err)
	}
	return kept, left
}

// cutDown makes a copy of the file that has only the rows given.
func cutDown(t fataler, dir, path string, s *source, kept map[string][]int64) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	out := filepath.Join(dir, "cut.db")
	if err := os.WriteFile(out, data, 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	var do []string
	for i := range s.req.Tables {
		table := s.req.Tables[i].Schema
		list := "(-1"
		for _, id := range kept[table.Name] {
			list += fmt.Sprintf(", %d", id)
		}
		list += ")"
		if table.WithoutRowid { // a, b is the key of those that tests make
			do = append(do, fmt.Sprintf("DELETE FROM %[1]s WHERE (a, b) IN (SELECT a, b FROM (SELECT a, b, row_number() OVER (ORDER BY a, b) - 1 AS n FROM %[1]s) WHERE n NOT IN %[2]s)", table.Name, list))
		} else {
			do = append(do, fmt.Sprintf("DELETE FROM %s WHERE rowid NOT IN %s", table.Name, list))
		}
	}
	change(t, out, do...)
	return out
}

func TestMain(m *testing.M) { os.Exit(m.Run()) }
