package page

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
)

// The write-ahead log (file format, section 4).
const (
	walMagicLE     = 0x377f0682 // checksums over little-endian words
	walMagicBE     = 0x377f0683
	walVersion     = 3007000
	walHeaderSize  = 32
	walFrameHeader = 24
)

// Mark is a place in a log: the snapshot is the main file overlaid with the first
// Frames frames. The zero Mark is the last commit.
type Mark struct {
	Frames uint32
	Pages  uint32 // size of the database in pages at that frame
	Salt   [8]byte
}

// Log is the part of a write-ahead log that belongs to a snapshot, with an index
// of its pages: 8 bytes for each page that has a frame, 8 for each frame while
// it is built. It may be used by several goroutines at once.
type Log struct {
	r        io.ReaderAt
	pageSize int
	salt     [8]byte
	index    []uint64 // page << 32 | last frame, ascending
	frames   uint32
	pages    uint32
	order    binary.ByteOrder
}

// OpenLog reads and verifies the log up to the mark. A frame whose salt or
// checksum is wrong ends the log, and frames count only up to the last commit; so
// a mark beyond that is an error. A log without any commit gives nil for the
// zero Mark: the main file is all there is.
func OpenLog(r io.ReaderAt, size int64, m Mark) (*Log, error) {
	l := &Log{r: r}
	sum, err := l.header(size)
	if err != nil || l.pageSize == 0 {
		if m.Frames > 0 && err == nil {
			err = logError("is empty, not %d frames long", m.Frames)
		}
		return nil, err
	}
	if m.Frames > 0 && m.Salt != l.salt {
		return nil, logError("was begun anew")
	}
	most := (size - walHeaderSize) / int64(walFrameHeader+l.pageSize)
	if int64(m.Frames) > most {
		return nil, logError("has room for %d frames, not %d", most, m.Frames)
	}
	if m.Frames > 0 {
		most = int64(m.Frames)
	}
	if err := l.scan(min(most, math.MaxUint32-1), sum); err != nil {
		return nil, err
	}
	switch {
	case m.Frames == 0 && l.frames == 0:
		return nil, nil //nolint:nilnil // documented: there is no log
	case m.Frames > 0 && (l.frames != m.Frames || l.pages != m.Pages):
		return nil, logError("is sound up to frame %d with %d pages, not up to frame %d with %d pages",
			l.frames, l.pages, m.Frames, m.Pages)
	}
	l.pack()
	return l, nil
}

// Frames gives the number of frames in use, Pages the size of the database.
func (l *Log) Frames() uint32 { return l.frames }

// Pages gives the size of the database in pages at the last frame in use.
func (l *Log) Pages() uint32 { return l.pages }

func logError(format string, args ...any) *Error {
	return &Error{Object: "write-ahead log", What: fmt.Sprintf(format, args...)}
}

// checksum is the running sum of the log (file format, section 4.2).
type checksum struct{ s1, s2 uint32 }

func (c *checksum) add(b []byte, order binary.ByteOrder) {
	s1, s2 := c.s1, c.s2
	if order == binary.LittleEndian {
		for ; len(b) >= 8; b = b[8:] {
			s1 += binary.LittleEndian.Uint32(b) + s2
			s2 += binary.LittleEndian.Uint32(b[4:]) + s1
		}
	} else {
		for ; len(b) >= 8; b = b[8:] {
			s1 += binary.BigEndian.Uint32(b) + s2
			s2 += binary.BigEndian.Uint32(b[4:]) + s1
		}
	}
	c.s1, c.s2 = s1, s2
}

// stored tells whether b holds the sum.
func (c *checksum) stored(b []byte) bool { return u32(b) == c.s1 && u32(b[4:]) == c.s2 }

// header reads the log's header. A header that is cut short or fails its
// checksum, as after a crash, makes an empty log: page size 0.
func (l *Log) header(size int64) (sum checksum, err error) {
	if size < walHeaderSize {
		return sum, nil
	}
	b := make([]byte, walHeaderSize)
	if n, err := l.r.ReadAt(b, 0); n < len(b) {
		return sum, fmt.Errorf("read the write-ahead log: %w", err)
	}
	switch u32(b) {
	case walMagicLE:
		l.order = binary.LittleEndian
	case walMagicBE:
		l.order = binary.BigEndian
	default:
		return sum, nil
	}
	const summed = 24
	if sum.add(b[:summed], l.order); !sum.stored(b[summed:]) {
		return sum, nil
	}
	if v := u32(b[4:]); v != walVersion {
		return sum, logError("format version %d", v)
	}
	pageSize := u32(b[8:])
	if pageSize < minPageSize || pageSize > maxPageSize || pageSize&(pageSize-1) != 0 {
		return sum, logError("page size %d", pageSize)
	}
	l.pageSize = int(pageSize)
	copy(l.salt[:], b[16:24])
	return sum, nil
}

// scan verifies up to most frames and gathers their pages; those after the last
// commit are dropped again.
func (l *Log) scan(most int64, sum checksum) error {
	frameSize := walFrameHeader + l.pageSize
	perRead := max(1, runBytes/frameSize)
	buf := make([]byte, perRead*frameSize)
	committed := 0
	for done := int64(0); done < most; {
		n := int(min(int64(perRead), most-done))
		b := buf[:n*frameSize]
		if got, err := l.r.ReadAt(b, l.offset(uint32(done+1))); got < len(b) {
			if err == nil || errors.Is(err, io.EOF) {
				return logError("was cut short while it was read")
			}
			return fmt.Errorf("read the write-ahead log: %w", err)
		}
		for ; len(b) > 0; b = b[frameSize:] {
			if !l.frame(b[:frameSize], &sum) {
				l.index = l.index[:committed]
				return nil
			}
			done++
			l.index = append(l.index, uint64(u32(b))<<32|uint64(done))
			if pages := u32(b[4:]); pages != 0 {
				committed = len(l.index)
				l.frames, l.pages = uint32(done), pages
			}
		}
	}
	l.index = l.index[:committed]
	return nil
}

// frame verifies one frame.
func (l *Log) frame(b []byte, sum *checksum) bool {
	const sumAt = 16
	if u32(b) == 0 || !bytes.Equal(b[8:sumAt], l.salt[:]) {
		return false
	}
	sum.add(b[:8], l.order)
	sum.add(b[walFrameHeader:], l.order)
	return sum.stored(b[sumAt:])
}

// pack sorts the index and keeps each page's last frame.
func (l *Log) pack() {
	slices.Sort(l.index)
	kept := l.index[:0]
	for i, e := range l.index {
		if i+1 == len(l.index) || l.index[i+1]>>32 != e>>32 {
			kept = append(kept, e)
		}
	}
	l.index = slices.Clip(slices.Clone(kept))
}

// offset gives where a frame begins, counted from 1.
func (l *Log) offset(frame uint32) int64 {
	return walHeaderSize + int64(frame-1)*int64(walFrameHeader+l.pageSize)
}

// from gives the first page from pgno on that has a frame, and the frame; the
// largest page number and 0 when there is none.
func (l *Log) from(pgno uint32) (next, frame uint32) {
	i := sort.Search(len(l.index), func(i int) bool { return l.index[i]>>32 >= uint64(pgno) })
	if i == len(l.index) {
		return math.MaxUint32, 0
	}
	return uint32(l.index[i] >> 32), uint32(l.index[i]) //nolint:gosec // the two halves
}

// find gives the frame of a page, or 0.
func (l *Log) find(pgno uint32) uint32 {
	if next, frame := l.from(pgno); next == pgno {
		return frame
	}
	return 0
}

// read reads one page from its frame.
func (l *Log) read(dst []byte, pgno, frame uint32) error {
	var head [walFrameHeader]byte
	at := l.offset(frame)
	if n, err := l.r.ReadAt(head[:], at); n < len(head) {
		return readFailure(pgno, err)
	}
	if u32(head[:]) != pgno || !bytes.Equal(head[8:16], l.salt[:]) {
		return corrupt(pgno, "its frame %d in the write-ahead log was overwritten", frame)
	}
	if n, err := l.r.ReadAt(dst[:l.pageSize], at+walFrameHeader); n < l.pageSize {
		return readFailure(pgno, err)
	}
	return nil
}
