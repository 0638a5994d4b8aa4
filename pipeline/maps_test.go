package pipeline_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// names reads maps as the command line does.
func nameMaps(t testing.TB, list ...string) (out []pipeline.NameMap) {
	t.Helper()
	for _, s := range list {
		m, err := pipeline.ParseNameMap(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func TestParseNameMap(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]pipeline.NameMap{
		"a=b":                 {Table: "a", Name: "b"},
		"a=app.b":             {Table: "a", Schema: "app", Name: "b"},
		"a.x=y":               {Table: "a", Column: "x", Name: "y"},
		`"a.b"=app."x.y"`:     {Table: "a.b", Schema: "app", Name: "x.y"},
		`"a""=b".c="d ""e"`:   {Table: `a"=b`, Column: "c", Name: `d "e`},
		`Users = "App".Users`: {Table: "Users", Schema: "App", Name: "Users"},
	} {
		got, err := pipeline.ParseNameMap(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v and %v, want %+v", text, got, err, want)
		}
		if again, err := pipeline.ParseNameMap(got.String()); err != nil || again != got {
			t.Errorf("%s is written %s, which reads %+v (%v)", text, got, again, err)
		}
	}
	for _, text := range []string{"", "a", "a=", "=b", "a.b.c=d", "a=b.c.d", "a.b=c.d", `"a=b`, `a"b=c`} {
		if got, err := pipeline.ParseNameMap(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
	}
}

// twoSchemas makes a source of two tables, and a target in which an application
// keeps them in two schemas under other names, with an index each that is large
// enough to be taken off.
func twoSchemas(t testing.TB, url string) (source string) {
	t.Helper()
	runSQL(t, url,
		"CREATE SCHEMA app", `CREATE SCHEMA "Other.One"`,
		"CREATE TABLE app.accounts (id int PRIMARY KEY, email text NOT NULL)",
		"CREATE INDEX accounts_email ON app.accounts (email)",
		`CREATE TABLE "Other.One"."my.orders" (id int PRIMARY KEY, account int REFERENCES app.accounts, total numeric(8,2) DEFAULT 5)`,
		`CREATE INDEX orders_account ON "Other.One"."my.orders" (account)`)
	return sqliteFile(t,
		"CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT)",
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, account INT, total REAL)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 25000) INSERT INTO users SELECT i, 'm' || i FROM n",
		"INSERT INTO orders SELECT id, id, id FROM users")
}

var twoSchemaMaps = []string{"users=app.accounts", "users.mail=email", `orders="Other.One"."my.orders"`}

// TestMapIntoSchemas fills tables of several schemas under other names.
func TestMapIntoSchemas(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	source := twoSchemas(t, url)
	before := pgtest.Shape(t, url)
	for _, onData := range []pipeline.OnDataPolicy{pipeline.OnDataFail, pipeline.OnDataTruncate} { // the second time over rows
		rep := move(t, pipeline.Config{
			Source: source, Target: url, Maps: nameMaps(t, twoSchemaMaps...), OnData: onData, Confirm: agree,
		})
		if got := rep.Tables[1].Target; got != `"Other.One"."my.orders"` {
			t.Errorf("the report names %s", got)
		}
	}
	if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
		t.Errorf("the target's shape (-before +after):\n%s", diff)
	}
	wantRows(t, url, `SELECT count(*), count(DISTINCT a.email), sum(total)::text FROM app.accounts a JOIN "Other.One"."my.orders" o ON o.account = a.id`,
		"25000|25000|312512500.00")
}

// TestRepairFindsAllSchemas: what an interrupted run left off comes back
// wherever it was, without a word about schemas.
func TestRepairFindsAllSchemas(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	source := twoSchemas(t, url)
	before := pgtest.Shape(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg := pipeline.Config{Source: source, Target: url, Maps: nameMaps(t, twoSchemaMaps...), Observer: canceller{pipeline.TableBegin, cancel}}
	if _, err := pipeline.Migrate(ctx, cfg); pipeline.ExitCode(err) != pipeline.ExitInterrupted {
		t.Fatalf("the run was not interrupted: %v", err)
	}
	wantRows(t, url, "SELECT count(*) FROM pg_class WHERE relname = 'litehaul_rebuild'", "2")
	done, err := pipeline.Repair(t.Context(), pipeline.Config{Target: url})
	if err != nil || len(done) != 3 {
		t.Fatalf("put back %q, %v", done, err)
	}
	if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
		t.Errorf("the target's shape (-before +after repair):\n%s", diff)
	}
	if done, err := pipeline.Repair(t.Context(), pipeline.Config{Target: url}); err != nil || len(done) != 0 {
		t.Errorf("again it put back %q, %v", done, err)
	}
}

// TestMapRefusals: each map that makes no sense is refused with a line of its own.
func TestMapRefusals(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	source := twoSchemas(t, url)
	for _, tc := range []struct {
		name, want string
		maps       []string
		exclude    []string
		into       pipeline.IntoMode
	}{
		{"no such source", "--map user=app.accounts: the source has no table user", []string{"user=app.accounts"}, nil, ""},
		{"no such source column", "--map users.email=email: table users has no column email", []string{"users.email=email"}, nil, ""},
		{"left out", "--map users=app.accounts: --tables and --exclude leave table users out", []string{"users=app.accounts"}, []string{"users"}, ""},
		{"no such target", "--map users=app.account: schema app of the target has no table account", []string{"users=app.account", "orders=app.accounts"}, nil, ""},
		{"no such schema", "--map users=apps.accounts: database ? has no schema apps", []string{"users=apps.accounts", "orders=app.accounts"}, nil, pipeline.IntoExisting},
		{"no such target column", `--map users.mail=mial: "app"."accounts" of the target has no column mial`, []string{"users=app.accounts", `orders="Other.One"."my.orders"`, "users.mail=mial"}, nil, ""},
		{"two sources", "--map orders=app.accounts: users and orders would both go into app.accounts", []string{"users=app.accounts", "orders=app.accounts"}, nil, ""},
		{"two columns", "--map users.mail=x: users.id and users.mail would both go into x", []string{"users.mail=x", "users.id=x"}, nil, ""},
		{"twice", "--map users=b: table users is mapped to a already", []string{"users=a", "users=b"}, nil, ""},
		{"column twice", "--map users.id=b: column users.id is mapped to a already", []string{"users.id=a", "users.id=b"}, nil, ""},
		{"other schema", "--map users=app.accounts: the tables that litehaul makes all go into schema public", []string{"users=app.accounts"}, nil, pipeline.IntoCreate},
		{"taken name", "--map users=orders: users and orders would both be table orders", []string{"users=orders"}, nil, pipeline.IntoCreate},
		{"taken column", "--map users.id=mail: users.id and users.mail would both be column mail", []string{"users.id=mail"}, nil, pipeline.IntoCreate},
		{"system column", "--map users.id=ctid: name ctid: every Postgres table has a system column of this name", []string{"users.id=ctid"}, nil, pipeline.IntoCreate},
		{"too long", "longer than 63 bytes", []string{"users=" + strings.Repeat("x", 64)}, nil, pipeline.IntoCreate},
	} {
		t.Run(tc.name, func(t *testing.T) { // one after the other: a run locks its schemas
			_, err := pipeline.Migrate(t.Context(), pipeline.Config{
				Source: source, Target: url, Maps: nameMaps(t, tc.maps...), Exclude: tc.exclude, Into: tc.into,
			})
			if pipeline.ExitCode(err) != pipeline.ExitRefused || pipeline.Hint(err) == "" {
				t.Fatalf("got %v (hint %q), want a refusal", err, pipeline.Hint(err))
			}
			if before, after, _ := strings.Cut(tc.want, "?"); !strings.Contains(err.Error(), before) || !strings.HasSuffix(err.Error(), after) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

// TestMapSettlesAmbiguity: of two tables that fit as well, --map chooses.
func TestMapSettlesAmbiguity(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, `CREATE TABLE "Item" (id int, "Name" text, "NAME" text)`, "CREATE TABLE item (id int, name text)")
	source := sqliteFile(t, "CREATE TABLE ITEM (id INT, nAME TEXT)", "INSERT INTO ITEM VALUES (1, 'a')")
	_, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(pipeline.Hint(err), "--map ITEM=Item") {
		t.Fatalf("got %v (hint %q), want a refusal that speaks of --map", err, pipeline.Hint(err))
	}
	_, err = pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url, Maps: nameMaps(t, "item=Item")})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(pipeline.Hint(err), "--map ITEM.nAME=") {
		t.Fatalf("got %v (hint %q), want a refusal that speaks of --map", err, pipeline.Hint(err))
	}
	move(t, pipeline.Config{Source: source, Target: url, Maps: nameMaps(t, "item=Item", "item.name=NAME")})
	wantRows(t, url, `SELECT id, "Name" IS NULL, "NAME" FROM "Item"`, "1|true|a")
}

// TestNewNames: tables that litehaul makes get other names, with all that hangs
// on them, and columns stay behind.
func TestNewNames(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	source := sqliteFile(t,
		"CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, secret TEXT NOT NULL, CHECK (length(secret) > 0), CHECK (id > 0))",
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, owner INT REFERENCES users, mail TEXT REFERENCES users (mail), g INT AS (owner * 2) STORED)",
		"CREATE INDEX by_secret ON users (secret)", "CREATE INDEX by_owner ON orders (owner)",
		"CREATE VIEW v AS SELECT u.mail, o.id FROM users u JOIN orders o ON o.owner = u.id",
		"CREATE VIEW w AS SELECT secret FROM users",
		"INSERT INTO users VALUES (3, 'm', 's')", "INSERT INTO orders (id, owner, mail) VALUES (1, 3, 'm')")
	rep := move(t, pipeline.Config{
		Source: source, Target: url, Maps: nameMaps(t, "users=accounts", "users.mail=email", "orders.owner=account"),
		DropColumns: []string{"users.secret"},
	})
	wantRows(t, url, "SELECT id, email FROM accounts", "3|m")
	wantRows(t, url, "SELECT id, account, mail, g FROM orders", "1|3|m|6")
	wantRows(t, url, "SELECT mail, id FROM v", "m|1")
	wantRows(t, url, "SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u', 'f', 'c') AND connamespace = 'public'::regnamespace ORDER BY 1",
		"accounts_check", "accounts_email_key", "accounts_pkey", "orders_account_fkey", "orders_mail_fkey", "orders_pkey")
	wantRows(t, url, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'by%'", "by_owner")
	left := map[string]bool{}
	for _, o := range rep.Objects {
		if o.Status == "left out" {
			left[o.Kind+" "+o.Name] = true
		}
	}
	want := map[string]bool{"column secret": true, "check accounts_check": true, "index by_secret": true, "view w": true}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if len(rep.Renamed) != 3 {
		t.Errorf("renamed: %+v", rep.Renamed)
	}
}

// TestDropRefusals: only what is there can be let go, and not all of it.
func TestDropRefusals(t *testing.T) {
	t.Parallel()
	source := sqliteFile(t, "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, 2)")
	for drop, want := range map[string]string{"t.c": "no column t.c, which --drop-column names", "t.a,t.b": "no column of table t is left to load"} {
		_, err := pipeline.Inspect(t.Context(), pipeline.Config{Source: source, DropColumns: strings.Split(drop, ",")})
		if pipeline.ExitCode(err) != pipeline.ExitUsage || err.Error() != want {
			t.Errorf("%s: %v, want %s", drop, err, want)
		}
	}
}

// TestDropFromExisting: a column that the target has keeps its default.
func TestDropFromExisting(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	source := twoSchemas(t, url)
	move(t, pipeline.Config{Source: source, Target: url, Maps: nameMaps(t, twoSchemaMaps...), DropColumns: []string{"orders.total"}})
	wantRows(t, url, `SELECT sum(total)::text FROM "Other.One"."my.orders"`, "125000.00")
}

// TestLongNames: names of more than 63 bytes find those that Postgres cut when
// the application made its tables; two that it cut alike are told.
func TestLongNames(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	table, column := strings.Repeat("t", 62)+"ü_more", strings.Repeat("c", 70)
	runSQL(t, url, `CREATE TABLE `+table+` (id int PRIMARY KEY, `+column+` text)`)
	source := []string{"CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, " + column + " TEXT)", "INSERT INTO " + table + " VALUES (1, 'x')"}
	move(t, pipeline.Config{Source: sqliteFile(t, source...), Target: url})
	wantRows(t, url, "SELECT id, "+column[:63]+" FROM "+table[:62], "1|x")
	runSQL(t, url, "TRUNCATE "+table[:62])
	_, err := pipeline.Migrate(t.Context(), pipeline.Config{Target: url, Source: sqliteFile(t, source[0], "ALTER TABLE "+table+" ADD "+column+"d TEXT")})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), column+"d") {
		t.Errorf("two names that Postgres cuts alike: %v", err)
	}
}
