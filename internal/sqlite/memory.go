package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The library's memory lies outside the Go heap: its addresses are uintptr, the
// collector neither moves nor frees what they point to.

// pointer gives the address p as a pointer. It goes through memory because a
// plain conversion looks to vet like a misuse on Go memory.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// view gives n bytes at p without copying. The caller knows how long they live.
func view(p uintptr, n int32) []byte {
	if p == 0 || n <= 0 {
		return none
	}
	return unsafe.Slice((*byte)(pointer(p)), int(n))
}

// none is a text or blob without bytes; not nil, so that it differs from NULL
// for callers who look.
var none = []byte{}

// function gives a Go function of a C callback's shape the address by which the
// library calls it. Only top-level functions may be passed: their address is
// constant data.
func function[T any](f T) uintptr {
	return *(*uintptr)(unsafe.Pointer(&struct{ f T }{f}))
}

// cstring copies s, with a NUL behind it, into library memory.
func cstring(tls *libc.TLS, s string) (uintptr, error) {
	p := sqlite3.Xsqlite3_malloc64(tls, uint64(len(s))+1)
	if p == 0 {
		return 0, &Error{Op: "allocate", Message: "out of memory", Code: sqlite3.SQLITE_NOMEM, Extended: sqlite3.SQLITE_NOMEM}
	}
	b := unsafe.Slice((*byte)(pointer(p)), len(s)+1)
	copy(b, s)
	b[len(s)] = 0
	return p, nil
}

func free(tls *libc.TLS, p uintptr) { sqlite3.Xsqlite3_free(tls, p) }
