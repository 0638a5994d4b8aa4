package sqlite

import (
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// maxStubs bounds the retries of prepare: a statement has no reason to name more
// functions that do not exist.
const maxStubs = 64

// stmt is a prepared statement of a connection.
type stmt struct {
	c     *conn
	p     uintptr   // sqlite3_stmt*
	args  []uintptr // library memory of bound texts
	sql   string
	utf16 bool // the file's encoding: texts are converted when read
}

// prepare compiles one statement. Functions that the library does not know get
// a stand-in on the way.
func (c *conn) prepare(sql string) (*stmt, error) {
	st := &stmt{c: c, sql: sql}
	err := c.guard("prepare "+brief(sql), func() error {
		for range maxStubs {
			err := c.prepareOnce(st)
			if err == nil {
				return nil
			}
			name, missing := missingFunctionIn(err.Error())
			if !missing {
				return err
			}
			if c.stub(name) != nil {
				return err
			}
		}
		return c.prepareOnce(st)
	})
	if err != nil {
		return nil, err
	}
	return st, nil
}

func (c *conn) prepareOnce(st *stmt) error {
	sql, err := cstring(c.tls, st.sql)
	if err != nil {
		return err
	}
	defer free(c.tls, sql)
	out := sqlite3.Xsqlite3_malloc64(c.tls, 16)
	if out == 0 {
		return c.failed(sqlite3.SQLITE_NOMEM, "prepare "+brief(st.sql))
	}
	defer free(c.tls, out)
	*(*uintptr)(pointer(out)) = 0
	rc := sqlite3.Xsqlite3_prepare_v2(c.tls, c.db, sql, -1, out, 0)
	st.p = *(*uintptr)(pointer(out))
	return c.failed(rc, "prepare "+brief(st.sql))
}

// brief shortens a statement for a message.
func brief(sql string) string {
	const most = 80
	sql = strings.Join(strings.Fields(sql), " ")
	if len(sql) > most {
		sql = strings.ToValidUTF8(sql[:most], "") + "..."
	}
	return "`" + sql + "`"
}

// step goes to the next row.
func (st *stmt) step() (ok bool, err error) {
	err = st.c.guard("step", func() error {
		rc := sqlite3.Xsqlite3_step(st.c.tls, st.p)
		if ok = rc == sqlite3.SQLITE_ROW; ok || rc == sqlite3.SQLITE_DONE {
			return nil
		}
		return st.c.failed(rc, "read "+brief(st.sql))
	})
	return ok, err
}

// reset makes the statement ready to run again; its arguments stay.
func (st *stmt) reset() {
	_ = st.c.guard("reset", func() error { // repeats the error of the last step
		sqlite3.Xsqlite3_reset(st.c.tls, st.p)
		return nil
	})
}

// close finalises the statement. It may be called more than once.
func (st *stmt) close() {
	if st.p == 0 || st.c.dead {
		return
	}
	_ = st.c.guard("finalize", func() error { // repeats the error of the last step
		sqlite3.Xsqlite3_finalize(st.c.tls, st.p)
		return nil
	})
	st.p = 0
	st.dropArgs()
}

// dropArgs frees the memory of arguments. The statement must have been reset, and
// all its arguments are bound anew before it runs again.
func (st *stmt) dropArgs() {
	if st.c.dead {
		return
	}
	for _, p := range st.args {
		free(st.c.tls, p)
	}
	st.args = st.args[:0]
}

// bindInt sets the i-th argument, from 1.
func (st *stmt) bindInt(i int, v int64) error {
	rc := sqlite3.Xsqlite3_bind_int64(st.c.tls, st.p, int32(i), v) //nolint:gosec // few arguments
	return st.c.failed(rc, "bind")
}

// bindText sets the i-th argument, from 1, to a copy of s.
func (st *stmt) bindText(i int, s string) error {
	p, err := cstring(st.c.tls, s)
	if err != nil {
		return err
	}
	st.args = append(st.args, p)
	rc := sqlite3.Xsqlite3_bind_text(st.c.tls, st.p, int32(i), p, int32(len(s)), 0) //nolint:gosec // names are short
	return st.c.failed(rc, "bind")
}

// bindValue sets the i-th argument, from 1, to a copy of v.
func (st *stmt) bindValue(i int, v *row.Value) error {
	n := int32(i) //nolint:gosec // few arguments
	tls := st.c.tls
	switch v.Class {
	case row.Integer:
		return st.bindInt(i, v.Int())
	case row.Real:
		return st.c.failed(sqlite3.Xsqlite3_bind_double(tls, st.p, n, v.Real()), "bind")
	case row.Text:
		return st.bindText(i, string(v.Bytes))
	case row.Blob:
		p, err := cstring(tls, string(v.Bytes))
		if err != nil {
			return err
		}
		st.args = append(st.args, p)
		rc := sqlite3.Xsqlite3_bind_blob(tls, st.p, n, p, int32(len(v.Bytes)), 0) //nolint:gosec // SQLite's own limit
		return st.c.failed(rc, "bind")
	case row.Null:
	}
	return st.c.failed(sqlite3.Xsqlite3_bind_null(tls, st.p, n), "bind")
}

// columns gives the number of result columns.
func (st *stmt) columns() int { return int(sqlite3.Xsqlite3_column_count(st.c.tls, st.p)) }

// int gives a result column as an integer, converted where it is not one.
func (st *stmt) int(i int) int64 {
	return sqlite3.Xsqlite3_column_int64(st.c.tls, st.p, int32(i)) //nolint:gosec // at most 2000 columns
}

// null tells whether a result column is NULL.
func (st *stmt) null(i int) bool {
	return sqlite3.Xsqlite3_column_type(st.c.tls, st.p, int32(i)) == sqlite3.SQLITE_NULL //nolint:gosec // at most 2000 columns
}

// text gives a copy of a result column as text, "" for NULL.
func (st *stmt) text(i int) string {
	n := int32(i) //nolint:gosec // at most 2000 columns
	p := sqlite3.Xsqlite3_column_text(st.c.tls, st.p, n)
	return string(view(p, sqlite3.Xsqlite3_column_bytes(st.c.tls, st.p, n)))
}

// blob gives a result column's bytes, valid until the next step.
func (st *stmt) blob(i int) []byte {
	n := int32(i) //nolint:gosec // at most 2000 columns
	p := sqlite3.Xsqlite3_column_blob(st.c.tls, st.p, n)
	return view(p, sqlite3.Xsqlite3_column_bytes(st.c.tls, st.p, n))
}

// row fills vals from the result columns that begin at first. Bytes are views,
// valid until the next step.
func (st *stmt) row(vals []row.Value, first int32) {
	tls := st.c.tls
	for i := range vals {
		v := &vals[i]
		p := sqlite3.Xsqlite3_column_value(tls, st.p, first+int32(i))
		switch sqlite3.Xsqlite3_value_type(tls, p) {
		case sqlite3.SQLITE_INTEGER:
			v.SetInt(sqlite3.Xsqlite3_value_int64(tls, p))
		case sqlite3.SQLITE_FLOAT:
			v.SetReal(sqlite3.Xsqlite3_value_double(tls, p))
		case sqlite3.SQLITE_TEXT:
			v.SetText(st.textOf(p))
		case sqlite3.SQLITE_BLOB:
			b := sqlite3.Xsqlite3_value_blob(tls, p)
			v.SetBlob(view(b, sqlite3.Xsqlite3_value_bytes(tls, p)))
		default:
			v.SetNull()
		}
	}
}

// textOf views the UTF-8 bytes of a text. In a UTF-8 file they are taken as they
// are, as a blob, which saves the copy that a closing NUL may cost.
func (st *stmt) textOf(p uintptr) []byte {
	tls := st.c.tls
	var b uintptr
	if st.utf16 {
		b = sqlite3.Xsqlite3_value_text(tls, p)
	} else {
		b = sqlite3.Xsqlite3_value_blob(tls, p)
	}
	return view(b, sqlite3.Xsqlite3_value_bytes(tls, p))
}
