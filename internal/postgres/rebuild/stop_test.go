package rebuild_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// stopper cuts its connection off after some statements, as a kill -9 of this
// process or of the server's would.
type stopper struct {
	left  int
	admin *pgx.Conn // terminates the backend, or nil to close the socket
}

func (s *stopper) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (s *stopper) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, _ pgx.TraceQueryEndData) {
	s.left--
	if s.left != 0 {
		return
	}
	if s.admin == nil {
		_ = conn.PgConn().Conn().Close()
		return
	}
	pid := conn.PgConn().PID()
	gone := false
	for wait := 0; !gone && wait < 500; wait++ {
		err := s.admin.QueryRow(ctx, `select count(pg_terminate_backend(pid)) = 0 from pg_stat_activity where pid = $1`, pid).Scan(&gone)
		if err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// stoppable opens a connection that ends after n statements.
func (a *app) stoppable(t *testing.T, n int) (*pgx.Conn, *stopper) {
	t.Helper()
	config, err := pgx.ParseConfig(a.url)
	if err != nil {
		t.Fatal(err)
	}
	stop := &stopper{left: n}
	if n%2 == 1 {
		stop.admin = a.admin
	}
	config.Tracer = stop
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // as package postgres connects
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn, stop
}

const stopDDL = `
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return null; end';
CREATE TABLE up (id int PRIMARY KEY, n int);
CREATE TABLE down (id int PRIMARY KEY, up int CONSTRAINT "to up" REFERENCES up DEFERRABLE, n int CONSTRAINT loose REFERENCES up);
ALTER TABLE down DROP CONSTRAINT loose, ADD CONSTRAINT loose FOREIGN KEY (n) REFERENCES up NOT VALID;
CREATE INDEX marked ON down (up DESC); ALTER TABLE down CLUSTER ON marked; COMMENT ON INDEX marked IS 'why';
COMMENT ON CONSTRAINT "to up" ON down IS 'so';
CREATE TRIGGER g AFTER INSERT ON down EXECUTE FUNCTION f(); ALTER TABLE down ENABLE ALWAYS TRIGGER g;`

// TestStopAnywhere stops a load's beginning after each of its statements, then
// a repair's; the next repair brings back all that stood before.
func TestStopAnywhere(t *testing.T) {
	t.Parallel()
	a := newApp(t, stopDDL)
	conn := pgtest.Connect(t, a.url)
	before := state(t, conn)
	down := tables(t, conn, "app")[0]
	if down.Name != "down" {
		t.Fatal(down.Name)
	}
	detached := false
	for n := 1; !detached; n++ {
		mortal, _ := a.stoppable(t, n)
		d, err := rebuild.Detach(t.Context(), mortal, down.OID, everything)
		if detached = err == nil && !mortal.IsClosed() && len(d.Off) == 4; detached && n < 10 {
			t.Errorf("done after %d statements: the test has stopped nothing", n)
		}
		accounted(t, conn, before)
		repair(t, conn, "app")
		same(t, before, state(t, conn))
	}
	restored := false
	for n := 1; !restored; n++ {
		if _, err := rebuild.Detach(t.Context(), conn, down.OID, everything); err != nil {
			t.Fatal(err)
		}
		mortal, stop := a.stoppable(t, n)
		restored = restoreAll(t.Context(), mortal) && stop.left > 0
		if restored && n < 20 {
			t.Errorf("done after %d statements: the test has stopped nothing", n)
		}
		accounted(t, conn, before)
		repair(t, conn, "app")
		same(t, before, state(t, conn))
	}
}

// restoreAll is a repair that gives up at the first error.
func restoreAll(ctx context.Context, conn *pgx.Conn) bool {
	items, err := rebuild.Pending(ctx, conn, "app")
	if err != nil {
		return false
	}
	for _, i := range items {
		if err := rebuild.Restore(ctx, conn, i); err != nil {
			return false
		}
	}
	return rebuild.Clear(ctx, conn, "app") == nil
}

// accounted holds the promise: what stood before stands now, or is pending.
func accounted(t *testing.T, conn *pgx.Conn, before []string) {
	t.Helper()
	// Pending first: what it misses because it was not yet committed stands in
	// the state that is read afterwards, or never went.
	off := map[string]bool{}
	for _, i := range pending(t, conn, "app") {
		off[string(i.Kind)+" "+i.Name] = true
	}
	now := map[string]bool{}
	for _, line := range state(t, conn) {
		now[line] = true
	}
	for _, line := range before {
		name, _, _ := strings.Cut(line, " of ")
		if !now[line] && !off[name] {
			t.Errorf("neither there nor written down: %s", line)
		}
	}
}
