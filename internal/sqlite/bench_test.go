package sqlite_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// lineitem makes a table of the shape of TPC-H's lineitem: 16 columns, about
// 140 bytes a row.
func lineitem(b *testing.B, rows int) *sqlite.Snapshot {
	b.Helper()
	return open(b, build(b, "PRAGMA synchronous=OFF", `CREATE TABLE lineitem(l_orderkey INT, l_partkey INT, l_suppkey INT,
		l_linenumber INT, l_quantity REAL, l_extendedprice REAL, l_discount REAL, l_tax REAL, l_returnflag TEXT,
		l_linestatus TEXT, l_shipdate TEXT, l_commitdate TEXT, l_receiptdate TEXT, l_shipinstruct TEXT, l_shipmode TEXT,
		l_comment TEXT)`, fmt.Sprintf(`INSERT INTO lineitem WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n
		WHERE i < %d) SELECT i / 4, i * 7919 %% 100000, i %% 5000, i %% 7, i %% 50, i * 1.17, 0.04, 0.02, 'N', 'O',
		'1996-03-13', '1996-02-12', '1996-03-22', 'DELIVER IN PERSON', 'TRUCK', 'egular courts above the' || i FROM n`, rows)))
}

func BenchmarkReader(b *testing.B) {
	const rows = 300_000
	s := lineitem(b, rows)
	table := schemaOf(b, s).Tables[0]
	info, err := os.Stat(s.Info().Path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		r, err := s.OpenReader(b.Context(), sqlite.TableUnit(table))
		if n, err := count(r, err, len(table.Columns)); n != rows || err != nil {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

func BenchmarkRowCount(b *testing.B) {
	s := lineitem(b, 300_000)
	table := schemaOf(b, s).Tables[0]
	b.SetBytes(s.Info().FileSize)
	for b.Loop() {
		if _, err := s.RowCount(b.Context(), table); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	s := lineitem(b, 300_000)
	b.SetBytes(s.Info().FileSize)
	for b.Loop() {
		if found, err := s.Check(b.Context()); err != nil || len(found) > 0 {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkSchema(b *testing.B) {
	var sql []string
	for i := range 400 {
		sql = append(sql, fmt.Sprintf("CREATE TABLE t%d(id INTEGER PRIMARY KEY, a REFERENCES t0, b TEXT UNIQUE)", i))
	}
	s := open(b, build(b, append(append([]string{"BEGIN"}, sql...), "COMMIT")...))
	for b.Loop() {
		schemaOf(b, s)
	}
}
