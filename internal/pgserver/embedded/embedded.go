// Package embedded fetches a PostgreSQL installation for a machine that has
// none, so that the demo works there too.
//
// It is apart from package pgserver to keep the download code, and the driver
// that comes with it, out of the tests. It never runs unless no installation
// was found.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// version is what is fetched: the newest that the library knows.
const version = embeddedpostgres.V18

// Fetcher implements pgserver.Fetcher with the builds of
// github.com/zonkyio/embedded-postgres-binaries, from Maven Central.
type Fetcher struct{}

// Name returns the version of Postgres that Fetch gets.
func (Fetcher) Name() string { return string(version) }

// Fetch downloads and unpacks the installation into dir. The download itself
// (about 30 MB) does not heed ctx: the library offers no way to interrupt it.
//
// The library can only fetch by starting a server. As root that start fails,
// but after the unpacking; so whether dir works is for the caller to try, and
// Fetch fails only if the programs are not there.
func (Fetcher) Fetch(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "litehaul-fetch-")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	err = start(dir, scratch)
	if _, statErr := os.Stat(filepath.Join(dir, "bin")); statErr == nil {
		err = nil
	}
	return errors.Join(err, ctx.Err(), os.RemoveAll(scratch))
}

func start(dir, scratch string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	server := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(version).
		Port(port).
		BinariesPath(dir).
		CachePath(filepath.Join(scratch, "archive")).
		RuntimePath(filepath.Join(scratch, "runtime")).
		Logger(io.Discard))
	if err := server.Start(); err != nil {
		return fmt.Errorf("download postgres: %w", err)
	}
	return server.Stop()
}

func freePort() (uint32, error) {
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	return uint32(port), listener.Close()       //nolint:gosec // G115: a port has 16 bits
}
