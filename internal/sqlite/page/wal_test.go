package page_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite/page"
)

const (
	walHeader   = 32
	frameHeader = 24
)

// walDB has 3 commits in its log; the page size is 512.
func walDB(t testing.TB) (main, log []byte) {
	return build(t, "PRAGMA page_size=512", "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
		"CREATE TABLE t(a, b)", numbers("t", 40), "DELETE FROM t WHERE a % 2")
}

func openLog(b []byte, m page.Mark) (*page.Log, error) {
	return page.OpenLog(bytes.NewReader(b), int64(len(b)), m)
}

// bigEndian gives a log the other kind of checksums.
func bigEndian(log []byte) []byte {
	b := bytes.Clone(log)
	binary.BigEndian.PutUint32(b, 0x377f0683)
	var s1, s2 uint32
	sum := func(p []byte) {
		for ; len(p) > 0; p = p[8:] {
			s1 += binary.BigEndian.Uint32(p) + s2
			s2 += binary.BigEndian.Uint32(p[4:]) + s1
		}
	}
	put := func(p []byte) {
		binary.BigEndian.PutUint32(p, s1)
		binary.BigEndian.PutUint32(p[4:], s2)
	}
	sum(b[:24])
	put(b[24:])
	for at := walHeader; at < len(b); at += frameHeader + 512 {
		sum(b[at : at+8])
		sum(b[at+frameHeader : at+frameHeader+512])
		put(b[at+16:])
	}
	return b
}

func TestLog(t *testing.T) {
	t.Parallel()
	main, log := walDB(t)
	whole, err := openLog(log, page.Mark{})
	if err != nil {
		t.Fatal(err)
	}
	frames := int(whole.Frames())
	at := func(frame int) int { return walHeader + (frame-1)*(frameHeader+512) }
	change := func(offset int) []byte {
		b := bytes.Clone(log)
		b[offset] ^= 1
		return b
	}
	mark := page.Mark{Frames: whole.Frames(), Pages: whole.Pages(), Salt: [8]byte(log[16:24])}
	other := mark
	other.Salt[0]++
	for _, tc := range []struct {
		name   string
		log    []byte
		mark   page.Mark
		frames int // 0 is no log, -1 an error
	}{
		{"whole", log, page.Mark{}, frames},
		{"whole at its mark", log, mark, frames},
		{"big-endian checksums", bigEndian(log), page.Mark{}, frames},
		{"torn tail", log[:len(log)-1], page.Mark{}, commitBefore(log, frames-1)},
		{"torn tail before the mark", log[:len(log)-1], mark, -1},
		{"flipped bit in the last page", change(len(log) - 1), page.Mark{}, commitBefore(log, frames-1)},
		{"flipped bit before the mark", change(at(2) + frameHeader), mark, -1},
		{"flipped bit in the first frame", change(at(1)), page.Mark{}, 0},
		{"other salt in a frame", change(at(frames) + 8), page.Mark{}, commitBefore(log, frames-1)},
		{"mark of another log", log, other, -1},
		{"mark behind the end", log, page.Mark{Frames: mark.Frames + 1, Pages: 1, Salt: mark.Salt}, -1},
		{"mark of another size", log, page.Mark{Frames: mark.Frames, Pages: 1, Salt: mark.Salt}, -1},
		{"not a log", change(0), page.Mark{}, 0},
		{"header's checksum", change(30), page.Mark{}, 0},
		{"empty", nil, page.Mark{}, 0},
		{"empty, but a mark", nil, mark, -1},
		{"header only", log[:walHeader], page.Mark{}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l, err := openLog(tc.log, tc.mark)
			switch {
			case tc.frames < 0:
				if !errors.Is(err, page.ErrCorrupt) {
					t.Errorf("want an error, got %v", err)
				}
			case err != nil:
				t.Error(err)
			case tc.frames == 0:
				if l != nil {
					t.Errorf("%d frames, want none", l.Frames())
				}
			case l == nil || int(l.Frames()) != tc.frames:
				t.Errorf("%+v, want %d frames", l, tc.frames)
			}
		})
	}
	rows, err := drain(t, openFile(t, main, whole), page.ReadAny(2, false, 2), page.Whole(), 2)
	if err != nil || len(rows) != 20 || rows[0] != `2|2|"row 2"` {
		t.Errorf("%d rows: %q, %v", len(rows), rows, err)
	}
}

// commitBefore gives the last commit frame up to a frame.
func commitBefore(log []byte, frame int) int {
	for ; frame > 0; frame-- {
		if binary.BigEndian.Uint32(log[walHeader+(frame-1)*(frameHeader+512)+4:]) != 0 {
			break
		}
	}
	return frame
}

// TestLogOverwritten: a frame that changes after the log was opened is an error.
func TestLogOverwritten(t *testing.T) {
	t.Parallel()
	main, log := walDB(t)
	log = bytes.Clone(log)
	l, err := openLog(log, page.Mark{})
	if err != nil {
		t.Fatal(err)
	}
	f := openFile(t, main, l)
	for at := walHeader; at < len(log); at += frameHeader + 512 {
		log[at+8]++ // the salt
	}
	if _, err := drain(t, f, page.ReadAny(2, false, 2), page.Whole(), 2); !errors.Is(err, page.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}
