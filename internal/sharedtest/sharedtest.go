// Package sharedtest finds, for tests, the databases that others made: they are
// no part of the project and lie in a folder beside the checkout.
//
// It is never linked into a program.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir gives a path below the shared folder, which lies beside the checkout or
// where LITEHAUL_SHARED says. Where it is missing the test is skipped, and fails
// on CI.
func Dir(tb testing.TB, parts ...string) string {
	tb.Helper()
	root := os.Getenv("LITEHAUL_SHARED")
	if root == "" {
		root = filepath.Join(Checkout(tb), "..", "shared")
	}
	path := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(path); err != nil { //nolint:gosec // the developer's own folder
		if os.Getenv("CI") != "" {
			tb.Fatalf("%s is missing: %v", path, err)
		}
		tb.Skipf("%s is missing: set LITEHAUL_SHARED to the folder with corpus/ and damaged/", path)
	}
	return path
}

// Twins lists a file, as target.sql, of each twin: an application whose ORM
// wrote the same to SQLite and to Postgres.
func Twins(tb testing.TB, file string) []string {
	tb.Helper()
	found, err := filepath.Glob(filepath.Join(Dir(tb, "twins"), "*", file))
	if err != nil || len(found) == 0 {
		tb.Fatalf("no %s of any twin: %v", file, err)
	}
	return found
}

// Checkout is the folder of the module, in or below which a test runs.
func Checkout(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
	}
	tb.Fatalf("no go.mod above %s", dir)
	return ""
}
