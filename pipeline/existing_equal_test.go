package pipeline_test

import (
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestTargetsOwnEquality: what the target holds equal, or takes no NULL in, by its
// own types, collations and kinds of keys is found before anything is written.
func TestTargetsOwnEquality(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	const (
		nocase = "CREATE TABLE p (a TEXT PRIMARY KEY COLLATE NOCASE); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT REFERENCES p); INSERT INTO p VALUES ('x'); INSERT INTO t VALUES (1, 'x'), (2, 'X')"
		cases  = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE); INSERT INTO t VALUES (1, 'x'), (2, 'X')"
		nulls  = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, UNIQUE (a, b)); INSERT INTO t VALUES (1, 1, NULL), (2, 1, NULL), (3, 2, NULL)"
		blind  = "CREATE COLLATION ci (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false); "
		pair   = "CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b)); CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, FOREIGN KEY (a, b) REFERENCES p); INSERT INTO p VALUES (1, 1)"
	)
	for _, test := range []struct {
		name, ddl, source string
		say               string // "": it moves
		outside           bool   // table p is not part of the run
	}{
		{name: "reference into text", ddl: "CREATE TABLE p (a text PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, a text REFERENCES p)", source: nocase, say: "1 row of t has no parent in p"},
		{name: "reference into citext", ddl: "CREATE EXTENSION citext; CREATE TABLE p (a citext PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, a citext REFERENCES p)", source: strings.ReplaceAll(nocase, "COLLATE NOCASE", "")},
		{name: "reference into a collation", ddl: blind + "CREATE TABLE p (a text COLLATE ci PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, a text COLLATE ci REFERENCES p)", source: nocase},
		{name: "unique citext", ddl: "CREATE EXTENSION citext; CREATE TABLE t (id int PRIMARY KEY, a citext UNIQUE)", source: cases, say: "t_a_key of the target: 1 row repeats a key"},
		{name: "unique domain over citext", ddl: "CREATE EXTENSION citext; CREATE DOMAIN word AS citext; CREATE TABLE t (id int PRIMARY KEY, a word UNIQUE)", source: cases, say: "t_a_key of the target: 1 row repeats a key"},
		{name: "unique by a collation", ddl: blind + "CREATE TABLE t (id int PRIMARY KEY, a text COLLATE ci UNIQUE)", source: cases, say: "t_a_key of the target: 1 row repeats a key"},
		{name: "nulls not distinct", ddl: "CREATE TABLE t (id int PRIMARY KEY, a int, b int, UNIQUE NULLS NOT DISTINCT (a, b))", source: nulls, say: "t_a_b_key of the target: 1 row repeats a key"},
		{name: "nulls distinct", ddl: "CREATE TABLE t (id int PRIMARY KEY, a int, b int, UNIQUE (a, b))", source: nulls},
		{name: "domain without null", ddl: "CREATE DOMAIN full1 AS int NOT NULL; CREATE DOMAIN full2 AS full1; CREATE TABLE t (id int PRIMARY KEY, a int, b full2)", source: nulls, say: "column b of public.t is NOT NULL, and the source has 3 NULLs"},
		{name: "match full", ddl: "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)", source: pair + "; INSERT INTO t VALUES (1, 1, 1), (2, NULL, NULL), (3, NULL, 1)", say: "1 row of t has no parent in p, or a key that is NULL in part (MATCH FULL)"},
		{name: "match full, all or none", ddl: "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)", source: pair + "; INSERT INTO t VALUES (1, 1, 1), (2, NULL, NULL)"},
		{name: "match full, outside", ddl: "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 1); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)", source: pair + "; INSERT INTO t VALUES (1, 1, 1), (2, NULL, NULL), (3, NULL, 1)", say: "1 rows of t have no parent in p", outside: true},
	} {
		for _, data := range []pipeline.OnDataPolicy{pipeline.OnDataFail, pipeline.OnDataAppend} {
			t.Run(test.name+", "+string(data), func(t *testing.T) {
				t.Parallel()
				url := server.Database(t)
				if strings.Contains(test.ddl, "NULLS NOT") && ask(t, url, "SELECT current_setting('server_version_num')::int < 150000")[0] == "true" {
					t.Skip("since PostgreSQL 15")
				}
				runSQL(t, url, test.ddl)
				cfg := pipeline.Config{Source: sqliteFile(t, strings.Split(test.source, "; ")...), Target: url, OnData: data}
				if test.outside {
					cfg.Exclude = []string{"p"}
				}
				if test.say == "" {
					move(t, cfg)
					return
				}
				_, err := pipeline.Migrate(t.Context(), cfg)
				if pipeline.ExitCode(err) != pipeline.ExitRefused || data == pipeline.OnDataFail && !strings.Contains(err.Error(), test.say) {
					t.Errorf("exit %d: %v (%s)", pipeline.ExitCode(err), err, pipeline.Hint(err))
				}
			})
		}
	}
}

// TestSequenceThatGoesDown: it goes on below the lowest number.
func TestSequenceThatGoesDown(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE t (id smallint GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1 MINVALUE -100 MAXVALUE -1) PRIMARY KEY, doc text)")
	move(t, pipeline.Config{Target: url, Source: sqliteFile(t, smallTable, "UPDATE t SET id = -id")})
	runSQL(t, url, "INSERT INTO t (doc) VALUES ('new')")
	wantRows(t, url, "SELECT (id = (SELECT min(id) FROM t))::text FROM t WHERE doc = 'new'", "true")
}

// TestReferenceToNoCase: a column that references one with COLLATE NOCASE becomes
// citext with it, and one with the collation that references a plain text stays
// text: Postgres ties neither to the other.
func TestReferenceToNoCase(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := sqliteFile(t,
		"CREATE TABLE p (a TEXT PRIMARY KEY COLLATE NOCASE, plain TEXT UNIQUE)",
		"CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT UNIQUE REFERENCES p, plain TEXT COLLATE NOCASE REFERENCES p (plain))",
		"CREATE TABLE d (id INTEGER PRIMARY KEY, a TEXT REFERENCES c (a))",
		"INSERT INTO p VALUES ('x', 'y')", "INSERT INTO c VALUES (1, 'X', 'y')", "INSERT INTO d VALUES (1, 'x')")
	url := server.Database(t)
	_, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url, NoCase: pipeline.NoCaseLower})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "no parent in p") || !strings.Contains(pipeline.Hint(err), "--nocase=citext") {
		t.Errorf("%v (%s)", err, pipeline.Hint(err))
	}
	move(t, pipeline.Config{Source: source, Target: url})
	wantRows(t, url, "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY 1",
		"c_a_fkey FOREIGN KEY (a) REFERENCES p(a)", "c_plain_fkey FOREIGN KEY (plain) REFERENCES p(plain)", "d_a_fkey FOREIGN KEY (a) REFERENCES c(a)")
	wantRows(t, url, "SELECT attrelid::regclass || '.' || attname || ' ' || atttypid::regtype FROM pg_attribute WHERE attrelid IN ('p'::regclass, 'c'::regclass, 'd'::regclass) AND attnum > 0 AND atttypid <> 'bigint'::regtype ORDER BY 1",
		"c.a citext", "c.plain text", "d.a citext", "p.a citext", "p.plain text")
}
