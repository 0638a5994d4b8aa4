package sqlite

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// cacheKiB bounds a connection's page cache: scans gain nothing from a larger
// one, and each reader has its own.
const cacheKiB = 2048

// Bounds of the longest value, of SQLITE_LIMIT_LENGTH: what a file stores is
// shorter than the file; what it computes (a generated column, a view) gets some
// room, but a small file cannot ask for a gigabyte.
const (
	maxLength   = sqlite3.SQLITE_MAX_LENGTH
	minLength   = 64 << 20
	lengthScale = 4
)

// conn is one connection of the library, used by one goroutine at a time.
type conn struct {
	tls    *libc.TLS
	db     uintptr   // sqlite3*
	cancel uintptr   // int32 that onProgress reads
	owned  []uintptr // library memory that lives as long as the connection
	dead   bool      // a call panicked: the library's state is unknown

	mu sync.Mutex // guards db against an interrupt while it closes
}

// connOptions are the ways in which connections differ.
type connOptions struct {
	fileSize  int64
	immutable bool // no locks, no log: the file is fixed by other means
	write     bool // for the copy that RecoverCopy makes, never for a source
	lenient   bool // load what can be loaded of a damaged schema
}

var patchOnce sync.Once

// openConn opens a connection on the file at the absolute path.
func openConn(path string, o connOptions) (*conn, error) {
	patchOnce.Do(sqlite3.PatchIssue199) // va_list calls of linux/arm64
	c := &conn{tls: libc.NewTLS()}
	err := c.guard("open", func() error { return c.open(path, o) })
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *conn) open(path string, o connOptions) error {
	name, err := cstring(c.tls, uri(path, o.immutable))
	if err != nil {
		return err
	}
	defer free(c.tls, name)
	out := sqlite3.Xsqlite3_malloc64(c.tls, 16)
	if out == 0 {
		return c.failed(sqlite3.SQLITE_NOMEM, "open")
	}
	defer free(c.tls, out)
	flags := int32(sqlite3.SQLITE_OPEN_URI | sqlite3.SQLITE_OPEN_NOMUTEX | sqlite3.SQLITE_OPEN_EXRESCODE)
	if o.write {
		flags |= sqlite3.SQLITE_OPEN_READWRITE
	} else {
		flags |= sqlite3.SQLITE_OPEN_READONLY
	}
	*(*uintptr)(pointer(out)) = 0
	rc := sqlite3.Xsqlite3_open_v2(c.tls, name, out, flags, 0)
	c.db = *(*uintptr)(pointer(out)) // set on most failures too
	if err := c.failed(rc, "open"); err != nil {
		return err
	}
	return c.configure(o)
}

// uri writes the path as SQLite's file: URI, every byte escaped that could mean
// something else.
func uri(path string, immutable bool) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") { // C:/x, of Windows
		p = "/" + p
	}
	u := "file://" + strings.ReplaceAll(url.PathEscape(p), "%2F", "/")
	if immutable {
		u += "?immutable=1"
	}
	return u
}

// configure takes from the connection what a hostile schema could use, and
// bounds its memory.
func (c *conn) configure(o connOptions) error {
	switches := []struct {
		op int32
		on bool
	}{
		{sqlite3.SQLITE_DBCONFIG_DEFENSIVE, !o.lenient && !o.write},
		{sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA, false},
		{sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, false},
		{sqlite3.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false},
		{sqlite3.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false},
		{sqlite3.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false},
		{sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !o.write},
		{sqlite3.SQLITE_DBCONFIG_WRITABLE_SCHEMA, o.lenient},
	}
	for _, s := range switches {
		if err := c.setConfig(s.op, s.on); err != nil {
			return err
		}
	}
	length := max(minLength, min(o.fileSize, maxLength/lengthScale)*lengthScale)
	sqlite3.Xsqlite3_limit(c.tls, c.db, sqlite3.SQLITE_LIMIT_LENGTH, int32(length)) //nolint:gosec // at most maxLength
	sqlite3.Xsqlite3_limit(c.tls, c.db, sqlite3.SQLITE_LIMIT_ATTACHED, 0)
	sqlite3.Xsqlite3_limit(c.tls, c.db, sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)

	c.cancel = sqlite3.Xsqlite3_malloc64(c.tls, 8)
	if c.cancel == 0 {
		return c.failed(sqlite3.SQLITE_NOMEM, "open")
	}
	c.owned = append(c.owned, c.cancel)
	atomic.StoreInt32((*int32)(pointer(c.cancel)), 0)
	sqlite3.Xsqlite3_progress_handler(c.tls, c.db, progressOps, function(onProgress), c.cancel)
	rc := sqlite3.Xsqlite3_collation_needed(c.tls, c.db, 0, function(onCollationNeeded))
	if err := c.failed(rc, "open"); err != nil {
		return err
	}
	// Both leave the file alone. A truncated memory map would be a fault, a
	// short read is an error; and checks may call functions of the application.
	if err := c.exec("PRAGMA mmap_size=0"); err != nil {
		return err
	}
	return c.exec("PRAGMA ignore_check_constraints=ON")
}

// load reads the schema and bounds the page cache, which a file's header may
// have set to any size.
func (c *conn) load() error {
	return c.exec(fmt.Sprintf("PRAGMA cache_size=-%d", cacheKiB))
}

func (c *conn) setConfig(op int32, on bool) error {
	v := int32(0)
	if on {
		v = 1
	}
	args := libc.NewVaList(v, uintptr(0))
	rc := sqlite3.Xsqlite3_db_config(c.tls, c.db, op, args)
	libc.Xfree(c.tls, args)
	return c.failed(rc, fmt.Sprintf("configure option %d", op))
}

// guard runs f, which calls the library, and turns a panic into an error. Memory
// faults panic too while it runs.
func (c *conn) guard(op string, f func() error) (err error) {
	if c.dead {
		return errDead(op)
	}
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			c.dead = true
			err = panicked(op, r)
		}
	}()
	return f()
}

func errDead(op string) error {
	return &Error{Op: op, Message: "connection was abandoned after a panic in the library"}
}

func panicked(op string, r any) error {
	return &Error{Op: op, Message: fmt.Sprintf("panic in the library: %v", r)}
}

// failed makes an error of a result code that is not success.
func (c *conn) failed(rc int32, op string) error {
	if rc == sqlite3.SQLITE_OK || rc == sqlite3.SQLITE_ROW || rc == sqlite3.SQLITE_DONE {
		return nil
	}
	msg := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))
	// The connection's message is about this call only when the codes agree.
	if c.db != 0 && sqlite3.Xsqlite3_extended_errcode(c.tls, c.db)&0xff == rc&0xff {
		msg = libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db))
	}
	return &Error{Op: op, Message: msg, Code: int(rc & 0xff), Extended: int(rc)}
}

// exec runs a statement and drops its rows.
func (c *conn) exec(sql string) error {
	return c.query(sql, func(*stmt) error { return nil })
}

// query runs a statement and hands each row to f.
func (c *conn) query(sql string, f func(*stmt) error, args ...string) error {
	st, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer st.close()
	for i, a := range args {
		if err := st.bindText(i+1, a); err != nil {
			return err
		}
	}
	for {
		ok, err := st.step()
		if err != nil || !ok {
			return err
		}
		if err := f(st); err != nil {
			return err
		}
	}
}

// number runs a statement that gives one integer.
func (c *conn) number(sql string) (n int64, err error) {
	err = c.query(sql, func(st *stmt) error { n = st.int(0); return nil })
	return n, err
}

// watch lets the end of ctx interrupt what runs on the connection, until the
// returned function is called. It allocates: once per operation, not per row.
func (c *conn) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() { c.interrupt(); close(done) })
	return func() {
		if !unhook() {
			<-done
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.db != 0 {
			atomic.StoreInt32((*int32)(pointer(c.cancel)), 0)
		}
	}
}

// interrupt stops the running statement. The flag serves the progress handler
// and lasts; sqlite3_interrupt reaches loops without progress calls, such as
// count(*).
func (c *conn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == 0 || c.dead {
		return
	}
	atomic.StoreInt32((*int32)(pointer(c.cancel)), 1)
	tls := libc.NewTLS() // a TLS belongs to one goroutine
	sqlite3.Xsqlite3_interrupt(tls, c.db)
	tls.Close()
}

// close ends the connection. One that panicked is abandoned: its locks and
// memory are in an unknown state.
func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead || c.tls == nil {
		return
	}
	_ = c.guard("close", func() error { // nothing to save: it is read-only
		if c.db != 0 {
			sqlite3.Xsqlite3_close_v2(c.tls, c.db)
		}
		for _, p := range c.owned {
			free(c.tls, p)
		}
		return nil
	})
	c.db, c.owned = 0, nil
	if !c.dead {
		c.tls.Close()
		c.tls = nil
	}
}
