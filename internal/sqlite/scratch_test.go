package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// A scratch database takes tables of its own, sees the snapshot, and cannot touch the
// source.
func TestScratch(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			path := build(t, "PRAGMA journal_mode="+mode, `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)`, `INSERT INTO t VALUES (1, 'a'), (2, 'b')`)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, path)
			x, err := s.Scratch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			for _, do := range []string{
				`CREATE TEMP TABLE t (id INTEGER PRIMARY KEY)`, `INSERT INTO temp.t SELECT id FROM main.t WHERE name = 'b'`,
			} {
				if err := x.Exec(do); err != nil {
					t.Fatal(err)
				}
			}
			p, err := x.Prepare(`SELECT m.name, ?1 FROM temp.t AS t JOIN main.t AS m USING (id) WHERE id = ?2`)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			for id, want := range map[int64]string{1: "", 2: "b/note"} {
				args := make([]row.Value, 2)
				args[0].SetText([]byte("note"))
				args[1].SetInt(id)
				got := ""
				err := p.Run(args, func(vals []row.Value) error {
					got += string(vals[0].Bytes) + "/" + string(vals[1].Bytes)
					return nil
				})
				if err != nil || got != want {
					t.Errorf("row %d: %q (%v), want %q", id, got, err, want)
				}
			}
			for _, do := range []string{`DELETE FROM main.t`, `CREATE TABLE main.u (a)`, `DROP TABLE main.t`, `ATTACH ':memory:' AS y`} {
				if err := x.Exec(do); err == nil {
					t.Errorf("%s is allowed", do)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, after) {
				t.Error("the source has changed")
			}
		})
	}
}

func TestScratchCompiles(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, `CREATE TABLE t (id INTEGER PRIMARY KEY)`))
	x, err := s.Scratch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for do, want := range map[string]string{
		`SELECT id FROM main.t`:          "",
		`SELECT "idd" FROM main.t`:       "no such column",
		`SELECT my_own(id) FROM main.t`:  "no such function: my_own",
		`SELECT id FROM main.t WHERE (1`: "incomplete input",
	} {
		err := x.Compiles(do)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", do, err, want)
		}
	}
}

func TestScratchCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, `CREATE TABLE t (id INTEGER PRIMARY KEY)`))
	ctx, cancel := context.WithCancel(t.Context())
	x, err := s.Scratch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	cancel()
	err = x.Query(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c`, func([]row.Value) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The content's hash is that of the state, whether its pages stand in the file or in
// the log.
func TestContentHash(t *testing.T) {
	t.Parallel()
	path := build(t, "PRAGMA journal_mode=wal", `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)`)
	hash := func() [32]byte {
		t.Helper()
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := s.ContentHash(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	empty := hash()
	logged := appended(t, path, `INSERT INTO t VALUES (1, 'a')`)
	inLog := hash()
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("nothing is in the log (%v)", err)
	}
	logged()
	if inFile := hash(); inFile != inLog || inLog == empty {
		t.Errorf("empty %x, in the log %x, in the file %x", empty, inLog, inFile)
	}
}

// appended runs a statement in WAL mode and leaves it in the log, until done is called.
func appended(t *testing.T, path, statement string) (done func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
