package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	sqlite3 "modernc.org/sqlite/lib"
)

// busyPause is the time between two attempts to lock a busy file.
const busyPause = 20 * time.Millisecond

// pinState begins the read transaction that lasts until Close, on a connection
// that does nothing else: an I/O error or an interrupt on it would end the
// transaction unseen.
func (s *Snapshot) pinState(ctx context.Context, h header) error {
	err := s.beginPin(ctx, connOptions{fileSize: s.file.info.Size()})
	if err != nil && h.wal && s.logBlocked(err) {
		if sizeOf(s.path+"-wal") > 0 {
			return &OpenError{Path: s.path, Kind: ErrLogUnreadable, Cause: err}
		}
		s.pinned, s.info.JournalMode = byHope, "wal"
		return s.beginPin(ctx, connOptions{fileSize: s.file.info.Size(), immutable: true})
	}
	if err != nil {
		return s.openFailure(err)
	}
	return s.pinLog(ctx)
}

// beginPin opens the pin and takes its lock, waiting for a busy writer.
func (s *Snapshot) beginPin(ctx context.Context, o connOptions) error {
	c, err := openConn(s.path, o)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(s.opts.BusyTimeout)
	for {
		if err = c.begin(); err == nil {
			s.pin = c
			return nil
		}
		if code, _ := codeOf(err); code != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			break
		}
		select {
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-time.After(busyPause):
			continue
		}
		break
	}
	c.close()
	return err
}

// begin opens a read transaction. schema_version is the cheapest read: it takes
// the lock without loading the schema, which may be malformed.
func (c *conn) begin() error {
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	_, err := c.number("PRAGMA schema_version")
	if err != nil {
		_ = c.exec("ROLLBACK") // the error above says it all
	}
	return err
}

// logBlocked tells whether a WAL-mode file failed to open because its side
// files cannot be made or written.
func (s *Snapshot) logBlocked(err error) bool {
	code, _ := codeOf(err)
	return code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_READONLY
}

// openFailure gives the error of the first read its kind.
func (s *Snapshot) openFailure(err error) error {
	code, extended := codeOf(err)
	damage := asDamage("", err)
	switch {
	case extended == sqlite3.SQLITE_READONLY_ROLLBACK:
		return &OpenError{Path: s.path, Kind: ErrHotJournal, Cause: err}
	case code == sqlite3.SQLITE_BUSY:
		return &OpenError{Path: s.path, Kind: ErrBusy, Cause: err}
	case code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_PERM || code == sqlite3.SQLITE_READONLY:
		return &OpenError{Path: s.path, Kind: ErrUnreadable, Cause: err}
	case errors.Is(damage, ErrDamaged) && encryptedBody(s.file):
		return &OpenError{Path: s.path, Kind: ErrEncrypted, Cause: err}
	}
	return damage
}

// pinLog finds how further connections can see the pin's state, see the package
// comment.
func (s *Snapshot) pinLog(ctx context.Context) error {
	// The file's own header tells the mode, and cannot change any more. The
	// pragma would load the schema, which may be malformed.
	h, err := sniff(s.file, s.file.info.Size())
	if err != nil {
		return &OpenError{Path: s.path, Kind: ErrChanged, Cause: err}
	}
	s.info.JournalMode = "delete"
	if !h.wal {
		return nil
	}
	s.info.JournalMode = "wal"
	// Each try fails only when a checkpoint restarts the log at that very moment.
	// A writer that does so without a pause is a busy one.
	for deadline := time.Now().Add(s.opts.BusyTimeout); ; {
		if err = s.takeMark(); err == nil {
			return nil
		}
		if !passing(err) || time.Now().After(deadline) {
			return s.openFailure(err)
		}
		if err := s.pinAgain(ctx, deadline); err != nil {
			return err
		}
	}
}

// passing tells whether taking a place in the log failed for a reason that passes.
func passing(err error) bool {
	code, _ := codeOf(err)
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_ERROR
}

// pinAgain begins the read transaction anew, on whatever state there is then.
func (s *Snapshot) pinAgain(ctx context.Context, deadline time.Time) error {
	if err := s.pin.exec("ROLLBACK"); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(busyPause / 4): // the checkpoint that was in the way is short
		}
		err := s.pin.begin()
		if err == nil {
			return nil
		}
		if code, _ := codeOf(err); code != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return s.openFailure(err)
		}
	}
}

// takeMark remembers the pin's place in the log and moves the pin onto a read
// mark at it. Without that, a log that is wholly checkpointed would be read with
// the lock on the main file only, and a writer could restart the log under the
// connections that come later. An empty log has no place; then that lock is
// what pins the state.
func (s *Snapshot) takeMark() error {
	c := s.pin
	return c.guard("take snapshot", func() error {
		name, err := cstring(c.tls, "main")
		if err != nil {
			return err
		}
		defer free(c.tls, name)
		out := sqlite3.Xsqlite3_malloc64(c.tls, 16)
		if out == 0 {
			return c.failed(sqlite3.SQLITE_NOMEM, "take snapshot")
		}
		defer free(c.tls, out)
		*(*uintptr)(pointer(out)) = 0
		rc := sqlite3.Xsqlite3_snapshot_get(c.tls, c.db, name, out)
		if rc == sqlite3.SQLITE_ERROR {
			return nil // no frames: byMainFile
		}
		if err := c.failed(rc, "take snapshot"); err != nil {
			return err
		}
		mark := *(*uintptr)(pointer(out))
		if rc := sqlite3.Xsqlite3_snapshot_open(c.tls, c.db, name, mark); rc != sqlite3.SQLITE_OK {
			sqlite3.Xsqlite3_snapshot_free(c.tls, mark)
			return c.failed(rc, "hold snapshot")
		}
		s.mark, s.pinned, s.info.Log = mark, byLog, logMark(mark)
		return nil
	})
}

// logMark reads a sqlite3_snapshot, which is a copy of the wal-index header.
func logMark(mark uintptr) LogMark {
	h := (*sqlite3.TWalIndexHdr)(pointer(mark))
	return LogMark{Frames: h.FmxFrame, Pages: h.FnPage, Salt: h.FaSalt}
}

// The layout that logMark reads is the one documented for wal-index headers:
// 48 bytes (file format, section 4.3).
var _ = [1]struct{}{}[unsafe.Sizeof(sqlite3.TWalIndexHdr{})-48]

// join puts a connection onto the pin's state.
func (s *Snapshot) join(ctx context.Context, c *conn) error {
	if s.pinned != byLog {
		return nil
	}
	// The connection must have read the file to know that it has a log.
	if _, err := c.number("PRAGMA schema_version"); err != nil {
		return err
	}
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	return c.guard("open snapshot", func() error {
		name, err := cstring(c.tls, "main")
		if err != nil {
			return err
		}
		defer free(c.tls, name)
		// A checkpoint by another process keeps the log for a moment.
		for deadline := time.Now().Add(s.opts.BusyTimeout); ; time.Sleep(busyPause / 4) {
			rc := sqlite3.Xsqlite3_snapshot_open(c.tls, c.db, name, s.mark)
			if rc&0xff != sqlite3.SQLITE_BUSY || ctx.Err() != nil || time.Now().After(deadline) {
				return c.failed(rc, "open snapshot")
			}
		}
	})
}

// joined tells whether the connection still is on the pin's state: after an I/O
// error or a lack of memory the library ends the transaction by itself.
func (s *Snapshot) joined(c *conn) bool {
	return !c.dead && (s.pinned != byLog || sqlite3.Xsqlite3_get_autocommit(c.tls, c.db) == 0)
}

// errClosed is what a closed snapshot answers.
var errClosed = errors.New("snapshot is closed")

// maxIdle is how many connections wait for the next reader.
const maxIdle = 8

// acquire takes a connection on the snapshot's state out of the pool. It goes
// back with release.
func (s *Snapshot) acquire(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	s.out++
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return c, nil
	}
	s.mu.Unlock()
	c, err := s.connect(ctx)
	if err != nil {
		s.back()
		return nil, err
	}
	return c, nil
}

// connect opens a connection on the snapshot's state, with a whole schema or,
// where that fails, with what can be loaded of it.
func (s *Snapshot) connect(ctx context.Context) (*conn, error) {
	s.mu.Lock()
	lenient := s.lenient != nil
	s.mu.Unlock()
	c, err := s.connectOnce(ctx, lenient)
	var e *Error
	if err == nil || lenient || !errors.As(err, &e) || !e.Damaged() {
		return c, err
	}
	c, second := s.connectOnce(ctx, true)
	if second != nil {
		return nil, err
	}
	s.mu.Lock()
	s.lenient = err
	s.mu.Unlock()
	return c, nil
}

func (s *Snapshot) connectOnce(ctx context.Context, lenient bool) (*conn, error) {
	c, err := openConn(s.path, connOptions{
		fileSize:  s.file.info.Size() + sizeOf(s.path+"-wal"),
		immutable: s.pinned != byLog,
		lenient:   lenient,
	})
	if err != nil {
		return nil, err
	}
	stop := c.watch(ctx)
	if err = s.join(ctx, c); err == nil {
		err = c.load()
	}
	stop()
	if err != nil {
		c.close()
		return nil, ended(ctx, fmt.Errorf("connect to %s: %w", s.path, err))
	}
	return c, nil
}

// release gives a connection back.
func (s *Snapshot) release(c *conn) {
	keep := s.joined(c)
	s.mu.Lock()
	if keep = keep && !s.closed && len(s.idle) < maxIdle; keep {
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if !keep {
		c.close()
	}
	s.back()
}

// back counts a connection as returned. The last one after Close ends the
// snapshot; what its end could complain of, Close has no more caller for.
func (s *Snapshot) back() {
	s.mu.Lock()
	s.out--
	s.mu.Unlock()
	_ = s.end()
}

// ended gives the reason of a ctx that is over instead of the interrupt that it
// caused.
func ended(ctx context.Context, err error) error {
	if code, _ := codeOf(err); code == sqlite3.SQLITE_INTERRUPT && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
