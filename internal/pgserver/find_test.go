package pgserver_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgserver"
)

// programs makes a folder that looks like one with server programs.
func programs(t *testing.T, dir string, names ...string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNewestDebian(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	programs(t, filepath.Join(root, "9.6", "bin"), "postgres", "initdb")
	want := programs(t, filepath.Join(root, "15", "bin"), "postgres", "initdb")
	programs(t, filepath.Join(root, "17", "bin"), "postgres") // client packages only
	programs(t, filepath.Join(root, "common", "bin"), "postgres", "initdb")
	if got := pgserver.NewestDebian(filepath.Join(root, "*", "bin")); got != want {
		t.Errorf("newest = %q, want %q", got, want)
	}
	if got := pgserver.NewestDebian(filepath.Join(root, "none", "*")); got != "" {
		t.Errorf("in an empty place: %q", got)
	}
}

// Not parallel: sets the environment.
func TestFind(t *testing.T) {
	root := t.TempDir()
	named := programs(t, filepath.Join(root, "named"), "postgres", "initdb")
	onPath := programs(t, filepath.Join(root, "installed"), "postgres", "initdb")
	links := filepath.Join(root, "links")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(onPath, "initdb"), filepath.Join(links, "initdb")); err != nil {
		t.Fatal(err)
	}

	t.Setenv("PATH", links)
	if got, err := pgserver.Find(); err != nil || got != onPath {
		t.Errorf("by a link on the PATH: %q, %v; want %q", got, err, onPath)
	}
	t.Setenv(pgserver.BinEnv, named)
	if got, err := pgserver.Find(); err != nil || got != named {
		t.Errorf("by environment: %q, %v; want %q", got, err, named)
	}
	t.Setenv(pgserver.BinEnv, links)
	if got, err := pgserver.Find(); err == nil {
		t.Errorf("by a wrong environment: %q", got)
	}
}

func TestCleanEnv(t *testing.T) {
	t.Parallel()
	env := []string{"PATH=/bin", "PGDATA=/elsewhere", "PGHOST=db", "LC_ALL=de_DE.UTF-8", "HOME=/root"}
	before := slices.Clone(env)
	if diff := cmp.Diff([]string{"PATH=/bin", "HOME=/root", "LC_ALL=C"}, pgserver.CleanEnv(env)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, env); diff != "" {
		t.Errorf("the argument changed: %s", diff)
	}
}

// fake "downloads" by linking to what fetch says.
type fake struct {
	calls *int
	fetch func(dir string) error
}

func (fake) Name() string { return "1.0" }

func (f fake) Fetch(_ context.Context, dir string) error {
	*f.calls++
	return f.fetch(dir)
}

func TestFetch(t *testing.T) {
	t.Parallel()
	bin, err := pgserver.Find()
	if err != nil {
		run(t, pgserver.Options{}) // skips or fails
	}
	cache, err := os.MkdirTemp("/tmp", "litehaul-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(cache) })
	if err := os.Chmod(cache, 0o755); err != nil {
		t.Fatal(err)
	}

	broken := errors.New("no route to host")
	calls := 0
	failing := []struct {
		name  string
		fetch func(dir string) error
	}{
		{"download fails", func(string) error { return broken }},
		{"empty download", func(string) error { return nil }},
		{"programs that do not run", func(dir string) error {
			programs(t, filepath.Join(dir, "bin"), "postgres", "initdb")
			return nil
		}},
	}
	for _, test := range failing {
		if _, err := pgserver.Fetched(t.Context(), fake{&calls, test.fetch}, cache); err == nil {
			t.Errorf("%s: no error", test.name)
		}
		if left, err := filepath.Glob(filepath.Join(cache, "*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind %v, %v", test.name, left, err)
		}
	}

	calls = 0
	good := fake{&calls, func(dir string) error { return os.Symlink(bin, filepath.Join(dir, "bin")) }}
	for range 2 {
		got, err := pgserver.Fetched(t.Context(), good, cache)
		if want := filepath.Join(cache, "1.0", "bin"); err != nil || got != want {
			t.Fatalf("fetched to %q, %v; want %q", got, err, want)
		}
	}
	if calls != 1 {
		t.Errorf("fetched %d times, want once and then from the cache", calls)
	}
}
