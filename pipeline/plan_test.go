package pipeline_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

var update = flag.Bool("update", false, "write the golden plans")

// makePlan gives a plan as text; planning twice must give the same bytes.
func makePlan(t testing.TB, cfg pipeline.Config) string {
	t.Helper()
	var texts [2]string
	for i := range texts {
		rep, err := pipeline.MakePlan(t.Context(), cfg, cfg.Target != "")
		if err != nil {
			t.Fatalf("plan: %v (%s)", err, pipeline.Hint(err))
		}
		var out bytes.Buffer
		if err := pipeline.WritePlan(&out, rep.Plan); err != nil {
			t.Fatal(err)
		}
		texts[i] = out.String()
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Errorf("two plans of the same differ (-first +second):\n%s", diff)
	}
	return texts[0]
}

// follow makes cfg follow a plan, as a command line without further flags would.
func follow(t testing.TB, cfg *pipeline.Config, text string) {
	t.Helper()
	p, err := pipeline.ReadPlan("plan.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := cfg.Follow(p, func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
}

// decided is what a run did, as far as it may not depend on when it ran.
func decided(rep *pipeline.Report) any {
	type column struct{ Name, Target, Type, Form, Default, Evidence string }
	type table struct {
		Name, Target, Digest, Verified string
		Rows, Loaded, Rejected         int64
		Columns                        []column
	}
	var out []table
	for _, t := range rep.Tables {
		x := table{t.Name, t.Target, t.Digest, t.Verified, t.Rows, t.Loaded, t.Rejected, nil}
		for _, c := range t.Columns {
			x.Columns = append(x.Columns, column{c.Name, c.Target, c.Type, c.Form, c.Default, c.Evidence})
		}
		out = append(out, x)
	}
	return out
}

// TestPlanTwins: into each application's tables, a run that follows a plan does
// what one without would.
func TestPlanTwins(t *testing.T) {
	t.Parallel()
	for _, path := range sharedtest.Twins(t, "twin.json") {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			source := copyDatabase(t, filepath.Join(folder, "source.sqlite3"))
			var got [2]any
			var text string
			for i := range got {
				cfg := pipeline.Config{Source: source, Target: server.Database(t), OnData: pipeline.OnDataTruncate, Confirm: agree}
				pgtest.LoadDump(t, cfg.Target, filepath.Join(folder, "target.sql"))
				if i == 1 {
					text = makePlan(t, cfg)
					follow(t, &cfg, text)
				}
				rep := move(t, cfg)
				got[i] = decided(&rep)
			}
			if diff := cmp.Diff(got[0], got[1]); diff != "" {
				t.Errorf("by the plan (-without +with):\n%s\n%s", diff, text)
			}
		})
	}
}

// TestPlanCreate: the same for tables that litehaul makes, of the twins and of
// what others left in their files.
func TestPlanCreate(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	sources := map[string]string{}
	for _, path := range sharedtest.Twins(t, "twin.json") {
		sources[filepath.Base(filepath.Dir(path))] = filepath.Join(filepath.Dir(path), "source.sqlite3")
	}
	for i, e := range corpusIndex(t) {
		if refused[e.name] == "" && i%4 == 0 {
			sources[e.name] = sharedtest.Dir(t, "corpus", filepath.FromSlash(e.file))
		}
	}
	for name, path := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := copyDatabase(t, path)
			if info, err := os.Stat(source); err != nil || info.Size() > 8<<20 {
				t.Skip("too large to be moved twice here")
			}
			var got [2]any
			var text string
			for i := range got {
				cfg := pipeline.Config{Source: source, InvalidText: pipeline.InvalidBytea}
				relaxed(&cfg)
				if s, ok := settled[name]; ok {
					s.with(&cfg)
				}
				if i == 1 {
					text = makePlan(t, cfg)
					follow(t, &cfg, text)
				}
				cfg.Target = server.Database(t)
				rep := move(t, cfg)
				got[i] = decided(&rep)
			}
			if diff := cmp.Diff(got[0], got[1]); diff != "" {
				t.Errorf("by the plan (-without +with):\n%s\n%s", diff, text)
			}
		})
	}
}

// shopSource is a small database with something of everything that a plan shows.
func shopSource(t testing.TB, more ...string) string {
	t.Helper()
	return sqliteFile(t, append([]string{
		`CREATE TABLE users (id INTEGER PRIMARY KEY, mail VARCHAR(40) UNIQUE, token CHAR(32), seen DATETIME, "on" BOOL, meta TEXT CHECK (json_valid(meta)))`,
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, owner INT REFERENCES users, total DECIMAL(8,2), at DATETIME, tag TEXT COLLATE NOCASE, raw)",
		"CREATE TABLE log (line TEXT)",
		`CREATE TABLE "odd.name: #1" ("a ""b""" INT, "c
d" TEXT)`,
		"CREATE INDEX orders_at ON orders (at)",
		"CREATE VIEW v AS SELECT mail FROM users",
		"CREATE TRIGGER tr AFTER INSERT ON orders BEGIN DELETE FROM log; END",
		`INSERT INTO users VALUES (1, 'a@x', '6ba7b8109dad41d180b400c04fd430c8', 1700000000000, 1, '{"a": 1}'),
			(2, 'b@x', '6ba7b8119dad41d180b400c04fd430c8', 1700000001000, 0, NULL),
			(3, NULL, '6ba7b8129dad41d180b400c04fd430c8', 1700000002000, 1, '[]'),
			(4, NULL, '6ba7b8149dad41d180b400c04fd430c8', 1700000002000, 1, '[]')`,
		"INSERT INTO orders VALUES (1, 1, 3.5, '2024-01-02 03:04:05', 'x', 1), (2, 2, 12, '2024-01-02 03:04:05.678', 'X', 'two')",
		`INSERT INTO "odd.name: #1" VALUES (1, 'x')`,
	}, more...)...)
}

// shopTarget is what an application made for it.
var shopTarget = []string{
	"CREATE SCHEMA app",
	"CREATE TABLE app.accounts (id int PRIMARY KEY, mail varchar(40) UNIQUE, token uuid, seen timestamptz(3), active boolean NOT NULL, meta jsonb)",
	"CREATE TABLE orders (id int PRIMARY KEY, owner int REFERENCES app.accounts, total numeric(8,2), at timestamp, tag text, raw text, net numeric GENERATED ALWAYS AS (total / 2) STORED)",
}

var shopMaps = []string{"users=app.accounts", `users."on"=active`}

func existingShop(t testing.TB) pipeline.Config {
	t.Helper()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, shopTarget...)
	return pipeline.Config{Source: shopSource(t), Target: url, Maps: nameMaps(t, shopMaps...), Exclude: []string{"log", "odd*"}}
}

// golden compares a plan with its file. The name of the source and the hashes
// stay: they are the same everywhere.
func golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "plan", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test ./pipeline -run Golden -update writes it):\n%s", name, diff)
	}
}

func TestPlanGoldenCreate(t *testing.T) {
	t.Parallel()
	cfg := pipeline.Config{Source: shopSource(t, "INSERT INTO orders (id, owner) VALUES (3, 77)"), Exclude: []string{"log"}, NoCase: pipeline.NoCaseLower}
	golden(t, "create.yaml", makePlan(t, cfg))
}

func TestPlanGoldenExisting(t *testing.T) {
	t.Parallel()
	golden(t, "existing.yaml", makePlan(t, existingShop(t)))
}
