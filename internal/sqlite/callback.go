package sqlite

import (
	"bytes"
	"regexp"
	"sync/atomic"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A schema may name collations and functions that only its application has.
// SQLite refuses to prepare a statement over such a table, although reading its
// rows in storage order needs neither. So each connection supplies stand-ins.

// progressOps is how many virtual machine instructions pass between two looks
// at the cancel flag: about 20 to 50 microseconds.
const progressOps = 1000

// onProgress stops the statement when the flag at arg is set.
func onProgress(_ *libc.TLS, arg uintptr) int32 {
	return atomic.LoadInt32((*int32)(pointer(arg)))
}

// onCollationNeeded registers a bytewise comparison under the missing name.
// (int eTextRep is the encoding that SQLite would like best; it converts.)
func onCollationNeeded(tls *libc.TLS, _, db uintptr, _ int32, name uintptr) {
	sqlite3.Xsqlite3_create_collation_v2(tls, db, name, sqlite3.SQLITE_UTF8, 0, function(compareBytes), 0)
}

// compareBytes is memcmp, the shorter first where one is a prefix.
//
//nolint:revive // the shape is SQLite's
func compareBytes(_ *libc.TLS, _ uintptr, n1 int32, p1 uintptr, n2 int32, p2 uintptr) int32 {
	return int32(bytes.Compare(view(p1, n1), view(p2, n2))) //nolint:gosec // -1, 0 or 1
}

// stubFunction stands in for a function that only the application has. It can
// be prepared, but evaluating it is an error that names it.
func stubFunction(tls *libc.TLS, ctx uintptr, _ int32, _ uintptr) {
	name := libc.GoString(sqlite3.Xsqlite3_user_data(tls, ctx))
	msg, err := cstring(tls, "function "+name+"() belongs to the application and is not available here")
	if err != nil {
		sqlite3.Xsqlite3_result_error_nomem(tls, ctx)
		return
	}
	sqlite3.Xsqlite3_result_error(tls, ctx, msg, -1)
	free(tls, msg)
}

// missingFunction finds the name in the library's two messages about functions
// that it does not know.
var missingFunction = regexp.MustCompile(`(?:no such function: (\S+)|unknown function: (.+?)\(\))`)

// missingFunctionIn gives the name of the function that err says is missing.
func missingFunctionIn(msg string) (string, bool) {
	m := missingFunction.FindStringSubmatch(msg)
	if m == nil {
		return "", false
	}
	return m[1] + m[2], true
}

// stub registers a stand-in for the function, for any number of arguments.
func (c *conn) stub(name string) error {
	p, err := cstring(c.tls, name)
	if err != nil {
		return err
	}
	c.owned = append(c.owned, p)
	rc := sqlite3.Xsqlite3_create_function_v2(c.tls, c.db, p, -1,
		sqlite3.SQLITE_UTF8|sqlite3.SQLITE_DETERMINISTIC|sqlite3.SQLITE_INNOCUOUS,
		p, function(stubFunction), 0, 0, 0)
	return c.failed(rc, "register function "+name)
}
