package fetch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

// temp is a temporary file that is being filled.
type temp struct {
	source  *Source
	opts    Options
	hash    hash.Hash
	head    []byte
	checked bool
	told    time.Time
}

// writeError is an error of the temporary file, and not of what is read.
type writeError struct{ error }

// Unwrap gives the cause.
func (e writeError) Unwrap() error { return e.error }

// checkError is what Options.Check says.
type checkError struct{ error }

// Unwrap gives the cause.
func (e checkError) Unwrap() error { return e.error }

// newTemp makes the file for what comes from name.
func newTemp(name string, opts Options) (*temp, error) {
	f, err := os.CreateTemp(opts.TempDir, "litehaul-*.tar") // mode 0600
	if err != nil {
		return nil, &Error{Name: name, Err: fmt.Errorf("make a temporary file for it: %w", err), Hint: "TMPDIR names another folder"}
	}
	s := &Source{file: f, name: name}
	s.remove = unlink(f)
	return &temp{source: s, opts: opts, hash: sha256.New(), checked: opts.Check == nil}, nil
}

// reset throws away what came so far.
func (t *temp) reset() error {
	t.source.size, t.head, t.checked = 0, nil, t.opts.Check == nil
	t.hash.Reset()
	if err := t.source.file.Truncate(0); err != nil {
		return writeError{err}
	}
	return nil
}

// Write appends to the file.
func (t *temp) Write(p []byte) (int, error) {
	if !t.checked {
		t.head = append(t.head, p[:min(len(p), CheckLen-len(t.head))]...)
		if len(t.head) == CheckLen {
			if err := t.check(); err != nil {
				return 0, err
			}
		}
	}
	n, err := t.source.file.WriteAt(p, t.source.size)
	if err != nil {
		return n, writeError{err}
	}
	t.source.size += int64(n)
	_, _ = t.hash.Write(p) // never fails
	return n, nil
}

// check looks at the beginning, once.
func (t *temp) check() error {
	t.checked = true
	if err := t.opts.Check(t.head); err != nil {
		return checkError{err}
	}
	return nil
}

const (
	copyBytes = 256 << 10
	// tellEvery is how often progress is told.
	tellEvery = 100 * time.Millisecond
)

// piece is what one Read gave.
type piece struct {
	n   int
	err error
}

// fill appends what r gives until its end. It stops waiting when ctx is done: a
// read of a pipe that then still waits ends with the process.
func (t *temp) fill(ctx context.Context, r io.Reader, total int64) error {
	buf := make([]byte, copyBytes)
	pieces, next := make(chan piece), make(chan struct{})
	defer close(next)
	go func() { // in no group: a read of standard input cannot be cancelled, so nothing could wait for it
		for range next {
			n, err := r.Read(buf)
			select {
			case pieces <- piece{n, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case next <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // explain names the source
		}
		var p piece
		select {
		case p = <-pieces:
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // explain names the source
		}
		if _, err := t.Write(buf[:p.n]); err != nil {
			return err
		}
		t.tell(total)
		if errors.Is(p.err, io.EOF) {
			return nil
		}
		if p.err != nil {
			return p.err
		}
	}
}

func (t *temp) tell(total int64) {
	if t.opts.Progress != nil && time.Since(t.told) >= tellEvery {
		t.told = time.Now()
		t.opts.Progress(t.source.size, total)
	}
}

// finish makes the file ready for reading, when all is there.
func (t *temp) finish(want string) (*Source, error) {
	err := error(nil)
	if !t.checked {
		err = errors.Unwrap(t.check()) // shorter than CheckLen
	}
	if err == nil {
		err = t.source.match(t.hash.Sum(nil), want)
	}
	if err != nil {
		return nil, errors.Join(err, t.source.Close())
	}
	if t.opts.Progress != nil {
		t.opts.Progress(t.source.size, t.source.size)
	}
	return t.source, nil
}

// explain gives an error its name and a hint.
func (t *temp) explain(ctx context.Context, err error) error {
	var check checkError
	var write writeError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("read %s: %w", t.source.name, ctx.Err())
	case errors.As(err, &check):
		return check.error
	case errors.As(err, &write):
		folder := filepath.Dir(t.source.file.Name())
		out := &Error{Name: t.source.name, Err: fmt.Errorf("keep it in folder %s, after %d bytes: %w", folder, t.source.size, cause(write))}
		if diskFull(err) {
			out.Err = fmt.Errorf("folder %s has no room for it: %d bytes went in", folder, t.source.size)
			out.Hint = "TMPDIR names another folder"
		}
		return out
	}
	return &Error{Name: t.source.name, Err: err}
}

// cause gives what lies under an error of a file, without the file's name.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
