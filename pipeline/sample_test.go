package pipeline_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/archivetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// Samples of databases with many foreign keys have none broken that is not broken in the
// source: Postgres validates all keys when an archive is restored.
func TestCorpusSample(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for _, tt := range []struct {
		name, where string
		orphans     bool // the source has some
	}{
		{name: "chinook", where: "Customer=Country = 'USA'"},
		{name: "sakila", where: "film=rating = 'PG'"},
		{name: "northwind-efcore", where: "Orders=Freight < 50"},
		{name: "django-ecommerce", where: "auth_user=id = 1"},
		{name: "gda-sales", where: "customers=id > 2", orphans: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := pipeline.Config{Source: corpusDatabase(t, tt.name)}
			if s, ok := settled[tt.name]; ok {
				s.with(&cfg)
			}
			table, sql, _ := strings.Cut(tt.where, "=")
			cond := []pipeline.Condition{{Table: table, SQL: sql}}
			for _, s := range []pipeline.Sample{{Where: cond}, {Percent: 10}} {
				cfg.Sample = s
				path, one := writeFixture(t, cfg, 1)
				if _, many := writeFixture(t, cfg, 4); one != many {
					t.Errorf("%v: four jobs give other bytes than one", s)
				}
				url := server.Database(t)
				archivetest.Restore(t, path, url)
				var invalid int
				if err := pgtest.Connect(t, url).QueryRow(t.Context(), `SELECT count(*) FROM pg_constraint WHERE NOT convalidated`).Scan(&invalid); err != nil {
					t.Fatal(err)
				}
				if invalid > 0 && !tt.orphans {
					t.Errorf("%v: %d constraints are not valid", s, invalid)
				}
			}
		})
	}
}

func corpusDatabase(t *testing.T, name string) string {
	t.Helper()
	for _, e := range corpusAll(t) {
		if e.name == name {
			return copyDatabase(t, sharedtest.Dir(t, "corpus", filepath.FromSlash(e.file)))
		}
	}
	t.Fatalf("no database %s", name)
	return ""
}

// What is left out counts nowhere: types, keys and refusals are those of the rows that
// go in.
func TestSampleDecides(t *testing.T) {
	t.Parallel()
	source := sqliteFile(t,
		`CREATE TABLE t (id INTEGER PRIMARY KEY, n, doc TEXT)`, `CREATE TABLE c (t INTEGER REFERENCES t, x TEXT PRIMARY KEY) WITHOUT ROWID`,
		`INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 'three', CAST(x'ff' AS TEXT))`,
		`INSERT INTO c VALUES (1, 'a'), (2, 'b'), (3, 'c'), (9, 'd')`)
	cfg := pipeline.Config{Source: source, Orphans: pipeline.OrphansNotValid, Fixture: pipeline.FixtureOutput{Path: filepath.Join(t.TempDir(), "out.tar")}}
	if _, err := pipeline.CreateFixture(t.Context(), cfg); pipeline.ExitCode(err) != pipeline.ExitRefused {
		t.Fatalf("all rows: %v, want a refusal of invalid text", err)
	}
	cfg.Sample.Where = []pipeline.Condition{{Table: "T", SQL: "typeof(n) = 'integer'"}, {Table: "t", SQL: "id > 1"}}
	rep, err := pipeline.CreateFixture(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	got := ""
	for _, x := range rep.Tables {
		got += fmt.Sprintf("%s: %d of %d, %d left out; ", x.Name, x.Loaded, x.Rows, x.LeftOut)
	}
	if want := "t: 1 of 1, 2 left out; c: 2 of 2, 2 left out; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c := rep.Tables[0].Columns[1]; c.Type != "bigint" {
		t.Errorf("n is %s (%s), want bigint", c.Type, c.Evidence)
	}
	if len(rep.Hazards) != 1 || rep.Hazards[0].Count != 1 {
		t.Errorf("hazards: %+v, want the orphan of the source", rep.Hazards)
	}
}

func TestSampleRefused(t *testing.T) {
	t.Parallel()
	source := sqliteFile(t, `CREATE TABLE t (id INTEGER PRIMARY KEY)`, `INSERT INTO t VALUES (1)`)
	where := func(table, sql string) pipeline.Sample {
		return pipeline.Sample{Where: []pipeline.Condition{{Table: table, SQL: sql}}}
	}
	for name, tt := range map[string]struct {
		cfg pipeline.Config
		err string
	}{
		"no such table":   {pipeline.Config{Sample: where("x", "1")}, "no table x"},
		"excluded":        {pipeline.Config{Sample: where("t", "1"), VirtualContent: true}, "--virtual-tables=content with --where"},
		"no such column":  {pipeline.Config{Sample: where("t", "ix = 3")}, "--where table t: condition ix = 3: no such column: ix"},
		"salvaged":        {pipeline.Config{Sample: pipeline.Sample{Percent: 3}, SkipDamaged: true}, "--skip-damaged with --where"},
		"more than all":   {pipeline.Config{Sample: pipeline.Sample{Percent: 101}}, "a sample of 101 %"},
		"a seed to guess": {pipeline.Config{MaskSeed: "me"}, "can be guessed"},
		"no way to mask":  {pipeline.Config{Masks: []pipeline.Mask{{Table: "t", Column: "id", How: "blur"}}}, "no way to mask"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Source, tt.cfg.Fixture.Path = source, filepath.Join(t.TempDir(), "out.tar")
			_, err := pipeline.CreateFixture(t.Context(), tt.cfg)
			if pipeline.ExitCode(err) != pipeline.ExitUsage || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
	_, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Sample: where("t", "1")})
	if pipeline.ExitCode(err) != pipeline.ExitUsage || !strings.Contains(err.Error(), "for fixtures only") {
		t.Errorf("a migration: %v", err)
	}
}
