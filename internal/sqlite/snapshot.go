package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// DefaultBusyTimeout is how long Open waits for a writer that holds the file.
const DefaultBusyTimeout = 10 * time.Second

// Options are the choices of Open. The zero value is good.
type Options struct {
	// BusyTimeout is how long to wait for a writer that holds the file
	// exclusively; 0 means DefaultBusyTimeout.
	BusyTimeout time.Duration
	// RecoverCopy works on a copy in a temporary folder, where SQLite rolls
	// back or recovers what a crashed writer left. Close removes it.
	RecoverCopy bool
	// TempDir is where that folder is made; "" means os.TempDir.
	TempDir string
}

// Info describes the snapshot.
type Info struct {
	Path          string // absolute, symbolic links resolved; of the copy under RecoverCopy
	JournalMode   string // "wal", or "delete" for all rollback modes
	Encoding      string // "UTF-8", "UTF-16le", "UTF-16be"
	PageSize      int
	PageCount     int64 // of the snapshot, pages in the log included
	FreePages     int64
	FileSize      int64  // of the main file, in bytes
	ChangeCounter uint32 // of the main file's header; WAL writers do not count it up
	SchemaVersion int64
	UserVersion   int32
	ApplicationID int32
	// Log is the snapshot's place in the write-ahead log; the zero value means
	// that the main file alone is the snapshot.
	Log LogMark
	// Locked tells that the state is pinned. Where it is not, Unchanged says at
	// the end whether the file stayed as it was.
	Locked bool
	// SchemaDamaged tells that entries of the schema had to be left out.
	SchemaDamaged bool
}

// LogMark is a place in a write-ahead log (file format, section 4.1): the
// snapshot is the main file overlaid with the first Frames frames.
type LogMark struct {
	Frames uint32
	Pages  uint32 // size of the database in pages at that frame
	Salt   [2]uint32
}

// pinning is how further connections come to see what the pin sees.
type pinning uint8

const (
	byMainFile pinning = iota // the pin's lock fixes the main file: read it without locks
	byLog                     // open the same place of the log
	byHope                    // nothing can be locked; compare at the end
)

// Snapshot is one consistent state of a database file. Its methods may be called
// from several goroutines at once.
type Snapshot struct {
	opts    Options
	path    string
	temp    string // folder of the recovered copy, or ""
	file    *heldFile
	first   stamp
	pin     *conn
	mark    uintptr // sqlite3_snapshot*, for byLog
	pinned  pinning
	lenient error // why the schema is loaded leniently, or nil
	info    Info
	pages   pageFile

	mu     sync.Mutex
	idle   []*conn
	out    int // connections in use
	closed bool
	ended  bool
}

// Open pins the present state of the database file. Its errors are *OpenError,
// *DamagedError, *Error, or of ctx.
func Open(ctx context.Context, path string, o Options) (*Snapshot, error) {
	if o.BusyTimeout == 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	found, err := locate(path)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{opts: o, path: found}
	if o.RecoverCopy {
		if s.temp, s.path, err = recoverCopy(ctx, found, o); err != nil {
			return nil, err
		}
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// locate gives the file's absolute path and makes sure that it is one.
func locate(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs) // -wal and -journal stand beside the real file
	}
	var info os.FileInfo
	if err == nil {
		info, err = os.Stat(abs)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", &OpenError{Path: path, Kind: ErrNotFound}
	case err != nil:
		return "", &OpenError{Path: path, Kind: ErrUnreadable, Cause: err}
	case info.IsDir():
		return "", &OpenError{Path: path, Kind: ErrIsDirectory}
	case !info.Mode().IsRegular():
		return "", &OpenError{Path: path, Kind: ErrUnreadable, Cause: errors.New("not a regular file")}
	}
	return abs, nil
}

func (s *Snapshot) open(ctx context.Context) error {
	var err error
	if s.file, err = hold(s.path); err != nil {
		return &OpenError{Path: s.path, Kind: ErrUnreadable, Cause: err}
	}
	h, why := sniff(s.file, s.file.info.Size())
	if why != nil {
		if hints[why] == "" {
			return &OpenError{Path: s.path, Kind: ErrUnreadable, Cause: why}
		}
		return &OpenError{Path: s.path, Kind: why}
	}
	if err := s.pinState(ctx, h); err != nil {
		return err
	}
	if s.first, err = s.file.stamp(); err != nil {
		return &OpenError{Path: s.path, Kind: ErrUnreadable, Cause: err}
	}
	return s.describe(ctx)
}

// describe loads the schema for the first time and fills Info.
func (s *Snapshot) describe(ctx context.Context) error {
	c, err := s.acquire(ctx)
	if err != nil {
		return s.openFailure(err)
	}
	defer s.release(c)
	defer c.watch(ctx)()
	i := &s.info
	i.Path, i.FileSize = s.path, s.first.info.Size()
	i.ChangeCounter = parseHeader(s.first.header[:]).changeN
	i.Locked, i.SchemaDamaged = s.pinned != byHope, s.lenient != nil
	var user, app, size, objects int64
	for _, q := range []struct {
		to  *int64
		sql string
	}{
		{&size, "PRAGMA page_size"},
		{&i.PageCount, "PRAGMA page_count"},
		{&i.FreePages, "PRAGMA freelist_count"},
		{&i.SchemaVersion, "PRAGMA schema_version"},
		{&user, "PRAGMA user_version"},
		{&app, "PRAGMA application_id"},
		{&objects, "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view')"},
	} {
		if *q.to, err = c.number(q.sql); err != nil {
			return s.openFailure(err)
		}
	}
	i.PageSize, i.UserVersion, i.ApplicationID = int(size), int32(user), int32(app) //nolint:gosec // 32-bit header fields
	err = c.query("PRAGMA encoding", func(st *stmt) error { i.Encoding = st.text(0); return nil })
	if err != nil {
		return s.openFailure(err)
	}
	if objects == 0 && s.lenient == nil {
		return &OpenError{Path: s.path, Kind: ErrEmpty}
	}
	return nil
}

// Info describes the snapshot.
func (s *Snapshot) Info() Info { return s.info }

// File gives the main file's bytes. They are the snapshot's where Info.Log is
// zero; otherwise the log's frames lie over them. It is valid until Close.
func (s *Snapshot) File() io.ReaderAt { return s.file }

// Unchanged tells, for a file that could not be locked, whether it is still as
// it was at Open. It is nil for a locked one.
func (s *Snapshot) Unchanged() error {
	if s.pinned != byHope {
		return nil
	}
	now, err := s.file.stamp()
	if err != nil {
		return &OpenError{Path: s.path, Kind: ErrUnreadable, Cause: err}
	}
	if !s.first.same(now) || sizeOf(s.path+"-wal") > 0 {
		return &OpenError{Path: s.path, Kind: ErrChanged}
	}
	info, err := os.Stat(s.path)
	if err != nil || !os.SameFile(info, now.info) {
		return &OpenError{Path: s.path, Kind: ErrChanged, Cause: err}
	}
	return nil
}

// sizeOf gives the size of a file, 0 where there is none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Close gives the snapshot up. Readers should be closed before; where one is
// not, the file stays locked until it is. Close returns what Unchanged does, and
// may be called more than once.
func (s *Snapshot) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
	var err error
	if s.pin != nil {
		err = s.Unchanged()
	}
	return errors.Join(err, s.end())
}

// end lets go of the pin and the file once the last connection is back.
func (s *Snapshot) end() error {
	s.mu.Lock()
	if !s.closed || s.out > 0 || s.ended {
		s.mu.Unlock()
		return nil
	}
	s.ended = true
	s.mu.Unlock()
	if s.pin != nil {
		if s.mark != 0 && !s.pin.dead {
			sqlite3.Xsqlite3_snapshot_free(s.pin.tls, s.mark)
		}
		s.pin.close()
	}
	s.pages.close()
	if s.file != nil {
		s.file.release()
	}
	if s.temp == "" {
		return nil
	}
	if err := os.RemoveAll(s.temp); err != nil {
		return fmt.Errorf("remove the recovered copy: %w", err)
	}
	return nil
}
