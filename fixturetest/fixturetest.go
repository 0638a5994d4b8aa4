// Package fixturetest gives each test a Postgres database of its own, filled from
// a fixture archive of litehaul.
//
//	func TestOrders(t *testing.T) {
//		t.Parallel()
//		db := fixturetest.New(t, "testdata/shop.tar")
//		pool := db.Pool()
//		...
//	}
//
// The archive is loaded once, into a template database that stays on the server
// for the next run of the tests too; each database is then a copy, which takes a
// moment, and is dropped when its test ends. Tests may run in parallel, and
// several processes at once.
//
// The server is the one of the option [Server], of the environment variable
// LITEHAUL_TEST_DATABASE_URL, or of PGHOST and its like, in this order. The role
// needs CREATEDB. The package starts no server, and skips no test: one that finds
// no server fails.
package fixturetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/litehaul/litehaul/internal/fetch"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
	"github.com/litehaul/litehaul/pipeline/template"
)

// Env is the environment variable that names the server: a URL or a string of
// key=value pairs. The database in it is not used.
const Env = "LITEHAUL_TEST_DATABASE_URL"

const (
	// keepTemplates is how many templates stay on the server: those that were
	// used last, of all packages' archives.
	keepTemplates = 16
	// leftAfter is the age from which a test's database is one that was left by a
	// process that was killed.
	leftAfter = 6 * time.Hour
	// closeTimeout bounds what is done when a test has ended.
	closeTimeout = 30 * time.Second
)

// Option changes what New does.
type Option func(*options)

type options struct {
	server      string
	maintenance string
	keepFailed  bool
	trust       bool
}

// Server names the server, by a URL or a string of key=value pairs.
func Server(url string) Option { return func(o *options) { o.server = url } }

// Maintenance names the database to connect to while others are made and dropped,
// where that cannot be postgres or template1.
func Maintenance(database string) Option { return func(o *options) { o.maintenance = database } }

// KeepFailed keeps the database of a test that failed, for a look into it, and
// logs its name. It goes some hours later, when tests run again.
func KeepFailed() Option { return func(o *options) { o.keepFailed = true } }

// Trust has functions, triggers and the like made, where the archive was captured
// from a Postgres database. They run with the role's rights.
func Trust() Option { return func(o *options) { o.trust = true } }

// DB is a test's own database.
type DB struct {
	tb   testing.TB
	url  string
	name string
}

// New makes a database that holds what is in the archive, a file's path or an
// http(s) URL. It is dropped when tb and its subtests have ended, whoever is still
// connected to it. New fails tb when there is no database to be had.
func New(tb testing.TB, archive string, opts ...Option) *DB {
	tb.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if o.server == "" {
		o.server = fromEnv(tb)
	}
	a, err := open(tb.Context(), archive)
	if err != nil {
		fatal(tb, err)
	}
	db := &DB{tb: tb, name: databaseName(tb.Name())}
	db.url = postgres.WithDatabase(o.server, db.name)
	if strings.TrimSpace(o.server) == "" {
		db.url = "postgres:///" + db.name // the environment has the rest
	}
	if err := a.copy(tb.Context(), db.url, &o); err != nil {
		_ = template.Drop(context.Background(), db.url, o.maintenance) // what is wrong has its error
		fatal(tb, err)
	}
	tb.Cleanup(func() { db.drop(&o) })
	return db
}

// fatal ends tb, with the advice that goes with an error.
func fatal(tb testing.TB, err error) {
	tb.Helper()
	if hint := pipeline.Hint(err); hint != "" {
		tb.Fatalf("fixturetest: %v\ntry: %s", err, hint)
	}
	tb.Fatalf("fixturetest: %v", err)
}

// fromEnv finds the server in the environment; "" leaves it to PGHOST and its like.
func fromEnv(tb testing.TB) string {
	tb.Helper()
	if url := os.Getenv(Env); url != "" {
		return url
	}
	for _, name := range []string{"PGHOST", "PGSERVICE", "PGPORT", "PGUSER", "PGDATABASE"} {
		if os.Getenv(name) != "" {
			return ""
		}
	}
	tb.Fatalf("fixturetest: no server: set %s=postgres://user@host/postgres, or PGHOST and PGUSER, to one where the role may create databases (ALTER ROLE user CREATEDB)", Env)
	return ""
}

// databaseName makes a name that nobody else has and that tells of the test.
func databaseName(test string) string {
	const most = 36
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(test))
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return "fixturetest_" + name[:min(len(name), most)] + "_" + hex.EncodeToString(random[:])
}

// archive is an archive that tests of this process use; it stays open.
type archive struct {
	mu      sync.Mutex // held while it is opened, and by the first test on each server
	reader  *fixture.Reader
	servers map[string]bool // those that were tidied up
}

// archives are those of this process, by name.
var archives struct {
	sync.Mutex
	byName map[string]*archive
}

func open(ctx context.Context, name string) (*archive, error) {
	if !fetch.IsURL(name) {
		if abs, err := filepath.Abs(name); err == nil { // tests may change their folder
			name = abs
		}
	}
	archives.Lock()
	a := archives.byName[name]
	if a == nil {
		if archives.byName == nil {
			archives.byName = map[string]*archive{}
		}
		a = &archive{servers: map[string]bool{}}
		archives.byName[name] = a
	}
	archives.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reader != nil {
		return a, nil
	}
	src, err := fetch.Open(ctx, name, fetch.Options{Check: fixture.Sniff})
	if err != nil {
		return nil, err //nolint:wrapcheck // names the archive
	}
	reader, err := fixture.Open(src, src.Size())
	if err != nil {
		_ = src.Close() // it was only read
		return nil, reseed.ExplainFixture(fetch.Title(name), err)
	}
	a.reader = reader
	return a, nil
}

// copy makes a database.
func (a *archive) copy(ctx context.Context, url string, o *options) error {
	a.mu.Lock()
	first := !a.servers[o.server]
	a.servers[o.server] = true
	a.mu.Unlock()
	keep := template.KeepAll
	if first {
		keep = keepTemplates
	}
	_, err := template.Run(ctx, template.Config{
		Target: url, ID: a.reader.ID(), Kind: template.KindTest, Maintenance: o.maintenance, Keep: keep,
		Fill: func(ctx context.Context, target string) error {
			_, err := reseed.Run(ctx, reseed.Config{Archive: a.reader, Target: target, Trust: o.trust})
			return err //nolint:wrapcheck // says what failed
		},
	})
	if err == nil && first {
		_, err = template.Sweep(ctx, url, o.maintenance, leftAfter)
	}
	return err //nolint:wrapcheck // says what failed
}

// drop ends the database, unless it is to be looked at.
func (db *DB) drop(o *options) {
	if o.keepFailed && db.tb.Failed() {
		db.tb.Logf("fixturetest: the test failed, so database %s is kept", db.name)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout) // that of tb is over
	defer cancel()
	if err := template.Drop(ctx, db.url, o.maintenance); err != nil {
		db.tb.Errorf("fixturetest: the test's database is left: %v", err)
	}
}

// Name is the database's name.
func (db *DB) Name() string { return db.name }

// URL connects to the database, with pgx, database/sql or psql: a URL, or a string
// of key=value pairs if the server was named by one. It may hold a password.
func (db *DB) URL() string { return db.url }

// Conn opens a connection that is closed when the test ends.
func (db *DB) Conn() *pgx.Conn {
	db.tb.Helper()
	conn, err := pgx.Connect(db.tb.Context(), db.url)
	if err != nil {
		db.tb.Fatalf("fixturetest: %v", err)
	}
	db.tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		_ = conn.Close(ctx) // the test may have closed it, or had it cut off
	})
	return conn
}

// Pool opens a pool of connections that is closed when the test ends. The test
// must have given back all connections then.
func (db *DB) Pool() *pgxpool.Pool {
	db.tb.Helper()
	pool, err := pgxpool.New(db.tb.Context(), db.url)
	if err != nil {
		db.tb.Fatalf("fixturetest: %v", err)
	}
	db.tb.Cleanup(func() {
		if n := pool.Stat().AcquiredConns(); n > 0 {
			db.tb.Errorf("fixturetest: %d connections of the pool were not given back", n)
			go pool.Close() // in no group: it waits for them, maybe for ever; the drop ends them on the server
			return
		}
		pool.Close()
	})
	return pool
}
