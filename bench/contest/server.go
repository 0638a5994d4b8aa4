package contest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgserver"
)

// DefaultSettings are what the private server is told. Without fsync the disk's
// own speed, which differs most between machines, stays out of the ratios.
func DefaultSettings() map[string]string {
	return map[string]string{"fsync": "off", "shared_buffers": "1GB", "max_wal_size": "8GB"}
}

// server is where the contest takes place.
type server struct {
	private *pgserver.Server // nil: somebody else's
	base    *url.URL
	pid     int // of the postmaster, 0 if it cannot be watched
	version string
	binDir  string
}

// openServer starts a private server, or uses that of a URL.
func openServer(ctx context.Context, address string, settings map[string]string) (*server, error) {
	s := &server{}
	if address == "" {
		private, err := pgserver.Run(ctx, pgserver.Options{Durable: true, Settings: maps.Clone(settings)})
		if err != nil {
			return nil, err
		}
		s.private, s.binDir = private, private.BinDir()
		address = private.URL("postgres")
	}
	base, err := url.Parse(address)
	if err != nil || (base.Scheme != "postgres" && base.Scheme != "postgresql") {
		return nil, errors.Join(errors.New("the server's address must be a postgres:// URL"), s.close())
	}
	s.base = base
	if err := s.meet(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("meet the server: %w", err), s.close())
	}
	return s, nil
}

// meet asks for the version, and finds the server's processes if they run here.
func (s *server) meet(ctx context.Context) error {
	return s.with(ctx, "", func(conn *pgx.Conn) error {
		var backend, local int
		err := conn.QueryRow(ctx, `SELECT current_setting('server_version'), pg_backend_pid(),
			(inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr())::int`).Scan(&s.version, &backend, &local)
		if err != nil {
			return err
		}
		if pid, err := parent(backend); err == nil && local == 1 {
			s.pid = pid
		}
		return nil
	})
}

func (s *server) close() error {
	if s.private == nil {
		return nil
	}
	return s.private.Stop()
}

// url gives the address of a database; of the one that was given, if empty.
func (s *server) url(database string) string {
	address := *s.base
	if database != "" {
		address.Path = "/" + database
	}
	return address.String()
}

func (s *server) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, s.url(database))
}

// with runs do on a connection of its own.
func (s *server) with(ctx context.Context, database string, do func(*pgx.Conn) error) error {
	conn, err := s.connect(ctx, database)
	if err != nil {
		return err
	}
	// A cancelled run still says goodbye.
	return errors.Join(do(conn), conn.Close(context.WithoutCancel(ctx)))
}

// script runs statements without results.
func script(ctx context.Context, conn *pgx.Conn, sql string) error {
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		first, _, _ := strings.Cut(sql, "\n")
		return fmt.Errorf("%s: %w", first, err)
	}
	return nil
}

// fresh makes an empty database in place of one of the same name, and has all
// that is still to be written from before written.
func (s *server) fresh(ctx context.Context, database string) error {
	if err := s.drop(ctx, database); err != nil {
		return err
	}
	return s.with(ctx, "", func(conn *pgx.Conn) error {
		return errors.Join(
			script(ctx, conn, "CREATE DATABASE "+pgserver.Quote(database)),
			script(ctx, conn, "CHECKPOINT"),
		)
	})
}

func (s *server) drop(ctx context.Context, database string) error {
	return s.with(ctx, "", func(conn *pgx.Conn) error {
		return script(ctx, conn, "DROP DATABASE IF EXISTS "+pgserver.Quote(database)+" WITH (FORCE)")
	})
}

// program finds one of Postgres' own programs: the server's, or that of the
// PATH.
func (s *server) program(name string) (string, error) {
	if s.binDir != "" {
		if path, err := exec.LookPath(filepath.Join(s.binDir, name)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}
