package fixturetest_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite"

	"github.com/litehaul/litehaul/fixturetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

var update = flag.Bool("update", false, "write testdata/shop.tar anew")

func TestMain(m *testing.M) {
	flag.Parse()
	if *update {
		if err := writeShop("testdata/shop.tar"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(pgtest.Main(m))
}

const shop = `
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO customer VALUES (1, 'Ann'), (2, 'Bob');
CREATE TABLE orders (id INTEGER PRIMARY KEY, total DECIMAL(10,2) NOT NULL, customer INTEGER NOT NULL REFERENCES customer);
INSERT INTO orders VALUES (1, 10.5, 1), (2, 20, 1), (9, 0.1, 2);
`

// writeShop writes the archive that the tests read.
func writeShop(path string) error {
	dir, err := os.MkdirTemp("", "shop-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is a temporary one
	source := filepath.Join(dir, "shop.db")
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return err
	}
	_, err = db.Exec(shop)
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		_, err = pipeline.CreateFixture(context.Background(), pipeline.Config{Source: source, Fixture: pipeline.FixtureOutput{Path: path}})
	}
	return err
}

// server makes a role that may create databases the one of the environment.
func server(t *testing.T) string {
	t.Helper()
	s := pgtest.Start(t)
	return s.Role(t, "CREATEDB").URL(t, s.URL("postgres"))
}

// setenv is t.Setenv for tests with parallel subtests. t itself is not parallel.
func setenv(t *testing.T, name, value string) {
	t.Helper()
	old := os.Getenv(name)
	if err := os.Setenv(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Setenv(name, old) }) // it went before
}

func TestExample(t *testing.T) {
	setenv(t, fixturetest.Env, server(t))
	Example()
	for i := range 3 {
		t.Run(fmt.Sprint(i), testOrders)
	}
}

// ask gives the one number that a query of the superuser has.
func ask(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	conn := pgtest.Connect(t, pgtest.Start(t).URL("postgres"))
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestEachItsOwn: tests side by side have databases of their own, made from one
// template, which go with them.
func TestEachItsOwn(t *testing.T) {
	t.Parallel()
	url := server(t)
	const tests = 4
	names := make([]string, tests)
	t.Run("tests", func(t *testing.T) {
		for i := range tests {
			t.Run(fmt.Sprint("Größe ", i), func(t *testing.T) {
				t.Parallel()
				db := fixturetest.New(t, "testdata/shop.tar", fixturetest.Server(url))
				names[i] = db.Name()
				pool := db.Pool()
				if _, err := pool.Exec(t.Context(), "INSERT INTO customer VALUES ($1, 'new')", 100+i); err != nil {
					t.Fatal(err)
				}
				var n int
				if err := db.Conn().QueryRow(t.Context(), "SELECT count(*) FROM customer").Scan(&n); err != nil || n != 3 {
					t.Errorf("%d customers, %v", n, err)
				}
			})
		}
	})
	if n := ask(t, "SELECT count(*) FROM pg_database WHERE datname = ANY ($1)", names); n > 0 {
		t.Errorf("%d databases are left of %q", n, names)
	}
	user := pgxUser(t, url)
	if n := ask(t, "SELECT count(*) FROM pg_database WHERE datdba = $1::regrole AND starts_with(datname, 'litehaul_tpl_')", user); n != 1 {
		t.Errorf("%d templates", n)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "fixturetest_testeachitsown_tests_gr__e") || len(name) > 63 {
			t.Errorf("the name %s", name)
		}
	}
}

func pgxUser(t *testing.T, url string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return cfg.User
}

// TestPGVariables: the server is that of PGHOST and its like.
func TestPGVariables(t *testing.T) {
	cfg, err := pgx.ParseConfig(server(t))
	if err != nil {
		t.Fatal(err)
	}
	setenv(t, fixturetest.Env, "")
	setenv(t, "PGHOST", cfg.Host)
	setenv(t, "PGPORT", fmt.Sprint(cfg.Port))
	setenv(t, "PGUSER", cfg.User)
	db := fixturetest.New(t, "testdata/shop.tar")
	if want := "postgres:///" + db.Name(); db.URL() != want {
		t.Errorf("the URL is %s", db.URL())
	}
	if err := db.Conn().Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// double is a test whose end and failure are looked at.
type double struct {
	testing.TB
	name     string
	cleanups []func()
	said     strings.Builder
	failed   bool
}

func (d *double) Name() string              { return d.name }
func (d *double) Cleanup(fn func())         { d.cleanups = append(d.cleanups, fn) }
func (d *double) Failed() bool              { return d.failed }
func (d *double) Logf(f string, a ...any)   { fmt.Fprintf(&d.said, f+"\n", a...) }
func (d *double) Errorf(f string, a ...any) { d.failed = true; d.Logf(f, a...) }
func (d *double) Fatalf(f string, a ...any) {
	d.Errorf(f, a...)
	runtime.Goexit()
}

// run runs a test to its end, and gives what it said.
func (d *double) run(test func(tb testing.TB)) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(d)
	}()
	<-done
	for len(d.cleanups) > 0 {
		last := d.cleanups[len(d.cleanups)-1]
		d.cleanups = d.cleanups[:len(d.cleanups)-1]
		last()
	}
	return d.said.String()
}

func TestFatal(t *testing.T) {
	setenv(t, fixturetest.Env, "")
	for _, name := range []string{"PGHOST", "PGSERVICE", "PGPORT", "PGUSER", "PGDATABASE"} {
		setenv(t, name, "")
	}
	s := pgtest.Start(t)
	poor := s.Role(t).URL(t, s.URL("postgres"))
	for _, test := range []struct{ name, archive, server, want string }{
		{"no server", "testdata/shop.tar", "", "set LITEHAUL_TEST_DATABASE_URL=postgres://"},
		{"nobody there", "testdata/shop.tar", "postgres://127.0.0.1:1/postgres", "connect to 127.0.0.1:1/postgres"},
		{"no right", "testdata/shop.tar", poor, "may not create databases\ntry: a superuser allows it: ALTER ROLE"},
		{"no archive", "testdata/gone.tar", poor, "gone.tar: no such file"},
		{"something else", "fixturetest_test.go", poor, "this is no litehaul fixture\ntry: litehaul fixture create"},
	} {
		d := &double{TB: t, name: test.name}
		got := d.run(func(tb testing.TB) { fixturetest.New(tb, test.archive, fixturetest.Server(test.server)) })
		if !d.failed || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	url := server(t)
	d := &double{TB: t, name: "leaks"}
	var leaked *pgxpool.Conn
	got := d.run(func(tb testing.TB) {
		var err error
		if leaked, err = fixturetest.New(tb, "testdata/shop.tar", fixturetest.Server(url)).Pool().Acquire(tb.Context()); err != nil {
			tb.Fatalf("%v", err)
		}
	})
	leaked.Release()
	if got != "fixturetest: 1 connections of the pool were not given back\n" {
		t.Errorf("a pool in use: %q", got)
	}

	d = &double{TB: t, name: "spoils"}
	got = d.run(func(tb testing.TB) {
		db := fixturetest.New(tb, "testdata/shop.tar", fixturetest.Server(url))
		if _, err := db.Conn().Exec(tb.Context(), "COMMENT ON DATABASE "+db.Name()+" IS NULL"); err != nil {
			tb.Errorf("%v", err)
		}
	})
	if !d.failed || !strings.Contains(got, "the test's database is left: ") {
		t.Errorf("a drop that fails: %q", got)
	}

	d = &double{TB: t, name: "fails"}
	name := ""
	got = d.run(func(tb testing.TB) {
		name = fixturetest.New(tb, "testdata/shop.tar", fixturetest.Server(url), fixturetest.KeepFailed()).Name()
		tb.Errorf("no")
	})
	if !strings.Contains(got, "so database "+name+" is kept") || ask(t, "SELECT count(*) FROM pg_database WHERE datname = $1", name) != 1 {
		t.Errorf("kept when it failed: %q", got)
	}
}
