package pipeline_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// constraints lists constraints as Postgres writes them.
const constraints = `SELECT conrelid::regclass::text, conname::text, convalidated, pg_get_constraintdef(oid)
	FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = ANY ('{%s}') ORDER BY 1, 2`

func TestForeignKeys(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	const parent = "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, UNIQUE (a, b)); INSERT INTO p VALUES (1, 'x', 1), (2, 'y', 2); "
	for _, test := range []struct {
		name, sql string
		want      []string
		left      string // reason in the report, when one is left out
	}{
		{"plain", parent + "CREATE TABLE c (p_id INTEGER REFERENCES p (id)); INSERT INTO c VALUES (1), (NULL)", []string{"c|c_p_id_fkey|true|FOREIGN KEY (p_id) REFERENCES p(id)"}, ""},
		{"implicit", parent + "CREATE TABLE c (p_id REFERENCES p); INSERT INTO c VALUES (2)", []string{"c|c_p_id_fkey|true|FOREIGN KEY (p_id) REFERENCES p(id)"}, ""},
		{"composite", parent + "CREATE TABLE c (x TEXT, y INTEGER, FOREIGN KEY (x, y) REFERENCES p (a, b)); INSERT INTO c VALUES ('x', 1), ('nowhere', NULL)", []string{"c|c_x_y_fkey|true|FOREIGN KEY (x, y) REFERENCES p(a, b)"}, ""},
		{"composite, other order", parent + "CREATE TABLE c (x TEXT, y INTEGER, FOREIGN KEY (y, x) REFERENCES p (b, a)); INSERT INTO c VALUES ('x', 1)", []string{"c|c_y_x_fkey|true|FOREIGN KEY (y, x) REFERENCES p(b, a)"}, ""},
		{"named", parent + `CREATE TABLE c (p_id INTEGER CONSTRAINT "my key" REFERENCES p)`, []string{`c|my key|true|FOREIGN KEY (p_id) REFERENCES p(id)`}, ""},
		{"actions", parent + `CREATE TABLE c (a INTEGER REFERENCES p ON DELETE CASCADE ON UPDATE RESTRICT, b INTEGER REFERENCES p ON DELETE SET NULL, c INTEGER REFERENCES p ON UPDATE SET DEFAULT, d INTEGER REFERENCES p ON DELETE NO ACTION)`, []string{
			"c|c_a_fkey|true|FOREIGN KEY (a) REFERENCES p(id) ON UPDATE RESTRICT ON DELETE CASCADE",
			"c|c_b_fkey|true|FOREIGN KEY (b) REFERENCES p(id) ON DELETE SET NULL",
			"c|c_c_fkey|true|FOREIGN KEY (c) REFERENCES p(id) ON UPDATE SET DEFAULT",
			"c|c_d_fkey|true|FOREIGN KEY (d) REFERENCES p(id)",
		}, ""},
		{"deferrable", parent + `CREATE TABLE c (a INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED, b INTEGER REFERENCES p DEFERRABLE, c INTEGER REFERENCES p NOT DEFERRABLE)`, []string{
			"c|c_a_fkey|true|FOREIGN KEY (a) REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED",
			"c|c_b_fkey|true|FOREIGN KEY (b) REFERENCES p(id) DEFERRABLE",
			"c|c_c_fkey|true|FOREIGN KEY (c) REFERENCES p(id)",
		}, ""},
		{"self", "CREATE TABLE s (id INTEGER PRIMARY KEY, up INTEGER REFERENCES s); INSERT INTO s VALUES (1, 2), (2, 1), (3, 3)", []string{"s|s_up_fkey|true|FOREIGN KEY (up) REFERENCES s(id)"}, ""},
		{"cycle", "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a); INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)", []string{
			"a|a_b_fkey|true|FOREIGN KEY (b) REFERENCES b(id)", "b|b_a_fkey|true|FOREIGN KEY (a) REFERENCES a(id)",
		}, ""},
		{"case of names", `CREATE TABLE P (Id INTEGER PRIMARY KEY); CREATE TABLE c (x INTEGER REFERENCES p (ID))`, []string{`c|c_x_fkey|true|FOREIGN KEY (x) REFERENCES "P"("Id")`}, ""},
		{"through a unique index", "CREATE TABLE u (a TEXT); CREATE UNIQUE INDEX ua ON u (a); CREATE TABLE c (x TEXT REFERENCES u (a)); INSERT INTO u VALUES ('k'); INSERT INTO c VALUES ('k')", []string{"c|c_x_fkey|true|FOREIGN KEY (x) REFERENCES u(a)"}, ""},
		{"same type on both sides", "CREATE TABLE u (id CHAR(36) PRIMARY KEY); CREATE TABLE c (u_id VARCHAR(36) REFERENCES u); INSERT INTO u VALUES ('123e4567-e89b-12d3-a456-426614174000'); INSERT INTO c VALUES ('123e4567-e89b-12d3-a456-426614174000')", []string{"c|c_u_id_fkey|true|FOREIGN KEY (u_id) REFERENCES u(id)"}, ""},
		{"two keys over one column", parent + "CREATE TABLE c (x INTEGER REFERENCES p REFERENCES p (id) ON DELETE CASCADE)", []string{
			"c|c_x_fkey|true|FOREIGN KEY (x) REFERENCES p(id)", "c|c_x_fkey_1|true|FOREIGN KEY (x) REFERENCES p(id) ON DELETE CASCADE",
		}, ""},
		{"missing parent", "CREATE TABLE c (x INTEGER REFERENCES nowhere (id)); INSERT INTO c VALUES (1)", nil, "does not exist"},
		{"missing column", parent + "CREATE TABLE c (x INTEGER REFERENCES p (none))", nil, "do not exist"},
		{"parent is not unique", parent + "CREATE TABLE c (x INTEGER REFERENCES p (b))", nil, "not unique"},
		{"parent is a view", parent + "CREATE VIEW w AS SELECT id FROM p; CREATE TABLE c (x INTEGER REFERENCES w (id))", nil, "does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			rep := move(t, pipeline.Config{Source: sqliteFile(t, test.sql), Target: url, Jobs: 3})
			wantRows(t, url, fmt.Sprintf(constraints, "f"), test.want...)
			var left []string
			for _, o := range rep.Objects {
				if o.Kind == "foreign key" && o.Status == "left out" {
					left = append(left, o.Why)
					if o.Source == "" {
						t.Errorf("%+v has no source", o)
					}
				}
			}
			if (test.left != "") != (len(left) == 1) || test.left != "" && !strings.Contains(left[0], test.left) {
				t.Errorf("left out: %q, want %q", left, test.left)
			}
		})
	}
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	move(t, pipeline.Config{Target: url, Source: sqliteFile(t, `
		CREATE TABLE t (a TEXT, b INTEGER, c REAL, d TEXT, e DATETIME, n TEXT COLLATE NOCASE);
		INSERT INTO t VALUES ('x', 1, 0.5, NULL, '2020-01-01 00:00:00', 'N'), ('y', NULL, 1.5, 'z', NULL, 'm');
		CREATE INDEX i1 ON t (a);
		CREATE UNIQUE INDEX i2 ON t (a, b DESC);
		CREATE INDEX i3 ON t (b) WHERE d IS NOT NULL;
		CREATE INDEX i4 ON t (lower(a));
		CREATE UNIQUE INDEX i5 ON t (c) WHERE b > 0 AND a <> 'q';
		CREATE INDEX i6 ON t (b + 1, a || d);
		CREATE INDEX i7 ON t (e DESC)`), NoCase: pipeline.NoCaseLower})
	got := ask(t, url, "SELECT indexname::text, replace(indexdef, 'public.', '') FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
	for i, want := range [][]string{
		{"i1|CREATE INDEX i1 ON t USING btree (a)"},
		{"i2|CREATE UNIQUE INDEX i2 ON t USING btree (a, b DESC)"},
		{"i3|CREATE INDEX i3 ON t USING btree (b) WHERE (d IS NOT NULL)"},
		{"i4|CREATE INDEX i4 ON t USING btree (", "lower("},
		{"i5|CREATE UNIQUE INDEX i5 ON t USING btree (c) WHERE", "(b > 0)", "'q'"},
		{"i6|CREATE INDEX i6 ON t USING btree (((b + ", "||"},
		{"i7|CREATE INDEX i7 ON t USING btree (e DESC)"},
	} {
		if i >= len(got) {
			t.Fatalf("only %q", got)
		}
		for _, part := range want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%q, want %q in it", got[i], part)
			}
		}
	}
}

// TestTooWideForAnIndex: values that no B-tree holds cost the index, not the
// rows, and the report says so.
func TestTooWideForAnIndex(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	rep := move(t, pipeline.Config{Target: url, Jobs: 3, Source: sqliteFile(t,
		"CREATE TABLE t (id INTEGER PRIMARY KEY, doc BLOB, u BLOB UNIQUE)", "CREATE INDEX wide ON t (doc)", "CREATE INDEX narrow ON t (id, u)",
		"INSERT INTO t VALUES (1, randomblob(20000), x'01'), (2, x'00', randomblob(9000))",
	)})
	wantRows(t, url, "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 't'::regclass", "t_pkey")
	for _, o := range []pipeline.Object{objectOf(t, rep, "index", "wide"), objectOf(t, rep, "unique", "t_u_key"), objectOf(t, rep, "index", "narrow")} {
		if o.Status != "left out" || !strings.Contains(o.Why, "index row") || !strings.Contains(o.Suggestion, "md5") {
			t.Errorf("%+v", o)
		}
	}
}

// TestChecks: rows that SQLite let in against a CHECK leave it NOT VALID; each
// other one is validated, also beside one that cannot be rebuilt.
func TestChecks(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	rep := move(t, pipeline.Config{Target: url, Source: sqliteFile(t,
		"PRAGMA ignore_check_constraints = ON",
		"CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), s TEXT CHECK (length(s) < 3), r TEXT, CONSTRAINT odd CHECK (n % 2 = 1), CHECK (quote(r) <> 'x'), CHECK (r <> 'bad'))",
		"INSERT INTO t VALUES (1, -1, 'abcd', 'r'), (2, 3, 'x', NULL)",
	)})
	got := ask(t, url, "SELECT conname::text, convalidated FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1")
	weak, left := 0, 0
	for _, o := range rep.Objects {
		switch {
		case o.Kind != "check":
		case o.Status == "changed":
			weak++
			if !strings.Contains(o.Why, "NOT VALID") || !strings.Contains(o.Suggestion, "VALIDATE") {
				t.Errorf("%+v", o)
			}
		case o.Status == "left out":
			left++
		}
	}
	valid := 0
	for _, line := range got {
		if strings.HasSuffix(line, "|true") {
			valid++
		}
	}
	if valid+weak+left != 5 || valid+weak != len(got) || weak != 3 {
		t.Errorf("%d valid, %d weak, %d left out; the target has %q", valid, weak, left, got)
	}
	conn := pgtest.Connect(t, url)
	if _, err := conn.Exec(t.Context(), "INSERT INTO t (n) VALUES (-5)"); err == nil {
		t.Error("a check that is NOT VALID does not hold for new rows")
	}
}

// TestIdentities: the next row that an application inserts gets a number that
// was never handed out.
func TestIdentities(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	for _, test := range []struct {
		name, sql string
		next      int64 // 0 for an error: the numbers are used up
	}{
		{"empty", "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT DEFAULT 'd')", 1},
		{"after the largest", "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO t VALUES (5, ''), (3, '')", 6},
		{"after the last ever given", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT); INSERT INTO t VALUES (5, ''), (90, ''); DELETE FROM t WHERE id = 90", 91},
		{"all rows gone", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT); INSERT INTO t VALUES (7, ''); DELETE FROM t", 8},
		{"negative", "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO t VALUES (-5, ''), (-3, '')", 1},
		{"zero", "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO t VALUES (0, '')", 1},
		{"largest int", fmt.Sprintf("CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO t VALUES (%d, '')", int64(math.MaxInt64)), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			rep := move(t, pipeline.Config{Source: sqliteFile(t, test.sql), Target: url})
			var id int64
			err := pgtest.Connect(t, url).QueryRow(t.Context(), "INSERT INTO t (doc) VALUES ('new') RETURNING id").Scan(&id)
			if id != test.next || (err == nil) != (test.next != 0) {
				t.Errorf("next is %d, %v, want %d", id, err, test.next)
			}
			if test.next != 0 && rep.Tables[0].Columns[0].Identity != test.next {
				t.Errorf("the report says %d", rep.Tables[0].Columns[0].Identity)
			}
		})
	}
}

// TestTablesOfAllShapes: what SQLite calls a table, with generated columns,
// views over views and the content of virtual tables.
func TestTablesOfAllShapes(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	rep := move(t, pipeline.Config{Target: url, VirtualContent: true, Source: sqliteFile(t,
		"CREATE TABLE wr (a TEXT, b INTEGER, c, PRIMARY KEY (b, a)) WITHOUT ROWID; INSERT INTO wr VALUES ('x', 2, x'01'), ('y', 1, 'text')",
		"CREATE TABLE st (i INT PRIMARY KEY, r REAL, t TEXT, b BLOB, x ANY) STRICT; INSERT INTO st VALUES (1, 2, '3', x'04', 'five'), (2, NULL, NULL, NULL, 6)",
		"CREATE TABLE g (id INTEGER PRIMARY KEY, w REAL, h REAL, area REAL AS (w * h) STORED, twice REAL AS (w * 2), label TEXT AS ('#' || id), again REAL AS (area + 1)); INSERT INTO g (id, w, h) VALUES (1, 2.5, 4), (2, NULL, 1)",
		"CREATE VIEW v1 AS SELECT id, area FROM g; CREATE VIEW v2 AS SELECT area * 10 AS tens FROM v1 WHERE id = 1; CREATE VIEW v3 AS SELECT tens FROM v2",
		"CREATE VIRTUAL TABLE doc USING fts5 (title, body); INSERT INTO doc VALUES ('one', 'first text'), ('two', 'second')",
		"CREATE TABLE added (id INTEGER PRIMARY KEY); INSERT INTO added VALUES (1); ALTER TABLE added ADD COLUMN late TEXT DEFAULT 'later'; INSERT INTO added VALUES (2, NULL)",
		"CREATE TABLE keyed (k TEXT PRIMARY KEY, v); INSERT INTO keyed VALUES ('a', 1), ('b', 'x'), ('c', 1.5), ('d', x'ff'), ('e', NULL)",
	)})
	wantRows(t, url, "SELECT a, b FROM wr ORDER BY b", "y|1", "x|2")
	wantRows(t, url, "SELECT i, r, t, encode(b, 'hex') FROM st ORDER BY i", "1|2|3|04", "2|<nil>|<nil>|<nil>")
	wantRows(t, url, "SELECT id, area, twice, label, again FROM g ORDER BY id", "1|10|5|#1|11", "2|<nil>|<nil>|#2|<nil>")
	wantRows(t, url, "SELECT tens FROM v3", "100")
	wantRows(t, url, "SELECT title, body FROM doc ORDER BY title", "one|first text", "two|second")
	wantRows(t, url, "SELECT id, late FROM added ORDER BY id", "1|later", "2|<nil>")
	for _, name := range []string{"doc_data", "doc_idx", "doc_content", "doc_config"} {
		wantRows(t, url, "SELECT to_regclass('"+name+"') IS NULL", "true")
	}
	wantRows(t, url, "INSERT INTO g (w, h) VALUES (3, 3) RETURNING id, area, twice", "3|9|6")
	if len(rep.Tables) != 6 {
		t.Errorf("%d tables", len(rep.Tables))
	}
}

func TestOrphans(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, `CREATE TABLE p (id INTEGER PRIMARY KEY, k TEXT UNIQUE); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p, k TEXT REFERENCES p (k));
		INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (10, 1, 'a'), (11, 7, 'a'), (12, NULL, 'zz')`)
	for _, test := range []struct {
		policy pipeline.OrphanPolicy
		code   int
		keys   []string
	}{
		{"", pipeline.ExitRefused, nil},
		{pipeline.OrphansFail, pipeline.ExitRefused, nil},
		{pipeline.OrphansNotValid, 0, []string{"c_k_fkey|false", "c_p_id_fkey|false"}},
		{pipeline.OrphansSkipFK, 0, nil},
	} {
		t.Run(string(test.policy), func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			rep, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url, Orphans: test.policy})
			if pipeline.ExitCode(err) != test.code {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			cells := map[string][]pipeline.Cell{}
			for _, h := range rep.Hazards {
				if h.Code == "orphans" {
					cells[h.Column] = h.Cells
				}
			}
			want := map[string][]pipeline.Cell{"p_id": {{Key: "id=11", Value: "7"}}, "k": {{Key: "id=12", Value: "'zz'"}}}
			if diff := cmp.Diff(want, cells); diff != "" {
				t.Errorf("orphans (-want +got):\n%s", diff)
			}
			if err != nil {
				if len(catalogNames(t, url)) > 0 || !strings.Contains(pipeline.Hint(err), "--orphans=") {
					t.Errorf("hint %q, and there is %q", pipeline.Hint(err), catalogNames(t, url))
				}
				return
			}
			wantRows(t, url, "SELECT count(*) FROM c", "3")
			wantRows(t, url, "SELECT conname::text, convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1", test.keys...)
		})
	}
}

func TestBadKeys(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	for _, test := range []struct {
		name, sql string
		cells     []string // keys of the rows that are named
		indexes   []string // with relax: name and uniqueness
		noCase    pipeline.NoCasePolicy
	}{
		{"NULL in a primary key", "CREATE TABLE t (a TEXT PRIMARY KEY, b); INSERT INTO t VALUES ('x', 1), (NULL, 2), (NULL, 3)", []string{"a=NULL", "a=NULL"}, []string{"t_pkey|true|false"}, ""},
		{"duplicate UUIDs in two spellings", "CREATE TABLE t (a UUID PRIMARY KEY); INSERT INTO t VALUES ('123e4567-e89b-12d3-a456-426614174000'), ('123E4567-E89B-12D3-A456-426614174000')", []string{"a='123E4567-E89B-12D3-A456-426614174000'"}, []string{"t_pkey|false|false"}, ""},
		{"duplicate instants in two spellings", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TIMESTAMP UNIQUE); INSERT INTO t VALUES (1, '2020-01-01 00:00:00'), (2, '2020-01-01T00:00:00')", []string{"id=2"}, []string{"t_a_key|false|false", "t_pkey|true|true"}, ""},
		{"NOCASE beyond ASCII", "CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE); INSERT INTO t VALUES ('ä'), ('Ä'), ('x')", []string{"rowid=2"}, []string{"t_a_key|false|false"}, pipeline.NoCaseCitext},
		{"duplicate instants under a condition", `CREATE TABLE t (id INTEGER PRIMARY KEY, a TIMESTAMP, gone); CREATE UNIQUE INDEX t_a ON t (a) WHERE gone IS NULL -- kept
			; INSERT INTO t VALUES (1, '2020-01-01 00:00:00', NULL), (2, '2020-01-01T00:00:00', NULL), (3, '2020-01-01 00:00:00', 1), (4, '2020-01-01 00:00:00', 1)`, []string{"id=2"}, []string{"t_a|false|false", "t_pkey|true|true"}, ""},
		{"NOCASE under a condition", `CREATE TABLE t (a TEXT COLLATE NOCASE PRIMARY KEY, b TEXT COLLATE NOCASE, n) WITHOUT ROWID; CREATE UNIQUE INDEX t_b ON t (b) WHERE n > 1;
			INSERT INTO t VALUES ('p', 'ä', 2), ('q', 'Ä', 2), ('r', 'ä', 1), ('s', 'ä', 0)`, []string{"a='q'"}, []string{"t_b|false|false", "t_pkey|true|true"}, pipeline.NoCaseCitext},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.DatabaseWith(t, pgtest.DatabaseOptions{Template: "template0", Encoding: "UTF8", Locale: "C.UTF-8"})
			cfg := pipeline.Config{Source: sqliteFile(t, test.sql), Target: url, NoCase: test.noCase}
			rep, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != pipeline.ExitRefused || len(catalogNames(t, url)) > 0 {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			var keys []string
			for _, h := range rep.Hazards {
				for _, c := range h.Cells {
					keys = append(keys, c.Key)
				}
			}
			if diff := cmp.Diff(test.cells, keys); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
			cfg.BadKeys = pipeline.BadKeysRelax
			rep = move(t, cfg)
			wantRows(t, url, `SELECT c.relname::text, i.indisunique, i.indisprimary FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
				WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1`, test.indexes...)
			changed := 0
			for _, o := range rep.Objects {
				if o.Status == "changed" && strings.Contains(o.Why, "--bad-keys=relax") {
					changed++
				}
			}
			if changed == 0 {
				t.Error("the report does not say which key is weaker")
			}
		})
	}
}

// TestKeysUnderConditions: what repeats outside the condition of a unique index
// is no obstacle, and booleans in two spellings do not widen the condition.
func TestKeysUnderConditions(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	rep := move(t, pipeline.Config{Target: url, Source: sqliteFile(
		t,
		`CREATE TABLE t (id INTEGER PRIMARY KEY, a TIMESTAMP, gone); CREATE UNIQUE INDEX t_a ON t (a) WHERE gone IS NULL`,
		`INSERT INTO t VALUES (1, '2020-01-01 00:00:00', NULL), (2, '2020-01-01T00:00:00', 1), (3, '2020-01-01 00:00:00', 1)`,
		`CREATE TABLE f (id INTEGER PRIMARY KEY, n INTEGER, live BOOLEAN); CREATE UNIQUE INDEX f_n ON f (n) WHERE live = 't'`,
		`INSERT INTO f VALUES (1, 5, 1), (2, 5, 1), (3, 5, 0)`,
		`CREATE TABLE g (id INTEGER PRIMARY KEY, n INTEGER, live BOOLEAN); CREATE UNIQUE INDEX g_n ON g (n) WHERE live = 't'`,
		`INSERT INTO g VALUES (1, 5, 't'), (2, 5, 'f'), (3, 5, 'f'), (4, NULL, '')`,
	), Rules: []pipeline.ColumnRule{{Table: "g", Column: "live", Form: "empty-null"}}})
	wantRows(t, url, `SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname !~ 'pkey' ORDER BY 1`, "g_n", "t_a")
	if o := objectOf(t, rep, "index", "f_n"); !strings.Contains(o.Why, "spelt otherwise") {
		t.Errorf("f_n is %s: %s", o.Status, o.Why)
	}
}

// TestLocalTimes: with a zone of the user's, generated columns keep their values,
// and nothing takes a literal for a time in UTC.
func TestLocalTimes(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	rep := move(t, pipeline.Config{Target: url, Naive: "timestamptz:Europe/Berlin", Source: sqliteFile(
		t,
		`CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME DEFAULT '2020-01-01 00:00:00', day DATE GENERATED ALWAYS AS (substr(at, 1, 10)) STORED, zoned DATETIME CHECK (zoned > '2000-01-01 00:00:00'))`,
		`INSERT INTO t (id, at, zoned) VALUES (1, '2021-05-06 01:02:03', '2021-05-06 01:02:03Z')`,
		`CREATE VIEW v AS SELECT id FROM t WHERE at >= '2021-05-06 00:00:00'`,
	)})
	wantRows(t, url, `SELECT at AT TIME ZONE 'UTC', day FROM t`, "2021-05-05 23:02:03 +0000 UTC|2021-05-06 00:00:00 +0000 UTC")
	for _, o := range rep.Objects {
		if want := (o.Kind == "view" || o.Kind == "default" || o.Kind == "generated"); want != strings.Contains(o.Why, "--naive-datetimes") {
			t.Errorf("%s %s is %s: %s", o.Kind, o.Name, o.Status, o.Why)
		}
	}
}

// TestInvalidText: each policy for text that Postgres cannot hold, with every
// row accounted for and every cell in the ledger.
func TestInvalidText(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT, at DATETIME)",
		`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300)
			INSERT INTO t SELECT i, CASE WHEN i % 100 = 0 THEN CAST(x'61ff62' AS TEXT) WHEN i % 100 = 1 THEN 'a' || char(0) || 'b' ELSE 'ok' || i END, NULL FROM c`,
		"CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t); INSERT INTO child VALUES (1, 100), (2, 5)")
	for _, test := range []struct {
		policy           pipeline.InvalidTextPolicy
		code             int
		loaded, rejected int64
		ledger           int
		query, want      string
	}{
		{"", pipeline.ExitRefused, 0, 0, 0, "", ""},
		{pipeline.InvalidBytea, 0, 300, 0, 0, "SELECT encode(doc, 'hex') FROM t WHERE id = 100", "61ff62"},
		{pipeline.InvalidReplace, 0, 300, 0, 6, "SELECT doc FROM t WHERE id = 100", "a\uFFFDb"},
		{pipeline.InvalidReject, 0, 294, 6, 6, "SELECT count(*) FROM t WHERE id IN (1, 100, 101, 200, 201, 300)", "0"},
	} {
		t.Run(string(test.policy), func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			file := filepath.Join(t.TempDir(), "ledger.jsonl")
			rep, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url, InvalidText: test.policy, LedgerFile: file})
			if pipeline.ExitCode(err) != test.code {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			tab := rep.Tables[0]
			if test.code != 0 {
				h := rep.Hazards[0]
				if h.Code != "invalid-text" || h.Count != 6 || len(h.Cells) == 0 || h.Cells[0].Key != "id=1" || !strings.Contains(h.Hint, "=reject") {
					t.Errorf("%+v", h)
				}
				return
			}
			if tab.Rows != 300 || tab.Loaded != test.loaded || tab.Rejected != test.rejected || tab.Verified != "full" {
				t.Errorf("%d rows, %d loaded, %d rejected, verified %s", tab.Rows, tab.Loaded, tab.Rejected, tab.Verified)
			}
			wantRows(t, url, test.query, test.want)
			lines := ledgerLines(t, file)
			if len(lines) != test.ledger || rep.Ledger.Total != int64(test.ledger) {
				t.Errorf("%d lines in the ledger file, %d in the report, want %d", len(lines), rep.Ledger.Total, test.ledger)
			}
			for _, l := range lines {
				if l["table"] != "t" || l["column"] != "doc" || !strings.HasPrefix(l["key"], "id=") || l["what"] == "" || l["why"] != "--invalid-text="+string(test.policy) || l["value"] == "" {
					t.Errorf("%v", l)
				}
			}
			wantRows(t, url, "SELECT convalidated FROM pg_constraint WHERE contype = 'f'", fmt.Sprint(test.rejected == 0))
		})
	}
}

func ledgerLines(t testing.TB, path string) (out []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var l map[string]string
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", sc.Text(), err)
		}
		out = append(out, l)
	}
	return out
}
