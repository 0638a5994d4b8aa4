package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

var update = flag.Bool("update", false, "write the golden parts of the scripts")

// withServer runs the tests and then stops their server.
type withServer struct{ *testing.M }

func (m withServer) Run() int { return pgtest.Main(m.M) }

// TestMain makes this program serve as litehaul in scripts.
func TestMain(m *testing.M) {
	testscript.Main(withServer{m}, map[string]func(){"litehaul": main})
}

// TestScripts runs what needs no Postgres.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Cmds:                commands,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               clearEnv,
	})
}

// databases makes the names of the scripts' databases unique.
var databases atomic.Int64

// TestServerScripts runs what needs one: each script has a database of its own,
// at $URL.
func TestServerScripts(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/server",
		Cmds:                commands,
		Condition:           condition,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			name := fmt.Sprintf("script_%d", databases.Add(1))
			if err := server.CreateDatabase(t.Context(), name, pgserver.DatabaseOptions{}); err != nil {
				return err
			}
			env.Setenv("DATABASE", name)
			env.Setenv("URL", server.URL(name))
			env.Setenv("FRESH_URL", server.URL(name+"_fresh")) // of a database that is not there
			env.Setenv("TCP_URL", server.TCPURL(name))
			env.Setenv("PASSWORD", server.Password())
			env.Setenv(pgserver.BinEnv, server.BinDir())
			return errors.Join(setSnippets(env), clearEnv(env))
		},
	})
}

// clearEnv keeps the settings of the machine out of a script.
func clearEnv(env *testscript.Env) error {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "LITEHAUL_") && name != pgserver.BinEnv {
			env.Setenv(name, "")
		}
	}
	return nil
}

// commands are those of the scripts, besides testscript's own.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":  exits,
	"sqlite": sqliteCommand,
	"query":  queryCommand,
	"detach": detachCommand,
	"listen": listen,
	"lock":   lock,
	"serve":  serve,

	"snippet": snippetCommand,
}

// exits is exits N PROGRAM ARG...: it runs a program that must end with exit code N.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program [arg...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// sqliteCommand is sqlite DATABASE SCRIPT: it runs a file of SQL.
func sqliteCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sqlite database script.sql")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(ts.ReadFile(args[1]))
	ts.Check(errors.Join(err, db.Close()))
}

// queryCommand is query SQL: it writes what $URL answers to the script's stdout, as text, with bars
// between the columns.
func queryCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: query sql")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, ts.Getenv("URL"))
	ts.Check(err)
	results, err := conn.PgConn().Exec(ctx, args[0]).ReadAll()
	ts.Check(errors.Join(err, conn.Close(ctx)))
	for _, r := range results {
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = string(c)
			}
			_, err := io.WriteString(ts.Stdout(), strings.Join(cells, "|")+"\n")
			ts.Check(err)
		}
	}
}

// detachCommand is detach SCRIPT TABLE: it runs a file of SQL at $URL, and then takes off the
// table what a run does, as if that had been killed.
func detachCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: detach script.sql table")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, ts.Getenv("URL"))
	ts.Check(err)
	_, err = conn.Exec(ctx, ts.ReadFile(args[0]))
	ts.Check(err)
	var oid uint32
	ts.Check(conn.QueryRow(ctx, "SELECT $1::text::regclass::oid", args[1]).Scan(&oid))
	_, err = rebuild.Detach(ctx, conn, oid, rebuild.Request{
		Scope: rebuild.Scope{Indexes: true, ForeignKeys: true, Triggers: true}, Run: "killed",
	})
	ts.Check(errors.Join(err, conn.Close(ctx)))
}

// listen is listen NAME: it takes a port for as long as the script runs, and puts its address
// into the environment.
func listen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listen variable")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}

// serve is serve VARIABLE: it serves the script's folder over http for as long as
// the script runs, and puts the URL into the environment. /away leads to /app.tar.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve variable")
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(ts.MkAbs("."))))
	mux.Handle("/away", http.RedirectHandler("/app.tar", http.StatusFound))
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}

// lock is lock DATABASE: it keeps everybody else from reading a database for as
// long as the script runs.
func lock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lock database")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { _ = db.Close() })
	db.SetMaxOpenConns(1) // the lock belongs to the connection
	_, err = db.Exec("BEGIN EXCLUSIVE")
	ts.Check(err)
}
