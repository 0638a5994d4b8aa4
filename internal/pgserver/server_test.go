package pgserver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/litehaul/litehaul/internal/pgserver"
)

// victimEnv makes the test binary a process that starts a server and waits to
// be killed.
const victimEnv = "LITEHAUL_TEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victimEnv) != "" {
		victim()
		return
	}
	goleak.VerifyTestMain(m)
}

func victim() {
	server, err := pgserver.Run(context.Background(), pgserver.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("server", filepath.Dir(server.DataDir()), server.URL("postgres"))
	select {} // until killed
}

// run starts a server, or skips where there is none (fails on CI).
func run(t *testing.T, opts pgserver.Options) *pgserver.Server {
	t.Helper()
	server, err := pgserver.Run(t.Context(), opts)
	if errors.Is(err, pgserver.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// ask returns the one value that sql yields.
func ask(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var value string
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func TestTwoServers(t *testing.T) {
	t.Parallel()
	one := run(t, pgserver.Options{})
	two := run(t, pgserver.Options{Durable: true, Settings: map[string]string{"work_mem": "7MB", "max_connections": "20"}})

	if one.PID() == two.PID() || one.DataDir() == two.DataDir() {
		t.Fatal("the servers are one")
	}
	tests := []struct {
		name, url, sql, want string
	}{
		{"fast over socket", one.URL("postgres"), "show fsync", "off"},
		{"fast over TCP", one.TCPURL("postgres"), "show full_page_writes", "off"},
		{"durable", two.URL("postgres"), "show fsync", "on"},
		{"settings", two.URL("postgres"), "show work_mem", "7MB"},
		{"settings win", two.URL("postgres"), "show max_connections", "20"},
		{"encoding", one.URL("postgres"), "show server_encoding", "UTF8"},
		{"zone", one.URL("postgres"), "show timezone", "UTC"},
		{"version", one.URL("postgres"), "select (current_setting('server_version_num')::int / 10000)::text", strconv.Itoa(one.Version())},
		{"directory", one.URL("postgres"), "show data_directory", one.DataDir()},
	}
	for _, test := range tests {
		if got := ask(t, test.url, test.sql); got != test.want {
			t.Errorf("%s: %s = %q, want %q", test.name, test.sql, got, test.want)
		}
	}
	if _, err := os.Stat(filepath.Join(one.BinDir(), "initdb")); err != nil {
		t.Error(err)
	}
}

func TestTCPNeedsPassword(t *testing.T) {
	t.Parallel()
	server := run(t, pgserver.Options{})
	config, err := pgx.ParseConfig(server.TCPURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	config.Password = "guess"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("let in with a wrong password")
	}
}

func TestStopRemovesEverything(t *testing.T) {
	t.Parallel()
	server := run(t, pgserver.Options{})
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(server.DataDir())); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the server's folder is still there: %v", err)
	}
	if _, err := pgx.Connect(t.Context(), server.TCPURL("postgres")); err == nil {
		t.Error("the server still answers")
	}
	if err := server.Stop(); err != nil {
		t.Errorf("second Stop: %v", err)
	}
}

// A port that another process takes between choice and bind costs a try, not
// the start.
func TestPortRace(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	picks := 0
	server := run(t, pgserver.Options{}.WithPorts(func() (int, error) {
		picks++
		if picks <= 2 {
			return taken.Addr().(*net.TCPAddr).Port, nil
		}
		return pgserver.FreePort()
	}))
	if picks != 3 {
		t.Errorf("started after %d picks, want 3", picks)
	}
	if got := ask(t, server.TCPURL("postgres"), "select 'up'"); got != "up" {
		t.Error(got)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		opts pgserver.Options
		want string // part of the error
	}{
		{"setting", t.Context(), pgserver.Options{Settings: map[string]string{"no_such_setting": "1"}}, `unrecognized configuration parameter "no_such_setting"`},
		{"locale", t.Context(), pgserver.Options{Locale: "xx_XX.nowhere"}, "invalid locale name"},
		{"programs", t.Context(), pgserver.Options{BinDir: t.TempDir()}, "postgres and initdb are not both there"},
		{"cancelled", cancelled, pgserver.Options{}, "context canceled"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := pgserver.Find(); err != nil && test.opts.BinDir == "" {
				run(t, test.opts) // skips or fails
			}
			server, err := pgserver.Run(test.ctx, test.opts)
			if err == nil {
				t.Fatal(errors.Join(errors.New("started"), server.Stop()))
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func TestDataDirIsKept(t *testing.T) {
	t.Parallel()
	// Not t.TempDir: its parents are closed to the user that root's server runs as.
	parent, err := os.MkdirTemp("/tmp", "litehaul-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	opts := pgserver.Options{DataDir: filepath.Join(parent, "cluster")}
	first := run(t, opts)
	if err := first.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'still here' AS word"); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := run(t, opts)
	if got := ask(t, second.TCPURL("postgres"), "SELECT word FROM kept"); got != "still here" {
		t.Error(got)
	}
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	server := run(t, pgserver.Options{})
	ctx := t.Context()
	if err := server.Exec(ctx, "CREATE ROLE owner LOGIN"); err != nil {
		t.Fatal(err)
	}
	const name = `odd "name" of/a?db`
	if err := server.CreateDatabase(ctx, name, pgserver.DatabaseOptions{
		Owner: "owner", Template: "template0", Encoding: "SQL_ASCII", Locale: "C",
	}); err != nil {
		t.Fatal(err)
	}
	got := []string{
		ask(t, server.URL(name), "select current_database()"),
		ask(t, server.TCPURL(name), "show server_encoding"),
		ask(t, server.URL(name), "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"),
	}
	if diff := cmp.Diff([]string{name, "SQL_ASCII", "owner"}, got); diff != "" {
		t.Error(diff)
	}

	held, err := pgx.Connect(ctx, server.URL(name))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close(context.Background())
	for range 2 {
		if err := server.DropDatabase(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := held.Ping(ctx); err == nil {
		t.Error("the session outlived its database")
	}
}
