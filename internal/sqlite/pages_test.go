package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// sameValue compares class, bits and bytes.
func sameValue(a, b *row.Value) bool {
	if a.Class != b.Class {
		return false
	}
	switch a.Class {
	case row.Integer:
		return a.Int() == b.Int()
	case row.Real:
		return math.Float64bits(a.Real()) == math.Float64bits(b.Real())
	case row.Text, row.Blob:
		return bytes.Equal(a.Bytes, b.Bytes)
	case row.Null:
	}
	return true
}

// comparison is how two readers of the same rows went.
type comparison struct {
	rows          int
	pages, engine error
	differ        string // the first difference, or ""
}

// compareReaders reads the engine's rows of a unit beside those of the parts that
// the page reader reads, one after the other.
func compareReaders(t testing.TB, s *sqlite.Snapshot, table *schema.Table, parts []sqlite.Unit) (c comparison) {
	t.Helper()
	e, err := s.OpenReader(t.Context(), sqlite.TableUnit(table))
	if err != nil {
		return comparison{engine: err}
	}
	defer e.Close()
	columnN := len(table.Columns)
	want, got := make([]row.Value, columnN), make([]row.Value, columnN)
	rowids := sqlite.TableUnit(table).Ranged()
	for _, u := range parts {
		r, err := s.OpenPages(t.Context(), u)
		if err != nil {
			c.pages = err
			return c
		}
		for {
			id, ok, err := r.Next(got)
			if err != nil || !ok {
				c.pages = err
				break
			}
			wantID, ok, err := e.Next(want)
			if err != nil || !ok {
				c.engine, c.differ = err, "pages read a row that the engine does not"
				break
			}
			if rowids && id != wantID {
				c.differ = fmt.Sprintf("row %d: rowid %d, want %d", c.rows, id, wantID)
			}
			for i := range got {
				if !sameValue(&got[i], &want[i]) && c.differ == "" {
					c.differ = fmt.Sprintf("rowid %d, %s: got %s, want %s", wantID, table.Columns[i].Name, show(&got[i]), show(&want[i]))
				}
			}
			c.rows++
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if c.pages != nil || c.engine != nil || c.differ != "" {
			return c
		}
	}
	if _, ok, err := e.Next(want); ok || err != nil {
		c.engine, c.differ = err, "the engine reads more rows"
	}
	return c
}

// comparePages compares every table of a snapshot, whole and in units, and
// gives the number of rows compared.
func comparePages(t testing.TB, s *sqlite.Snapshot) (rows int) {
	t.Helper()
	for _, table := range allTables(schemaOf(t, s)) {
		if ok, why := s.PagesCan(table); !ok {
			if !strings.Contains(why, "computed when it is read") {
				t.Errorf("%s: %s", table.Name, why)
			}
			continue
		}
		c := compareReaders(t, s, table, []sqlite.Unit{sqlite.TableUnit(table)})
		if c.pages != nil || c.engine != nil || c.differ != "" {
			t.Errorf("%s: %+v", table.Name, c)
			continue
		}
		rows += c.rows
		for _, n := range []int{2, 7} {
			units, err := s.PageUnits(t.Context(), table, n)
			if err != nil {
				t.Errorf("%s: %v", table.Name, err)
			}
			if d := compareReaders(t, s, table, units); d.rows != c.rows || d.pages != nil || d.differ != "" {
				t.Errorf("%s in %d units: %+v", table.Name, len(units), d)
			}
		}
	}
	return rows
}

// accountPages reads every table with an account and gives its findings.
func accountPages(t testing.TB, s *sqlite.Snapshot) []sqlite.Damage {
	t.Helper()
	scope := sqlite.AccountScope{File: true}
	for _, table := range allTables(schemaOf(t, s)) {
		if ok, _ := s.PagesCan(table); ok {
			scope.Read = append(scope.Read, table)
		} else {
			scope.Walk = append(scope.Walk, table)
		}
	}
	a, err := s.PageAccount(t.Context(), scope)
	if err != nil {
		return []sqlite.Damage{{Detail: err.Error()}}
	}
	for i := range a.WalkN() {
		if err := a.Walk(t.Context(), i); err != nil {
			t.Error(err)
		}
	}
	var found []sqlite.Damage
	for _, table := range scope.Read {
		units, err := s.PageUnits(t.Context(), table, 3)
		if err != nil {
			found = append(found, sqlite.Damage{Table: table.Name, Detail: err.Error()})
		}
		for _, u := range units {
			r, err := a.Open(t.Context(), u)
			if _, err := count(r, err, len(u.Columns)); err != nil {
				found = append(found, sqlite.Damage{Table: table.Name, Detail: err.Error()})
			}
		}
	}
	more, err := a.Finish(t.Context())
	if err != nil {
		t.Error(err)
	}
	return append(found, more...)
}

// TestPagesCorpus holds the page reader against the engine, row for row, on
// databases that others made.
func TestPagesCorpus(t *testing.T) {
	t.Parallel()
	dir := sharedtest.Dir(t, "corpus")
	for _, line := range tsv(t, filepath.Join(dir, "INDEX.tsv")) {
		if line["class"] == "5-damaged" {
			continue
		}
		t.Run(line["name"], func(t *testing.T) {
			t.Parallel()
			s := open(t, copyDB(t, filepath.Join(dir, line["file"])))
			comparePages(t, s)
			if found := accountPages(t, s); len(found) > 0 && line["integrity_check"] == "ok" {
				t.Errorf("a sound file: %+v", found)
			}
		})
	}
}

// TestPagesDamaged: on damaged files the page reader gives the engine's rows or an
// error, and says so where rows are missing.
func TestPagesDamaged(t *testing.T) {
	t.Parallel()
	dir := sharedtest.Dir(t, "damaged")
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".tsv") {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			damagedPages(t, copyDB(t, path))
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func damagedPages(t *testing.T, path string) {
	start := time.Now()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		return
	}
	defer s.Close()
	sc, err := s.Schema(t.Context())
	if err != nil {
		return
	}
	for _, table := range allTables(sc) {
		if ok, _ := s.PagesCan(table); !ok {
			continue
		}
		checkDamagedTable(t, s, table)
	}
	accountPages(t, s)
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}

// checkDamagedTable: what the page reader reads without an error is what the
// engine reads.
func checkDamagedTable(t testing.TB, s *sqlite.Snapshot, table *schema.Table) {
	t.Helper()
	c := compareReaders(t, s, table, []sqlite.Unit{sqlite.TableUnit(table)})
	switch {
	case c.pages != nil:
		if !errors.Is(c.pages, sqlite.ErrDamaged) && !errors.Is(c.pages, page.ErrCorrupt) {
			t.Errorf("%s: %v is not told as damage", table.Name, c.pages)
		}
	case c.engine == nil && c.differ != "":
		t.Errorf("%s: %s", table.Name, c.differ)
	}
}
