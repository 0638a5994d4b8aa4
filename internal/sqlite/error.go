package sqlite

import (
	"errors"
	"fmt"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// Error is what the SQLite library answered to an operation.
type Error struct {
	Op       string // what was being done, with the object's name
	Message  string // the library's own words
	Code     int    // primary result code, 0 for a panic inside the library
	Extended int    // extended result code
}

// Error gives the operation and the library's message.
func (e *Error) Error() string {
	if e.Code == 0 {
		return e.Op + ": " + e.Message
	}
	return fmt.Sprintf("%s: %s (sqlite %d)", e.Op, e.Message, e.Extended)
}

// Damaged tells whether the library says that the file is not what it should be.
func (e *Error) Damaged() bool {
	return e.Code == 0 || e.Code == sqlite3.SQLITE_CORRUPT || e.Code == sqlite3.SQLITE_NOTADB ||
		strings.Contains(e.Message, "malformed database schema") ||
		strings.Contains(e.Message, "unsupported file format") // a header field that no version writes
}

// The reasons for which a file cannot be opened, to be asked with errors.Is.
var (
	ErrNotFound    = errors.New("no such file")
	ErrIsDirectory = errors.New("is a directory")
	ErrUnreadable  = errors.New("cannot be read")
	ErrNotSQLite   = errors.New("is not a SQLite database")
	ErrEncrypted   = errors.New("is probably encrypted")
	ErrEmpty       = errors.New("holds no tables")
	// ErrHotJournal: a crashed writer left a journal that must be rolled back
	// before the file can be read.
	ErrHotJournal = errors.New("has a hot rollback journal")
	// ErrLogUnreadable: the write-ahead log has content, but it cannot be read
	// where the file lies.
	ErrLogUnreadable = errors.New("has a write-ahead log that cannot be read in place")
	// ErrBusy: another process held the file for longer than the timeout.
	ErrBusy = errors.New("is locked by another process")
	// ErrChanged: a file that could not be locked was changed while it was read.
	ErrChanged = errors.New("was changed while it was read")
	// ErrDamaged: see DamagedError.
	ErrDamaged = errors.New("is damaged")
)

// hints say what the user can do about each of the reasons above.
var hints = map[error]string{
	ErrNotFound:      "check the path",
	ErrIsDirectory:   "name the database file inside it",
	ErrUnreadable:    "check the file's permissions",
	ErrNotSQLite:     "check that the file is complete and is the database itself, not a dump or an archive of it",
	ErrEncrypted:     "write a plain copy with SQLCipher: ATTACH 'plain.db' AS plain KEY ''; SELECT sqlcipher_export('plain')",
	ErrEmpty:         "check the path: SQLite makes an empty file where a name was mistyped",
	ErrHotJournal:    "use --recover-copy to roll the journal back in a copy, or open the file once with its application",
	ErrLogUnreadable: "use --recover-copy, or give write permission to the file's folder",
	ErrBusy:          "wait until the writer is done, or raise the busy timeout",
	ErrChanged:       "stop the writing application, or make the file's folder writable so that the file can be locked",
	ErrDamaged:       "restore a backup, or ask for what can still be read with --skip-damaged",
}

// OpenError tells why a file cannot be used. Kind is one of the Err values of
// this package; errors.Is finds both it and the cause.
type OpenError struct {
	Path  string
	Kind  error
	Cause error // or nil
}

// Error names the file and the reason.
func (e *OpenError) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("open %s: %v", e.Path, e.Kind)
	}
	return fmt.Sprintf("open %s: %v: %v", e.Path, e.Kind, e.Cause)
}

// Unwrap gives the reason and the cause.
func (e *OpenError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// Hint says what the user can do.
func (e *OpenError) Hint() string { return hints[e.Kind] }

// DamagedError is damage met while reading. Page is 0 where it is not known.
type DamagedError struct {
	Table  string // "" for the file as a whole
	Detail string
	Page   uint32
	Err    error // the library's error, or nil
}

// Error names the place of the damage.
func (e *DamagedError) Error() string {
	var b strings.Builder
	if e.Table == "" {
		b.WriteString("database is damaged")
	} else {
		fmt.Fprintf(&b, "table %q is damaged", e.Table)
	}
	if e.Page != 0 {
		fmt.Fprintf(&b, " at page %d", e.Page)
	}
	return b.String() + ": " + e.Detail
}

// Unwrap gives the library's error.
func (e *DamagedError) Unwrap() error { return e.Err }

// Is makes every DamagedError an ErrDamaged.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }

// Hint says what the user can do.
func (e *DamagedError) Hint() string { return hints[ErrDamaged] }

// asDamage turns a library error that speaks of damage into a DamagedError of
// the table; other errors pass.
func asDamage(table string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Damaged() {
		return &DamagedError{Table: table, Detail: e.Message, Err: err}
	}
	return err
}

// codeOf gives the primary and extended result codes of a library error, or
// zeros.
func codeOf(err error) (code, extended int) {
	var e *Error
	if errors.As(err, &e) {
		return e.Code, e.Extended
	}
	return 0, 0
}
