package pipeline_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // makes the sources

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// sqliteFile makes a SQLite database of the test's own.
func sqliteFile(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	changeFile(t, path, statements...)
	return path
}

// changeFile runs statements on a SQLite database, on one connection.
func changeFile(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range append([]string{"PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY"}, statements...) {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// rowsSQL fills a table of the shape (id INTEGER PRIMARY KEY, doc TEXT).
func rowsSQL(table string, n, width int) string {
	return fmt.Sprintf(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)
		INSERT INTO %s (id, doc) SELECT i, printf('%%.*c', %d, 'x') || i FROM c`, n, table, width)
}

// runSQL runs SQL in the target.
func runSQL(t testing.TB, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// ask gives a query's rows, each as its columns joined by a bar.
func ask(t testing.TB, url, query string, args ...any) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		vals, err := row.Values()
		parts := make([]string, len(vals))
		for i, v := range vals {
			parts[i] = fmt.Sprint(v)
		}
		return strings.Join(parts, "|"), err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func wantRows(t testing.TB, url, query string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, ask(t, url, query), cmp.Transformer("none", func(s []string) []string {
		return append([]string{}, s...)
	})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", query, diff)
	}
}

// move migrates and fails the test when that does not end as it should: done,
// every table read back and equal, every row accounted for.
func move(t testing.TB, cfg pipeline.Config) pipeline.Report {
	t.Helper()
	rep, err := pipeline.Migrate(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	for _, tab := range rep.Tables {
		if want := cfg.Verify; want == "" && tab.Verified != "full" || tab.Rows != tab.Loaded+tab.Updated+tab.Already+tab.Rejected {
			t.Errorf("table %s: verified %s, %d rows, %d loaded, %d rejected", tab.Name, tab.Verified, tab.Rows, tab.Loaded, tab.Rejected)
		}
	}
	return rep
}

// catalog lists everything in the target that a run could have made, touched
// or removed.
func catalog(t testing.TB, url string) []string {
	t.Helper()
	return ask(t, url, `
		SELECT 'relation', n.nspname::text, c.relname::text, c.relkind::text, c.oid::bigint, c.relfilenode::bigint
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
		UNION ALL SELECT 'schema', nspname::text, '', '', oid::bigint, 0 FROM pg_namespace WHERE nspname NOT LIKE 'pg\_temp%' AND nspname NOT LIKE 'pg\_toast\_temp%'
		UNION ALL SELECT 'extension', extname::text, '', '', oid::bigint, 0 FROM pg_extension
		UNION ALL SELECT 'constraint', conname::text, '', contype::text, oid::bigint, 0 FROM pg_constraint
		ORDER BY 1, 2, 3, 4, 5, 6`)
}

const smallTable = "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')"

// TestTargetRefusals: what stands in the way is told in one line with a hint,
// and nothing has changed.
func TestTargetRefusals(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	for _, test := range []struct {
		name      string
		db        pgtest.DatabaseOptions
		setup     string // as superuser; ROLE stands for the role
		superuser bool
		with      func(*pipeline.Config)
		code      int
		say, hint string
	}{
		{
			name: "no CREATE on schema", setup: "CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO ROLE",
			with: func(c *pipeline.Config) { c.Schema = "app" },
			code: pipeline.ExitRefused, say: "may not create tables", hint: "GRANT USAGE, CREATE ON SCHEMA",
		},
		{
			name: "no USAGE on schema", setup: "CREATE SCHEMA app; GRANT CREATE ON SCHEMA app TO ROLE",
			with: func(c *pipeline.Config) { c.Schema = "app" },
			code: pipeline.ExitRefused, say: "may not create tables", hint: "GRANT",
		},
		{
			name: "no CREATE on database", with: func(c *pipeline.Config) { c.Schema = "absent" },
			code: pipeline.ExitRefused, say: "may not create schema", hint: "GRANT CREATE ON DATABASE",
		},
		{
			name: "SQL_ASCII", db: pgtest.DatabaseOptions{Template: "template0", Encoding: "SQL_ASCII", Locale: "C"}, superuser: true,
			code: pipeline.ExitRefused, say: "SQL_ASCII", hint: "--encoding=UTF8",
		},
		{
			name: "LATIN1", db: pgtest.DatabaseOptions{Template: "template0", Encoding: "LATIN1", Locale: "C"}, superuser: true,
			code: pipeline.ExitRefused, say: "LATIN1", hint: "--encoding=UTF8",
		},
		{
			name: "read-only role", setup: "GRANT ALL ON SCHEMA public TO ROLE",
			code: pipeline.ExitRefused, say: "read-only", hint: "default_transaction_read_only",
		},
		{
			name: "system schema", superuser: true, with: func(c *pipeline.Config) { c.Schema = "pg_foo" },
			code: pipeline.ExitUsage, say: "pg_foo", hint: "--schema",
		},
		{
			name: "information_schema", superuser: true, with: func(c *pipeline.Config) { c.Schema = "information_schema" },
			code: pipeline.ExitUsage, say: "information_schema", hint: "--schema",
		},
		{
			name: "table of the name", superuser: true, setup: "CREATE TABLE t (x int); INSERT INTO t VALUES (1)",
			code: pipeline.ExitRefused, say: "none of the columns of t", hint: "--on-existing=drop",
		},
		{
			name: "view of the name", superuser: true, setup: "CREATE VIEW t AS SELECT 1",
			code: pipeline.ExitRefused, say: "already has t", hint: "--on-existing=drop",
		},
		{
			name: "materialized view of the name", superuser: true, setup: "CREATE MATERIALIZED VIEW t AS SELECT 1",
			code: pipeline.ExitRefused, say: "already has t", hint: "--on-existing=drop",
		},
		{
			name: "sequence of the name", superuser: true, setup: "CREATE SEQUENCE t",
			code: pipeline.ExitRefused, say: "already has t", hint: "--schema",
		},
		{
			name: "index of the name", superuser: true, setup: "CREATE TABLE other (x int); CREATE INDEX t ON other (x)",
			with: func(c *pipeline.Config) { c.OnExisting, c.Confirm = pipeline.ExistingDrop, agree },
			code: pipeline.ExitRefused, say: "already has t", hint: "--schema",
		},
		{
			name: "composite type of the name", superuser: true, setup: "CREATE TYPE t AS (x int)",
			with: func(c *pipeline.Config) { c.OnExisting, c.Confirm = pipeline.ExistingDrop, agree },
			code: pipeline.ExitRefused, say: "already has t", hint: "--schema",
		},
		{
			name: "enum of the name", superuser: true, setup: "CREATE TYPE t AS ENUM ('x')",
			code: pipeline.ExitRefused, say: "already has t", hint: "--schema",
		},
		{
			name: "domain of the name", superuser: true, setup: "CREATE DOMAIN t AS int",
			code: pipeline.ExitRefused, say: "already has t", hint: "--schema",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role := srv.Role(t)
			url := srv.DatabaseWith(t, test.db)
			if test.setup != "" {
				runSQL(t, url, strings.ReplaceAll(test.setup, "ROLE", role.Name))
				if test.name == "read-only role" {
					runSQL(t, url, "ALTER ROLE "+role.Name+" SET default_transaction_read_only = on")
				}
			}
			cfg := pipeline.Config{Source: sqliteFile(t, smallTable), Target: role.URL(t, url)}
			if test.superuser {
				cfg.Target = url
			}
			if test.with != nil {
				test.with(&cfg)
			}
			before := catalog(t, url)
			rep, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != test.code {
				t.Fatalf("exit %d (%v), want %d", pipeline.ExitCode(err), err, test.code)
			}
			if !strings.Contains(err.Error(), test.say) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, test.say)
			}
			if !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Errorf("hint %q, want a word of %q", pipeline.Hint(err), test.hint)
			}
			if rep.Outcome != "refused" || rep.Remains != nil {
				t.Errorf("outcome %q, remains %v", rep.Outcome, rep.Remains)
			}
			if diff := cmp.Diff(before, catalog(t, url)); diff != "" {
				t.Errorf("the target has changed (-before +after):\n%s", diff)
			}
		})
	}
}

func agree(context.Context, string, []string) (bool, error) { return true, nil }

// richSource is a source with something of everything that settings of a role
// could bend.
func richSource(t testing.TB) string {
	return sqliteFile(t,
		`CREATE TABLE owner (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE UNIQUE,
			born DATE, seen DATETIME DEFAULT CURRENT_TIMESTAMP, path TEXT DEFAULT 'c:\tmp', score REAL, pay DECIMAL(10,2),
			CHECK (name <> 'Nobody'))`,
		`CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
			tag BLOB, data JSON, at DATETIME, full TEXT GENERATED ALWAYS AS (upper(id || '!')) STORED)`,
		`CREATE INDEX pet_owner ON pet (owner_id, id DESC)`,
		`CREATE VIEW pets AS SELECT p.id, o.name FROM pet p JOIN owner o ON o.id = p.owner_id WHERE o.name = 'ann'`,
		`INSERT INTO owner (name, born, seen, score, pay) VALUES ('Ann', '2001-02-03', '2020-01-01 10:00:00.25', 0.1, 12.50), ('Ünal', NULL, '1999-12-31 23:59:59', 1e300, 0)`,
		`INSERT INTO pet (id, owner_id, tag, data, at) VALUES (1, 1, x'00ff5c', '{"a": [1, 2.50, "x\\y"]}', '2024-05-06T07:08:09Z'), (2, 2, NULL, 'null', NULL)`,
	)
}

// fingerprint reads back what a target holds, with settings of its own.
func fingerprint(t testing.TB, url string) []string {
	t.Helper()
	var out []string
	for _, q := range []string{
		`SELECT id, name::text, born::text, seen::text, path, score::text, pay::text FROM owner ORDER BY id`,
		`SELECT id, owner_id, encode(tag, 'hex'), data::text, at AT TIME ZONE 'UTC', "full" FROM pet ORDER BY id`,
		`SELECT * FROM pets`,
		`SELECT conname::text, contype::text, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1`,
		`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
		`SELECT table_name::text, column_name::text, is_nullable::text, udt_name::text, column_default::text, is_identity::text, generation_expression::text
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'pg_stat_statements' ORDER BY 1, ordinal_position`,
		`SELECT pg_get_viewdef('pets'::regclass)`,
		`INSERT INTO owner (name) VALUES ('next') RETURNING id, path`,
	} {
		out = append(out, ask(t, url, q)...)
	}
	return out
}

// TestHostileRoleSettings: whatever a role, database or connection sets as its
// defaults, the result is the same.
func TestHostileRoleSettings(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := richSource(t)
	plain := srv.Database(t)
	move(t, pipeline.Config{Source: source, Target: plain})
	want := fingerprint(t, plain)
	settings := []string{
		"statement_timeout = '40ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '20ms'",
		"search_path = ''", "search_path = 'evil, pg_catalog, public'", "standard_conforming_strings = off",
		"default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on", "client_encoding = 'latin1'",
		"DateStyle = 'German, DMY'", "IntervalStyle = 'iso_8601'", "extra_float_digits = -15", "bytea_output = 'escape'",
		"timezone = 'Pacific/Chatham'", "row_security = off", "transform_null_equals = on", "backslash_quote = off",
		"quote_all_identifiers = on", "array_nulls = off", "synchronous_commit = off", "check_function_bodies = off",
		"xmlbinary = 'hex'", "lc_messages = 'C'", "escape_string_warning = on", "from_collapse_limit = 1", "work_mem = '64kB'",
		"maintenance_work_mem = '1MB'", "max_parallel_maintenance_workers = 0", "default_statistics_target = 1",
		"session_replication_role = 'replica'", "default_tablespace = 'no_such_space'", "default_toast_compression = 'pglz'",
	}
	if srv.Version() >= 14 {
		settings = append(settings, "idle_session_timeout = '80ms'")
	}
	if srv.Version() >= 17 {
		settings = append(settings, "transaction_timeout = '30ms'")
	}
	for _, set := range settings {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			role := srv.Role(t, "SUPERUSER")
			url := srv.Database(t)
			runSQL(t, url, "CREATE SCHEMA evil",
				"CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'evil'$$",
				"CREATE FUNCTION evil.upper(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'evil'$$",
				"ALTER ROLE "+role.Name+" SET "+strings.Replace(set, "'evil, pg_catalog, public'", "evil, pg_catalog, public", 1))
			move(t, pipeline.Config{Source: source, Target: role.URL(t, url), Jobs: 3})
			if diff := cmp.Diff(want, fingerprint(t, url)); diff != "" {
				t.Errorf("the result differs (-plain +here):\n%s", diff)
			}
		})
	}
}

// TestOrdinaryRoles: no superuser is needed, only the right to create.
func TestOrdinaryRoles(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := richSource(t)
	for _, test := range []struct {
		name   string
		owner  bool
		setup  string
		schema string
		citext bool
	}{
		{"owner of the database", true, "", "app", true},
		{"owner of the database, public", true, "", "public", true},
		{"owner of the schema alone", false, "CREATE SCHEMA app AUTHORIZATION ROLE", "app", false},
		{"CREATE on the schema alone", false, "CREATE SCHEMA app; GRANT CREATE, USAGE ON SCHEMA app TO ROLE", "app", false},
		{"citext in a schema of its own", false, "CREATE SCHEMA ext; CREATE EXTENSION citext WITH SCHEMA ext; GRANT USAGE ON SCHEMA ext TO ROLE; CREATE SCHEMA app AUTHORIZATION ROLE", "app", true},
		{"citext out of reach", false, "CREATE SCHEMA ext; CREATE EXTENSION citext WITH SCHEMA ext; CREATE SCHEMA app AUTHORIZATION ROLE", "app", false},
		{"citext out of the owner's reach", true, "CREATE SCHEMA ext; CREATE EXTENSION citext WITH SCHEMA ext", "app", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role := srv.Role(t)
			var opt pgtest.DatabaseOptions
			if test.owner {
				opt.Owner = role.Name
			}
			url := srv.DatabaseWith(t, opt)
			if test.owner {
				runSQL(t, url, "ALTER SCHEMA public OWNER TO "+role.Name)
			}
			if test.setup != "" {
				runSQL(t, url, strings.ReplaceAll(test.setup, "ROLE", role.Name))
			}
			move(t, pipeline.Config{Source: source, Target: role.URL(t, url), Schema: test.schema})
			got := ask(t, url, `SELECT udt_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'owner' AND column_name = 'name'`, test.schema)
			if (got[0] == "citext") != test.citext {
				t.Errorf("COLLATE NOCASE became %s", got[0])
			}
			// Both ways 'ann' and 'Ann' are one name, and the view finds it.
			in := func(s string) string { return strings.ReplaceAll(s, "S.", pgx.Identifier{test.schema}.Sanitize()+".") }
			wantRows(t, url, in("SELECT id FROM S.pets"), "1")
			conn := pgtest.Connect(t, url)
			if _, err := conn.Exec(t.Context(), in("INSERT INTO S.owner (name) VALUES ('ANN')")); err == nil {
				t.Error("a second ann was let in")
			}
			if _, err := conn.Exec(t.Context(), in("INSERT INTO S.owner (name) VALUES ('nobody')")); err == nil {
				t.Error("the CHECK minds the case of letters")
			}
		})
	}
}

func TestNoCaseChoices(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, "CREATE TABLE t (name TEXT COLLATE NOCASE PRIMARY KEY); INSERT INTO t VALUES ('a'), ('B')")
	guest := srv.Role(t)
	for _, test := range []struct {
		name   string
		choice pipeline.NoCasePolicy
		guest  bool
		code   int
		typ    string
	}{
		{"auto", pipeline.NoCaseAuto, false, 0, "citext"},
		{"citext", pipeline.NoCaseCitext, false, 0, "citext"},
		{"lower", pipeline.NoCaseLower, false, 0, "text"},
		{"auto without the right", pipeline.NoCaseAuto, true, 0, "text"},
		{"citext without the right", pipeline.NoCaseCitext, true, pipeline.ExitRefused, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			runSQL(t, url, "CREATE SCHEMA app AUTHORIZATION "+guest.Name)
			cfg := pipeline.Config{Source: source, Target: url, Schema: "app", NoCase: test.choice}
			if test.guest {
				cfg.Target = guest.URL(t, url)
			}
			_, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != test.code {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			if err != nil {
				if !strings.Contains(pipeline.Hint(err), "--nocase=lower") {
					t.Errorf("hint %q", pipeline.Hint(err))
				}
				return
			}
			wantRows(t, url, "SELECT udt_name::text FROM information_schema.columns WHERE table_schema = 'app' AND table_name = 't'", test.typ)
		})
	}
}

// TestOnExistingDrop: relations of the run's names go after a yes, all or none.
func TestOnExistingDrop(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, smallTable, "CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t)", "CREATE VIEW v AS SELECT id FROM t")
	const there = `CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (77);
		CREATE TABLE u (id int REFERENCES t); CREATE VIEW v AS SELECT * FROM t;
		CREATE MATERIALIZED VIEW other AS SELECT 1 AS x; CREATE TABLE keep (t int)`
	failing := fmt.Errorf("terminal gone")
	for _, test := range []struct {
		name    string
		setup   string
		confirm func(context.Context, string, []string) (bool, error)
		code    int
		say     string
	}{
		{"yes", there, agree, 0, ""},
		{"no", there, func(context.Context, string, []string) (bool, error) { return false, nil }, pipeline.ExitRefused, "not confirmed"},
		{"nobody to ask", there, nil, pipeline.ExitRefused, "not confirmed"},
		{"asking fails", there, func(context.Context, string, []string) (bool, error) { return false, failing }, pipeline.ExitFailed, "terminal gone"},
		{"nothing there", "", nil, 0, ""},
		{"a foreign key from outside", there + "; CREATE TABLE child (t_id int REFERENCES t)", agree, pipeline.ExitRefused, "child"},
		{"a view from outside", there + "; CREATE VIEW outside AS SELECT * FROM v", agree, pipeline.ExitRefused, "outside"},
		{"a sequence in use", there + "; ALTER TABLE keep ALTER t SET DEFAULT nextval('t2'::regclass)", agree, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			if strings.Contains(test.setup, "t2") {
				runSQL(t, url, "CREATE SEQUENCE t2")
			}
			if test.setup != "" {
				runSQL(t, url, test.setup)
			}
			before := catalog(t, url)
			var asked []string
			cfg := pipeline.Config{Source: source, Target: url, OnExisting: pipeline.ExistingDrop}
			if test.confirm != nil {
				cfg.Confirm = func(ctx context.Context, db string, names []string) (bool, error) {
					asked = append([]string{db}, names...)
					return test.confirm(ctx, db, names)
				}
			}
			_, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != test.code {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			if asked != nil {
				db := ask(t, url, "SELECT current_database()::text")[0]
				slices.Sort(asked[1:])
				if diff := cmp.Diff([]string{db, "t", "u", "v"}, asked); diff != "" {
					t.Errorf("asked about (-want +got):\n%s", diff)
				}
			}
			if err != nil {
				if !strings.Contains(err.Error(), test.say) {
					t.Errorf("error %q, want a word of %q", err, test.say)
				}
				if diff := cmp.Diff(before, catalog(t, url)); diff != "" {
					t.Errorf("the target has changed (-before +after):\n%s", diff)
				}
				return
			}
			wantRows(t, url, "SELECT * FROM t ORDER BY id", "1|a", "2|b")
			wantRows(t, url, "SELECT * FROM v ORDER BY id", "1", "2")
			wantRows(t, url, "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 't'::regclass", "t_pkey")
		})
	}
}

// TestRunAgainIsTheSame: a second run over the first one's result leaves
// exactly what the first one left, names included.
func TestRunAgainIsTheSame(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	cfg := pipeline.Config{Source: richSource(t), Target: url, OnExisting: pipeline.ExistingDrop, Confirm: agree}
	names := `SELECT relname::text, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`
	move(t, cfg)
	first := ask(t, url, names)
	for range 2 {
		move(t, cfg)
		if diff := cmp.Diff(first, ask(t, url, names)); diff != "" {
			t.Fatalf("(-first +again):\n%s", diff)
		}
	}
	fingerprint(t, url)
}

// TestDryRunWritesNothing holds a dry run to its word, and its DDL to what a
// run then makes.
func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	url, byHand := srv.Database(t), srv.Database(t)
	cfg := pipeline.Config{Source: richSource(t), Target: url, DryRun: true}
	before := catalog(t, url)
	rep, err := pipeline.Migrate(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, catalog(t, url)); diff != "" {
		t.Errorf("the target has changed (-before +after):\n%s", diff)
	}
	runSQL(t, byHand, rep.DDL...)
	cfg.DryRun = false
	move(t, cfg)
	const made = `SELECT relname::text, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`
	if diff := cmp.Diff(ask(t, url, made), ask(t, byHand, made)); diff != "" {
		t.Errorf("the DDL makes something else than the run (-run +DDL):\n%s", diff)
	}
}

// TestFewConnections: a server that gives fewer connections than --jobs asks
// for makes a run slower, not impossible.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	role := srv.Role(t, "CONNECTION LIMIT 1")
	url := srv.DatabaseWith(t, pgtest.DatabaseOptions{Owner: role.Name})
	var tables []string
	for i := range 8 {
		tables = append(tables, fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, doc TEXT)", i), rowsSQL(fmt.Sprintf("t%d", i), 100, 10))
	}
	move(t, pipeline.Config{Source: sqliteFile(t, tables...), Target: role.URL(t, url), Schema: "app", Jobs: 4})
}

// TestConnectionErrorsOfARun: exit 1, a hint, no password.
func TestConnectionErrorsOfARun(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, smallTable)
	const secret = "hush4711"
	for _, test := range []struct {
		name, target string
		code         int
	}{
		{"wrong password", strings.Replace(srv.TCPURL("postgres"), srv.Password(), secret, 1), pipeline.ExitFailed},
		{"unknown database", strings.Replace(srv.TCPURL("no_such_db"), srv.Password(), srv.Password(), 1), pipeline.ExitFailed},
		{"nothing listens", "postgres://u:" + secret + "@127.0.0.1:1/db", pipeline.ExitFailed},
		{"no target at all", "postgres://u:" + secret + "@:port/", pipeline.ExitUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rep, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: test.target})
			if pipeline.ExitCode(err) != test.code || pipeline.Hint(err) == "" {
				t.Errorf("exit %d, %v, hint %q", pipeline.ExitCode(err), err, pipeline.Hint(err))
			}
			for _, s := range []string{err.Error(), rep.Error, rep.Hint, fmt.Sprintf("%+v", rep)} {
				if strings.Contains(s, secret) || strings.Contains(s, srv.Password()) {
					t.Errorf("the password is in %q", s)
				}
			}
		})
	}
}

// TestTargetFromEnvironment: an empty target means libpq's own variables.
func TestTargetFromEnvironment(t *testing.T) { //nolint:paralleltest // the environment belongs to the process
	srv := pgtest.Start(t)
	url := srv.Database(t)
	dir := t.TempDir()
	service := filepath.Join(dir, "services")
	pg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("[here]\nhost=%s\nport=%d\nuser=%s\ndbname=%s\n", pg.Host, pg.Port, pg.User, pg.Database)
	if err := os.WriteFile(service, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGSERVICEFILE", service)
	t.Setenv("PGSERVICE", "here")
	move(t, pipeline.Config{Source: sqliteFile(t, smallTable)})
	wantRows(t, url, "SELECT count(*) FROM t", "2")
}

// TestPartialRunLeavesOtherViewsAlone: a view whose tables are not part of the
// run is not made, so that one of its name in the target stays.
func TestPartialRunLeavesOtherViewsAlone(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	conn := pgtest.Connect(t, url)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE a (old int); CREATE VIEW v AS SELECT 1 AS mine"); err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite", source)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);
		CREATE TABLE b (id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT a.id FROM a JOIN b USING (id)`)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var asked []string
	_, err = pipeline.Migrate(t.Context(), pipeline.Config{
		Source: source, Target: url, Tables: []string{"a"}, OnExisting: pipeline.ExistingDrop,
		Confirm: func(_ context.Context, _ string, names []string) (bool, error) { asked = names; return true, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, asked); diff != "" {
		t.Errorf("asked to drop (-want +got):\n%s", diff)
	}
	var mine int
	if err := conn.QueryRow(t.Context(), "SELECT mine FROM v").Scan(&mine); err != nil || mine != 1 {
		t.Errorf("the view of the target is gone: %v", err)
	}
}
