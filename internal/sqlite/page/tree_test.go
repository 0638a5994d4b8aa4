package page_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func TestParseHeader(t *testing.T) {
	t.Parallel()
	main, _ := build(t, "PRAGMA page_size=65536", "PRAGMA encoding='UTF-16be'", "PRAGMA auto_vacuum=1", "CREATE TABLE t(a)")
	h, err := page.ParseHeader(main)
	want := page.Header{PageSize: 65536, PageCount: 3, Format: 4, Encoding: page.UTF16BE, AutoVacuum: true, LargestRoot: 3}
	if d := cmp.Diff(want, h); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, tc := range []struct {
		name  string
		at    int
		bytes string
	}{
		{"magic", 3, "x"},
		{"page size 256", 16, "\x01\x00"},
		{"page size 1000", 16, "\x03\xe8"},
		{"page size 0", 16, "\x00\x00"},
		{"nothing usable", 16, "\x02\x00\x02\x02\xff"},
		{"schema format 5", 44, "\x00\x00\x00\x05"},
	} {
		b := bytes.Clone(main[:page.HeaderSize])
		copy(b[tc.at:], tc.bytes)
		if _, err := page.ParseHeader(b); !errors.Is(err, page.ErrCorrupt) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if _, err := page.ParseHeader(main[:50]); !errors.Is(err, page.ErrCorrupt) {
		t.Errorf("short: %v", err)
	}
}

// treeDB has a table with two levels at page 2 and one with overflow at page 3.
func treeDB(t testing.TB) []byte {
	main, _ := build(t, "PRAGMA page_size=512", "CREATE TABLE t(a, b)", "CREATE TABLE o(a)", numbers("t", 100),
		"INSERT INTO o VALUES (zeroblob(3000))")
	return main
}

// TestDamage changes single fields of a sound file. Each must be noticed.
func TestDamage(t *testing.T) {
	t.Parallel()
	const size = 512
	good := treeDB(t)
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(good[at:])) }
	root, overflow := size, 2*size // pages 2 and 3
	firstCell := root + u16(root+12)
	leaf := size * (int(binary.BigEndian.Uint32(good[firstCell:])) - 1)
	leafCell := leaf + u16(leaf+8)
	cell := overflow + u16(overflow+8)
	local := 2 + 1 // payload size, rowid
	const m = (size-12)*32/255 - 23
	k := m + (3003-m)%(size-4)
	if k > size-35 {
		k = m
	}
	head := cell + local + k // number of the first overflow page
	next := size * (int(binary.BigEndian.Uint32(good[head:])) - 1)
	for _, tc := range []struct {
		name string
		root uint32
		at   int
		b    string
		want string
	}{
		{"type of the root", 2, root, "\x02", "no page of this tree"},
		{"number of cells", 2, root + 3, "\xff\xff", "no room"},
		{"cell pointer into the header", 2, root + 12, "\x00\x04", "outside the page"},
		{"cell pointer to the end", 2, root + 12, "\x01\xff", "outside the page"},
		{"child 0", 2, firstCell, "\x00\x00\x00\x00", "child 0"},
		{"child beyond the file", 2, firstCell, "\x00\x10\x00\x00", "child 1048576"},
		{"child is page 1", 2, firstCell, "\x00\x00\x00\x01", "child 1"},
		{"child is the root", 2, firstCell, "\x00\x00\x00\x02", "levels"},
		{"right child twice", 2, root + 8, string(good[firstCell : firstCell+4]), "twice"},
		{"key out of order", 2, firstCell + 4, "\x7f", "out of order"},
		{"key too small", 2, firstCell + 4, "\x01", "out of order"},
		{"leaf of another tree", 2, leaf, "\x0a", "no page of this tree"},
		{"cell of a leaf", 2, leaf + 8, "\x00\x00", "outside the page"},
		{"two cells are one", 2, leaf + 8, string(good[leaf+10 : leaf+12]), "out of order"},
		{"rowid", 2, leafCell + 1, "\x7f", "out of order"},
		{"payload size", 2, leafCell, "\x8f\x7f", "does not fit"},
		{"payload larger than the file", 3, cell, "\xff\x7f", ""},
		{"chain begins nowhere", 3, head, "\x00\x00\x00\x00", "overflow chain leads to page 0"},
		{"chain leaves the file", 3, head, "\x7f\x00\x00\x00", "overflow chain leads to"},
		{"chain ends early", 3, next, "\x00\x00\x00\x00", "overflow chain leads to page 0"},
		{"chain is a ring", 3, next, string(good[head : head+4]), "two overflow chains"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := bytes.Clone(good)
			if copy(b[tc.at:], tc.b); bytes.Equal(b, good) {
				t.Fatal("nothing changed")
			}
			columnN := int(4 - tc.root)
			_, err := drain(t, openFile(t, b, nil), page.ReadAny(tc.root, false, columnN), page.Whole(), columnN)
			var e *page.Error
			if !errors.As(err, &e) || !errors.Is(err, page.ErrCorrupt) || !strings.Contains(err.Error(), tc.want) || e.Page == 0 {
				t.Errorf("want %q, got %v", tc.want, err)
			}
		})
	}
}

// TestTruncated: a file cut short under its reader is an error, not a fault.
func TestTruncated(t *testing.T) {
	t.Parallel()
	good := treeDB(t)
	for n := page.HeaderSize; n < len(good); n += 512 {
		f, err := page.Open(page.Source{Main: bytes.NewReader(good[:n]), Size: int64(len(good))})
		if err != nil {
			t.Fatal(err)
		}
		_, first := drain(t, f, page.ReadAny(2, false, 2), page.Whole(), 2)
		_, second := drain(t, f, page.ReadAny(3, false, 1), page.Whole(), 1)
		if !errors.Is(errors.Join(first, second), io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v, %v", n, first, second)
		}
	}
}

// endless gives zeros behind a file.
type endless struct{ b []byte }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(e.b)) {
		copy(p, e.b[off:])
	}
	return len(p), nil
}

// TestLockBytePage: nothing leads to the page that holds the lock bytes.
func TestLockBytePage(t *testing.T) {
	t.Parallel()
	b := treeDB(t)
	root := 512
	binary.BigEndian.PutUint32(b[root+8:], 1<<30/512+1)
	f, err := page.Open(page.Source{Main: endless{b}, Size: 2 << 30, PageCount: 2 << 30 / 512})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(t, f, page.ReadAny(2, false, 2), page.Whole(), 2); !errors.Is(err, page.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
	found, err := f.NewAccount(false).Finish(t.Context())
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	last := found[len(found)-1]
	if last.Page != 1<<30/512+2 || last.Kind != page.NeverUsed {
		t.Errorf("unused but for the lock bytes: %+v", found)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	gaps := `INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 20000)
		SELECT CASE WHEN i < 19000 THEN i ELSE i * 1000000007 END, 'row ' || i FROM n`
	for _, tc := range []struct {
		name, create string
		keyed        bool
	}{
		{"rowids", "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", false},
		{"keys", "CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID", true},
	} {
		main, _ := build(t, "PRAGMA page_size=512", tc.create, gaps)
		f, l := openFile(t, main, nil), page.ReadAny(2, tc.keyed, 2)
		for _, n := range []int{1, 2, 3, 8, 64, 1000} {
			parts, err := f.Split(t.Context(), l, n)
			if err != nil || len(parts) > n || len(parts) < min(n, 60) {
				t.Fatalf("%s in %d: %d parts, %v", tc.name, n, len(parts), err)
			}
			total := 0
			for i, p := range parts {
				rows, err := drain(t, f, l, p, 2)
				if err != nil {
					t.Fatal(err)
				}
				total += len(rows)
				if even := 20000 / len(parts); n <= 8 && (len(rows) < even*7/10 || len(rows) > even*13/10) {
					t.Errorf("%s in %d: part %d has %d rows", tc.name, n, i, len(rows))
				}
			}
			if total != 20000 {
				t.Errorf("%s in %d: %d rows", tc.name, n, total)
			}
		}
	}
}

// TestAccount damages the bookkeeping of a sound file.
func TestAccount(t *testing.T) {
	t.Parallel()
	const size = 512
	good, _ := build(t, "PRAGMA page_size=512", "PRAGMA auto_vacuum=2", "CREATE TABLE t(a, b)", "CREATE INDEX i ON t(b)",
		numbers("t", 200), "CREATE TABLE u(a)", "INSERT INTO u VALUES (zeroblob(90000))", "DELETE FROM u")
	freeTrunk := int(binary.BigEndian.Uint32(good[32:])-1) * size
	freeLeaf := good[freeTrunk+8 : freeTrunk+12]
	for _, tc := range []struct {
		name string
		at   int
		b    []byte
		want map[page.FindingKind]bool
	}{
		{"sound", 0, nil, map[page.FindingKind]bool{}},
		{"freelist cut off", 32, []byte{0, 0, 0, 0}, map[page.FindingKind]bool{page.BadFreelist: true, page.NeverUsed: true}},
		{"freelist count", 36, []byte{0, 0, 0, 1}, map[page.FindingKind]bool{page.BadFreelist: true}},
		{"freelist holds a table", freeTrunk + 8, []byte{0, 0, 0, 3}, map[page.FindingKind]bool{page.UsedTwice: true, page.BadPointerMap: true, page.NeverUsed: true}},
		{"freelist twice", freeTrunk + 12, freeLeaf, map[page.FindingKind]bool{page.BadFreelist: true, page.NeverUsed: true}},
		{"freelist too long", freeTrunk + 4, []byte{0, 1, 0, 0}, map[page.FindingKind]bool{page.BadFreelist: true, page.NeverUsed: true}},
		{
			"right child lost", 2*size + 8, good[2*size+u16(good[2*size+12:]) : 2*size+u16(good[2*size+12:])+4],
			map[page.FindingKind]bool{page.BadTree: true, page.CutOff: true},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := bytes.Clone(good)
			copy(b[tc.at:], tc.b)
			found, err := account(t, openFile(t, b, nil))
			got := map[page.FindingKind]bool{}
			for _, f := range found {
				got[f.Kind] = true
			}
			if d := cmp.Diff(tc.want, got); d != "" || err != nil {
				t.Errorf("%s\n%+v, %v", d, found, err)
			}
		})
	}
}

func u16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }

// account walks all trees.
func account(t testing.TB, f *page.File) ([]page.Finding, error) {
	a := f.NewAccount(false)
	trees, err := a.Trees(t.Context())
	if err != nil {
		return nil, err
	}
	for _, tree := range trees {
		if err := a.Walk(t.Context(), tree); err != nil {
			return nil, err
		}
	}
	return a.Finish(t.Context())
}

// TestAllocs: reading costs nothing per row, overflow and UTF-16 included.
func TestAllocs(t *testing.T) {
	const rows = 2000
	for _, tc := range []struct {
		name, create, values string
		keyed                bool
	}{
		{"rowids", "CREATE TABLE t(a INT, b TEXT, c REAL)", "i, 'row ' || i, i * 0.5", false},
		{"keys", "CREATE TABLE t(a, b, c, PRIMARY KEY(a)) WITHOUT ROWID", "i, 'row ' || i, i * 0.5", true},
		{"overflow", "CREATE TABLE t(a, b, c)", "i, zeroblob(3000), 1", false},
		{"utf-16", "PRAGMA encoding='UTF-16le'; CREATE TABLE t(a, b, c)", "i, 'row ' || i, 'é'", false},
	} {
		main, _ := build(t, "PRAGMA page_size=1024", tc.create, fmt.Sprintf(`INSERT INTO t WITH RECURSIVE n(i) AS
			(SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) SELECT %s FROM n`, rows, tc.values))
		r, err := openFile(t, main, nil).Reader(t.Context(), page.ReadAny(2, tc.keyed, 3), page.Whole(), page.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		vals := make([]row.Value, 3)
		next := func() {
			if _, ok, err := r.Next(vals); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		for range 10 { // buffers grow to their size
			next()
		}
		if n := testing.AllocsPerRun(rows-20, next); n != 0 {
			t.Errorf("%s: %v allocations per row", tc.name, n)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestOverlap: two cells with rowids in order, of which one begins inside the
// other.
func TestOverlap(t *testing.T) {
	t.Parallel()
	main, _ := build(t, "PRAGMA page_size=512", "CREATE TABLE t(a)", "INSERT INTO t VALUES (x'07020203'), (x'05')")
	first := 512 + u16(main[512+8:])
	inside := first + 4 // the blob 07 02 02 03 reads as nothing; make it a cell of its own
	copy(main[inside:], []byte{2, 2, 2, 9})
	copy(main[512+10:], []byte{byte((inside - 512) >> 8), byte(inside)})
	_, err := drain(t, openFile(t, main, nil), page.ReadAny(2, false, 1), page.Whole(), 1)
	if !errors.Is(err, page.ErrCorrupt) || !strings.Contains(err.Error(), "share bytes") {
		t.Errorf("got %v", err)
	}
}
