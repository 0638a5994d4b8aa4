package syntax_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

func TestParseCreateIndex(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		want      syntax.CreateIndex
	}{
		{"plain", "CREATE INDEX i ON t (a, 'b')", syntax.CreateIndex{Name: "i", Table: "t", Columns: by("a", "b")}},
		{"partial on an expression", "CREATE UNIQUE INDEX IF NOT EXISTS main.i ON t (lower(a) DESC, b COLLATE nocase) WHERE b IS NOT NULL ;", syntax.CreateIndex{
			Name: "i", Table: "t", Unique: true,
			Columns: []syntax.Ordering{
				{X: &syntax.Call{Name: "lower", Args: []syntax.Expr{name("a")}}, Desc: true},
				{X: &syntax.Collate{X: name("b"), Collation: "nocase"}},
			},
			Where: &syntax.Is{L: name("b"), R: &syntax.Literal{}, Not: true}, WhereText: "b IS NOT NULL",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := syntax.ParseCreateIndex(tt.sql)
			if diff := cmp.Diff(&tt.want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestParseCreateTrigger(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		want      syntax.CreateTrigger
	}{
		{"after", "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END", syntax.CreateTrigger{Name: "r", Table: "t", Timing: "AFTER", Event: "INSERT"}},
		{"no timing", "CREATE TEMP TRIGGER IF NOT EXISTS main.r DELETE ON main.t FOR EACH ROW WHEN 1 BEGIN", syntax.CreateTrigger{Name: "r", Table: "t", Event: "DELETE"}},
		{"instead of", "CREATE TRIGGER 'r' INSTEAD OF UPDATE OF a, \"b\" ON [v w] BEGIN \x01 END", syntax.CreateTrigger{Name: "r", Table: "v w", Timing: "INSTEAD OF", Event: "UPDATE"}},
		{"event in lower case", "create trigger before before update on t", syntax.CreateTrigger{Name: "before", Table: "t", Timing: "BEFORE", Event: "UPDATE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := syntax.ParseCreateTrigger(tt.sql)
			if diff := cmp.Diff(&tt.want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestParseCreateVirtualTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		want      syntax.CreateVirtualTable
	}{
		{"no arguments", "CREATE VIRTUAL TABLE v USING dbstat", syntax.CreateVirtualTable{Name: "v", Module: "dbstat"}},
		{"none in parentheses", "CREATE VIRTUAL TABLE v USING m( )", syntax.CreateVirtualTable{Name: "v", Module: "m"}},
		{"arguments", "CREATE VIRTUAL TABLE IF NOT EXISTS x.v USING FTS5(title ,  body UNINDEXED,, tokenize = 'a, b', f(1, (2)), \"q,r\")", syntax.CreateVirtualTable{
			Name: "v", Module: "FTS5", Args: []string{"title", "body UNINDEXED", "tokenize = 'a, b'", "f(1, (2))", `"q,r"`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := syntax.ParseCreateVirtualTable(tt.sql)
			if diff := cmp.Diff(&tt.want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestParseCreateView(t *testing.T) {
	t.Parallel()
	got, err := syntax.ParseCreateView("CREATE TEMP VIEW v(a, \"b c\") AS WITH w AS MATERIALIZED (SELECT 1) SELECT *, w.*, 1 'x' FROM w")
	if err != nil {
		t.Fatal(err)
	}
	one := &syntax.Select{Cores: []syntax.SelectCore{{Columns: []syntax.ResultColumn{{X: intLit("1")}}}}}
	want := &syntax.CreateView{
		Name: "v", Columns: []string{"a", "b c"},
		Select: &syntax.Select{
			With: []syntax.CTE{{Name: "w", Select: one}},
			Cores: []syntax.SelectCore{{
				Columns: []syntax.ResultColumn{{Star: true}, {Star: true, Table: "w"}, {X: intLit("1"), Alias: "x"}},
				From:    &syntax.Source{Table: "w"},
			}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSelectForms compares by the text that is written back, which shows how
// the parts were joined.
func TestSelectForms(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sql, want string }{
		{"limit with a comma", "SELECT 1 LIMIT 2, 3", "SELECT 1 LIMIT 3 OFFSET 2"},
		{"comma binds like join", "SELECT * FROM a, b JOIN c ON 1 LEFT JOIN d", "SELECT * FROM a CROSS JOIN b INNER JOIN c ON 1 LEFT JOIN d"},
		{"joins in parentheses", "SELECT * FROM a JOIN (b, c AS x) y ON 1", "SELECT * FROM a INNER JOIN (b CROSS JOIN c AS x) AS y ON 1"},
		{"one table in parentheses", "SELECT * FROM ((t AS u)) AS v, (w x)", "SELECT * FROM t AS v CROSS JOIN w AS x"},
		{"join words in any order", "SELECT * FROM a LEFT NATURAL OUTER JOIN b FULL JOIN c RIGHT LEFT JOIN d CROSS JOIN e", "SELECT * FROM a NATURAL LEFT JOIN b FULL JOIN c FULL JOIN d CROSS JOIN e"},
		{"index hints", "SELECT * FROM a INDEXED BY i, b NOT INDEXED, c indexed BY j", "SELECT * FROM a CROSS JOIN b CROSS JOIN c"},
		{"table function", "SELECT * FROM main.f(1, a) x, g()", "SELECT * FROM main.f(1, a) AS x CROSS JOIN g()"},
		{"using", "SELECT * FROM a JOIN b USING (x, 'y')", "SELECT * FROM a INNER JOIN b USING (x, y)"},
		{"aliases", "SELECT a b, c AS 'd', e \"f g\", 1 left_, x end FROM t limit_", `SELECT a AS b, c AS d, e AS "f g", 1 AS left_, x AS "end" FROM t AS limit_`},
		{"window clause", "SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY b), x AS (w ROWS 1 PRECEDING)", "SELECT sum(a) OVER w FROM t WINDOW w AS ( ORDER BY b), x AS (w ROWS 1 PRECEDING)"},
		{"window as a name", "SELECT window AS over, filter FROM window over", `SELECT ` + "`window`" + ` AS "over", ` + "`filter`" + ` FROM "window" AS "over"`},
		{"compound", "VALUES (1), (2) UNION ALL SELECT ALL 3 INTERSECT SELECT DISTINCT 4 ORDER BY 1", "VALUES (1), (2) UNION ALL SELECT 3 INTERSECT SELECT DISTINCT 4 ORDER BY 1"},
		{"recursive", "WITH RECURSIVE a(b) AS (SELECT 1), c AS NOT MATERIALIZED (SELECT 2) SELECT 3", "WITH RECURSIVE a(b) AS (SELECT 1), c AS (SELECT 2) SELECT 3"},
		{"group", "SELECT a FROM t WHERE b GROUP BY c, d HAVING e", "SELECT a FROM t WHERE b GROUP BY c, d HAVING e"},
		{"in a table", "SELECT a IN main.t, b NOT IN f(1)", "SELECT a IN main.t, b NOT IN f(1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := syntax.ParseSelect(tt.sql)
			if err != nil {
				t.Fatal(err)
			}
			got := syntax.FormatSelect(s)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			again, err := syntax.ParseSelect(got)
			if diff := cmp.Diff(s, again); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	s, err := syntax.ParseSelect(`WITH w AS (SELECT a1 FROM t1) SELECT -a2 + a3 COLLATE x, CASE a4 WHEN a5 THEN a6 ELSE a7 END,
		f(a8 ORDER BY a9) FILTER (WHERE a10) OVER (PARTITION BY a11 ORDER BY a12 ROWS a13 PRECEDING), (SELECT a14 FROM t2), EXISTS (VALUES (a15))
		FROM t3 JOIN f(a16) ON a17 WHERE a18 IN (a19, CAST(a20 AS INT)) AND a21 IN (SELECT a22 FROM (t4, t5)) GROUP BY a23 BETWEEN a24 AND a25
		HAVING a26 LIKE a27 ESCAPE a28 WINDOW w AS (ORDER BY a29) ORDER BY (a30, a31) IS a32 LIMIT a33 OFFSET a34`)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	syntax.WalkSelect(s, func(e syntax.Expr) bool {
		if n, ok := e.(*syntax.Name); ok {
			seen[n.Column]++
		}
		return true
	})
	const names = 34
	if len(seen) != names {
		t.Errorf("%d names of %d: %v", len(seen), names, seen)
	}
	tables := map[string]bool{}
	syntax.WalkSources(s, func(s *syntax.Source) { tables[s.Table] = true })
	want := map[string]bool{"": true, "t1": true, "t2": true, "t3": true, "f": true, "t4": true, "t5": true}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Error(diff)
	}
	topN := 0
	x := s.Cores[0].Columns[0].X
	syntax.Walk(x, func(syntax.Expr) bool { topN++; return false })
	syntax.Walk(nil, func(syntax.Expr) bool { topN++; return true })
	if topN != 1 {
		t.Errorf("%d nodes although f gave false", topN)
	}
}
