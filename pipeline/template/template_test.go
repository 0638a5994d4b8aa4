package template_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/template"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// bench is a role that may create databases, and names of its own.
type bench struct {
	t      *testing.T
	server *pgtest.Server
	role   pgtest.Role
	fills  atomic.Int64
}

var names atomic.Int64

func newBench(t *testing.T, attributes ...string) *bench {
	t.Helper()
	t.Parallel()
	server := pgtest.Start(t)
	if len(attributes) == 0 {
		attributes = []string{"CREATEDB"}
	}
	b := &bench{t: t, server: server, role: server.Role(t, attributes...)}
	t.Cleanup(func() {
		for _, name := range b.databases() {
			if err := server.Exec(context.Background(), fmt.Sprintf("ALTER DATABASE %q IS_TEMPLATE false", name)); err != nil {
				t.Error(err)
			}
			if err := server.DropDatabase(context.Background(), name); err != nil {
				t.Error(err)
			}
		}
	})
	return b
}

// url is the role's way into a database.
func (b *bench) url(database string) string { return b.role.URL(b.t, b.server.URL(database)) }

// fresh is a name that no database has.
func (b *bench) fresh() string { return fmt.Sprintf("My App %d", names.Add(1)) }

// id is that of an archive that nobody else has.
func id() string { return fmt.Sprintf("%020x%020x", names.Add(1), 0) }

// config wants a database with a table of three rows.
func (b *bench) config(database, id string) template.Config {
	return template.Config{
		Target: b.url(database), ID: id, Keep: 8,
		Fill: func(ctx context.Context, target string) error {
			b.fills.Add(1)
			return exec(ctx, target, "CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 3)")
		},
	}
}

func exec(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// ask gives the one value that a query has.
func (b *bench) ask(database, sql string) string {
	b.t.Helper()
	conn, err := pgx.Connect(context.Background(), b.server.URL(database))
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var s string
	if err := conn.QueryRow(context.Background(), sql).Scan(&s); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
	return s
}

// databases are those of the role.
func (b *bench) databases() []string {
	list := b.ask("postgres", "SELECT coalesce(string_agg(datname, ',' ORDER BY datname), '') FROM pg_database WHERE datdba = '"+b.role.Name+"'::regrole")
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func (b *bench) must(cfg template.Config) template.Report {
	b.t.Helper()
	rep, err := template.Run(b.t.Context(), cfg)
	if err != nil {
		b.t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	return rep
}

func (b *bench) refused(cfg template.Config, code int, want string) {
	b.t.Helper()
	_, err := template.Run(b.t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), want) || pipeline.ExitCode(err) != code {
		b.t.Errorf("got code %d, %v; want %d, %s", pipeline.ExitCode(err), err, code, want)
	}
}

// TestAgain: the template is made once, and the database is fresh each time.
func TestAgain(t *testing.T) {
	b := newBench(t)
	name, archive := b.fresh(), id()
	cfg := b.config(name, archive)
	rep := b.must(cfg)
	if !rep.Made || rep.Replaced || rep.Strategy != "wal_log" || rep.Bytes < 1<<20 {
		t.Errorf("first: %+v", rep)
	}
	for range 2 {
		if err := exec(t.Context(), b.url(name), "DELETE FROM t; CREATE TABLE mine ()"); err != nil {
			t.Fatal(err)
		}
		rep = b.must(cfg)
		if rep.Made || !rep.Replaced || rep.CopySeconds <= 0 || rep.SwapSeconds <= 0 {
			t.Errorf("again: %+v", rep)
		}
		if got := b.ask(name, "SELECT count(*) || ' ' || coalesce(to_regclass('mine')::text, 'fresh') FROM t"); got != "3 fresh" {
			t.Errorf("the database has %s", got)
		}
	}
	if n := b.fills.Load(); n != 1 {
		t.Errorf("filled %d times", n)
	}
	if got := b.databases(); len(got) != 2 {
		t.Errorf("databases are left: %q", got)
	}
	state := b.ask("postgres", "SELECT datistemplate || ' ' || datallowconn FROM pg_database WHERE datname = '"+rep.Template+"'")
	if state != "true false" {
		t.Errorf("the template is open to all: %s", state)
	}
	// Autovacuum's own work in the template can keep rows from being frozen.
	const frozen = "SELECT (relallvisible > 0)::text FROM pg_class WHERE oid = 't'::regclass"
	for try := 1; b.ask(name, frozen) != "true"; try++ {
		if try == 5 {
			t.Fatal("its rows are never frozen")
		}
		b.must(b.config(name, id()))
	}
}

// TestSpare: after a run the server makes the next copy, and drops what was replaced;
// the next run takes it, and its rows are the template's. It goes with the template.
func TestSpare(t *testing.T) {
	b := newBench(t)
	name, archive := b.fresh(), id()
	cfg := b.config(name, archive)
	cfg.Spare = true
	rep := b.must(cfg)
	if rep.Strategy == "spare" {
		t.Errorf("first: %+v", rep)
	}
	spare := "litehaul_spr_" + strings.TrimPrefix(rep.Template, "litehaul_tpl_")
	for range 2 {
		b.settle(name, rep.Template, spare)
		if state := b.ask("postgres", "SELECT datallowconn::text FROM pg_database WHERE datname = '"+spare+"'"); state != "false" {
			t.Errorf("the spare is open to all: %s", state)
		}
		if err := exec(t.Context(), b.url(name), "DELETE FROM t; CREATE TABLE mine ()"); err != nil {
			t.Fatal(err)
		}
		rep = b.must(cfg)
		if rep.Made || !rep.Replaced || rep.Strategy != "spare" {
			t.Errorf("again: %+v", rep)
		}
		if got := b.ask(name, "SELECT count(*) || ' ' || coalesce(to_regclass('mine')::text, 'fresh') FROM t"); got != "3 fresh" {
			t.Errorf("the database has %s", got)
		}
	}
	b.settle(name, rep.Template, spare)
	cfg.Keep = 0
	if rep = b.must(cfg); rep.Strategy != "spare" || len(rep.Dropped) != 1 {
		t.Errorf("at last: %+v", rep)
	}
	b.settle(name)
}

// settle waits until these are the databases: the server works on when a run with a
// spare has ended.
func (b *bench) settle(want ...string) {
	b.t.Helper()
	slices.Sort(want)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got := b.databases()
		slices.Sort(got)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("databases %q, want %q", got, want)
		}
	}
}

// TestAtOnce: runs for several databases at once make the template once, and runs
// for the same database come one after the other.
func TestAtOnce(t *testing.T) {
	b := newBench(t)
	archive := id()
	all := []string{b.fresh(), b.fresh(), b.fresh()}
	var group errgroup.Group
	for i := range 9 {
		group.Go(func() error {
			_, err := template.Run(t.Context(), b.config(all[i%3], archive))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := b.fills.Load(); n != 1 {
		t.Errorf("filled %d times", n)
	}
	if got := b.databases(); len(got) != 4 {
		t.Errorf("databases: %q", got)
	}
}

// TestNameIsAlwaysThere: while a database is replaced, there is one of its name.
func TestNameIsAlwaysThere(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	b.must(cfg)
	watcher := pgtest.Connect(t, b.server.URL("postgres"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group errgroup.Group
	looks := 0
	group.Go(func() error {
		for ctx.Err() == nil {
			there := false
			if err := watcher.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
				if ctx.Err() != nil {
					break
				}
				return err
			}
			if looks++; !there {
				return errors.New("the name was gone")
			}
		}
		return nil
	})
	for range 3 {
		b.must(cfg)
	}
	cancel()
	if err := group.Wait(); err != nil || looks < 10 {
		t.Errorf("%v, after %d looks", err, looks)
	}
}

func TestRefused(t *testing.T) {
	b := newBench(t)
	name, archive := b.fresh(), id()
	cfg := b.config(name, archive)

	poor := b.server.Role(t)
	poorCfg := cfg
	poorCfg.Target = poor.URL(t, b.server.URL(name))
	b.refused(poorCfg, pipeline.ExitRefused, "may not create databases")

	parsed, err := postgres.ParseTarget(b.server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	b.refused(b.config(parsed.Database(), archive), pipeline.ExitRefused, "belongs to role postgres, and you are role_")
	b.refused(b.config("postgres", archive), pipeline.ExitRefused, "connected to while others are made")
	b.refused(b.config("template1", archive), pipeline.ExitRefused, "is a template for others")
	b.refused(b.config("litehaul_tpl_x", archive), pipeline.ExitUsage, "kept for templates")
	b.refused(b.config(strings.Repeat("x", 64), archive), pipeline.ExitUsage, "longer than the 63 bytes")
	b.refused(b.config(name, "xyz"), pipeline.ExitUsage, "is no ID")
	lost := cfg
	lost.Maintenance = "nowhere at all"
	b.refused(lost, pipeline.ExitRefused, `"nowhere at all" does not exist`)
	if n := b.fills.Load(); n != 0 {
		t.Errorf("filled %d times", n)
	}
}

// TestConfirm: a database that was made otherwise goes only when that is agreed.
func TestConfirm(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	if err := exec(t.Context(), b.url("postgres"), fmt.Sprintf("CREATE DATABASE %q", name)); err != nil {
		t.Fatal(err)
	}
	if err := exec(t.Context(), b.url(name), "CREATE TABLE precious ()"); err != nil {
		t.Fatal(err)
	}
	b.refused(cfg, pipeline.ExitRefused, "was not made from a template")
	cfg.Confirm = func(_ context.Context, database string) (bool, error) { return database != name, nil }
	b.refused(cfg, pipeline.ExitRefused, "not confirmed")
	if n := b.fills.Load(); n != 0 {
		t.Errorf("filled %d times before it was agreed", n)
	}
	b.ask(name, "SELECT 'precious'::regclass::text")
	cfg.Confirm = func(_ context.Context, database string) (bool, error) { return database == name, nil }
	if rep := b.must(cfg); !rep.Replaced {
		t.Errorf("%+v", rep)
	}
	if got := b.ask(name, "SELECT count(*)::text FROM t"); got != "3" {
		t.Errorf("%s rows", got)
	}
}

// TestSessions: who is in the database is named and stays, unless it is forced.
func TestSessions(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	b.must(cfg)
	conn, err := pgx.Connect(t.Context(), b.url(name)+"&application_name=editor")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	b.refused(cfg, pipeline.ExitRefused, fmt.Sprintf("is in use by pid %d of %s (editor)", conn.PgConn().PID(), b.role.Name))
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg.Force = true
	if rep := b.must(cfg); rep.Ended != 1 || !rep.Replaced {
		t.Errorf("%+v", rep)
	}
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the session goes on")
	}
	if err := exec(t.Context(), b.url(name), "DELETE FROM t"); err != nil {
		t.Errorf("nobody gets in: %v", err)
	}
}

// TestForceMayFail: a session that may not be ended keeps the database as it was,
// and open.
func TestForceMayFail(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	b.must(cfg)
	conn := pgtest.Connect(t, b.server.URL(name)) // the superuser
	cfg.Force = true
	b.refused(cfg, pipeline.ExitFailed, "end the session with pid")
	if err := conn.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := exec(t.Context(), b.url(name), "DELETE FROM t"); err != nil {
		t.Errorf("nobody gets in: %v", err)
	}
	if got := b.databases(); len(got) != 2 {
		t.Errorf("databases are left: %q", got)
	}
}

// TestFillFails: nothing is left, and the next run begins anew.
func TestFillFails(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	good := cfg.Fill
	cfg.Fill = func(ctx context.Context, target string) error {
		return errors.Join(good(ctx, target), &pipeline.Error{Err: errors.New("boom"), Code: pipeline.ExitDiffers})
	}
	b.refused(cfg, pipeline.ExitDiffers, "boom")
	if got := b.databases(); len(got) != 0 {
		t.Errorf("databases are left: %q", got)
	}
	cfg.Fill = good
	if rep := b.must(cfg); !rep.Made {
		t.Errorf("%+v", rep)
	}
}

// TestKilled: what a run that was killed has left is recognised, wherever it
// stopped, and made anew.
func TestKilled(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	made := b.must(cfg).Template
	quoted := fmt.Sprintf("%q", made)
	closed := "; ALTER DATABASE " + quoted + " IS_TEMPLATE true; ALTER DATABASE " + quoted + " ALLOW_CONNECTIONS false"
	states := map[string]string{
		"before the comment": "CREATE DATABASE " + quoted,
		"while it was filled": "CREATE DATABASE " + quoted + "; COMMENT ON DATABASE " + quoted +
			` IS '{"litehaul": "template", "layout": 1, "id": "` + cfg.ID + `"}'`,
		"of another version": "CREATE DATABASE " + quoted + "; COMMENT ON DATABASE " + quoted +
			` IS '{"litehaul": "template", "layout": 99, "complete": true, "id": "` + cfg.ID + `"}'` + closed,
		"of another archive": "CREATE DATABASE " + quoted + "; COMMENT ON DATABASE " + quoted +
			` IS '{"litehaul": "template", "layout": 1, "complete": true, "id": "` + cfg.ID + `00"}'` + closed,
	}
	for state, sql := range states {
		if err := b.server.Exec(t.Context(), "ALTER DATABASE "+quoted+" IS_TEMPLATE false"); err != nil {
			t.Fatal(err)
		}
		if err := b.server.DropDatabase(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		for _, statement := range strings.Split(sql, "; ") {
			if err := exec(t.Context(), b.url("postgres"), statement); err != nil {
				t.Fatal(err)
			}
		}
		if rep := b.must(cfg); !rep.Made {
			t.Errorf("%s: taken as it is", state)
		}
		if got := b.ask(name, "SELECT count(*)::text FROM t"); got != "3" {
			t.Errorf("%s: %s rows", state, got)
		}
	}

	// A database of that name that holds something and has no mark is not ours.
	if err := exec(t.Context(), b.url("postgres"), "COMMENT ON DATABASE "+quoted+" IS NULL"); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Exec(t.Context(), "ALTER DATABASE "+quoted+" ALLOW_CONNECTIONS true"); err != nil {
		t.Fatal(err)
	}
	b.refused(cfg, pipeline.ExitRefused, "stands there without the mark of a template")
}

// TestCopyLeft: a copy that a killed run has left without its name goes.
func TestCopyLeft(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	b.must(cfg)
	left := template.BesideName(name)
	for _, l := range left {
		if err := exec(t.Context(), b.url("postgres"), fmt.Sprintf("CREATE DATABASE %q", l)); err != nil {
			t.Fatal(err)
		}
	}
	b.must(cfg)
	if got := b.databases(); len(got) != 2 {
		t.Errorf("databases are left: %q", got)
	}
}

// TestCollect: the templates that were used last are kept, others go, but for
// those that another run has in hand, or that are not ours.
func TestCollect(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	var made []string
	for range 4 {
		made = append(made, b.must(b.config(name, id())).Template)
	}
	for i, m := range made { // the second one was used last, then the third
		used := []string{"2020-01-01T00:00:00Z", "2020-01-04T00:00:00Z", "2020-01-03T00:00:00Z", "2020-01-02T00:00:00Z"}[i]
		sql := fmt.Sprintf(`COMMENT ON DATABASE %q IS '{"litehaul": "template", "layout": 1, "complete": true, "used": %q}'`, m, used)
		if err := exec(t.Context(), b.url("postgres"), sql); err != nil {
			t.Fatal(err)
		}
	}
	locked := pgtest.Connect(t, b.server.URL("postgres"))
	if _, err := locked.Exec(t.Context(), fmt.Sprintf("SELECT pg_advisory_lock_shared(%d)", template.LockKey(made[3]))); err != nil {
		t.Fatal(err)
	}
	cfg := b.config(name, id())
	cfg.Keep = 2
	rep := b.must(cfg)
	if got, want := strings.Join(rep.Dropped, " "), made[2]+" "+made[0]; got != want {
		t.Errorf("dropped %s, not %s", got, want)
	}
	cfg.Keep = 0
	rep = b.must(cfg)
	if len(rep.Dropped) != 2 || rep.Made {
		t.Errorf("none is to be kept: %+v", rep)
	}
	if got := b.ask("postgres", "SELECT count(*)::text FROM pg_database WHERE datname = '"+made[3]+"'"); got != "1" {
		t.Error("one that is in use was dropped")
	}
}

// TestTwoRoles: each role has a template of its own, because what is in it belongs
// to that role.
func TestTwoRoles(t *testing.T) {
	one := newBench(t)
	other := &bench{t: t, server: one.server, role: one.server.Role(t, "CREATEDB")}
	archive := id()
	rep := one.must(one.config(one.fresh(), archive))
	name := other.fresh()
	cfg := other.config(name, archive)
	cfg.Keep = 0
	second := other.must(cfg)
	defer func() { _ = other.server.DropDatabase(context.Background(), name) }()
	if rep.Template == second.Template || !second.Made || len(second.Dropped) != 1 {
		t.Errorf("%+v", second)
	}
	if err := exec(t.Context(), other.url(name), "DELETE FROM t"); err != nil {
		t.Error(err)
	}
}

func TestTestDatabases(t *testing.T) {
	b := newBench(t)
	one, two, copied := b.fresh(), b.fresh(), b.fresh()
	archive := id()
	b.must(b.config(copied, archive))
	for _, name := range []string{one, two} {
		cfg := b.config(name, archive)
		cfg.Kind = template.KindTest
		b.must(cfg)
	}
	if err := template.Drop(t.Context(), b.url(copied), ""); err == nil || !strings.Contains(err.Error(), "was not made for a test") {
		t.Errorf("drop a copy: %v", err)
	}
	for range 2 {
		if err := template.Drop(t.Context(), b.url(one), ""); err != nil {
			t.Error(err)
		}
	}
	if dropped, err := template.Sweep(t.Context(), b.url("postgres"), "", 1<<40); err != nil || len(dropped) > 0 {
		t.Errorf("swept %q, %v", dropped, err)
	}
	if dropped, err := template.Sweep(t.Context(), b.url("postgres"), "", 0); err != nil || strings.Join(dropped, " ") != two {
		t.Errorf("swept %q, %v", dropped, err)
	}
}

func TestCancelled(t *testing.T) {
	b := newBench(t)
	name := b.fresh()
	cfg := b.config(name, id())
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Fill = func(ctx context.Context, _ string) error {
		cancel()
		return ctx.Err()
	}
	if _, err := template.Run(ctx, cfg); pipeline.ExitCode(err) != pipeline.ExitInterrupted {
		t.Errorf("got %v", err)
	}
	if got := b.databases(); len(got) != 0 {
		t.Errorf("databases are left: %q", got)
	}
}

func TestWithoutServer(t *testing.T) {
	t.Parallel()
	_, err := template.Run(t.Context(), template.Config{
		Target: "postgres://ann@127.0.0.1:1/app", ID: id(), Fill: func(context.Context, string) error { return nil },
	})
	var ce *postgres.ConnectError
	if !errors.As(err, &ce) || pipeline.ExitCode(err) != pipeline.ExitRefused {
		t.Errorf("got %v", err)
	}
}
