package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// BinEnv names the environment variable that points at the folder of the
// server's programs.
const BinEnv = "LITEHAUL_PG_BIN"

// ErrNotFound means that this machine has no Postgres server programs where
// Find looks.
var ErrNotFound = errors.New("no postgres server programs found (install the PostgreSQL server, or set " +
	BinEnv + " to the folder that holds postgres and initdb)")

// debianRoots hold one folder per major version on Debian and its descendants,
// which keep the server's programs off the PATH.
const debianRoots = "/usr/lib/postgresql/*/bin"

// install is a place with the server's programs.
type install struct {
	bin string
}

func (i install) program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(i.bin, name)
}

// complete reports whether both programs that a server needs are there.
func (i install) complete() bool {
	for _, name := range []string{"postgres", "initdb"} {
		info, err := os.Stat(i.program(name))
		if err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// Find returns the folder of the server's programs: the one that
// LITEHAUL_PG_BIN names, else the one where the PATH leads, else the newest
// /usr/lib/postgresql/*/bin. It returns ErrNotFound if there is none.
func Find() (string, error) {
	if dir := os.Getenv(BinEnv); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", BinEnv, dir, err)
		}
		if !(install{bin: abs}).complete() {
			return "", fmt.Errorf("%s=%s: postgres and initdb are not both there", BinEnv, dir)
		}
		return abs, nil
	}
	if dir := onPath(); dir != "" {
		return dir, nil
	}
	if dir := newestDebian(debianRoots); dir != "" {
		return dir, nil
	}
	return "", ErrNotFound
}

// onPath follows links, because the programs find each other and their shared
// files from where they really stand.
func onPath() string {
	for _, name := range []string{"postgres", "initdb"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
		dir, err := filepath.Abs(filepath.Dir(path))
		if err == nil && (install{bin: dir}).complete() {
			return dir
		}
	}
	return ""
}

// newestDebian compares versions as numbers: "9.6" must not beat "15".
func newestDebian(pattern string) string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return ""
	}
	best, bestVersion := "", -1.0
	for _, dir := range dirs {
		version, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		if err == nil && version > bestVersion && (install{bin: dir}).complete() {
			best, bestVersion = dir, version
		}
	}
	return best
}

// locate decides which programs to run: the caller's, those found, or those
// that the caller's fetcher gets.
func locate(ctx context.Context, opts Options, acct *account) (install, error) {
	if opts.BinDir != "" {
		found := install{bin: opts.BinDir}
		if !found.complete() {
			return install{}, fmt.Errorf("folder %s: postgres and initdb are not both there", opts.BinDir)
		}
		return found, nil
	}
	dir, err := Find()
	if !errors.Is(err, ErrNotFound) || opts.Fetch == nil {
		return install{bin: dir}, err
	}
	cache, err := cacheDir(acct)
	if err != nil {
		return install{}, err
	}
	return fetched(ctx, opts.Fetch, cache, acct)
}
