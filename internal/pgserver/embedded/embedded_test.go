package embedded_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/internal/pgserver/embedded"
)

var _ pgserver.Fetcher = embedded.Fetcher{}

func TestNameIsAFolder(t *testing.T) {
	t.Parallel()
	name := embedded.Fetcher{}.Name()
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		t.Errorf("name %q", name)
	}
}

// A download that cannot be reached is an error, and leaves no scratch folder. Not parallel: sets the environment.
func TestFetchUnreachable(t *testing.T) {
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1") // nobody listens
	dir := filepath.Join(t.TempDir(), "install")
	err := embedded.Fetcher{}.Fetch(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "download postgres") {
		t.Errorf("error %v", err)
	}
	// The library forgets its own log file there, of one byte.
	if left, err := filepath.Glob(filepath.Join(scratch, "litehaul-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFetchCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (embedded.Fetcher{}).Fetch(ctx, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
