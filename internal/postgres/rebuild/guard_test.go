package rebuild_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// refused checks that err says something, with a hint.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	var e *rebuild.Error
	if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with a hint that says %q", err, want)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
		CREATE TABLE up (id int PRIMARY KEY);
		CREATE TABLE t (id int REFERENCES up); CREATE INDEX i ON t (id);`)
	guest := pgtest.Start(t).Role(t)
	before := state(t, a.admin)
	conn := pgtest.Connect(t, a.url)
	list := tables(t, conn, "app")

	tests := []struct {
		name, prepare, url string
		off                int
		reasons            []string
	}{
		{
			"owns nothing", "", guest.URL(t, a.super), 0,
			[]string{fmt.Sprintf("role %s does not own the table", guest.Name), fmt.Sprintf("role %s does not own the table", guest.Name)},
		},
		{
			"may not reference", "ALTER TABLE app.up OWNER TO postgres", a.url, 1,
			[]string{fmt.Sprintf("role %s has no REFERENCES right on app.up", a.owner.Name)},
		},
		{"may reference a column", "GRANT REFERENCES (id) ON app.up TO " + a.owner.Name, a.url, 2, nil},
		{
			"may not create", "ALTER SCHEMA app OWNER TO postgres; GRANT USAGE ON SCHEMA app TO " + a.owner.Name, a.url, 0,
			[]string{fmt.Sprintf("role %s has no CREATE right on the schema", a.owner.Name), fmt.Sprintf("role %s has no CREATE right on the schema", a.owner.Name)},
		},
		{
			"inherits the owner", "GRANT CREATE ON SCHEMA app TO " + a.owner.Name + "; GRANT " + a.owner.Name + " TO " + guest.Name,
			guest.URL(t, a.super), 2, nil,
		},
	}
	for _, test := range tests {
		if test.prepare != "" {
			run(t, a.admin, test.prepare)
		}
		worker := pgtest.Connect(t, test.url)
		off, kept := detachAll(t, worker, list)
		if len(off) != test.off || len(kept) != len(test.reasons) {
			t.Errorf("%s: %v off, %v kept", test.name, off, kept)
		}
		for i, k := range kept {
			if i < len(test.reasons) && k.Reason != test.reasons[i] {
				t.Errorf("%s: %s", test.name, k)
			}
		}
		repair(t, worker, "app")
		same(t, before, state(t, a.admin))
	}
}

// TestSwitchedOffKey: the state of a foreign key's own triggers cannot be put
// back without a superuser, so such a key stays.
func TestSwitchedOffKey(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE up (id int PRIMARY KEY); CREATE TABLE t (id int REFERENCES up)")
	run(t, a.admin, "ALTER TABLE app.t DISABLE TRIGGER ALL")
	conn := pgtest.Connect(t, a.url)
	off, kept := detachAll(t, conn, tables(t, conn, "app"))
	if len(off) != 0 || len(kept) != 1 || kept[0].Reason != "its triggers are switched off" {
		t.Errorf("%v off, %v kept", off, kept)
	}
	if hasControl(t, conn, "app") {
		t.Error("a control table for nothing")
	}
}

// TestControlTableOfOthers: whoever can lay statements ready is not trusted.
func TestControlTableOfOthers(t *testing.T) {
	t.Parallel()
	const ddl = "CREATE TABLE t (id int); CREATE INDEX i ON t (id);"
	t.Run("foreign table", func(t *testing.T) {
		t.Parallel()
		a := newApp(t, ddl+"CREATE TABLE litehaul_rebuild (mine text)")
		conn := pgtest.Connect(t, a.url)
		before := state(t, conn)
		_, err := rebuild.Detach(t.Context(), conn, tables(t, conn, "app")[0].OID, everything)
		refused(t, err, "is not litehaul's control table")
		_, err = rebuild.Pending(t.Context(), conn, "app")
		refused(t, err, "is not litehaul's control table")
		same(t, before, state(t, conn))
	})
	t.Run("other role", func(t *testing.T) {
		t.Parallel()
		a := newApp(t, ddl)
		conn := pgtest.Connect(t, a.url)
		off, _ := detachAll(t, conn, tables(t, conn, "app"))
		_, err := rebuild.Pending(t.Context(), a.admin, "app")
		refused(t, err, "belongs to role")
		refused(t, rebuild.Restore(t.Context(), a.admin, off[0]), "belongs to role")
		refused(t, rebuild.Clear(t.Context(), a.admin, "app"), "belongs to role")
	})
	t.Run("default privileges", func(t *testing.T) {
		t.Parallel()
		a := newApp(t, ddl+"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO postgres")
		conn := pgtest.Connect(t, a.url)
		off, _ := detachAll(t, conn, tables(t, conn, "app"))
		run(t, conn, "GRANT UPDATE ON app.litehaul_rebuild TO PUBLIC")
		refused(t, rebuild.Restore(t.Context(), conn, off[0]), "may be written by PUBLIC")
		run(t, conn, "REVOKE UPDATE ON app.litehaul_rebuild FROM PUBLIC")
		repair(t, conn, "app")
	})
}

// TestLockTimeout: a table that somebody holds is reported, and left as it was.
func TestLockTimeout(t *testing.T) {
	t.Parallel()
	a := newApp(t, "CREATE TABLE t (id int); CREATE INDEX i ON t (id)")
	conn := pgtest.Connect(t, a.url)
	before := state(t, conn)
	list := tables(t, conn, "app")
	run(t, a.admin, "BEGIN; LOCK TABLE app.t IN ACCESS SHARE MODE")
	req := everything
	req.Settings = []rebuild.Setting{{Name: "lock_timeout", Value: "20ms"}}
	if _, err := rebuild.Detach(t.Context(), conn, list[0].OID, req); err == nil || !strings.Contains(err.Error(), `lock table "app"."t"`) {
		t.Errorf("a table that is held: %v", err)
	}
	run(t, a.admin, "COMMIT")
	same(t, before, state(t, conn))
	if hasControl(t, conn, "app") {
		t.Error("a control table for nothing")
	}
	off, _ := detachAll(t, conn, list)
	run(t, a.admin, "BEGIN; LOCK TABLE app.t IN ROW EXCLUSIVE MODE")
	refused(t, rebuild.Restore(t.Context(), conn, off[0], req.Settings...), "lock timeout")
	run(t, a.admin, "COMMIT")
	repair(t, conn, "app")
	same(t, before, state(t, conn))
}

func TestRestoreMeetsOthers(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
		CREATE TABLE up (id int PRIMARY KEY); CREATE TABLE t (id int, n int CONSTRAINT k REFERENCES up);
		CREATE UNIQUE INDEX same ON t (id); CREATE INDEX other ON t (n); CREATE INDEX lost ON t (n, id);
		COMMENT ON INDEX same IS 'kept';
		CREATE TABLE gone (id int); CREATE INDEX gone_i ON gone (id);`)
	conn := pgtest.Connect(t, a.url)
	before := state(t, conn)
	byName := map[string]rebuild.Item{}
	off, _ := detachAll(t, conn, tables(t, conn, "app"))
	for _, i := range off {
		byName[i.Name] = i
	}
	run(t, conn, `SET search_path = app; CREATE UNIQUE INDEX same ON t (id); CREATE INDEX other ON t (id);
		DROP TABLE gone; INSERT INTO t VALUES (1, 7)`)
	restore := func(name string) error { return rebuild.Restore(t.Context(), conn, byName[name]) }

	if err := restore("same"); err != nil {
		t.Error(err)
	}
	if err := restore("same"); err != nil {
		t.Errorf("once more: %v", err)
	}
	refused(t, restore("other"), "exists already with another definition")
	run(t, conn, "DROP INDEX other")
	refused(t, restore("gone_i"), `"app"."gone"`)
	if err := rebuild.Forget(t.Context(), conn, byName["gone_i"]); err != nil {
		t.Error(err)
	}
	refused(t, restore("k"), `foreign key "k" of "app"."t"`)
	for _, i := range pending(t, conn, "app") {
		if i.Name == "k" && !i.Created {
			t.Error("a foreign key that only waits for the check of rows does not stand")
		}
	}
	if _, err := conn.Exec(t.Context(), "INSERT INTO t VALUES (2, 8)"); err == nil {
		t.Error("the foreign key holds for no new row")
	}
	run(t, conn, "DELETE FROM t")
	err := rebuild.Restore(t.Context(), conn, byName["k"], rebuild.Setting{Name: "maintenance_work_mem", Value: "lots"})
	if err == nil || !strings.Contains(err.Error(), "set maintenance_work_mem") {
		t.Errorf("a bad setting: %v", err)
	}
	repair(t, conn, "app")
	run(t, conn, "SET search_path = DEFAULT; CREATE TABLE app.gone (id int); CREATE INDEX gone_i ON app.gone (id);")
	same(t, before, state(t, conn))
}

// TestRestoreTwiceAtOnce: two repairs that met each other do the work once.
func TestRestoreTwiceAtOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, oddDDL)
	conn := pgtest.Connect(t, a.url)
	run(t, conn, "SET search_path = app")
	before := state(t, a.admin)
	list := tables(t, conn, "app")
	// Two connections take off at once too, and race to make the control table.
	g, ctx := errgroup.WithContext(t.Context())
	for part := range 2 {
		worker := pgtest.Connect(t, a.url)
		g.Go(func() error {
			for i := part; i < len(list); i += 2 {
				if _, err := rebuild.Detach(ctx, worker, list[i].OID, everything); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	items := pending(t, conn, "app")
	g, ctx = errgroup.WithContext(t.Context())
	for range 2 {
		worker := pgtest.Connect(t, a.url)
		if _, err := worker.Exec(ctx, "SET search_path = app"); err != nil {
			t.Fatal(err)
		}
		g.Go(func() error {
			for _, i := range items {
				if err := rebuild.Restore(ctx, worker, i); err != nil {
					return err
				}
			}
			return rebuild.Clear(ctx, worker, "app")
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	same(t, before, state(t, a.admin))
}

func TestLock(t *testing.T) {
	t.Parallel()
	a := newApp(t, "")
	one, two := pgtest.Connect(t, a.super), pgtest.Connect(t, a.super)
	first, err := rebuild.Acquire(t.Context(), one, "app", "app")
	if err != nil {
		t.Fatal(err)
	}
	_, err = rebuild.Acquire(t.Context(), two, "public", "app")
	var busy *rebuild.BusyError
	if !errors.As(err, &busy) || busy.Schema != "app" || uint32(busy.PID) != one.PgConn().PID() {
		t.Errorf("a second run: %v", err)
	}
	second, err := rebuild.Acquire(t.Context(), two, "public")
	if err != nil {
		t.Fatalf("another schema: %v", err)
	}
	var holds bool
	const snapshot = "select backend_xmin is not null or backend_xid is not null from pg_stat_activity where pid = $1"
	if err := a.admin.QueryRow(t.Context(), snapshot, one.PgConn().PID()).Scan(&holds); err != nil || holds {
		t.Errorf("the lock keeps vacuum back: %t, %v", holds, err)
	}
	if err := second.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if err := first.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if second, err = rebuild.Acquire(t.Context(), two, "app"); err != nil {
		t.Fatalf("after the first run: %v", err)
	}
	if err := second.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := rebuild.Acquire(t.Context(), one, "nowhere"); err == nil {
		t.Error("no such schema, no error")
	}
}
