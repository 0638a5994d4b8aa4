package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// tampered runs SQL in the target between the load of a table and its reading
// back.
func tampered(t testing.TB, url, table, sql string) pipeline.Observer {
	return once(func(e pipeline.Event) bool {
		return e.Kind == pipeline.TableEnd && e.Stage == pipeline.StageLoad && e.Table == table
	}, func() { runSQL(t, url, sql) })
}

// TestVerifyFindsTampering: whatever changes in the target after the load is
// found, counted, and named.
func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t,
		`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n REAL, j JSON, bin BLOB, up TEXT GENERATED ALWAYS AS (upper(a)) STORED)`,
		`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500)
			INSERT INTO t (id, a, b, n, j, bin) SELECT i, 'a' || i, 'b' || i, i * 0.5, json_object('k', i), x'00ff' FROM c`,
		`CREATE TABLE keyless (x TEXT, y TEXT); INSERT INTO keyless VALUES ('p', 'q'), ('p', 'q'), ('r', NULL)`,
		`CREATE TABLE pair (u TEXT, v INTEGER, w TEXT, PRIMARY KEY (u, v)) WITHOUT ROWID; INSERT INTO pair VALUES ('k', 1, 'x'), ('k', 2, 'y')`,
	)
	for _, test := range []struct {
		name, table, sql string
		columns, keys    []string
		rows             int64 // in the target
	}{
		{"changed text", "t", "UPDATE t SET a = 'A7' WHERE id = 7", []string{"a"}, []string{"id=7 differs in a"}, 500},
		{"changed case", "t", "UPDATE t SET b = upper(b) WHERE id = 1", []string{"b"}, []string{"id=1 differs in b"}, 500},
		{"trailing space", "t", "UPDATE t SET b = b || ' ' WHERE id = 1", []string{"b"}, []string{"id=1 differs in b"}, 500},
		{"last bit of a double", "t", "UPDATE t SET n = n + 1e-13 WHERE id = 3", []string{"n"}, []string{"id=3 differs in n"}, 500},
		{"NULL", "t", "UPDATE t SET bin = NULL WHERE id = 500", []string{"bin"}, []string{"id=500 differs in bin"}, 500},
		{"JSON value", "t", `UPDATE t SET j = '{"k": "9"}' WHERE id = 9`, []string{"j"}, []string{"id=9 differs in j"}, 500},
		{"missing row", "t", "DELETE FROM t WHERE id = 42", nil, []string{"id=42 is missing in the target"}, 499},
		{"extra row", "t", "INSERT INTO t (id, a) VALUES (501, 'x')", nil, []string{"id=501 is only in the target"}, 501},
		{"swapped columns", "t", "UPDATE t SET a = b, b = a WHERE id = 5", []string{"a", "b", "up"}, []string{"id=5 differs in a, b, up"}, 500},
		{
			"values swapped between rows", "t", "UPDATE t SET n = CASE id WHEN 1 THEN 1.0 ELSE 0.5 END WHERE id IN (1, 2)",
			[]string{"n"},
			[]string{"id=1 differs in n", "id=2 differs in n"},
			500,
		},
		{"changed key", "t", "UPDATE t SET id = -1 WHERE id = 1", []string{"id"}, []string{"id=-1 is only in the target", "id=1 is missing in the target"}, 500},
		{"one key fewer, one more", "pair", "UPDATE pair SET v = 3 WHERE v = 2", []string{"v"}, []string{"u='k', v=2 is missing in the target", `u="k", v=3 is only in the target`}, 2},
		{"composite key", "pair", "UPDATE pair SET w = 'z' WHERE v = 2", []string{"w"}, []string{"u='k', v=2 differs in w"}, 2},
		{"duplicate without a key", "keyless", "INSERT INTO keyless VALUES ('p', 'q')", nil, []string{"rowid=1 is there 3 times, in the source 2 times"}, 4},
		{"emptied", "pair", "DELETE FROM pair", nil, []string{"u='k', v=1 is missing in the target", "u='k', v=2 is missing in the target"}, 0},
		{"generated column", "t", "ALTER TABLE t ALTER up DROP EXPRESSION; UPDATE t SET up = 'no' WHERE id = 3", []string{"up"}, []string{"id=3 differs in up"}, 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			cfg := pipeline.Config{Source: source, Target: url, Observer: tampered(t, url, test.table, test.sql)}
			rep, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != pipeline.ExitDiffers || rep.Outcome != "differs" {
				t.Fatalf("exit %d, outcome %s: %v", pipeline.ExitCode(err), rep.Outcome, err)
			}
			if !strings.Contains(err.Error(), test.table) || pipeline.Hint(err) == "" {
				t.Errorf("error %q, hint %q", err, pipeline.Hint(err))
			}
			for _, tab := range rep.Tables {
				if tab.Name != test.table {
					if tab.Verified != "full" || tab.Differs != nil {
						t.Errorf("table %s: verified %s, %+v", tab.Name, tab.Verified, tab.Differs)
					}
					continue
				}
				want := &pipeline.Difference{SourceRows: tab.Rows, TargetRows: test.rows, Columns: test.columns, Keys: test.keys}
				slices.Sort(want.Keys)
				if diff := cmp.Diff(want, tab.Differs); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if tab.Verified != "differs" || tab.Digest != "" {
					t.Errorf("verified %s, digest %q", tab.Verified, tab.Digest)
				}
			}
		})
	}
}

// TestVerifyTakesEqualJSON: another spelling of the same jsonb is no difference.
func TestVerifyTakesEqualJSON(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	source := sqliteFile(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, j JSON);
		INSERT INTO t VALUES (1, '{"b":2, "a":[1.50,"\u0041"]}'), (2, ' null '), (3, '"\ud83d\ude00"'), (4, '1e3'), (5, NULL), (6, '-0'), (7, '[]')`)
	rep := move(t, pipeline.Config{Source: source, Target: url})
	if typ := rep.Tables[0].Columns[1].Type; typ != "jsonb" {
		t.Fatalf("j became %s", typ)
	}
	wantRows(t, url, "SELECT j->>'b' FROM t WHERE id = 1", "2")
}

// TestVerifyCounts sees missing rows, and tells that it sees no more.
func TestVerifyCounts(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, smallTable)
	for _, test := range []struct {
		name, sql, verified string
		mode                pipeline.VerifyMode
		code                int
	}{
		{"count equal", "SELECT", "counts", pipeline.VerifyCounts, 0},
		{"count sees no change of a value", "UPDATE t SET doc = 'z'", "counts", pipeline.VerifyCounts, 0},
		{"row missing", "DELETE FROM t WHERE id = 1", "differs", pipeline.VerifyCounts, pipeline.ExitDiffers},
		{"row too many", "INSERT INTO t VALUES (9, 'x')", "differs", pipeline.VerifyCounts, pipeline.ExitDiffers},
		{"none", "DELETE FROM t", "no", pipeline.VerifyNone, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			rep, err := pipeline.Migrate(t.Context(), pipeline.Config{
				Source: source, Target: url, Verify: test.mode, Observer: tampered(t, url, "t", test.sql),
			})
			if pipeline.ExitCode(err) != test.code || rep.Tables[0].Verified != test.verified || rep.Tables[0].Digest != "" {
				t.Errorf("exit %d (%v), verified %s", pipeline.ExitCode(err), err, rep.Tables[0].Verified)
			}
		})
	}
}

// TestVerifySeveralRanges: a table that is read back in several pieces is still
// compared as one, and a difference in any piece is found.
func TestVerifySeveralRanges(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := sqliteFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT)", rowsSQL("t", 45_000, 1800))
	for _, sql := range []string{"SELECT", "DELETE FROM t WHERE id = 44999", "UPDATE t SET doc = 'x' WHERE id = 1"} {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			var mu sync.Mutex
			passes := map[string]int64{}
			hit := tampered(t, url, "t", sql)
			rep, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url, Jobs: 3, Observer: observer(func(e pipeline.Event) {
				hit.Observe(e)
				if e.Kind == pipeline.Advance {
					mu.Lock()
					passes[string(e.Stage)] += e.Rows
					mu.Unlock()
				}
			})})
			want := pipeline.ExitDiffers
			if sql == "SELECT" {
				want = 0
			}
			if pipeline.ExitCode(err) != want {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			if rep.Tables[0].Units < 2 {
				t.Errorf("only %d unit", rep.Tables[0].Units)
			}
			if passes["load"] != 45_000 || passes["verify"] < 44_999 || passes["verify"] > 45_000 {
				t.Errorf("the observer heard of %v", passes)
			}
			if want != 0 && len(rep.Tables[0].Differs.Keys) != 1 {
				t.Errorf("differs: %+v", rep.Tables[0].Differs)
			}
		})
	}
}

// TestReportAccounts: the numbers of the report are those of the rows, and the
// events that an observer hears add up to them.
func TestReportAccounts(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	var mu sync.Mutex
	rows, ends := map[string]int64{}, map[string]int{}
	rep := move(t, pipeline.Config{Source: bulkSource(t, 3, 1500), Target: url, Observer: observer(func(e pipeline.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == pipeline.Advance {
			rows[fmt.Sprint(e.Stage, " ", e.Table)] += e.Rows
		}
		if e.Kind == pipeline.Verified && e.OK {
			ends[e.Table]++
		}
	})})
	for _, tab := range rep.Tables {
		for _, stage := range []pipeline.Stage{pipeline.StageProfile, pipeline.StageLoad, pipeline.StageVerify} {
			if got := rows[fmt.Sprint(stage, " ", tab.Name)]; got != tab.Rows || got != 1500 {
				t.Errorf("%s of %s: the observer heard of %d rows, the report of %d", stage, tab.Name, got, tab.Rows)
			}
		}
		if ends[tab.Name] != 1 || tab.Bytes < 1500*200 || tab.Digest == "" {
			t.Errorf("table %s: verified %d times, %d bytes, digest %q", tab.Name, ends[tab.Name], tab.Bytes, tab.Digest)
		}
	}
}
