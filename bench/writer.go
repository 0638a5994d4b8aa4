package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// writerPragmas make writing fast. A generator that is cut off leaves no
// database anyway, so nothing has to survive a crash. The cache holds a whole
// table at scale 0.5, so that no page is written twice.
const writerPragmas = `
PRAGMA page_size = 4096;
PRAGMA journal_mode = off;
PRAGMA synchronous = off;
PRAGMA locking_mode = exclusive;
PRAGMA temp_store = memory;
PRAGMA cache_size = -262144;
`

// argsSize bounds the texts and BLOBs of one row, where a generator asks for no
// more.
const argsSize = 1 << 16

// writer makes one new SQLite file through the library's C interface: with
// database/sql, which boxes and converts every argument, scale 0.5 of TPC-H
// takes three times as long.
type writer struct {
	ctx  context.Context // lives as long as one call of a generator
	path string
	tls  *libc.TLS
	db   uintptr
	open []*insert
}

// newWriter creates the file at path, which must not exist, and begins the one
// transaction that everything is written in.
func newWriter(ctx context.Context, path string) (*writer, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("create %s: %w", path, os.ErrExist)
	}
	w := &writer{ctx: ctx, path: path, tls: libc.NewTLS()}
	name, err := libc.CString(path)
	if err != nil {
		w.tls.Close()
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	defer libc.Xfree(w.tls, name)
	handle := w.tls.Alloc(int(unsafe.Sizeof(w.db)))
	rc := sqlite3.Xsqlite3_open_v2(w.tls, name, handle, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE, 0)
	w.db = *(*uintptr)(pointer(handle))
	w.tls.Free(int(unsafe.Sizeof(w.db)))
	if err = w.check(rc); err == nil {
		err = w.exec(writerPragmas + "BEGIN;")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create %s: %w", path, err), w.discard())
	}
	return w, nil
}

// pointer turns an address of the library's own memory, which Go's collector
// neither moves nor frees, into a pointer.
func pointer(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

func (w *writer) check(rc int32) error {
	switch {
	case rc == sqlite3.SQLITE_OK, rc == sqlite3.SQLITE_ROW, rc == sqlite3.SQLITE_DONE:
		return nil
	case w.db == 0:
		return fmt.Errorf("SQLite error %d", rc)
	}
	return fmt.Errorf("SQLite error %d: %s", rc, libc.GoString(sqlite3.Xsqlite3_errmsg(w.tls, w.db)))
}

// exec runs statements without results.
func (w *writer) exec(sql string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	text, err := libc.CString(sql)
	if err != nil {
		return err
	}
	defer libc.Xfree(w.tls, text)
	if err := w.check(sqlite3.Xsqlite3_exec(w.tls, w.db, text, 0, 0, 0)); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(sql), "\n")
		return fmt.Errorf("%s: %w", first, err)
	}
	return nil
}

// commit ends the transaction and closes the file. After an error of work, the
// file is removed instead.
func (w *writer) commit(work error) error {
	if work == nil {
		work = w.exec("COMMIT")
	}
	if work != nil {
		return errors.Join(fmt.Errorf("write %s: %w", w.path, work), w.discard())
	}
	if err := w.close(); err != nil {
		return fmt.Errorf("close %s: %w", w.path, err)
	}
	return nil
}

func (w *writer) discard() error {
	err := w.close()
	if removeErr := os.Remove(w.path); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}

func (w *writer) close() error {
	for _, ins := range w.open {
		ins.finalize()
	}
	w.open = nil
	err := w.check(sqlite3.Xsqlite3_close_v2(w.tls, w.db))
	w.tls.Close()
	return err
}

// TableRows is the number of rows that a generator wrote into a table.
type TableRows struct {
	Table string
	Rows  int64
}

// Stats say what a generator wrote.
type Stats struct {
	Tables []TableRows // in the order in which they were written
	Rows   int64       // of all tables
	Bytes  int64       // size of the file
}

// finish commits, or removes the file after an error of work, and counts.
func (w *writer) finish(work error) (Stats, error) {
	var stats Stats
	for _, ins := range w.open {
		stats.Tables = append(stats.Tables, TableRows{Table: ins.table, Rows: ins.rows})
		stats.Rows += ins.rows
	}
	if err := w.commit(work); err != nil {
		return Stats{}, err
	}
	info, err := os.Stat(w.path)
	if err != nil {
		return Stats{}, fmt.Errorf("size of the database: %w", err)
	}
	stats.Bytes = info.Size()
	return stats, nil
}

// insert is a prepared INSERT. The methods null, int, real, text and blob give
// the values of one row from left to right, row then writes it. An error is
// kept and returned by row.
type insert struct {
	w     *writer
	table string
	rows  int64
	stmt  uintptr
	args  uintptr // memory of the library for a row's texts and BLOBs
	mem   []byte  // the same bytes
	used  int
	next  int32 // parameter, from 1
	err   error
}

// into prepares an INSERT of all given columns into table.
func (w *writer) into(table string, columns ...string) (*insert, error) {
	return w.intoRoom(argsSize, table, columns...)
}

// intoRoom is into for rows of up to room bytes of texts and BLOBs.
func (w *writer) intoRoom(room int, table string, columns ...string) (*insert, error) {
	sql := fmt.Sprintf("INSERT INTO %s(%s) VALUES (?%s)",
		table, strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1))
	text, err := libc.CString(sql)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(w.tls, text)
	handle := w.tls.Alloc(int(unsafe.Sizeof(w.db)))
	defer w.tls.Free(int(unsafe.Sizeof(w.db)))
	if err := w.check(sqlite3.Xsqlite3_prepare_v2(w.tls, w.db, text, -1, handle, 0)); err != nil {
		return nil, fmt.Errorf("%s: %w", sql, err)
	}
	ins := &insert{w: w, table: table, stmt: *(*uintptr)(pointer(handle)), next: 1}
	if ins.args = libc.Xmalloc(w.tls, libc.Tsize_t(room)); ins.args == 0 { //nolint:gosec // G115: a constant of the generators
		return nil, fmt.Errorf("%s: out of memory", sql)
	}
	ins.mem = unsafe.Slice((*byte)(pointer(ins.args)), room)
	w.open = append(w.open, ins)
	return ins, nil
}

func (ins *insert) finalize() {
	sqlite3.Xsqlite3_finalize(ins.w.tls, ins.stmt) // reports the last step's error again
	libc.Xfree(ins.w.tls, ins.args)
}

func (ins *insert) bound(rc int32) {
	if rc != sqlite3.SQLITE_OK && ins.err == nil {
		ins.err = ins.w.check(rc)
	}
	ins.next++
}

func (ins *insert) null() {
	ins.bound(sqlite3.Xsqlite3_bind_null(ins.w.tls, ins.stmt, ins.next))
}

func (ins *insert) int(v int64) {
	ins.bound(sqlite3.Xsqlite3_bind_int64(ins.w.tls, ins.stmt, ins.next, v))
}

func (ins *insert) bool(v bool) {
	if v {
		ins.int(1)
		return
	}
	ins.int(0)
}

func (ins *insert) real(v float64) {
	ins.bound(sqlite3.Xsqlite3_bind_double(ins.w.tls, ins.stmt, ins.next, v))
}

// cents gives an amount of money as people do: as a number with two decimals,
// which a DECIMAL column then stores as REAL, or as INTEGER where it is whole.
func (ins *insert) cents(v int64) { ins.real(float64(v) / 100) }

func (ins *insert) string(v string) { bindText(ins, v) }

func (ins *insert) text(v []byte) { bindText(ins, v) }

func bindText[T string | []byte](ins *insert, v T) {
	at, ok := keep(ins, v)
	if ok {
		// Destructor 0 is SQLITE_STATIC: the bytes stay until the row is written.
		ins.bound(sqlite3.Xsqlite3_bind_text(ins.w.tls, ins.stmt, ins.next, at, int32(len(v)), 0)) //nolint:gosec // G115: at most the room of a row, some MB
	}
}

func (ins *insert) blob(v []byte) {
	at, ok := keep(ins, v)
	if ok {
		ins.bound(sqlite3.Xsqlite3_bind_blob(ins.w.tls, ins.stmt, ins.next, at, int32(len(v)), 0)) //nolint:gosec // G115: at most the room of a row, some MB
	}
}

// keep copies a value to where the library can read it.
func keep[T string | []byte](ins *insert, v T) (address uintptr, ok bool) {
	if len(v) > len(ins.mem)-ins.used {
		if ins.err == nil {
			ins.err = fmt.Errorf("row of more than %d bytes", len(ins.mem))
		}
		return 0, false
	}
	address = ins.args + uintptr(ins.used)
	ins.used += copy(ins.mem[ins.used:], v)
	return address, true
}

// row writes the row whose values were given.
func (ins *insert) row() error {
	if ins.err == nil {
		ins.err = ins.w.check(sqlite3.Xsqlite3_step(ins.w.tls, ins.stmt))
		sqlite3.Xsqlite3_reset(ins.w.tls, ins.stmt) // reports the step's error again
	}
	if ins.err != nil {
		return ins.err
	}
	ins.next, ins.used = 1, 0
	ins.rows++
	if ins.rows%checkEvery == 0 {
		return ins.w.ctx.Err()
	}
	return nil
}

// checkEvery is how many rows lie between two looks at the context: some
// milliseconds.
const checkEvery = 1 << 12

// scaled returns n rows at the given scale, at least one.
func scaled(n int64, scale float64) int64 {
	return max(1, int64(math.Round(float64(n)*scale)))
}
