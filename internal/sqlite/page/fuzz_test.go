package page_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func FuzzVarint(f *testing.F) {
	for _, s := range []string{"\x00", "\x81\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, w := page.Varint(b)
		if w < 1 || w > 9 {
			t.Fatalf("%x: width %d", b, w)
		}
		// The shortest form reads back.
		again, aw := page.Varint(appendVarint(nil, v))
		if again != v || aw > w {
			t.Fatalf("%x: %d in %d bytes, again %d in %d", b, v, w, again, aw)
		}
	})
}

// appendVarint encodes as SQLite does.
func appendVarint(dst []byte, v uint64) []byte {
	if v>>56 != 0 {
		for shift := 57; shift >= 8; shift -= 7 {
			dst = append(dst, byte(v>>shift)|0x80)
		}
		return append(dst, byte(v))
	}
	n := 1
	for v>>(7*n) != 0 {
		n++
	}
	for n--; n > 0; n-- {
		dst = append(dst, byte(v>>(7*n))|0x80)
	}
	return append(dst, byte(v)&0x7f)
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte("\x06\x00\x08\x09\x10\x13\xca\xfeabc"), byte(0))
	f.Add([]byte("\x03\x81\x0cbbbbbbbbbbbbbbbbbbb"), byte(1))
	f.Add([]byte("\x02\x11\x00\xd8"), byte(2))
	f.Fuzz(func(t *testing.T, b []byte, e byte) {
		vals, wrong := page.DecodeRecord(b, 8, 3, page.Encoding(e%3)+page.UTF8)
		if strings.HasPrefix(wrong, page.Differs) {
			t.Fatal(wrong)
		}
		if wrong != "" {
			return
		}
		total := 0
		for i := range vals {
			if c := vals[i].Class; c == row.Text || c == row.Blob {
				if !bytes.Equal(vals[i].Bytes, []byte("absent")) {
					total += len(vals[i].Bytes)
				}
			}
			if vals[i].Class == row.Real && vals[i].Real() != vals[i].Real() {
				t.Fatal("NaN")
			}
		}
		if total > 3*len(b) { // of UTF-16, at most 3 bytes of 2
			t.Fatalf("%d bytes of values from %d", total, len(b))
		}
	})
}

// FuzzCell puts any bytes into a leaf and an interior page of each kind of tree.
func FuzzCell(f *testing.F) {
	main := treeDB(f)
	f.Add(main[512:1024], false)
	f.Add(main[1024:1536], false)
	f.Add(main[1536:2048], true)
	f.Fuzz(func(t *testing.T, b []byte, keyed bool) {
		whole := bytes.Clone(main)
		copy(whole[512:1024], b)
		readOut(t, whole, nil, page.ReadAny(2, keyed, 4))
	})
}

// FuzzWalk changes bytes anywhere in a file: pairs of an offset and a value.
func FuzzWalk(f *testing.F) {
	main := fuzzDB(f)
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{2, 8, 3, 7, 4, 0, 9, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := bytes.Clone(main)
		for ; len(b) >= 4; b = b[4:] {
			at := int(binary.BigEndian.Uint16(b)) % len(whole)
			if at >= page.HeaderSize {
				copy(whole[at:], b[2:4])
			}
		}
		for root := uint32(1); root < 8; root++ {
			readOut(t, whole, nil, page.ReadAny(root, root%2 == 0, 4))
		}
	})
}

func fuzzDB(f testing.TB) []byte {
	main, _ := build(f, "PRAGMA page_size=512", "CREATE TABLE t(a, b)", "CREATE TABLE k(a PRIMARY KEY, b) WITHOUT ROWID",
		numbers("t", 100), numbers("k", 100), "CREATE INDEX i ON t(b)", "INSERT INTO t VALUES (1, zeroblob(2000))",
		"INSERT INTO k VALUES (zeroblob(2000), 1)", "DELETE FROM t WHERE rowid % 3 = 0")
	return main
}

func FuzzLog(f *testing.F) {
	main, log := walDB(f)
	f.Add(log)
	f.Add(bigEndian(log))
	f.Add(log[:len(log)-100])
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := page.OpenLog(bytes.NewReader(b), int64(len(b)), page.Mark{})
		if err != nil || l == nil {
			return
		}
		readOut(t, main, l, page.ReadAny(2, false, 2))
	})
}

func FuzzFile(f *testing.F) {
	f.Add(fuzzDB(f))
	f.Add(treeDB(f))
	main, _ := build(f, "PRAGMA page_size=512", "PRAGMA auto_vacuum=1", "PRAGMA encoding='UTF-16le'", "CREATE TABLE t(a, b)", numbers("t", 50))
	f.Add(main)
	f.Fuzz(func(t *testing.T, b []byte) { readOut(t, b, nil, page.ReadAny(2, false, 3)) })
}

// readOut does with a file all that can be done. It must end with rows or with
// errors, in time, and give no more than the file can hold.
func readOut(t *testing.T, b []byte, log *page.Log, l *page.Layout) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	file, err := page.Open(page.Source{Main: bytes.NewReader(b), Size: int64(len(b)), Log: log})
	if err != nil {
		return
	}
	most := (len(b) + 1<<20) / 4
	if log != nil {
		most += int(log.Frames()) * file.Header().PageSize / 4
	}
	parts, err := file.Split(ctx, l, 5)
	if err != nil {
		parts = []page.Part{page.Whole()}
	}
	vals := make([]row.Value, 4)
	for _, p := range parts {
		r, err := file.Reader(ctx, l, p, page.ReadOptions{})
		for n := 0; err == nil; n++ {
			var ok bool
			if _, ok, err = r.Next(vals[:l.ColumnN()]); !ok {
				break
			}
			if n > most {
				t.Fatalf("more than %d rows from %d bytes", most, len(b))
			}
		}
		if err != nil && !errors.Is(err, page.ErrCorrupt) {
			t.Fatalf("not told as damage: %v", err)
		}
		if r != nil {
			_ = r.Close() // never fails
		}
	}
	if _, err := account(t, file); err != nil && !errors.Is(err, page.ErrCorrupt) {
		t.Fatalf("account: %v", err)
	}
}
