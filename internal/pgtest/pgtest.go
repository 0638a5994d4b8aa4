// Package pgtest gives tests a real PostgreSQL server: one per test process,
// started when the first test asks, and a fresh database for each test.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestLoad(t *testing.T) {
//		t.Parallel()
//		url := pgtest.Start(t).Database(t)
//		...
//	}
//
// A machine without a server skips such tests, unless CI is set in the
// environment: then they fail. Package pgserver does the work; this one is the
// layer that knows package testing, and is never linked into a program.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/litehaul/litehaul/internal/pgserver"
)

// Options say how a server of a test's own is to run, see Run.
type Options = pgserver.Options

// Server is a running server with helpers for tests.
type Server struct {
	*pgserver.Server
}

// shared is the server of this test process.
var shared struct {
	sync.Mutex
	server *Server
	err    error
}

// Start returns the server of this test process, and starts it if tb is the
// first to ask. Main stops it; in a package without Main it ends when the test
// process does.
func Start(tb testing.TB) *Server {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		// Not tb.Context: the server outlives the test that happened to be first.
		shared.server, shared.err = Run(context.Background(), Options{})
	}
	if shared.err != nil {
		refuse(tb, shared.err)
	}
	return shared.server
}

// StartWith starts a server for tb alone, with options of its own, and stops it
// when tb ends. Prefer Start: a server takes about a second.
func StartWith(tb testing.TB, opts Options) *Server {
	tb.Helper()
	server, err := Run(tb.Context(), opts)
	if err != nil {
		refuse(tb, err)
	}
	tb.Cleanup(func() {
		if err := server.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return server
}

// Run starts a server that the caller must stop, for use outside of tests'
// usual course, as in TestMain or in a crash test.
func Run(ctx context.Context, opts Options) (*Server, error) {
	server, err := pgserver.Run(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &Server{Server: server}, nil
}

// refuse ends tb: skipped for want of a server, failed for anything else and
// always on CI, where a skipped test would be a hole nobody sees.
func refuse(tb testing.TB, err error) {
	tb.Helper()
	if errors.Is(err, pgserver.ErrNotFound) && os.Getenv("CI") == "" {
		tb.Skipf("needs PostgreSQL: %v", err)
	}
	tb.Fatal(err)
}

// Main runs a package's tests, stops the server if one was started, and checks
// that no goroutine is left over. It returns the exit code for os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	err := error(nil)
	if shared.server != nil {
		err = shared.server.Stop()
	}
	if code == 0 {
		// A failed test may well leave goroutines; they are not the news then.
		err = errors.Join(err, goleak.Find())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "after the tests:", err)
		return max(code, 1)
	}
	return code
}

// IgnoreServer lets a test that checks for leaked goroutines itself
// (goleak.VerifyNone) overlook the one that waits for the shared server to end.
func IgnoreServer() goleak.Option {
	return goleak.IgnoreAnyFunction("github.com/litehaul/litehaul/internal/pgserver.(*process).wait")
}
