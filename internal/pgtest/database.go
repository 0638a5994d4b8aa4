package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgserver"
)

// DatabaseOptions say how a database is made, see pgserver.DatabaseOptions.
type DatabaseOptions = pgserver.DatabaseOptions

// serial makes names unique within this process, and so within its server.
var serial atomic.Int64

// Database makes an empty database for tb and returns the superuser's URL for
// it. The database goes when tb ends, whoever is still connected.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	return s.DatabaseWith(tb, DatabaseOptions{})
}

// DatabaseWith is Database with options, such as an owner from Role.
func (s *Server) DatabaseWith(tb testing.TB, opts DatabaseOptions) string {
	tb.Helper()
	name := fmt.Sprintf("test_%d", serial.Add(1))
	if err := s.CreateDatabase(tb.Context(), name, opts); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// tb.Context is over when clean-ups run.
		if err := s.DropDatabase(context.Background(), name); err != nil {
			tb.Error(err)
		}
	})
	return s.URL(name)
}

// Role is a role that may log in.
type Role struct {
	Name     string
	Password string // needed over TCP only
}

// Role makes a role that may log in and nothing else; attributes, such as
// "CREATEDB", add to that. Roles stay until the server ends: what they own may
// outlast tb. Names are equally long, so that texts which hold one break into
// lines the same way each time.
func (s *Server) Role(tb testing.TB, attributes ...string) Role {
	tb.Helper()
	role := Role{Name: fmt.Sprintf("role_%04d", serial.Add(1)), Password: s.Password()}
	sql := fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s' %s",
		pgserver.Quote(role.Name), role.Password, strings.Join(attributes, " "))
	if err := s.Exec(tb.Context(), sql); err != nil {
		tb.Fatal(err)
	}
	return role
}

// URL returns database, a URL from Database or TCPURL, for this role in place
// of the superuser.
func (r Role) URL(tb testing.TB, database string) string {
	tb.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	if parsed.User != nil {
		parsed.User = url.UserPassword(r.Name, r.Password)
		return parsed.String()
	}
	query := parsed.Query()
	query.Set("user", r.Name)
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// Connect opens a connection that is closed when tb ends.
func Connect(tb testing.TB, database string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), database)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// A test may have had the server cut it off: no error of this test.
		_ = conn.Close(context.Background())
	})
	return conn
}

// LoadDump runs a dump of pg_dump, which holds COPY and commands of psql's own,
// in database, a URL. Without psql the test is skipped, and fails on CI.
func LoadDump(tb testing.TB, database, file string) {
	tb.Helper()
	program, err := exec.LookPath("psql")
	if err != nil {
		if os.Getenv("CI") == "" {
			tb.Skipf("needs psql: %v", err)
		}
		tb.Fatal(err)
	}
	//nolint:gosec // the program that PATH names, on a database and a file that the test names
	out, err := exec.CommandContext(tb.Context(), program, "-qX", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", file).CombinedOutput()
	if err != nil {
		tb.Fatalf("load %s: %v\n%s", file, err, out)
	}
}
