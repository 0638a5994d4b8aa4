package reseed_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// seeds is a source whose rows are added to others: parents and children, a circle
// of keys that cannot be deferred, a table without a key, identities, large values.
func seeds(t testing.TB, more ...string) string {
	t.Helper()
	return sqliteFile(t, append([]string{
		`CREATE TABLE kinds (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, note TEXT, price REAL)`,
		`CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL REFERENCES kinds (id), doc BLOB)`,
		`CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id))`,
		`CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id))`,
		`INSERT INTO kinds VALUES (1, 'one', 'of the archive', 1.5), (2, 'two', NULL, 0), (7, 'seven', '', NULL)`,
		`INSERT INTO things VALUES (10, 1, zeroblob(70000)), (11, 7, NULL), (12, 2, x'00ff')`,
		`INSERT INTO a VALUES (1, 2)`, `INSERT INTO b VALUES (2, 1)`,
	}, more...)...)
}

// standing makes the tables of seeds and puts rows of its own there, with
// columns that the archive does not have, and a trigger that must not fire.
func standing(t testing.TB, fixture string, rows ...string) (database string) {
	t.Helper()
	database = pgtest.Start(t).Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: database})
	execSQL(t, database, append([]string{
		`TRUNCATE kinds, things, a, b`,
		`ALTER TABLE kinds ADD mine text DEFAULT 'new', ADD twice double precision GENERATED ALWAYS AS (price * 2) STORED`,
		`CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''a trigger fired''; END'`,
	}, rows...)...)
	execSQL(t, database, `CREATE TRIGGER kinds_audit BEFORE INSERT OR UPDATE ON kinds FOR EACH ROW EXECUTE FUNCTION audit()`)
	return database
}

func adding(onData pipeline.OnDataPolicy, fixture, target string) reseed.Config {
	return reseed.Config{Fixture: fixture, Target: target, OnData: onData}
}

// query gives the rows of a query, as text.
func query(t testing.TB, database, sql string) []string {
	t.Helper()
	rows, err := pgtest.Connect(t, database).Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// counts lists what a run has done to each table: added, updated, there already.
func counts(rep reseed.Report) map[string][3]int64 {
	out := map[string][3]int64{}
	for _, x := range rep.Tables {
		out[x.Name] = [3]int64{x.Loaded, x.Updated, x.Already}
	}
	return out
}

const (
	kindsSQL = `SELECT concat_ws('|', id, name, coalesce(note, '-'), coalesce(price::text, '-'), mine, coalesce(twice::text, '-')) FROM kinds ORDER BY id`
	nextSQL  = `SELECT concat_ws(' ', sequencename, coalesce(last_value, 0)) FROM pg_sequences WHERE sequencename ~ 'kinds|things' ORDER BY 1`
)

// Rows come to those that stand; these stay, and so does all that is on the tables.
func TestAppend(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: seeds(t, `CREATE TABLE log (line TEXT)`, `INSERT INTO log VALUES ('x'), ('x'), ('y')`)})
	database := standing(t, fixture, `INSERT INTO kinds (id, name, mine) VALUES (3, 'three', 'old')`, `TRUNCATE log`, `INSERT INTO log VALUES ('mine')`,
		`SELECT setval(pg_get_serial_sequence('kinds', 'id'), 100), setval(pg_get_serial_sequence('things', 'id'), 1)`)
	execSQL(t, database, `CREATE UNIQUE INDEX over_mine ON kinds ((id || mine)) WHERE mine <> ''`, // which the archive lacks
		`ALTER TABLE things ALTER id SET GENERATED ALWAYS`)
	before := pgtest.Shape(t, database)
	cfg := adding(pipeline.OnDataAppend, fixture, database)
	cfg.Atomic = true // as it is in any case
	rep := mustRun(t, cfg)
	want := map[string][3]int64{"kinds": {3}, "things": {3}, "a": {1}, "b": {1}, "log": {3}}
	if diff := cmp.Diff(want, counts(rep)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1|one|of the archive|1.5|new|3", "2|two|-|0|new|0", "3|three|-|-|old|-", "7|seven||-|new|-"}, query(t, database, kindsSQL)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"mine", "x", "x", "y"}, query(t, database, `SELECT line FROM log ORDER BY 1`)); diff != "" {
		t.Errorf("rows without a key (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, pgtest.Shape(t, database)); diff != "" {
		t.Errorf("shape (-before +after):\n%s", diff)
	}
	execSQL(t, database, `ALTER TABLE kinds DISABLE TRIGGER kinds_audit`, `INSERT INTO kinds (name) VALUES ('next')`, `INSERT INTO things (kind) VALUES (3)`)
	if diff := cmp.Diff([]string{"101 13"}, query(t, database, `SELECT concat_ws(' ', (SELECT max(id) FROM kinds), (SELECT max(id) FROM things))`)); diff != "" {
		t.Errorf("numbers that come next (-want +got):\n%s", diff)
	}
}

// Rows with the archive's primary keys get its values, but for columns that it lacks;
// others are added, and a second run finds all there.
func TestUpsert(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: seeds(t)})
	database := standing(t, fixture, `INSERT INTO kinds (id, name, note, price, mine) VALUES (1, 'uno', 'of the application', 9, 'old'), (2, 'two', NULL, 0, 'same'), (3, 'three', NULL, NULL, 'old')`,
		`INSERT INTO a VALUES (1, NULL)`)
	before := pgtest.Shape(t, database)
	rep, err := reseed.Run(t.Context(), adding(pipeline.OnDataUpsert, fixture, database))
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	want := map[string][3]int64{"kinds": {1, 1, 1}, "things": {3}, "a": {0, 1}, "b": {1}}
	if diff := cmp.Diff(want, counts(rep)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	rows := []string{"1|one|of the archive|1.5|old|3", "2|two|-|0|same|0", "3|three|-|-|old|-", "7|seven||-|new|-"}
	if diff := cmp.Diff(rows, query(t, database, kindsSQL)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1 2", "2 1"}, query(t, database, `SELECT concat_ws(' ', id, b) FROM a UNION ALL SELECT concat_ws(' ', id, a) FROM b`)); diff != "" {
		t.Errorf("circle (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, pgtest.Shape(t, database)); diff != "" {
		t.Errorf("shape (-before +after):\n%s", diff)
	}
	rep = mustRun(t, adding(pipeline.OnDataUpsert, fixture, database))
	if diff := cmp.Diff(map[string][3]int64{"kinds": {0, 0, 3}, "things": {0, 0, 3}, "a": {0, 0, 1}, "b": {0, 0, 1}}, counts(rep)); diff != "" {
		t.Errorf("a second time (-want +got):\n%s", diff)
	}
}

// What the target would refuse is said with table, key and count, and nothing is
// written, sequences included.
func TestAddRefuse(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: seeds(t, `CREATE TABLE log (line TEXT)`, `INSERT INTO log VALUES ('x')`)})
	for name, c := range map[string]struct {
		onData pipeline.OnDataPolicy
		setUp  string
		want   []string
	}{
		"primary key": {pipeline.OnDataAppend, `INSERT INTO things VALUES (9), (10), (12)`, []string{"2 rows of things have the primary key", "id=10", "--on-data=upsert", "--on-data=truncate"}},
		"unique":      {pipeline.OnDataAppend, `INSERT INTO kinds VALUES (9, 'two')`, []string{"1 rows of kinds have the unique key", "id=2 two", "--on-data=truncate"}},
		"taken over":  {pipeline.OnDataUpsert, `ALTER TABLE log ADD PRIMARY KEY (line); INSERT INTO kinds VALUES (9, 'two'), (1, 'x')`, []string{"1 rows of kinds have the unique key", "--on-data=truncate"}},
		"expression":  {pipeline.OnDataAppend, `CREATE UNIQUE INDEX mine ON kinds (lower(name)) WHERE price IS NOT NULL; INSERT INTO kinds VALUES (9, 'ONE', '', 1)`, []string{"1 rows of kinds have the unique key mine"}},
		"repeated":    {pipeline.OnDataAppend, `CREATE UNIQUE INDEX mine ON kinds ((price IS NULL))`, []string{"1 rows of kinds repeat the unique key mine"}},
		"no key":      {pipeline.OnDataUpsert, ``, []string{"log of the target has no primary key", "--exclude", "--on-data=append"}},
		"column":      {pipeline.OnDataAppend, `TRUNCATE log; ALTER TABLE log ADD must int NOT NULL`, []string{"nothing for column log.must"}},
		"check":       {pipeline.OnDataAppend, `ALTER TABLE things ADD CONSTRAINT few CHECK (id < 12)`, []string{"1 rows of things break check few"}},
		"parent":      {pipeline.OnDataAppend, `CREATE TABLE up (id bigint PRIMARY KEY); INSERT INTO up VALUES (1), (7); ALTER TABLE things ADD FOREIGN KEY (kind) REFERENCES up`, []string{"1 rows of things have no parent in up"}},
		"rule":        {pipeline.OnDataUpsert, `ALTER TABLE log ADD PRIMARY KEY (line); CREATE RULE r AS ON UPDATE TO log DO INSTEAD NOTHING`, []string{"rule r of log rewrites UPDATEs"}},
		"missing":     {pipeline.OnDataAppend, `DROP TABLE log`, []string{"4 of the archive's 5 tables"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := standing(t, fixture, `ALTER TABLE things ALTER kind DROP NOT NULL`, c.setUp)
			before := [][]string{pgtest.Shape(t, database), values(t, database)}
			rep, err := reseed.Run(t.Context(), adding(c.onData, fixture, database))
			if pipeline.ExitCode(err) != pipeline.ExitRefused || pipeline.Hint(err) == "" {
				t.Fatalf("got %v (%s), want a refusal", err, pipeline.Hint(err))
			}
			told := strings.ReplaceAll(fmt.Sprint(err, pipeline.Hint(err), rep.Hazards), "} {", " ")
			for _, w := range c.want {
				if !strings.Contains(told, w) {
					t.Errorf("%s\nis not said in: %s", w, told)
				}
			}
			if diff := cmp.Diff(before, [][]string{pgtest.Shape(t, database), values(t, database)}); diff != "" {
				t.Errorf("something was written (-before +after):\n%s", diff)
			}
		})
	}
}

// A role that may only look and write rows can add them.
func TestAddAsGuest(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: seeds(t)})
	server := pgtest.Start(t)
	for policy, rights := range map[pipeline.OnDataPolicy]string{pipeline.OnDataAppend: "SELECT, INSERT", pipeline.OnDataUpsert: "SELECT, INSERT, UPDATE"} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			database, guest := standing(t, fixture, `INSERT INTO kinds VALUES (3, 'three')`), server.Role(t)
			execSQL(t, database, fmt.Sprintf("GRANT %s ON kinds, things, a TO %s; GRANT SELECT, INSERT ON b TO %[2]s", rights, guest.Name))
			cfg := adding(policy, fixture, guest.URL(t, database))
			told := func() string {
				rep, err := reseed.Run(t.Context(), cfg)
				if pipeline.ExitCode(err) != pipeline.ExitRefused {
					t.Fatalf("got %v, want a refusal", err)
				}
				return fmt.Sprint(rep.Hazards)
			}
			got := told()
			if !strings.Contains(got, "trigger kinds_audit") || strings.Contains(got, "lacks UPDATE on table b") != (policy == pipeline.OnDataUpsert) {
				t.Errorf("refused for: %s", got)
			}
			execSQL(t, database, `DROP TRIGGER kinds_audit ON kinds`, fmt.Sprintf("GRANT %s ON b TO %s", rights, guest.Name))
			rep := mustRun(t, cfg)
			if diff := cmp.Diff(map[string][3]int64{"kinds": {3}, "things": {3}, "a": {1}, "b": {1}}, counts(rep)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			// Sequences are not its to set: it says so.
			if said := fmt.Sprint(rep.Objects); !strings.Contains(said, "may not set sequence kinds_id_seq") || !strings.Contains(said, "setval") {
				t.Errorf("of sequences it says: %s", said)
			}
		})
	}
}

// Whatever ends a run before its commit leaves all as it was.
func TestAddInterrupted(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: seeds(t)})
	for _, at := range []pipeline.EventKind{pipeline.TableEnd, pipeline.StepEnd, pipeline.Verified} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			database := standing(t, fixture, `INSERT INTO kinds VALUES (1, 'uno')`)
			before := [][]string{pgtest.Shape(t, database), values(t, database)}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cfg := adding(pipeline.OnDataUpsert, fixture, database)
			cfg.Observer = &observer{f: func(e pipeline.Event) {
				if e.Kind == at {
					cancel()
				}
			}}
			rep, err := reseed.Run(ctx, cfg)
			if pipeline.ExitCode(err) != pipeline.ExitInterrupted || !strings.Contains(pipeline.Hint(err), "nothing was written") {
				t.Fatalf("got %v (%s)", err, pipeline.Hint(err))
			}
			for name, n := range counts(rep) {
				if n != [3]int64{} {
					t.Errorf("%s: %d rows are said to be added, updated, there", name, n)
				}
			}
			if diff := cmp.Diff(before, [][]string{pgtest.Shape(t, database), values(t, database)}); diff != "" {
				t.Errorf("something was written (-before +after):\n%s", diff)
			}
		})
	}
}

// All that a database may have comes over, by either way; a second time all of it is
// there.
func TestAddAllKinds(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: allKinds(t)})
	server := pgtest.Start(t)
	clean := server.Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
	const lenient = `DO $$ DECLARE c record; BEGIN FOR c IN SELECT conname FROM pg_constraint WHERE contype = 'c' AND NOT convalidated LOOP
		EXECUTE format('ALTER TABLE small DROP CONSTRAINT %I', c.conname); END LOOP; END $$` // one of its rows breaks it
	execSQL(t, clean, lenient)
	for _, policy := range []pipeline.OnDataPolicy{pipeline.OnDataAppend, pipeline.OnDataUpsert} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			database := server.Database(t)
			mustRun(t, reseed.Config{Fixture: fixture, Target: database})
			execSQL(t, database, lenient, `TRUNCATE big, small, empty, pair, "Weird: name", other, leaf`)
			cfg := adding(policy, fixture, database)
			if policy == pipeline.OnDataUpsert {
				cfg.Exclude = []string{"empty"} // no key
			}
			mustRun(t, cfg)
			equalDatabases(t, clean, database)
			if policy == pipeline.OnDataUpsert {
				cfg.Verify = pipeline.VerifyCounts
				for _, x := range mustRun(t, cfg).Tables {
					if x.Already != x.Rows || x.Verified != "counts" {
						t.Errorf("%s, a second time: %d of %d rows are there already, verified %s", x.Name, x.Already, x.Rows, x.Verified)
					}
				}
			}
		})
	}
}

// A damaged archive adds nothing.
func TestAddDamaged(t *testing.T) {
	t.Parallel()
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	bad, chunk := damaged(t, fixture)
	database := seeded(t, fixture)
	before := values(t, database)
	_, err := reseed.Run(t.Context(), adding(pipeline.OnDataUpsert, bad, database))
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), chunk) {
		t.Fatalf("got %v, want a refusal that names the chunk", err)
	}
	if diff := cmp.Diff(before, values(t, database)); diff != "" {
		t.Errorf("something was written (-before +after):\n%s", diff)
	}
}

// What has no meaning beside is a usage error, as is a word that nobody knows.
func TestAddUsage(t *testing.T) {
	t.Parallel()
	for _, cfg := range []reseed.Config{
		{OnData: pipeline.OnDataAppend, OnlyChanged: true}, {OnData: pipeline.OnDataUpsert, Swap: true}, {OnData: "replace"},
	} {
		cfg.Fixture, cfg.Target = "none.tar", "postgres:///none"
		if _, err := reseed.Run(t.Context(), cfg); pipeline.ExitCode(err) != pipeline.ExitUsage || pipeline.Hint(err) == "" {
			t.Errorf("%+v: got %v", cfg, err)
		}
	}
}
