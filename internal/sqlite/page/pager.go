package page

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sync"
)

// Source is where a File reads from.
type Source struct {
	// Main is the main file, Size its length in bytes.
	Main io.ReaderAt
	Size int64
	// Log is the write-ahead log over it, or nil.
	Log *Log
	// PageCount is the number of pages of the snapshot; 0 means what the log or
	// the header says.
	PageCount uint32
}

// File gives the pages of one state of a database. It may be used by several
// goroutines at once, as long as Source's readers stay open.
type File struct {
	main  io.ReaderAt
	log   *Log
	head  Header
	pageN uint32
	lock  uint32 // the lock-byte page, also where the file is too short for one
	pool  sync.Pool
}

const (
	// pendingByte is where SQLite's locks are; the page that holds it is never
	// used (file format, section 1.5).
	pendingByte = 1 << 30
	// runBytes is the size of one read of neighbouring pages. On a cached file of
	// 692 MB (TPC-H at scale 0.5) any size from 64 KiB to 1 MiB decoded equally
	// fast; larger ones only take memory.
	runBytes = 256 << 10
	// padding follows each buffer, so that a varint or integer at the end of a
	// page can be loaded whole before its bounds are checked.
	padding = 32
)

// Open reads the header and finds the number of pages.
func Open(src Source) (*File, error) {
	f := &File{main: src.Main, log: src.Log}
	b := make([]byte, HeaderSize)
	if err := f.first(b); err != nil {
		return nil, err
	}
	var err error
	if f.head, err = ParseHeader(b); err != nil {
		return nil, err
	}
	size := f.head.PageSize
	if f.log != nil && f.log.pageSize != size {
		return nil, corrupt(1, "page size %d, in the log %d", size, f.log.pageSize)
	}
	f.lock = uint32(pendingByte/size) + 1 //nolint:gosec // at most 2^21 + 1
	f.pageN = src.PageCount
	switch {
	case f.pageN != 0:
	case f.log != nil:
		f.pageN = f.log.pages
	case f.head.PageCount != 0:
		f.pageN = f.head.PageCount
	default:
		f.pageN = uint32(min(src.Size/int64(size), math.MaxUint32-1)) //nolint:gosec // bounded
	}
	// Every page is in the main file or in a frame of the log, whatever else says.
	most := src.Size / int64(size)
	if f.log != nil {
		most += int64(f.log.frames)
	}
	f.pageN = uint32(min(int64(f.pageN), most)) //nolint:gosec // no more than it was
	if f.pageN == 0 {
		return nil, corrupt(1, "no whole page")
	}
	f.pool.New = func() any {
		b := make([]byte, max(runBytes, size)+padding)
		return &b
	}
	return f, nil
}

// first reads the start of page 1.
func (f *File) first(b []byte) error {
	if f.log != nil {
		if frame := f.log.find(1); frame != 0 {
			page := make([]byte, f.log.pageSize)
			if err := f.log.read(page, 1, frame); err != nil {
				return err
			}
			copy(b, page)
			return nil
		}
	}
	n, err := f.main.ReadAt(b, 0)
	if n < len(b) {
		return readFailure(1, err)
	}
	return nil
}

// Header gives the file header.
func (f *File) Header() Header { return f.head }

// PageCount gives the number of pages of this state of the database.
func (f *File) PageCount() uint32 { return f.pageN }

// valid tells whether a page can be part of a tree or a chain.
func (f *File) valid(pgno uint32) bool {
	return pgno != 0 && pgno <= f.pageN && pgno != f.lock
}

// read fills dst with the n pages that begin at first, all of them valid.
func (f *File) read(dst []byte, first uint32, n int) error {
	size := f.head.PageSize
	dst = dst[:n*size]
	if f.log == nil {
		return f.readMain(dst, first)
	}
	for pgno, end := first, first+uint32(n); pgno < end; { //nolint:gosec // a run is short
		next, frame := f.log.from(pgno)
		next = min(next, end)
		if plain := int(next-pgno) * size; plain > 0 {
			if err := f.readMain(dst[:plain], pgno); err != nil {
				return err
			}
			dst, pgno = dst[plain:], next
			continue
		}
		if err := f.log.read(dst[:size], pgno, frame); err != nil {
			return err
		}
		dst, pgno = dst[size:], pgno+1
	}
	return nil
}

// readMain reads pages of the main file. A short read is an error.
func (f *File) readMain(dst []byte, first uint32) error {
	n, err := f.main.ReadAt(dst, int64(first-1)*int64(f.head.PageSize))
	if n == len(dst) {
		return nil
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return readFailure(first+uint32(n/f.head.PageSize), err) //nolint:gosec // within the run
}

// readRun reads as many of the n pages as can be read in one go, at least one.
// Pages after the first that cannot be read are left for their own turn: they
// may be unused ones between two that are wanted.
func (f *File) readRun(dst []byte, first uint32, n int) (int, error) {
	err := f.read(dst, first, n)
	if err == nil {
		return n, nil
	}
	if n > 1 && errors.Is(err, ErrCorrupt) {
		return 1, f.read(dst, first, 1)
	}
	return 0, err
}

// runPages is how many pages one buffer of the pool holds.
func (f *File) runPages() int { return max(1, runBytes/f.head.PageSize) }

func (f *File) buffer() *[]byte { return f.pool.Get().(*[]byte) } //nolint:errcheck,forcetypeassert // the pool holds nothing else

func (f *File) recycle(b *[]byte) {
	if b != nil {
		f.pool.Put(b)
	}
}

func u16(b []byte) int    { return int(binary.BigEndian.Uint16(b)) }
func u32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// Copy writes all pages of this state of the database, those of the log in their
// places. The page of the lock bytes, which nobody writes, comes as zeros.
func (f *File) Copy(ctx context.Context, w io.Writer) error {
	buf := make([]byte, f.runPages()*f.head.PageSize)
	for pgno := uint32(1); pgno <= f.pageN && pgno != 0; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		n := int(min(uint32(f.runPages()), f.pageN-pgno+1)) //nolint:gosec // a run is short
		if pgno < f.lock && f.lock < pgno+uint32(n) {       //nolint:gosec // as above
			n = int(f.lock - pgno)
		}
		part := buf[:n*f.head.PageSize]
		if pgno == f.lock {
			n, part = 1, buf[:f.head.PageSize]
			clear(part)
		} else if err := f.read(part, pgno, n); err != nil {
			return err
		}
		if _, err := w.Write(part); err != nil {
			return err //nolint:wrapcheck // the writer says what is wrong
		}
		pgno += uint32(n)
	}
	return nil
}
