package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// damage overwrites bytes of a file.
func damage(t *testing.T, path string, at int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// salvaged reads a table by salvage: the rowids and the gaps.
func salvaged(t *testing.T, s *sqlite.Snapshot, name string) (rowids []int64, gaps []sqlite.Gap) {
	t.Helper()
	table := schemaOf(t, s).Table(name)
	r, err := s.OpenSalvage(t.Context(), table, func(g sqlite.Gap) { gaps = append(gaps, g) })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	vals := make([]row.Value, len(table.Columns))
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return rowids, gaps
		}
		if table.WithoutRowid {
			rowid = vals[0].Int()
		}
		rowids = append(rowids, rowid)
	}
}

const (
	salvagePage = 512
	salvageRows = 2000
)

// salvageDB has about 65 leaf pages of 512 bytes; page 2 is the root.
func salvageDB(t *testing.T, create string) string {
	return build(t, "PRAGMA page_size=512", create,
		fmt.Sprintf("INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)"+
			" SELECT i, 'row ' || i FROM n", salvageRows))
}

func TestSalvage(t *testing.T) {
	t.Parallel()
	junk := slices.Repeat([]byte{0xff}, salvagePage)
	for _, tc := range []struct {
		name       string
		create     string
		pages      []int64
		least      int // rows
		gaps, most int // number of gaps
	}{
		{"sound", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", nil, salvageRows, 0, 0},
		{"one leaf", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", []int64{30}, salvageRows - 40, 1, 1},
		{"leaves in a row", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", []int64{30, 31, 32, 33, 34, 35, 36, 37}, salvageRows - 320, 1, 8},
		{"leaves apart", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", []int64{10, 25, 40, 55}, salvageRows - 160, 4, 4},
		{"first leaf", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", []int64{3}, salvageRows - 40, 1, 1},
		{"hidden rowid", "CREATE TABLE t(a, v)", []int64{30}, salvageRows - 40, 1, 1},
		{"without rowid", "CREATE TABLE t(id INT PRIMARY KEY, v) WITHOUT ROWID", []int64{30}, salvageRows - 60, 1, 1},
		{"without rowid, descending", "CREATE TABLE t(id INT, v, PRIMARY KEY (id DESC)) WITHOUT ROWID", []int64{30}, salvageRows - 60, 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := salvageDB(t, tc.create)
			for _, pgno := range tc.pages {
				damage(t, path, (pgno-1)*salvagePage, junk)
			}
			s := open(t, path)
			rowids, gaps := salvaged(t, s, "t")
			if len(rowids) < tc.least || tc.pages != nil && len(rowids) == salvageRows {
				t.Errorf("%d rows, want at least %d", len(rowids), tc.least)
			}
			if len(gaps) < tc.gaps || len(gaps) > tc.most {
				t.Errorf("%d gaps: %+v", len(gaps), gaps)
			}
			checkPartition(t, rowids, gaps)
			checkPlainFails(t, s, tc.pages != nil)
		})
	}
}

// checkPartition: no row twice; each lost row lies in a gap, no row read does.
func checkPartition(t *testing.T, rowids []int64, gaps []sqlite.Gap) {
	t.Helper()
	got := map[int64]bool{}
	for _, id := range rowids {
		if got[id] {
			t.Fatalf("row %d came twice", id)
		}
		got[id] = true
	}
	for _, g := range gaps {
		if !errors.Is(g.Err, sqlite.ErrDamaged) {
			t.Errorf("a gap by %v", g.Err)
		}
	}
	if len(gaps) > 0 && !gaps[0].Rowids {
		return
	}
	for id := int64(1); id <= salvageRows; id++ {
		in := slices.ContainsFunc(gaps, func(g sqlite.Gap) bool { return g.Lo <= id && id <= g.Hi })
		if in == got[id] {
			t.Fatalf("row %d: read %v, in a gap %v", id, got[id], in)
		}
	}
}

// checkPlainFails: what salvage skips is an error to the plain reader.
func checkPlainFails(t *testing.T, s *sqlite.Snapshot, damaged bool) {
	t.Helper()
	table := schemaOf(t, s).Table("t")
	r, err := s.OpenReader(t.Context(), sqlite.TableUnit(table))
	if _, err = count(r, err, len(table.Columns)); errors.Is(err, sqlite.ErrDamaged) != damaged {
		t.Errorf("the plain reader says %v", err)
	}
}

// TestSalvageOutOfOrder: one row's key is larger than those of the rows behind it.
func TestSalvageOutOfOrder(t *testing.T) {
	t.Parallel()
	path := salvageDB(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A cell: payload size, rowid 700 as a varint, header of 3 bytes (NULL for
	// the key, a text of 7 bytes), "row 700".
	at := bytes.Index(b, []byte("row 700")) - 5
	if b[at] != 0x85 || b[at+1] != 0x3c {
		t.Fatalf("no cell at %d: % x", at, b[at:at+5])
	}
	damage(t, path, int64(at), []byte{0x8f, 0x7f}) // 2047
	s := open(t, path)
	rowids, gaps := salvaged(t, s, "t")
	if len(rowids) != salvageRows || len(gaps) != 0 || !slices.Contains(rowids, 2047) || !slices.Contains(rowids, 701) {
		t.Errorf("%d rows, gaps %+v", len(rowids), gaps)
	}
	checkPlainFails(t, s, true)
	found, err := s.Check(t.Context(), "t")
	if err != nil || len(found) == 0 || found[0].Table != "t" || found[0].Page == 0 || !found[0].RowsAtRisk() {
		t.Errorf("check: %+v, %v", found, err)
	}
}

func TestCheckIndexDamage(t *testing.T) {
	t.Parallel()
	path := build(t, "CREATE TABLE t(a)", "INSERT INTO t VALUES (1), (2), (3)", "CREATE TABLE u(a)", "CREATE INDEX i ON t(a)")
	// The index of t is given an empty tree: that of u.
	rewrite(t, path, "DELETE FROM sqlite_schema WHERE name = 'u'", "UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'i'")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b[2*4096] != 0x0d {
		t.Fatalf("page 3 is of type %#x", b[2*4096])
	}
	damage(t, path, 2*4096, []byte{0x0a}) // an empty leaf of an index
	s := open(t, path)
	if got := readTable(t, s, "t"); len(got) != 3 {
		t.Errorf("read %q", got)
	}
	if n, err := s.RowCount(t.Context(), schemaOf(t, s).Table("t")); n != 3 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	found, err := s.CheckIndexes(t.Context())
	if err != nil || len(found) == 0 {
		t.Fatalf("check: %v, %v", found, err)
	}
	for _, d := range found {
		if d.RowsAtRisk() || d.Kind == sqlite.DamageIndex && (d.Index != "i" || d.Table != "t") {
			t.Errorf("%+v", d)
		}
	}
	if found, err := s.Check(t.Context(), "t"); err != nil || slices.ContainsFunc(found, sqlite.Damage.RowsAtRisk) {
		t.Errorf("quick check: %+v, %v", found, err)
	}
}

func TestCheckSound(t *testing.T) {
	t.Parallel()
	s := open(t, salvageDB(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)"))
	for _, tables := range [][]string{nil, {"t"}} {
		if found, err := s.Check(t.Context(), tables...); err != nil || len(found) > 0 {
			t.Errorf("%v: %v, %v", tables, found, err)
		}
	}
	if found, err := s.CheckIndexes(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}
