package pipeline_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// edit changes a plan as a user would; what is replaced must be there.
func edit(t testing.TB, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the plan holds no %q:\n%s", pairs[i], text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// place is where the bar stands in a piece of a plan, as line and column.
func place(t testing.TB, text, piece string) string {
	t.Helper()
	before, after, ok := strings.Cut(piece, "|")
	i := strings.Index(text, before+after)
	if !ok || i < 0 {
		t.Fatalf("the plan holds no %q:\n%s", piece, text)
	}
	head := text[:i+len(before)]
	return fmt.Sprintf("plan.yaml:%d:%d", strings.Count(head, "\n")+1, len(head)-strings.LastIndexByte(head, '\n'))
}

// wantRefused runs a plan that must be refused with a message, at a place of the
// plan unless that is "", and a way out.
func wantRefused(t testing.TB, cfg pipeline.Config, text, at, want string) {
	t.Helper()
	if at != "" {
		want = place(t, text, at) + ": " + want
	}
	follow(t, &cfg, text)
	rep, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitRefused || pipeline.Hint(err) == "" {
		t.Fatalf("got %v (hint %q), want a refusal", err, pipeline.Hint(err))
	}
	if got := strings.TrimPrefix(err.Error(), "refused before writing: "); got != want {
		t.Errorf("got  %s\nwant %s\n%+v", got, want, rep.Hazards)
	}
}

// TestPlanOfAnotherSource: each change of the source that matters is named with
// its table and column; other rows are no reason to refuse.
func TestPlanOfAnotherSource(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for _, tc := range []struct {
		name, at, want string
		change         []string
	}{
		{"table added", "", "plan.yaml: the source has a table fresh, which the plan does not have", []string{"CREATE TABLE fresh (x)"}},
		{"table gone", "\n  |log:", "the source has no table log any more", []string{"DROP TABLE log"}},
		{"column added", "\n  |log:", "the source has a column log.more, which the plan does not have", []string{"ALTER TABLE log ADD COLUMN more"}},
		{"column gone", "|raw: {", "the source has no column orders.raw any more", []string{"ALTER TABLE orders DROP COLUMN raw"}},
		{"declared", "line: {declared: |TEXT", "log.line was declared TEXT and is INT in this source", []string{"DROP TABLE log", "CREATE TABLE log (line INT)"}},
		{
			"check", "\n  |log:", "table log of this source is defined otherwise than when the plan was made: its keys, checks, defaults or indexes differ",
			[]string{"DROP TABLE log", "CREATE TABLE log (line TEXT CHECK (line <> ''))"},
		},
		{
			"index", "\n  |log:", "table log of this source is defined otherwise than when the plan was made: its keys, checks, defaults or indexes differ",
			[]string{"CREATE INDEX lines ON log (line)"},
		},
		{"form", "form: |epoch-ms", "users.seen is planned with form: epoch-ms, and its values have no form (4 text: all dates, 2024-01-01)", []string{"UPDATE users SET seen = '2024-01-01'"}},
		{"misfit", "type: |\"numeric", "2 values of orders.total do not fit numeric(8,2)", []string{"UPDATE orders SET total = 1234567890.5"}},
		{"new form", "|at: {", "orders.at is planned with no form, and its values have form: epoch-s (2 integers: epoch seconds, 2023-11-14)", []string{"UPDATE orders SET at = 1700000000"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cfg := pipeline.Config{Source: shopSource(t)}
			text := makePlan(t, cfg)
			changeFile(t, cfg.Source, tc.change...)
			cfg.Target = server.Database(t)
			wantRefused(t, cfg, text, tc.at, tc.want)
			wantRows(t, cfg.Target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "0")
		})
	}
	t.Run("rows", func(t *testing.T) {
		t.Parallel()
		cfg := pipeline.Config{Source: shopSource(t)}
		text := makePlan(t, cfg)
		changeFile(t, cfg.Source, "INSERT INTO log VALUES ('a'), ('b')", "DROP VIEW v")
		cfg.Target = server.Database(t)
		follow(t, &cfg, text)
		rep := move(t, cfg)
		notes := strings.Join(rep.Notes, "\n")
		if !strings.Contains(notes, "rows since the plan was made: log (0, now 2)") ||
			!strings.Contains(notes, "the schema of the source has changed since the plan was made, but not the tables that are loaded") {
			t.Errorf("notes: %s", notes)
		}
	})
}

// TestPlanOfAnotherTarget: so is each change of the application's tables.
func TestPlanOfAnotherTarget(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, change, at, want string }{
		{"type", "ALTER TABLE app.accounts ALTER mail TYPE text", "type: |character varying", `column mail of "app"."accounts" is text, not character varying(40)`},
		{"column", "ALTER TABLE app.accounts ADD more int", "\n  |users:", `"app"."accounts" of this target is defined otherwise than when the plan was made: its columns, keys, checks or defaults differ`},
		{"key", "ALTER TABLE app.accounts ADD UNIQUE (token)", "\n  |users:", `"app"."accounts" of this target is defined otherwise than when the plan was made: its columns, keys, checks or defaults differ`},
		{"renamed", "ALTER TABLE app.accounts RENAME active TO live", "to: |active", `"app"."accounts" of the target has no column active`},
		{"moved", "ALTER TABLE app.accounts SET SCHEMA public", "to: |app.accounts", `schema app of the target has no table accounts`},
		{"gone", "DROP SCHEMA app CASCADE", "to: |app.accounts", `database ? has no schema app`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cfg := existingShop(t)
			text := makePlan(t, cfg)
			runSQL(t, cfg.Target, tc.change)
			cfg.Maps, cfg.Exclude = nil, nil
			database := ask(t, cfg.Target, "SELECT current_database()::text")[0]
			wantRefused(t, cfg, text, tc.at, strings.Replace(tc.want, "?", database, 1))
			wantRows(t, cfg.Target, "SELECT count(*) FROM orders", "0")
		})
	}
}

// TestPlanKeepsWhatIsOpen: a column that the target lacks waits for the user's
// word. The plan does not give it for them.
func TestPlanKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	cfg := existingShop(t)
	runSQL(t, cfg.Target, "ALTER TABLE app.accounts DROP COLUMN token")
	text := makePlan(t, cfg)
	cfg.Maps, cfg.Exclude = nil, nil
	wantRefused(t, cfg, text, "", "app.accounts of the target has no column for users.token")
	wantRows(t, cfg.Target, "SELECT count(*) FROM app.accounts", "0")

	follow(t, &cfg, edit(t, text, "token: {declared: CHAR(32)}", "token: {declared: CHAR(32), action: skip}"))
	move(t, cfg)
	wantRows(t, cfg.Target, "SELECT count(*) FROM app.accounts", "4")
}

// TestPlanMakesMissing: rows that stand in the target are a hazard of the plan,
// and do not keep it from telling of the tables that the run makes.
func TestPlanMakesMissing(t *testing.T) {
	t.Parallel()
	cfg := existingShop(t)
	cfg.CreateMissing, cfg.Exclude = true, nil
	runSQL(t, cfg.Target, "INSERT INTO orders (id) VALUES (7)")
	text := makePlan(t, cfg)
	cfg.Maps, cfg.Confirm = nil, agree
	follow(t, &cfg, text)
	cfg.OnData = pipeline.OnDataTruncate
	move(t, cfg)
	wantRows(t, cfg.Target, "SELECT count(*) FROM orders", "2")
	wantRows(t, cfg.Target, "SELECT count(*) FROM log", "0")
}

// TestPlanEdits: what users change in a plan is done.
func TestPlanEdits(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	cfg := pipeline.Config{Source: shopSource(t, "INSERT INTO orders (id, owner) VALUES (3, 77)")}
	text := edit(t, makePlan(t, cfg),
		"orphans: fail", "orphans: not-valid",
		"to: users", "to: people",
		"mail: {declared: VARCHAR(40), type: varchar(40)}", "mail: {declared: VARCHAR(40), to: email, type: text}",
		"token: {declared: CHAR(32), type: uuid}", "token: {declared: CHAR(32), action: skip}",
		"type: timestamptz, form: epoch-ms", "type: int8",
		`"on": {declared: BOOL, type: boolean}`, `"on":`,
		"raw: {type: text}", "raw: {type: bytea}",
		"  log:\n    action: load", "  log:\n    action: skip",
	)
	cfg.Target = url
	follow(t, &cfg, text)
	rep := move(t, cfg)
	wantRows(t, url, `SELECT email, seen::text, "on" FROM people WHERE id = 1`, "a@x|1700000000000|true")
	wantRows(t, url, "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'people' AND column_name IN ('token', 'mail')")
	wantRows(t, url, "SELECT raw::text FROM orders ORDER BY id LIMIT 2", `\x31`, `\x74776f`)
	wantRows(t, url, "SELECT convalidated FROM pg_constraint WHERE contype = 'f'", "false")
	wantRows(t, url, "SELECT count(*) FROM pg_tables WHERE tablename = 'log'", "0")
	if got := rep.Plan.Table("users"); got.To.Table != "people" || got.Column("token").Action != "skip" {
		t.Errorf("the report's own plan: %+v", got)
	}
}

// TestPlanBadEdits: changes that make no sense are refused at their line.
func TestPlanBadEdits(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for _, tc := range []struct {
		name, at, want string
		edits          []string
	}{
		{"no type", "|bigintt", `type "bigintt" is not one that litehaul makes`, []string{"type: bigint}", "type: bigintt}"}},
		{
			"values do not fit", "mail: {declared: VARCHAR(40), type: |bigint", "2 values of users.mail do not fit bigint",
			[]string{"mail: {declared: VARCHAR(40), type: varchar(40)}", "mail: {declared: VARCHAR(40), type: bigint}"},
		},
		{
			"one side of a key", "owner: {declared: INT, type: |bigint", "orders.owner is bigint and references users.id, which is numeric: the foreign key could not be made",
			[]string{"id: {declared: INTEGER, type: bigint}", "id: {declared: INTEGER, type: numeric}"},
		},
		{"form is missing", "|seen: {", "users.seen is planned with no form, and its values have form: epoch-ms (4 integers: epoch milliseconds, 2023-11-14)", []string{", form: epoch-ms", ""}},
		{"two tables, one name", "rows: 2\n    to: |users", "users and orders would both go into public.users", []string{"to: orders", "to: users"}},
		{"other schema", "to: |app.orders", "the tables that litehaul makes all go into schema public", []string{"to: orders", "to: app.orders"}},
		{"two columns, one name", "to: |id", "users.id and users.mail would both be column id", []string{"mail: {declared: VARCHAR(40), type", "mail: {declared: VARCHAR(40), to: id, type"}},
		{"column left out", "\n  |users:", "the source has a column users.token, which the plan does not have", []string{"      token: {declared: CHAR(32), type: uuid}\n", ""}},
		{"nothing to compare", "action: |compare", "table log is no bookkeeping of an application that has made the target's tables: there is nothing to compare", []string{"  log:\n    action: load", "  log:\n    action: compare"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cfg := pipeline.Config{Source: shopSource(t)}
			text := edit(t, makePlan(t, cfg), tc.edits...)
			cfg.Target = server.Database(t)
			wantRefused(t, cfg, text, tc.at, tc.want)
		})
	}
}

// TestPlanBooks: bookkeeping of a framework is compared, or skipped, not loaded.
func TestPlanBooks(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	book := "CREATE TABLE django_migrations (id integer PRIMARY KEY, app varchar(255), name varchar(255), applied timestamp)"
	runSQL(t, url, book, "CREATE TABLE notes (id int PRIMARY KEY)")
	cfg := pipeline.Config{Source: sqliteFile(t, book, "CREATE TABLE notes (id INTEGER PRIMARY KEY)",
		"INSERT INTO django_migrations VALUES (1, 'notes', '0001', NULL)", "INSERT INTO notes VALUES (1)"), Target: url}
	text := makePlan(t, cfg)
	if !strings.Contains(text, "django_migrations:\n    action: compare") || !strings.Contains(text, "# HAZARD: source and target stand at different migrations") {
		t.Fatalf("the plan:\n%s", text)
	}
	wantRefused(t, cfg, text, "", "source and target stand at different migrations (django_migrations): only the source has notes.0001")
	wantRefused(t, cfg, edit(t, text, "action: compare", "action: load"), "django_migrations:\n    action: |load",
		"table django_migrations is bookkeeping of the application's framework: the target has its own")
	follow(t, &cfg, edit(t, text, "action: compare", "action: skip"))
	move(t, cfg)
	wantRows(t, url, "SELECT id FROM notes", "1")
	wantRows(t, url, "SELECT count(*) FROM django_migrations", "0")
}

// TestFollowFlags: a flag beside a plan may repeat it; one that contradicts it is
// refused, except those about what the target holds.
func TestFollowFlags(t *testing.T) {
	t.Parallel()
	rep, err := pipeline.MakePlan(t.Context(), pipeline.Config{Source: shopSource(t)}, false)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := pipeline.WritePlan(&text, rep.Plan); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, flag string
		cfg        pipeline.Config
		want       string
	}{
		{"same", "orphans", pipeline.Config{Orphans: pipeline.OrphansFail}, ""},
		{"other", "orphans", pipeline.Config{Orphans: pipeline.OrphansSkipFK}, "--orphans=skip-fk contradicts the plan, which says orphans: fail (plan.yaml:20:12)"},
		{"bool", "skip-damaged", pipeline.Config{SkipDamaged: true}, "--skip-damaged=true contradicts the plan, which says skip-damaged: false (plan.yaml:30:17)"},
		{"schema", "schema", pipeline.Config{Schema: "x"}, "--schema=x contradicts the plan, which says schema: public (plan.yaml:9:9)"},
		{"into", "into", pipeline.Config{Into: pipeline.IntoExisting}, "--into=existing contradicts the plan, which says into: create (plan.yaml:8:7)"},
		{"auto", "into", pipeline.Config{Into: pipeline.IntoAuto}, ""},
		{"types", "type", pipeline.Config{}, "--type beside --plan: plan.yaml says what becomes of each table and column"},
		{"drop", "on-existing", pipeline.Config{OnExisting: pipeline.ExistingDrop}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, err := pipeline.ReadPlan("plan.yaml", strings.NewReader(text.String()))
			if err != nil {
				t.Fatal(err)
			}
			err = tc.cfg.Follow(p, func(flag string) bool { return flag == tc.flag })
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want == "" && tc.flag == "on-existing" && tc.cfg.OnExisting != pipeline.ExistingDrop:
				t.Errorf("the plan won: %s", tc.cfg.OnExisting)
			case tc.want != "" && (err == nil || err.Error() != tc.want || pipeline.ExitCode(err) != pipeline.ExitUsage || pipeline.Hint(err) == ""):
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}
