package reseed_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// rich is all that somebody may have set on the tables of the shop, and that new
// ones have to have.
const rich = `
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''a trigger fired''; END';
CREATE TRIGGER orders_audit AFTER INSERT OR UPDATE OF note ON orders FOR EACH ROW WHEN (new.id > 0) EXECUTE FUNCTION audit();
CREATE TRIGGER lines_audit BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION audit(); ALTER TABLE lines ENABLE ALWAYS TRIGGER lines_audit;
CREATE TRIGGER lines_off BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION audit(); ALTER TABLE lines DISABLE TRIGGER lines_off;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON people DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit();
COMMENT ON TRIGGER late ON people IS 'late it is';
CREATE INDEX mine ON orders (lower(note) DESC NULLS LAST, id) INCLUDE (person) WITH (fillfactor = 60) WHERE note <> ' ON public.orders ';
CREATE UNIQUE INDEX once ON orders (lower(note)); COMMENT ON INDEX once IS 'of a kind';
ALTER INDEX mine ALTER COLUMN 1 SET STATISTICS 77; ALTER TABLE orders CLUSTER ON orders_note;
ALTER TABLE lines ADD CONSTRAINT one_each UNIQUE (id, "order") DEFERRABLE INITIALLY DEFERRED; COMMENT ON CONSTRAINT one_each ON lines IS 'one';
ALTER TABLE lines ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =);
ALTER TABLE lines ADD CONSTRAINT odd CHECK (id > 0) NO INHERIT, ADD CONSTRAINT later CHECK (id < 100000) NOT VALID;
CREATE UNIQUE INDEX lines_replica ON lines (id); ALTER TABLE lines ALTER id SET NOT NULL, REPLICA IDENTITY USING INDEX lines_replica;
ALTER TABLE people REPLICA IDENTITY FULL;
CREATE TABLE place (id int PRIMARY KEY); INSERT INTO place VALUES (1);
ALTER TABLE people ALTER id SET DEFAULT 7, ADD CONSTRAINT outside FOREIGN KEY (boss) REFERENCES place NOT VALID;
ALTER TABLE people ADD CONSTRAINT lives FOREIGN KEY (boss) REFERENCES orders ON DELETE SET NULL DEFERRABLE NOT VALID;
COMMENT ON TABLE orders IS 'of the ''shop'' \ it is'; COMMENT ON COLUMN orders.note IS 'a note';
ALTER TABLE orders ALTER note SET STATISTICS 123, ALTER note SET (n_distinct = -0.5), ALTER note SET STORAGE EXTERNAL,
	ALTER note SET DEFAULT 'none', SET (fillfactor = 70, toast.autovacuum_enabled = false);
ALTER TABLE orders ADD shout text GENERATED ALWAYS AS (upper(note)) STORED;
CREATE STATISTICS pair (dependencies, ndistinct) ON person, note FROM orders; COMMENT ON STATISTICS pair IS 'both'; ALTER STATISTICS pair SET STATISTICS 50;
COMMENT ON SEQUENCE orders_id_seq IS 'next';
GRANT SELECT, INSERT ON orders TO reader; GRANT SELECT ON orders TO PUBLIC; GRANT UPDATE ON orders TO reader WITH GRANT OPTION;
GRANT UPDATE (note), SELECT (note) ON orders TO reader; REVOKE DELETE ON lines FROM CURRENT_USER; GRANT USAGE ON SEQUENCE orders_id_seq TO reader;
CREATE SEQUENCE lines_id_seq OWNED BY lines.id; ALTER TABLE lines ALTER id SET DEFAULT nextval('lines_id_seq');
CREATE TABLE other (id int DEFAULT nextval('lines_id_seq'))`

// dressed makes a database of the shop with all that is rich, and gives with it the
// configuration of a run that swaps. Only orders keep their identity.
func dressed(t *testing.T, fixture string) (database string, cfg reseed.Config) {
	t.Helper()
	server := pgtest.Start(t)
	database = server.Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: database})
	execSQL(t, database, `UPDATE orders SET note = 'other ' || id WHERE id % 3 = 0; DELETE FROM lines WHERE id > 5; ALTER TABLE people ALTER id DROP IDENTITY IF EXISTS; ALTER TABLE lines ALTER id DROP IDENTITY IF EXISTS`)
	execSQL(t, database, strings.ReplaceAll(rich, "reader", server.Role(t).Name))
	cfg = with(fixture, database)
	cfg.Swap = true
	return database, cfg
}

// sameShape checks that all is on the tables that was.
func sameShape(t *testing.T, before, database string) {
	t.Helper()
	if diff := cmp.Diff(before, strings.Join(pgtest.Shape(t, database), "\n")); diff != "" {
		t.Errorf("shape (-before +after):\n%s", diff)
	}
}

// New tables have all that the old ones had; readers see the old rows until they
// are swapped in, and are not locked out.
func TestSwap(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, manyRows)})
	clean := pgtest.Start(t).Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
	database, cfg := dressed(t, fixture)
	shape, rows := strings.Join(pgtest.Shape(t, database), "\n"), values(t, database)
	var oid int
	conn := pgtest.Connect(t, database)
	if err := conn.QueryRow(t.Context(), "SELECT 'orders'::regclass::oid::int").Scan(&oid); err != nil {
		t.Fatal(err)
	}
	reader := pgtest.Connect(t, database)
	if _, err := reader.Exec(t.Context(), "SET statement_timeout = 2000"); err != nil {
		t.Fatal(err)
	}
	looked := 0
	cfg.Observer = &observer{f: func(e pipeline.Event) {
		if e.Kind != pipeline.Verified {
			return
		}
		looked++
		var n int
		if err := reader.QueryRow(t.Context(), "SELECT count(*) FROM orders WHERE note LIKE 'other%'").Scan(&n); err != nil || n != manyRows/3 {
			t.Errorf("while it is under way, a reader sees %d old rows: %v", n, err)
		}
	}}
	mustRun(t, cfg)
	if looked != 3 {
		t.Errorf("%d looks", looked)
	}
	sameShape(t, shape, database)
	var now int
	if err := conn.QueryRow(t.Context(), "SELECT 'orders'::regclass::oid::int").Scan(&now); err != nil || now == oid {
		t.Errorf("the table is the old one: %v", err)
	}
	got := values(t, database)
	if cmp.Equal(rows, got) {
		t.Error("the rows are the old ones")
	}
	execSQL(t, database, `ALTER TABLE orders DROP shout`)
	got = values(t, database)
	for _, line := range values(t, clean) {
		if strings.HasPrefix(line, "people_id_seq ") {
			continue // the test has taken it off
		}
		if !strings.Contains(strings.Join(got, "\n"), line) {
			t.Errorf("%s\nis not in:\n%s", line, strings.Join(got, "\n"))
		}
	}
	var left int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'litehaul%'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left: %v", left, err)
	}
}

// unchanged runs, wants an error, and checks that nothing was changed.
func unchanged(t *testing.T, cfg reseed.Config, code int, want string) {
	t.Helper()
	shape, rows := strings.Join(pgtest.Shape(t, cfg.Target), "\n"), values(t, cfg.Target)
	_, err := reseed.Run(t.Context(), cfg)
	told := fmt.Sprintf("%v (%s)", err, pipeline.Hint(err))
	if pipeline.ExitCode(err) != code || !regexp.MustCompile(want).MatchString(told) {
		t.Errorf("got %d %s, want %d %s", pipeline.ExitCode(err), told, code, want)
	}
	sameShape(t, shape, cfg.Target)
	if diff := cmp.Diff(rows, values(t, cfg.Target)); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
}

// What a swap would lose is refused, by name, before anything is written.
func TestSwapRefuses(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	for name, c := range map[string]struct{ setUp, want string }{
		"view":         {"CREATE VIEW v AS SELECT id FROM orders", `orders: view public.v depends`},
		"materialized": {"CREATE MATERIALIZED VIEW v AS SELECT id FROM orders", `materialized view public.v`},
		"row type":     {"CREATE FUNCTION f(orders) RETURNS int LANGUAGE sql AS 'SELECT 1'", `function public.f`},
		"foreign key":  {"CREATE TABLE notes (person bigint REFERENCES people)", `people: constraint notes_person_fkey on table public.notes`},
		"child":        {"CREATE TABLE more () INHERITS (lines)", `inherited table`},
		"policy":       {"ALTER TABLE lines ENABLE ROW LEVEL SECURITY", `lines: it has row-level security`},
		"rule":         {"CREATE RULE r AS ON DELETE TO lines DO ALSO NOTIFY x", `rule r on public.lines|rule r on lines`},
		"publication":  {"CREATE PUBLICATION p FOR TABLE lines", `publication p lists it`},
		"trigger":      {"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE CONSTRAINT TRIGGER x AFTER INSERT ON lines FROM people FOR EACH ROW EXECUTE FUNCTION f()", `trigger x`},
		"array type":   {"ALTER TABLE people RENAME TO p; CREATE TABLE _people (); ALTER TABLE p RENAME TO people", `cannot be carried over to a new table: the name of the array type of table public.people`},
		"type's":       {"COMMENT ON TYPE lines IS 'a line'", `cannot be carried over to a new table: the rights and the comment of the type of table public.lines`},
		"each other":   {"ALTER TABLE lines ADD CHECK (((NULL::people)).id IS NULL)", `cannot be carried over to a new table: public.people \(constraint .*lines depends on it`},
		"identity":     {"ALTER TABLE lines ALTER id DROP IDENTITY IF EXISTS, ALTER id SET DEFAULT nextval('orders_id_seq')", `public.orders \(default value for column id of table public.lines depends on it`},
		"parent's":     {"CREATE TABLE place (id bigint PRIMARY KEY); ALTER TABLE people ADD CONSTRAINT lives FOREIGN KEY (boss) REFERENCES place NOT VALID; ALTER TABLE place DISABLE TRIGGER ALL", `the state of foreign key lives of public.people`},
		"invalid":      {"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_note'::regclass", `cannot be carried over to a new table: index orders_note of public.orders`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := seeded(t, fixture)
			execSQL(t, database, c.setUp)
			cfg := with(fixture, database)
			cfg.Swap = true
			unchanged(t, cfg, pipeline.ExitRefused, c.want)
		})
	}
}

// Foreign keys to a partitioned table, with one for each of its partitions.
func TestSwapPartitionedParent(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	database := seeded(t, fixture)
	execSQL(t, database, `CREATE TABLE place (id bigint PRIMARY KEY) PARTITION BY RANGE (id)`,
		`CREATE TABLE low PARTITION OF place FOR VALUES FROM (0) TO (50)`, `CREATE TABLE high PARTITION OF place DEFAULT`,
		`INSERT INTO place SELECT generate_series(0, 1000)`,
		`ALTER TABLE people ADD CONSTRAINT lives FOREIGN KEY (id) REFERENCES place ON DELETE CASCADE`)
	shape := strings.Join(pgtest.Shape(t, database), "\n")
	cfg := with(fixture, database)
	cfg.Swap = true
	mustRun(t, cfg)
	sameShape(t, shape, database)
}

// Autovacuum and others who lock a table, and not against those who read and write,
// are waited for.
func TestSwapWaits(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	database := seeded(t, fixture)
	tx, err := pgtest.Connect(t, database).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE lines IN SHARE UPDATE EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	cfg := with(fixture, database)
	cfg.Swap = true
	verified, released := 0, make(chan error, 1)
	cfg.Observer = &observer{f: func(e pipeline.Event) {
		if e.Kind != pipeline.Verified {
			return
		}
		if verified++; verified == 3 {
			time.AfterFunc(4*time.Second, func() { released <- tx.Rollback(context.WithoutCancel(t.Context())) })
		}
	}}
	mustRun(t, cfg)
	if err := <-released; err != nil {
		t.Error(err)
	}
}

// What a run that was killed has left goes, also where it holds on to a table that
// the next run is to replace and that one was not.
func TestSwapLeftover(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	database := seeded(t, fixture)
	shape := strings.Join(pgtest.Shape(t, database), "\n")
	execSQL(t, database, `DO $$ DECLARE s text := 'litehaul_swap_' || 'public'::regnamespace::oid; BEGIN
		EXECUTE format('CREATE SCHEMA %s; CREATE TABLE %s.lines (o bigint REFERENCES orders)', s, s);
		EXECUTE format('COMMENT ON SCHEMA %s IS ''litehaul swap 1: of a run''', s); END $$`)
	cfg := with(fixture, database)
	unchanged(t, cfg, pipeline.ExitRefused, `litehaul repair removes what`)
	cfg.Swap = true
	mustRun(t, cfg)
	sameShape(t, shape, database)
}

// A role needs to own the tables, and CREATE on the database.
func TestSwapRights(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	database, role := seeded(t, fixture), server.Role(t)
	execSQL(t, database, `GRANT ALL ON ALL TABLES IN SCHEMA public TO `+role.Name, `GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO `+role.Name, `GRANT ALL ON SCHEMA public TO `+role.Name)
	cfg := with(fixture, role.URL(t, database))
	cfg.Swap = true
	unchanged(t, cfg, pipeline.ExitRefused, `may not create one in database`)
	execSQL(t, database, `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO `+role.Name+`', current_database()); END $$`)
	unchanged(t, cfg, pipeline.ExitRefused, `does not own it`)
	// As its owner, and no superuser.
	execSQL(t, database, `ALTER TABLE people OWNER TO `+role.Name, `ALTER TABLE orders OWNER TO `+role.Name, `ALTER TABLE lines OWNER TO `+role.Name)
	shape := strings.Join(pgtest.Shape(t, database), "\n")
	mustRun(t, cfg)
	sameShape(t, shape, database)
	// As a superuser, who does not own them.
	cfg.Target = database
	mustRun(t, cfg)
	sameShape(t, shape, database)
}

// Who holds a lock on a table keeps the new one out; so does what is changed
// meanwhile. Nothing is changed then, and nothing is left.
func TestSwapFails(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	t.Run("lock", func(t *testing.T) {
		t.Parallel()
		database, cfg := dressed(t, fixture)
		tx, err := pgtest.Connect(t, database).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "SELECT count(*) FROM lines"); err != nil {
			t.Fatal(err)
		}
		unchanged(t, cfg, pipeline.ExitFailed, `lines is in use by server process \d+.*nothing was changed`)
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("interrupt", func(t *testing.T) {
		t.Parallel()
		database, cfg := dressed(t, fixture)
		shape := strings.Join(pgtest.Shape(t, database), "\n")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cfg.Observer = &observer{f: func(e pipeline.Event) {
			if e.Kind == pipeline.Verified {
				cancel()
			}
		}}
		if _, err := reseed.Run(ctx, cfg); pipeline.ExitCode(err) != pipeline.ExitInterrupted {
			t.Errorf("got %v", err)
		}
		sameShape(t, shape, database)
	})
	for name, c := range map[string]struct{ change, undo, want string }{
		"view":    {"CREATE VIEW v AS SELECT id FROM lines", "DROP VIEW v", "changed meanwhile: public.lines: view public.v depends on it"},
		"column":  {"ALTER TABLE lines ADD extra int", "ALTER TABLE lines DROP extra", `changed meanwhile: NOT NULL of column public.lines.extra`},
		"policy":  {"CREATE POLICY p ON lines USING (true)", "DROP POLICY p ON lines", "changed meanwhile: public.lines: policy p on"},
		"renamed": {"ALTER TABLE lines RENAME TO old_lines", "ALTER TABLE old_lines RENAME TO lines", `changed meanwhile: relation "public.lines" does not exist`},
		"another": {"ALTER TABLE people RENAME TO old; CREATE TABLE people (LIKE old INCLUDING ALL)", "DROP TABLE people; ALTER TABLE old RENAME TO people", `changed meanwhile: public.people is not the table that it was`},
		"right":   {"GRANT TRIGGER ON lines TO PUBLIC", "REVOKE TRIGGER ON lines FROM PUBLIC", `changed meanwhile: the rights of table public.lines`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, cfg := dressed(t, fixture)
			done := false
			cfg.Observer = &observer{f: func(e pipeline.Event) {
				if e.Kind == pipeline.TableBegin && !done {
					done = true
					execSQL(t, database, c.change)
				}
			}}
			rows := values(t, database)
			_, err := reseed.Run(t.Context(), cfg)
			told := fmt.Sprintf("%v (%s)", err, pipeline.Hint(err))
			if pipeline.ExitCode(err) != pipeline.ExitFailed || !strings.Contains(told, c.want) || !strings.Contains(told, "nothing was changed") {
				t.Errorf("got %s, want %s", told, c.want)
			}
			execSQL(t, database, c.undo)
			if diff := cmp.Diff(rows, values(t, database)); diff != "" {
				t.Errorf("rows (-before +after):\n%s", diff)
			}
			mustRun(t, cfg)
		})
	}
}
