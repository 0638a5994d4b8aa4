package bench_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench"
)

func TestTPCHRows(t *testing.T) {
	t.Parallel()
	for _, scale := range []float64{0.00001, 0.0007, 0.004} {
		t.Run(strconv.FormatFloat(scale, 'f', -1, 64), func(t *testing.T) {
			t.Parallel()
			var stats bench.Stats
			db := generated(t, func(ctx context.Context, path string, seed uint64) (got bench.Stats, err error) {
				got, err = bench.TPCH(ctx, path, bench.TPCHOptions{Scale: scale, Seed: seed})
				stats = got
				return got, err
			})
			rows := func(one float64, least int64) int64 { return max(least, int64(one*scale+0.5)) }
			want := map[string]int64{
				"region": 5, "nation": 25,
				"supplier": rows(10_000, 4), "customer": rows(150_000, 3), "part": rows(200_000, 1),
				"partsupp": 4 * rows(200_000, 1), "orders": rows(1_500_000, 1),
			}
			got := make(map[string]int64)
			for _, table := range stats.Tables {
				got[table.Table] = table.Rows
			}
			lines := got["lineitem"]
			delete(got, "lineitem")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if lines < want["orders"] || lines > 7*want["orders"] {
				t.Errorf("%d line items of %d orders", lines, want["orders"])
			}
			hold(t, db, tpchProperties)
		})
	}
}

var tpchProperties = []property{
	{"of 32 order keys the first 8 are used", `SELECT o_orderkey FROM orders WHERE (o_orderkey - 1) % 32 >= 8`},
	{"no order of a third of the customers", `SELECT o_custkey FROM orders WHERE o_custkey % 3 = 0`},
	{"lines are numbered from 1", `SELECT l_orderkey FROM lineitem GROUP BY 1 HAVING min(l_linenumber) <> 1 OR max(l_linenumber) <> count(*)`},
	{"each order has lines", `SELECT o_orderkey FROM orders WHERE o_orderkey NOT IN (SELECT l_orderkey FROM lineitem)`},
	{"four suppliers for a part", `SELECT ps_partkey FROM partsupp GROUP BY 1 HAVING count(DISTINCT ps_suppkey) <> 4`},
	{"total of the lines", `SELECT o_orderkey FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY 1
		HAVING abs(sum(l_extendedprice * (1 + l_tax) * (1 - l_discount)) - o_totalprice) > 0.01 * count(*) + 0.001`},
	{"status of the lines", `SELECT o_orderkey FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY 1
		HAVING o_orderstatus <> CASE sum(l_linestatus = 'O') WHEN 0 THEN 'F' WHEN count(*) THEN 'O' ELSE 'P' END`},
	{"price of the part", `SELECT l_orderkey FROM lineitem JOIN part ON p_partkey = l_partkey
		WHERE abs(l_quantity * p_retailprice - l_extendedprice) > 0.001`},
	{"sequence of dates", `SELECT l_orderkey FROM lineitem JOIN orders ON o_orderkey = l_orderkey
		WHERE NOT (o_orderdate < l_shipdate AND l_shipdate < l_receiptdate AND o_orderdate < l_commitdate AND l_receiptdate <= '1998-12-31')`},
	{"dates are dates", `SELECT l_shipdate FROM lineitem WHERE date(l_shipdate) IS NOT l_shipdate OR date(l_receiptdate) IS NOT l_receiptdate`},
	{"lengths", `SELECT l_orderkey FROM lineitem WHERE length(l_comment) NOT BETWEEN 10 AND 43
		UNION ALL SELECT p_partkey FROM part WHERE length(p_name) > 55 OR length(p_type) > 25 OR length(p_container) > 10 OR length(p_comment) > 22
		UNION ALL SELECT c_custkey FROM customer WHERE length(c_comment) > 116 OR length(c_address) > 40 OR length(c_phone) <> 15
		UNION ALL SELECT o_orderkey FROM orders WHERE length(o_comment) > 78 OR length(o_clerk) <> 15`},
	{"storage classes", `SELECT l_orderkey FROM lineitem WHERE typeof(l_quantity) <> 'integer' OR typeof(l_shipdate) <> 'text'
		OR typeof(l_discount) NOT IN ('integer', 'real')`},
}

func ExampleTPCH() {
	// ctx and path are the caller's.
	ctx, path := context.Background(), "/nowhere/tpch.db"
	stats, err := bench.TPCH(ctx, path, bench.TPCHOptions{Scale: 0.5, Seed: 1})
	if err != nil {
		return // no file is left
	}
	_ = stats.Rows // 4.3 million
}
