package bench_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench"
)

// The bare data set has the rows of the other one, and no key.
func TestBareTPCH(t *testing.T) {
	t.Parallel()
	bare := generated(t, generatorOf(t, "tpch-bare").write)
	full := generated(t, generatorOf(t, "tpch").write)
	if found := list(t, bare, `SELECT name FROM sqlite_schema WHERE type = 'index' OR sql LIKE '% KEY%' OR sql LIKE '%REFERENCES%'`); len(found) > 0 {
		t.Errorf("keys: %v", found)
	}
	for _, table := range []string{"region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"} {
		query := "SELECT group_concat(name) FROM pragma_table_info('" + table + "')"
		columns := list(t, full, query)
		if diff := cmp.Diff(columns, list(t, bare, query)); diff != "" {
			t.Errorf("%s: columns: %s", table, diff)
		}
		rows := "SELECT " + strings.ReplaceAll(columns[0], ",", " || '|' || ") + " FROM " + table
		if diff := cmp.Diff(list(t, full, rows), list(t, bare, rows)); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
}

func TestSetsHaveTheirShape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		set        string
		properties []property
		true       []property // queries that yield 1
	}{
		{
			set: "wide",
			properties: []property{
				{"classes", `SELECT id FROM wide WHERE typeof(ratio_004) <> 'real' OR typeof(at_007) <> 'text' OR typeof(extra_010) NOT IN ('null', 'integer')`},
				{"dates", `SELECT id FROM wide WHERE date(day_006) IS NOT day_006 OR datetime(at_007) IS NOT at_007`},
			},
			true: []property{{"columns", `SELECT count(*) = 150 FROM pragma_table_info('wide')`}, {"rows", `SELECT count(*) = 250 FROM wide`}},
		},
		{
			set:        "narrow",
			properties: []property{{"classes", `SELECT id FROM edges WHERE typeof(source) <> 'integer' OR typeof(target) <> 'integer'`}},
			true:       []property{{"rows", `SELECT count(*) = 2000 FROM edges`}},
		},
		{
			set: "large",
			properties: []property{
				{"sizes", `SELECT id FROM files WHERE length(content) NOT BETWEEN 256 AND 4194304 UNION ALL SELECT id FROM articles WHERE length(body) NOT BETWEEN 512 AND 524288`},
				{"classes", `SELECT id FROM files WHERE typeof(content) <> 'blob'`},
			},
			true: []property{{"overflow chains", `SELECT max(length(content)) > 100000 FROM files`}},
		},
		{
			set: "events",
			properties: []property{
				{"UUIDs", `SELECT id FROM events WHERE length(id) <> 36 OR length(session) <> 32`},
				{"JSON", `SELECT id FROM events WHERE NOT json_valid(payload) OR NOT json_valid(coalesce(tags, '[]'))`},
				{"times", `SELECT id FROM events WHERE length(happened_at) <> 26 OR received_at NOT LIKE '____-__-__T__:__:__.___Z' OR typeof(stored_at) <> 'integer'`},
				{"order of times", `SELECT id FROM events WHERE day <> date(happened_at) OR stored_at / 1000 < unixepoch(happened_at)`},
			},
			true: []property{{"NULLs", `SELECT count(*) > 0 FROM events WHERE session IS NULL`}},
		},
		{
			set: "small",
			true: []property{
				{"tables", `SELECT count(*) = 11 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`},
				{"hours of one branch", `SELECT count(DISTINCT branch_id) = 1 FROM opening_hours`},
				{"open loans", `SELECT count(*) > 0 FROM loans WHERE returned IS NULL`},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.set, func(t *testing.T) {
			t.Parallel()
			db := generated(t, generatorOf(t, test.set).write)
			hold(t, db, test.properties)
			for _, p := range test.true {
				if got := list(t, db, p.violations); len(got) != 1 || got[0] != "1" {
					t.Errorf("%s: %v", p.name, got)
				}
			}
		})
	}
}

// The small database is as small as its name says.
func TestSmallRows(t *testing.T) {
	t.Parallel()
	var stats bench.Stats
	generated(t, func(ctx context.Context, path string, seed uint64) (got bench.Stats, err error) {
		stats, err = bench.Small(ctx, path, bench.Size{Seed: seed})
		return stats, err
	})
	if stats.Rows != 15_000 || len(stats.Tables) != 11 {
		t.Errorf("%d rows in %d tables", stats.Rows, len(stats.Tables))
	}
}

func ExampleDatasets() {
	// ctx and path are the caller's.
	ctx, path := context.Background(), "/nowhere/events.db"
	for _, set := range bench.Datasets() {
		if set.Name != "events" {
			continue
		}
		if _, err := set.Write(ctx, path, bench.Size{Scale: 0.1, Seed: 1}); err != nil {
			return // no file is left
		}
	}
}
