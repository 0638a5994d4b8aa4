// Package pgserver runs a private, throw-away PostgreSQL server: for the demo,
// for benchmarks and, through package pgtest, for tests.
//
// It finds the server's programs (or has them fetched), makes a data directory,
// starts the server on a free port and on a Unix socket that only the server's
// own user may reach, and takes everything away again. It never touches a
// server or a data directory that it did not make, and it does not import
// package testing, so that programs may link it.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Superuser is the name of the role that owns the cluster.
const Superuser = "postgres"

const (
	// portTries bounds how often a start is repeated when another process
	// took the port between our choice and the server's bind.
	portTries = 5

	// startTimeout is how long a server may take until it accepts connections.
	startTimeout = 30 * time.Second

	// stopTimeout is how long a fast shutdown may take before the server is killed.
	stopTimeout = 10 * time.Second
)

// Options say how a server is to run. The zero value is a server tuned for
// tests: fast, and not safe against a crash of the machine.
type Options struct {
	// BinDir is the folder with postgres and initdb. Empty means that they are
	// looked for, see Find.
	BinDir string

	// Fetch gets a Postgres installation when none is found on this machine.
	// Nil means that Run then fails with ErrNotFound.
	Fetch Fetcher

	// DataDir keeps the cluster in this folder, which Stop leaves in place. A
	// folder that already holds a cluster made by Run is started as it is.
	// Empty means a temporary folder, removed by Stop.
	DataDir string

	// Durable leaves fsync, full_page_writes and synchronous_commit as Postgres
	// ships them. Benchmarks that claim anything must set it.
	Durable bool

	// Locale is given to initdb; empty means "C".
	Locale string

	// Settings are further server settings (name to value); they win over those
	// that this package chooses.
	Settings map[string]string

	// freePort is replaced by tests which need a port race.
	freePort func() (int, error)
}

// Server is a running server. Its methods may be called from several
// goroutines at once.
type Server struct {
	install  install
	opts     Options
	work     string // folder of socket, log and (unless Options.DataDir is set) data
	data     string
	version  int
	port     int
	password string
	account  *account
	process  *process
	stopOnce sync.Once
	stopErr  error
}

// Run makes a cluster, starts a server on it and returns when it accepts
// connections. ctx bounds the start only: the server then lives until Stop, so
// that a cancelled run can still clean up in its database. Should this process
// die without calling Stop, the server ends and its folder goes away by itself
// (not on Windows).
func Run(ctx context.Context, opts Options) (*Server, error) {
	if opts.freePort == nil {
		opts.freePort = freePort
	}
	acct, err := serverAccount()
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	found, err := locate(ctx, opts, acct)
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	s := &Server{install: found, opts: opts, account: acct}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start postgres from %s: %w", found.bin, err), s.removeWork())
	}
	return s, nil
}

// start prepares the folders and the cluster, then launches the server until a
// port holds.
func (s *Server) start(ctx context.Context) error {
	if err := s.makeWork(); err != nil {
		return err
	}
	if err := s.initCluster(ctx); err != nil {
		return err
	}
	var err error
	for range portTries {
		if s.port, err = s.opts.freePort(); err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
		err = s.launch(ctx)
		if err == nil || !portTaken(s.port) {
			return err
		}
	}
	return fmt.Errorf("after %d tries: %w", portTries, err)
}

// makeWork makes the folder that the server's account owns and nobody else may
// enter. It also holds the socket, whose path must fit sockaddr_un.
func (s *Server) makeWork() error {
	work, err := os.MkdirTemp(tempParent(s.account), "litehaul-pg-")
	if err != nil {
		return fmt.Errorf("make a folder for the server: %w", err)
	}
	s.work = work
	s.data = filepath.Join(work, "data")
	if s.opts.DataDir != "" {
		if s.data, err = filepath.Abs(s.opts.DataDir); err != nil {
			return fmt.Errorf("data directory %s: %w", s.opts.DataDir, err)
		}
		if err := os.MkdirAll(s.data, 0o700); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
		if err := s.account.own(s.data); err != nil {
			return fmt.Errorf("hand the data directory to the server's user: %w", err)
		}
	}
	if err := s.account.own(work); err != nil {
		return fmt.Errorf("hand folder %s to the server's user: %w", work, err)
	}
	return nil
}

func (s *Server) removeWork() error {
	if s.work == "" {
		return nil
	}
	if err := os.RemoveAll(s.work); err != nil {
		return fmt.Errorf("remove the server's folder: %w", err)
	}
	return nil
}

// Stop shuts the server down (fast: open sessions are ended), kills it if it
// has not ended after ten seconds, and removes what Run made. Further calls
// return what the first one did.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() {
		s.stopErr = errors.Join(s.process.stop(s.install), s.removeWork())
	})
	if s.stopErr != nil {
		return fmt.Errorf("stop postgres: %w", s.stopErr)
	}
	return nil
}

// URL returns a connection URL for the superuser and the named database, over
// the Unix socket (over TCP on Windows).
func (s *Server) URL(database string) string {
	if !hasUnixSockets {
		return s.TCPURL(database)
	}
	query := url.Values{}
	query.Set("host", s.work)
	query.Set("port", strconv.Itoa(s.port))
	query.Set("user", Superuser)
	query.Set("sslmode", "disable")
	target := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query.Encode()}
	return target.String()
}

// TCPURL returns a connection URL for the superuser and the named database over
// TCP on 127.0.0.1. It holds the password, which is random for each cluster.
func (s *Server) TCPURL(database string) string {
	target := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(Superuser, s.password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return target.String()
}

// BinDir returns the folder of the server's programs.
func (s *Server) BinDir() string { return s.install.bin }

// DataDir returns the folder of the cluster's data.
func (s *Server) DataDir() string { return s.data }

// Version returns the server's major version, such as 15.
func (s *Server) Version() int { return s.version }

// Password returns the superuser's password, which TCP connections need.
func (s *Server) Password() string { return s.password }

// PID returns the process id of the postmaster.
func (s *Server) PID() int { return s.process.pid() }
