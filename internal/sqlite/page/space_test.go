package page_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite/page"
)

// spaceDB has pages of 512 bytes: page 2 is the pointer map, page 3 a leaf of t with
// rows of 20 bytes and more, of which one was deleted and left a free block, page 5
// the index.
func spaceDB(t testing.TB) []byte {
	main, _ := build(t, "PRAGMA page_size=512", "PRAGMA auto_vacuum=2", "CREATE TABLE t(a)",
		"INSERT INTO t VALUES (zeroblob(20)), (zeroblob(30)), (zeroblob(40)), (zeroblob(50))", "DELETE FROM t WHERE rowid = 3",
		"CREATE TABLE o(a)", "INSERT INTO o VALUES (zeroblob(3000))", "CREATE INDEX i ON t(a)")
	return main
}

// TestAccountOfBytes changes what a page or the pointer map says of itself, so that
// every row can still be read.
func TestAccountOfBytes(t *testing.T) {
	t.Parallel()
	const ptrmap, leaf, index = 512, 2 * 512, 4 * 512
	good := spaceDB(t)
	free := leaf + u16(good[leaf+1:])
	fewer := func(b []byte, at int) { binary.BigEndian.PutUint16(b[at:], binary.BigEndian.Uint16(b[at:])-1) }
	for _, tc := range []struct {
		name   string
		change func(b []byte)
		kind   page.FindingKind
		want   string
	}{
		{"a hidden row", func(b []byte) { fewer(b, leaf+3) }, page.BadTree, "may hold a row"},
		{"a hidden entry of an index", func(b []byte) { fewer(b, index+3) }, page.BadTree, "may hold a row"},
		{"fragments", func(b []byte) { b[leaf+7]++ }, page.BadSpace, "fragments"},
		{"free block too long", func(b []byte) { b[free+3] += 4 }, page.BadTree, "in a free block"},
		{"free block too short", func(b []byte) { b[free+3] -= 4 }, page.BadTree, "may hold a row"},
		{"free block lost", func(b []byte) { copy(b[leaf+1:], "\x00\x00") }, page.BadTree, "may hold a row"},
		{"free blocks in a ring", func(b []byte) { copy(b[free:], b[leaf+1:leaf+3]) }, page.BadTree, "make no sense"},
		{"free block outside", func(b []byte) { copy(b[leaf+1:], "\x00\x20") }, page.BadTree, "outside its content"},
		{"content begins late", func(b []byte) { copy(b[leaf+5:], "\x01\xf0") }, page.BadTree, "outside the page"},
		{"pointer map", func(b []byte) { b[ptrmap+5*3]++ }, page.BadPointerMap, "pointer map"},
		{"largest root", func(b []byte) { b[55]-- }, page.BadFreelist, "largest root"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := bytes.Clone(good)
			tc.change(b)
			found, err := account(t, openFile(t, b, nil))
			if err != nil || len(found) == 0 || found[0].Kind != tc.kind || !strings.Contains(found[0].Detail, tc.want) {
				t.Errorf("want %d, %q, got %+v, %v", tc.kind, tc.want, found, err)
			}
		})
	}
	if found, err := account(t, openFile(t, good, nil)); err != nil || len(found) > 0 {
		t.Errorf("a sound file: %+v, %v", found, err)
	}
}

// TestAccountOfRowids: a walk that stands for readers checks their order too.
func TestAccountOfRowids(t *testing.T) {
	t.Parallel()
	main := treeDB(t)
	root := 512
	leaf := 512 * (int(binary.BigEndian.Uint32(main[root+u16(main[root+12:]):])) - 1)
	main[leaf+u16(main[leaf+8:])+1] = 0x7f // the first rowid
	found, err := account(t, openFile(t, main, nil))
	if err != nil || len(found) == 0 || !strings.Contains(found[0].Detail, "out of order") {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestHostileSize: a commit that claims more pages than the main file and the log
// can hold costs no memory for them.
func TestHostileSize(t *testing.T) {
	t.Parallel()
	main, log := walDB(t)
	for at := walHeader; at < len(log); at += frameHeader + 512 {
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			binary.BigEndian.PutUint32(log[at+4:], 0xfffffff0)
		}
	}
	log = bigEndian(log) // with new checksums
	l, err := openLog(log, page.Mark{})
	if err != nil || l == nil || l.Pages() != 0xfffffff0 {
		t.Fatal(l, err)
	}
	f := openFile(t, main, l)
	if most := uint32(len(main)/512) + l.Frames(); f.PageCount() > most {
		t.Errorf("%d pages, not more than %d can be", f.PageCount(), most)
	}
	if rows, err := drain(t, f, page.ReadAny(2, false, 2), page.Whole(), 2); err != nil || len(rows) != 20 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
