package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// rootCache is where root keeps fetched servers: root's own cache folder may
// not be entered by the user that must run them.
const rootCache = "/var/cache/litehaul/postgres"

// Fetcher gets a Postgres installation from elsewhere.
type Fetcher interface {
	// Name tells one installation from another, as in "18.3.0". It becomes the
	// name of a folder.
	Name() string

	// Fetch puts the installation into dir, an empty folder: its programs must
	// then stand in dir/bin. Whether they work is tried afterwards.
	Fetch(ctx context.Context, dir string) error
}

// fetched returns the installation that f gets, from folder cache if an earlier
// run left it there.
func fetched(ctx context.Context, f Fetcher, cache string, acct *account) (install, error) {
	final := filepath.Join(cache, f.Name())
	found := install{bin: filepath.Join(final, "bin")}
	if found.complete() {
		return found, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil { //nolint:gosec // G301: programs, nothing secret; the server's user must enter
		return install{}, fmt.Errorf("make the cache folder: %w", err)
	}
	// Fetched aside and renamed when proven to work, so that a run that is cut
	// off or that races with another never leaves half an installation.
	aside, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return install{}, fmt.Errorf("make a folder for the download: %w", err)
	}
	err = fetchAside(ctx, f, aside, acct)
	if err == nil {
		err = os.Rename(aside, final)
		if err != nil && found.complete() {
			err = nil // another process was faster, with the same thing
		}
	}
	if err = errors.Join(err, os.RemoveAll(aside)); err != nil {
		return install{}, fmt.Errorf("fetch postgres %s: %w", f.Name(), err)
	}
	return found, nil
}

func fetchAside(ctx context.Context, f Fetcher, aside string, acct *account) error {
	if err := os.Chmod(aside, 0o755); err != nil { //nolint:gosec // G302: programs, nothing secret; the server's user must enter
		return err
	}
	if err := f.Fetch(ctx, aside); err != nil {
		return err
	}
	got := install{bin: filepath.Join(aside, "bin")}
	if !got.complete() {
		return errors.New("postgres and initdb are not both in the download")
	}
	return got.prove(ctx, acct)
}

// prove makes a cluster and throws it away: that takes the programs, their
// libraries and their shared files.
func (i install) prove(ctx context.Context, acct *account) error {
	trial := &Server{install: i, account: acct}
	err := trial.makeWork()
	if err == nil {
		err = trial.initCluster(ctx)
	}
	return errors.Join(err, trial.removeWork())
}

func cacheDir(acct *account) (string, error) {
	if acct != nil && runtime.GOOS != "windows" {
		return rootCache, nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	return filepath.Join(user, "litehaul", "postgres"), nil
}
