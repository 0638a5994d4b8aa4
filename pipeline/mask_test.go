package pipeline_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/litehaul/litehaul/internal/archivetest"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// people has keys of all kinds that masks must keep, and secrets in each column
// that is masked.
func people(t *testing.T) string {
	t.Helper()
	return sqliteFile(t,
		`CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(60) COLLATE NOCASE NOT NULL UNIQUE, name TEXT, phone VARCHAR(20), note TEXT,
			key CHAR(36) UNIQUE, boss INTEGER REFERENCES person, shown TEXT GENERATED ALWAYS AS (name || ' ' || email) VIRTUAL, born DATE, CHECK (length(email) > 3))`,
		`CREATE TABLE login (person INTEGER REFERENCES person, email TEXT COLLATE NOCASE REFERENCES person (email), key CHAR(36) REFERENCES person (key), at TIMESTAMP, PRIMARY KEY (person, at)) WITHOUT ROWID`,
		`CREATE INDEX person_note ON person (note)`,
		`CREATE UNIQUE INDEX one_note ON person (note) WHERE note LIKE '%note-1%'`,
		`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300) INSERT INTO person (id, email, name, phone, note, key, boss, born)
			SELECT i + 5551000, 'Geheim' || i || '@Hidden.org', 'Geheim Name ' || (i % 7), '0049-geheim-' || i, CASE WHEN i % 3 THEN 'geheim-note-' || i END,
			printf('5ec4e700-0000-4000-8000-%012d', i), nullif(i / 2, 0) + 5551000, '1980-05-05' FROM c`,
		`INSERT INTO login SELECT id, lower(email), key, '2024-01-01 00:00:00' FROM person WHERE id % 2`,
		`INSERT INTO login SELECT id, upper(email), NULL, '2024-02-01 00:00:00' FROM person`)
}

// peopleMasks hide everything that is a secret in people.
var peopleMasks = []pipeline.Mask{
	{Table: "*", Column: "email", How: "fake-email"},
	{Table: "person", Column: "id", How: "hash"},
	{Table: "person", Column: "name", How: "fake-name"},
	{Table: "person", Column: "phone", How: "redact"},
	{Table: "person", Column: "note", How: "hash"},
	{Table: "person", Column: "key", How: "hash"},
	{Table: "person", Column: "born", How: "const:2000-01-01"},
}

// unpacked gives all bytes of an archive, chunks decompressed.
func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	zr, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	var out []byte
	for tr := tar.NewReader(f); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(h.Name, ".zst") {
			if data, err = zr.DecodeAll(data, nil); err != nil {
				t.Fatal(err)
			}
		}
		out = append(append(out, h.Name...), data...)
	}
}

// noSecrets fails where a masked value can be read.
func noSecrets(t *testing.T, what string, data []byte) {
	t.Helper()
	id := []byte{0, 0, 0, 8, 0, 0, 0, 0, 0, 0x54, 0xb3} // bigint of 5551000 and above
	lower := bytes.Clone(data)                          // bytes.ToLower would mend what is no UTF-8
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	for _, secret := range [][]byte{[]byte("geheim"), []byte("hidden.org"), []byte("55510"), []byte("1980-05"), {0x5e, 0xc4, 0xe7, 0}, id} {
		if at := bytes.Index(lower, secret); at >= 0 {
			t.Errorf("%s shows %q: %q", what, secret, data[max(0, at-40):min(len(data), at+40)])
		}
	}
}

// Masked values stand nowhere, keys still fit, and types are those of an archive without
// masks.
func TestMasked(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := people(t)
	plain, _ := writeFixture(t, pipeline.Config{Source: source, NoCase: pipeline.NoCaseCitext}, 2)
	for _, word := range []string{"geheim-note", "Hidden.org"} {
		if !bytes.Contains(unpacked(t, plain), []byte(word)) {
			t.Fatalf("%s is no secret of the source", word)
		}
	}
	cfg := pipeline.Config{Source: source, Masks: peopleMasks, NoCase: pipeline.NoCaseCitext, Jobs: 2, LedgerFile: filepath.Join(t.TempDir(), "ledger")}
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "masked.tar")
	rep, err := pipeline.CreateFixture(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	noSecrets(t, "the archive", unpacked(t, cfg.Fixture.Path))
	text, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	noSecrets(t, "the report", text)
	ledger, err := os.ReadFile(cfg.LedgerFile)
	if err != nil {
		t.Fatal(err)
	}
	noSecrets(t, "the ledger", ledger)
	one, other := server.Database(t), server.Database(t)
	archivetest.Restore(t, plain, one)
	archivetest.Restore(t, cfg.Fixture.Path, other)
	if a, b := ask(t, one, columnsSQL, "public"), ask(t, other, columnsSQL, "public"); strings.Join(a, "\n") != strings.Join(b, "\n") {
		t.Errorf("columns without masks:\n%s\nwith:\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	conn := pgtest.Connect(t, other)
	for query, want := range map[string]int{
		`SELECT count(*) FROM person`:                                                                                      300,
		`SELECT count(*) FROM person p JOIN person b ON b.id = p.boss`:                                                     299,
		`SELECT count(*) FROM login l JOIN person p ON p.id = l.person AND p.email = l.email`:                              450,
		`SELECT count(*) FROM login l JOIN person p ON p.key = l.key`:                                                      150,
		`SELECT count(DISTINCT name) FROM person`:                                                                          7,
		`SELECT count(DISTINCT note) FROM person WHERE note IS NOT NULL`:                                                   200,
		`SELECT count(*) FROM person WHERE shown = name || ' ' || email`:                                                   300,
		`SELECT count(*) FROM person WHERE born = '2000-01-01' AND phone ~ '^x+$'`:                                         300,
		`SELECT count(*) FROM pg_constraint WHERE NOT convalidated`:                                                        0,
		`SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`:                 4,
		`SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace`:                 1,
		`SELECT count(*) FROM person WHERE id < 32768 OR id >= 2147483648`:                                                 0,
		`SELECT (nextval(pg_get_serial_sequence('person', 'id')) > (SELECT max(id) FROM person))::int FROM person LIMIT 1`: 1,
	} {
		var got int
		if err := conn.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d (%v), want %d", query, got, err, want)
		}
	}
}

// What is wrong with values behind a mask is nobody's business, nor what SQLite has
// computed from them.
func TestMaskedMisfits(t *testing.T) {
	t.Parallel()
	source := sqliteFile(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, low TEXT GENERATED ALWAYS AS (lower(name)) STORED, n INTEGER)`,
		`INSERT INTO t (name, n) VALUES (CAST(x'47ff' AS TEXT), 1), ('Geheim', 'Geheim 7')`)
	cfg := pipeline.Config{Source: source}
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
	if _, err := pipeline.CreateFixture(t.Context(), cfg); pipeline.ExitCode(err) != pipeline.ExitRefused {
		t.Fatalf("without masks: %v, want a refusal of invalid text", err)
	}
	cfg.Masks = []pipeline.Mask{{Table: "t", Column: "n", How: "const:3"}, {Table: "t", Column: "name", How: "hash"}}
	rep, err := pipeline.CreateFixture(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	text, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	noSecrets(t, "the report", text)
	noSecrets(t, "the archive", unpacked(t, cfg.Fixture.Path))
}

const columnsSQL = `SELECT string_agg(format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), E'\n' ORDER BY c.relname, a.attnum)
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND c.relnamespace = $1::text::regnamespace AND c.relkind = 'r'`

// The same source gives the same archive, the same seed the same values.
func TestMasksAreTheSame(t *testing.T) {
	t.Parallel()
	source := people(t)
	for name, cfg := range map[string]pipeline.Config{
		"masks":  {Masks: peopleMasks},
		"seed":   {Masks: peopleMasks, MaskSeed: "0123456789abcdef"},
		"sample": {Sample: pipeline.Sample{Percent: 20, Where: []pipeline.Condition{{Table: "person", SQL: "id < 5551200"}}}, Masks: peopleMasks},
		"engine": {Reader: pipeline.ReaderEngine, Sample: pipeline.Sample{Percent: 20}},
	} {
		cfg.Source, cfg.NoCase = source, pipeline.NoCaseCitext // logins spell addresses in their own case
		_, one := writeFixture(t, cfg, 1)
		if _, many := writeFixture(t, cfg, 4); one != many {
			t.Errorf("%s: four jobs give other bytes than one", name)
		}
		if name == "engine" {
			cfg.Reader = pipeline.ReaderAuto
			if _, pages := writeFixture(t, cfg, 2); one != pages {
				t.Error("read from pages, the sample is another one")
			}
			continue
		}
		cfg.MaskSeed = "another 89abcdef"
		if _, other := writeFixture(t, cfg, 2); one == other {
			t.Errorf("%s: another seed gives the same", name)
		}
	}
}

func TestMasksRefused(t *testing.T) {
	t.Parallel()
	source := sqliteFile(t,
		`CREATE TABLE a (id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('x', 'y')), at TIMESTAMP, doc JSON, name TEXT UNIQUE, mail TEXT, low TEXT GENERATED ALWAYS AS (lower(mail)) STORED,
			odd TEXT GENERATED ALWAYS AS (quote(name)) STORED, small VARCHAR(5))`,
		`CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a, other INTEGER REFERENCES a)`,
		`CREATE UNIQUE INDEX a_mail ON a (lower(mail))`,
		`INSERT INTO a (id, kind, at, doc, name, mail, small) VALUES (1, 'x', '2024-01-01 10:00:00', '{"a": 1}', 'Ann', 'a@b', 'x'), (2, 'y', '2024-01-01 10:00:00', '[]', 'Bob', 'b@b', 'y')`,
		`INSERT INTO b VALUES (1, 1, 2)`)
	for name, tt := range map[string]struct {
		masks []string
		drop  string
		rule  pipeline.ColumnRule
		code  int
		err   string // "" where it is allowed
	}{
		"no such column":              {masks: []string{"a.nix=null"}, code: pipeline.ExitUsage, err: "no column of this run"},
		"two ways":                    {masks: []string{"a.mail=null", "a.mail=hash"}, code: pipeline.ExitUsage, err: "in two ways"},
		"two patterns":                {masks: []string{"*.mail=null", "a.m*=hash"}, code: pipeline.ExitUsage, err: "in two ways"},
		"a name beats a pattern":      {masks: []string{"*.mail=null", "a.mail=fake-email"}},
		"null of what is not null":    {masks: []string{"a.kind=null"}, code: pipeline.ExitRefused, err: "NOT NULL"},
		"a check":                     {masks: []string{"a.kind=hash"}, code: pipeline.ExitRefused, err: "does not hold for masked values"},
		"a check that holds":          {masks: []string{"a.kind=const:y"}},
		"a time":                      {masks: []string{"a.at=hash"}, code: pipeline.ExitRefused, err: "hash does not go with type"},
		"a time that is none":         {masks: []string{"a.at=const:yesterday"}, code: pipeline.ExitRefused, err: "do not fit"},
		"a time that is one":          {masks: []string{"a.at=const:2020-01-01 00:00:00"}},
		"a document":                  {masks: []string{"a.doc=redact"}, code: pipeline.ExitRefused, err: "does not go with type json"},
		"a document as a whole":       {masks: []string{"a.doc=const:{}"}},
		"a key that does not stay":    {masks: []string{"a.name=const:x"}, drop: "a.odd", code: pipeline.ExitRefused, err: "repeats a key"},
		"a key that stays":            {masks: []string{"a.name=hash"}, drop: "a.odd"},
		"computed by SQLite alone":    {masks: []string{"a.name=hash"}, code: pipeline.ExitRefused, err: "a.odd is computed from masked ones"},
		"computed anew":               {masks: []string{"a.mail=hash"}},
		"what Postgres computes":      {masks: []string{"a.low=hash"}, code: pipeline.ExitRefused, err: "Postgres computes it"},
		"an index over an expression": {masks: []string{"a.mail=redact"}, code: pipeline.ExitRefused, err: "unique index a_mail"},
		"no integer": {
			masks: []string{"a.small=hash"}, rule: pipeline.ColumnRule{Table: "a", Column: "small", Type: "bigint"},
			code: pipeline.ExitRefused, err: "mask column a.small with hash: a value of class text is no integer",
		},
		"too narrow":                 {masks: []string{"a.small=fake-email"}, code: pipeline.ExitRefused, err: "needs 24 characters"},
		"a referenced key":           {masks: []string{"a.id=zero"}, code: pipeline.ExitRefused, err: "foreign keys tie it to b.a"},
		"a reference":                {masks: []string{"b.a=hash"}},
		"two ways for tied ones":     {masks: []string{"b.other=const:1"}, code: pipeline.ExitRefused, err: "foreign keys tie it to a.id"},
		"a reference that goes":      {masks: []string{"b.other=null", "a.id=hash"}},
		"a reference that must stay": {masks: []string{"b.a=null"}, code: pipeline.ExitRefused, err: "NOT NULL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := pipeline.Config{Source: source, MaskSeed: "0123456789abcdef"}
			if tt.rule.Table != "" {
				cfg.Rules = []pipeline.ColumnRule{tt.rule}
			}
			if tt.drop != "" {
				cfg.DropColumns = []string{tt.drop}
			}
			cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
			for _, s := range tt.masks {
				m, err := pipeline.ParseMask(s)
				if err != nil {
					t.Fatal(err)
				}
				cfg.Masks = append(cfg.Masks, m)
			}
			_, err := pipeline.CreateFixture(t.Context(), cfg)
			if tt.err == "" {
				if err != nil {
					t.Errorf("%v (%s)", err, pipeline.Hint(err))
				}
				return
			}
			if pipeline.ExitCode(err) != tt.code || !strings.Contains(err.Error(), tt.err) || pipeline.Hint(err) == "" {
				t.Errorf("got %v (%s), code %d", err, pipeline.Hint(err), pipeline.ExitCode(err))
			}
			if _, err := os.Stat(cfg.Fixture.Path); err == nil {
				t.Error("there is an archive")
			}
		})
	}
}
