package page

import (
	"errors"
	"fmt"
	"io"
)

// ErrCorrupt is what every finding of wrong content wraps. Errors that do not
// wrap it come from the operating system or from a context.
var ErrCorrupt = errors.New("database page is corrupt")

// Error is content that the file format does not allow. It wraps ErrCorrupt.
type Error struct {
	Object string // table, index or part of the file; "" where not known
	What   string // what is wrong, in a few words
	Page   uint32 // 0 where no page can be named
	Err    error  // the cause, or nil
}

// Error names the object, the page and what is wrong.
func (e *Error) Error() string {
	s := e.What
	if e.Err != nil {
		s = fmt.Sprintf("%s: %v", s, e.Err)
	}
	if e.Page != 0 {
		s = fmt.Sprintf("page %d: %s", e.Page, s)
	}
	if e.Object != "" {
		s = e.Object + ": " + s
	}
	return s
}

// Unwrap gives ErrCorrupt and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrCorrupt}
	}
	return []error{ErrCorrupt, e.Err}
}

// corrupt makes an Error of a page.
func corrupt(pgno uint32, format string, args ...any) *Error {
	return &Error{Page: pgno, What: fmt.Sprintf(format, args...)}
}

// of gives an error the name of the object that was read.
func of(object string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Object == "" {
		e.Object = object
		return e
	}
	return err
}

// readFailure tells a short read, which is damage, from a failing disk.
func readFailure(pgno uint32, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Page: pgno, What: "beyond the end of the file", Err: io.ErrUnexpectedEOF}
	}
	return fmt.Errorf("read page %d: %w", pgno, err)
}
