package pipeline_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the reference for what can be read

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// damagedTime is the longest that any file may take.
const damagedTime = 20 * time.Second

// TestDamaged feeds every damaged, hostile and encrypted file to a run, with
// default policies and again with those that take what can be had: no panic,
// no hang, and no success in which rows are missing.
func TestDamaged(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	database := srv.Database(t)
	gate := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	readable := readableRows(t)
	for i, path := range damagedFiles(t) {
		if testing.Short() && i%shortStep != 0 {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			gate <- struct{}{}
			defer func() { <-gate }()
			least := readable[filepath.Base(path)]
			moveDamaged(t, path, pipeline.Config{Target: database, Schema: fmt.Sprintf("strict%d", i)}, least)
			moveDamaged(t, path, pipeline.Config{
				Target: database, Schema: fmt.Sprintf("lenient%d", i), SkipDamaged: true,
				BadKeys: pipeline.BadKeysRelax, Orphans: pipeline.OrphansNotValid, InvalidText: pipeline.InvalidBytea,
			}, 0)
		})
	}
}

func moveDamaged(t *testing.T, path string, cfg pipeline.Config, least int64) {
	t.Helper()
	cfg.Source = filepath.Join(t.TempDir(), filepath.Base(path))
	copyFile(t, path, cfg.Source)
	ctx, cancel := context.WithTimeout(t.Context(), damagedTime)
	defer cancel()
	rep, err := pipeline.Migrate(ctx, cfg)
	if ctx.Err() != nil {
		t.Fatalf("took longer than %s", damagedTime)
	}
	if err != nil {
		// What stands on a damaged page may read differently each time: with
		// --skip-damaged such a run may also fail after it began.
		if code := pipeline.ExitCode(err); code != pipeline.ExitRefused && (code != pipeline.ExitFailed || !cfg.SkipDamaged) {
			t.Errorf("exit code %d: %v", code, err)
		}
		return
	}
	var rows int64
	for _, tab := range rep.Tables {
		rows += tab.Loaded
		if tab.Rows != tab.Loaded+tab.Rejected || tab.Verified != "full" {
			t.Errorf("table %s: %d rows, %d loaded, %d rejected, verified %s", tab.Name, tab.Rows, tab.Loaded, tab.Rejected, tab.Verified)
		}
		if !cfg.SkipDamaged {
			sameCount(t, cfg.Source, tab)
		}
	}
	if rows < least {
		t.Errorf("success with %d rows, where %d can be read", rows, least)
	}
}

// sameCount compares a table's rows with what SQLite itself reads.
func sameCount(t *testing.T, path string, tab pipeline.TableReport) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+strings.ReplaceAll(tab.Name, `"`, `""`)+`" NOT INDEXED`)
	if err != nil {
		t.Errorf("success for table %s, which SQLite does not read: %v", tab.Name, err)
		return
	}
	defer func() { _ = rows.Close() }()
	n := int64(0)
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil || n != tab.Loaded {
		t.Errorf("table %s: %d rows loaded, SQLite reads %d (%v)", tab.Name, tab.Loaded, n, err)
	}
}

func damagedFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(sharedtest.Dir(t, "damaged"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".sql", ".xml", ".tsv", ".db_recovery":
			return nil
		}
		out = append(out, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// readableRows tells how many rows of an undamaged file can be read, by its
// name, where the corpus' own list says so.
func readableRows(t *testing.T) map[string]int64 {
	t.Helper()
	f, err := os.Open(sharedtest.Dir(t, "damaged", "nemetz-forensic-v2", "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	list, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, row := range list[1:] {
		if n, err := strconv.ParseInt(row[5], 10, 64); err == nil && row[3] == "ok" {
			out[filepath.Base(row[1])] = n
		}
	}
	return out
}

// lostDB has two tables of some leaves each: t can be read by pages, g by the
// engine only. The pages have 512 bytes.
const lostDB = `PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE g (id INTEGER PRIMARY KEY, v TEXT, w AS (v || 'x'));
	INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i, 'row ' || i FROM n;
	INSERT INTO g (id, v) SELECT id, v FROM t`

func makeLost(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), lostDB); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLostRows takes rows away so that every reader ends without an error.
func TestLostRows(t *testing.T) {
	t.Parallel()
	const size = 512
	fewer := func(b []byte, page int) {
		binary.BigEndian.PutUint16(b[page+3:], binary.BigEndian.Uint16(b[page+3:])-1)
	}
	firstLeaf := func(b []byte, root int) int {
		cell := root + int(binary.BigEndian.Uint16(b[root+12:]))
		return size * (int(binary.BigEndian.Uint32(b[cell:])) - 1)
	}
	for _, tc := range []struct {
		name   string
		change func(b []byte)
	}{
		{"cell of a leaf", func(b []byte) { fewer(b, firstLeaf(b, size)) }},
		{"cell of a leaf, engine", func(b []byte) { fewer(b, firstLeaf(b, 2*size)) }},
		{"leaf", func(b []byte) { fewer(b, size) }},
		{"leaf, engine", func(b []byte) { fewer(b, 2*size) }},
		{"empty root", func(b []byte) { copy(b[size:], []byte{0x0d, 0, 0, 0, 0, 2, 0, 0}) }},
		{"empty root, engine", func(b []byte) { copy(b[2*size:], []byte{0x0d, 0, 0, 0, 0, 2, 0, 0}) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := makeLost(t)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tc.change(b)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, reader := range []pipeline.ReaderChoice{pipeline.ReaderAuto, pipeline.ReaderEngine} {
				_, err := pipeline.Inspect(t.Context(), pipeline.Config{Source: path, Reader: reader})
				if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "damaged") {
					t.Errorf("%s: %v", reader, err)
				}
			}
			rep, err := pipeline.Inspect(t.Context(), pipeline.Config{Source: path, SkipDamaged: true})
			if err != nil || len(rep.Hazards) == 0 || rep.Hazards[0].Settled == "" {
				t.Errorf("with --skip-damaged: %+v, %v", rep.Hazards, err)
			}
		})
	}
}

// TestReaderChoice: each choice reads the same rows, with the reader it names.
func TestReaderChoice(t *testing.T) {
	t.Parallel()
	path := makeLost(t)
	for _, tc := range []struct {
		reader pipeline.ReaderChoice
		tables []string
		want   string
	}{
		{"", nil, "t pages 100, g engine 100"},
		{pipeline.ReaderAuto, nil, "t pages 100, g engine 100"},
		{pipeline.ReaderAuto, []string{"t"}, "t pages 100"},
		{pipeline.ReaderAuto, []string{"g"}, "g engine 100"},
		{pipeline.ReaderEngine, nil, "t engine 100, g engine 100"},
		{pipeline.ReaderPages, []string{"t"}, "t pages 100"},
		{pipeline.ReaderPages, nil, `table g cannot be read from the file's pages: column "w" is computed when it is read`},
	} {
		rep, err := pipeline.Inspect(t.Context(), pipeline.Config{Source: path, Reader: tc.reader, Tables: tc.tables})
		var got []string
		for _, tab := range rep.Tables {
			got = append(got, fmt.Sprintf("%s %s %d", tab.Name, tab.Reader, tab.Rows))
		}
		line := strings.Join(got, ", ")
		if err != nil {
			line = err.Error()
			if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(pipeline.Hint(err), "--reader auto") {
				t.Errorf("%s: code %d, hint %q", tc.reader, pipeline.ExitCode(err), pipeline.Hint(err))
			}
		}
		if line != tc.want {
			t.Errorf("%q %v: %s, want %s", tc.reader, tc.tables, line, tc.want)
		}
	}
}
