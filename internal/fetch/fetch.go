// Package fetch opens an archive from wherever it is: a file, standard input, or
// an http(s) URL.
//
// Archives are read at random, and a stream is not, so what is no file is first
// brought into a temporary one: readable for its owner only, and without a name
// as soon as it is open where the system allows that. A download that breaks off
// goes on where it stopped, if the server proves that the file is still the same.
//
// The package never looks into what it brings, prints nothing, and neither shows
// what is secret in a URL nor hands it to another host.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Stdin is the name of standard input.
const Stdin = "-"

// Options say how a source is opened. The zero value will do, but for Stdin.
type Options struct {
	// Stdin is read for the name "-".
	Stdin *os.File
	// SHA256 is what the file's SHA-256 must be, 64 hexadecimal digits; "" for
	// no check. A URL may carry one of its own, as #sha256=...
	SHA256 string
	// TempDir is the folder of temporary files, "" for the system's: TMPDIR.
	TempDir string
	// Check looks at the first bytes, as many as there are up to CheckLen, before
	// the rest is fetched.
	Check func(head []byte) error
	// Progress hears how many bytes are there, and how many there will be (-1:
	// not known). It is called some times a second, by one goroutine.
	Progress func(done, total int64)

	// client and wait stand in tests for those of the package.
	client  *http.Client
	wait    func(ctx context.Context, d time.Duration) error
	silence time.Duration
}

// CheckLen is how many bytes Options.Check sees at most.
const CheckLen = 1024

// Source is an open file. It may be read by several goroutines.
type Source struct {
	file   *os.File
	size   int64
	name   string
	remove bool // the file still has a name that Close takes away
	keep   bool // the file is the caller's
}

// Name tells where the file came from, without anything secret.
func (s *Source) Name() string { return s.name }

// Size is the file's size in bytes.
func (s *Source) Size() int64 { return s.size }

// ReadAt is that of io.ReaderAt.
func (s *Source) ReadAt(p []byte, off int64) (int, error) {
	return s.file.ReadAt(p, off) //nolint:wrapcheck // it is the file's, io.EOF included
}

// Close gives the file up.
func (s *Source) Close() error {
	if s.keep {
		return nil
	}
	err := s.file.Close()
	if s.remove {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err //nolint:wrapcheck // names the file
}

// Error is a source that cannot be had. Its text holds nothing secret.
type Error struct {
	Err  error
	Name string
	// Hint says what to do about it, "" for nothing.
	Hint string
	// Usage says that the name or an option makes no sense.
	Usage bool
}

// Error names the source and what is wrong.
func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrHash says that a file is not the one whose SHA-256 was asked for.
var ErrHash = errors.New("the SHA-256 differs")

// IsURL says whether a name is one that is fetched over http.
func IsURL(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// Title gives what messages call a source by its name: a URL without what may be
// secret in it, which are user and password, query and fragment.
func Title(name string) string {
	if name == Stdin {
		return "standard input"
	}
	scheme, rest, ok := strings.Cut(name, "://")
	if !ok || !IsURL(name) {
		return name
	}
	// A password that is not encoded may hold any of / ? # @.
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		if strings.ContainsAny(rest[:i], "?#") {
			return scheme + "://..."
		}
		rest = rest[i+1:]
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, query := strings.Cut(rest, "?")
	if query {
		rest += "?..."
	}
	return scheme + "://" + rest
}

// Open opens what name says: "-" for standard input, an http(s) URL, or else a
// file. Errors are *Error, but for those of ctx and of Options.Check.
func Open(ctx context.Context, name string, opts Options) (*Source, error) {
	if err := checkHex(opts.SHA256); err != nil {
		return nil, &Error{Name: "sha256", Err: err, Hint: "sha256sum FILE prints it", Usage: true}
	}
	switch {
	case name == Stdin:
		return openStdin(ctx, opts)
	case IsURL(name):
		return download(ctx, name, opts)
	}
	return openFile(ctx, name, opts)
}

// checkHex checks that s is a SHA-256, or nothing.
func checkHex(s string) error {
	if b, err := hex.DecodeString(s); s != "" && (err != nil || len(b) != sha256.Size) {
		return errors.New("that is no SHA-256: it has 64 hexadecimal digits")
	}
	return nil
}

func openFile(ctx context.Context, name string, opts Options) (*Source, error) {
	f, err := os.Open(name)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, &Error{Name: name, Err: err, Usage: true}
	}
	s := &Source{file: f, name: name}
	if err := s.settle(ctx, opts); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// settle checks a file that is there as it is.
func (s *Source) settle(ctx context.Context, opts Options) error {
	info, err := s.file.Stat()
	if err != nil {
		return &Error{Name: s.name, Err: err}
	}
	if !info.Mode().IsRegular() {
		return &Error{Name: s.name, Err: errors.New("it is no file"), Usage: true}
	}
	s.size = info.Size()
	if opts.SHA256 == "" {
		return nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, io.NewSectionReader(s.file, 0, s.size)}); err != nil {
		return s.fail(ctx, err)
	}
	return s.match(h.Sum(nil), opts.SHA256)
}

// fail makes an Error of err, unless ctx is the cause.
func (s *Source) fail(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read %s: %w", s.name, ctx.Err())
	}
	return &Error{Name: s.name, Err: err}
}

// match checks the SHA-256 that was asked for.
func (s *Source) match(sum []byte, want string) error {
	got := hex.EncodeToString(sum)
	if want == "" || strings.EqualFold(got, want) {
		return nil
	}
	return &Error{
		Name: s.name, Err: fmt.Errorf("%w: it is %s, not %s", ErrHash, got, strings.ToLower(want)),
		Hint: "somebody changed the file, or the digits are those of another one",
	}
}

// openStdin takes standard input: as it is where it is a file, and by way of a
// temporary one else.
func openStdin(ctx context.Context, opts Options) (*Source, error) {
	s := &Source{file: opts.Stdin, name: Title(Stdin), keep: true}
	if opts.Stdin == nil {
		return nil, &Error{Name: s.name, Err: errors.New("it is closed"), Usage: true}
	}
	info, err := opts.Stdin.Stat()
	if err != nil {
		return nil, &Error{Name: s.name, Err: err}
	}
	if at, err := opts.Stdin.Seek(0, io.SeekCurrent); info.Mode().IsRegular() && err == nil && at == 0 {
		if err := s.settle(ctx, opts); err != nil {
			return nil, err
		}
		return s, nil
	}
	t, err := newTemp(s.name, opts)
	if err != nil {
		return nil, err
	}
	if err := t.fill(ctx, opts.Stdin, -1); err != nil {
		return nil, errors.Join(t.explain(ctx, err), t.source.Close())
	}
	return t.finish(opts.SHA256)
}

// contextReader reads until ctx is done.
type contextReader struct {
	ctx context.Context //nolint:containedctx // it is one copy, and copies take readers
	r   io.Reader
}

// Read is that of io.Reader.
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // the caller knows what it was doing
	}
	return c.r.Read(p) //nolint:wrapcheck // a reader hands on its reader's error
}

// unlink takes a temporary file's name away while it is open, where the system
// allows that: then nothing is left of it when the process ends, however it ends.
func unlink(f *os.File) (named bool) {
	return runtime.GOOS == "windows" || os.Remove(f.Name()) != nil
}

// diskFull tells a full disk, or a full quota, from other errors.
func diskFull(err error) bool {
	const windowsDiskFull = syscall.Errno(112) // ERROR_DISK_FULL
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull)
}
