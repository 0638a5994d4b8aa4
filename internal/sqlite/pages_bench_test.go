package sqlite_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// benchShapes are tables of different shapes, about 20 MB each.
var benchShapes = []struct {
	name, create, values string
	rows                 int
}{
	{
		"narrow", "CREATE TABLE t(a INTEGER PRIMARY KEY, b INT, c INT)",
		"i, i * 7919 % 100000, i % 7", 1_500_000,
	},
	{
		"lineitem", `CREATE TABLE t(l_orderkey INT, l_partkey INT, l_suppkey INT,
		l_linenumber INT, l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2),
		l_tax DECIMAL(15,2), l_returnflag TEXT, l_linestatus TEXT, l_shipdate TEXT, l_commitdate TEXT,
		l_receiptdate TEXT, l_shipinstruct TEXT, l_shipmode TEXT, l_comment TEXT)`,
		`i / 4, i * 7919 % 100000, i % 5000, i % 7, i % 50, i * 1.17, 0.04, 0.02, 'N', 'O', '1996-03-13', '1996-02-12',
		'1996-03-22', 'DELIVER IN PERSON', 'TRUCK', substr('egular courts above the furiously even ideas', i % 17) || i`, 160_000,
	},
	{"wide", "CREATE TABLE t(" + wideColumns + ")", wideValues, 30_000},
	{"overflow", "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)", "i, zeroblob(20000 + i % 30000)", 600},
	{
		"without rowid", "CREATE TABLE t(a TEXT, b INT, c REAL, PRIMARY KEY(b, a)) WITHOUT ROWID",
		"'key ' || i, i, i * 0.37", 600_000,
	},
	{"utf-16", "PRAGMA encoding='UTF-16le'; CREATE TABLE t(a TEXT, b TEXT)", "'some words here ' || i, 'é漢 and more ' || i", 200_000},
}

var wideColumns, wideValues = wide()

func wide() (columns, values string) {
	var c, v []string
	for i := range 150 {
		c = append(c, fmt.Sprintf("c%d", i))
		v = append(v, []string{"i", "'word'", "i * 0.5", "NULL", "1"}[i%5])
	}
	return strings.Join(c, ", "), strings.Join(v, ", ")
}

// BenchmarkPages decodes all columns of every row; the rate is that of the file.
func BenchmarkPages(outer *testing.B) {
	for _, shape := range benchShapes {
		path := ""
		for _, reader := range []string{"pages", "engine"} {
			outer.Run(shape.name+"/"+reader, func(b *testing.B) {
				if path == "" {
					path = build(outer, shape.create, fmt.Sprintf(`INSERT INTO t WITH RECURSIVE n(i) AS
						(SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) SELECT %s FROM n`, shape.rows, shape.values))
				}
				s := open(b, path)
				table := schemaOf(b, s).Tables[0]
				info, err := os.Stat(s.Info().Path)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(info.Size())
				b.ReportAllocs()
				for b.Loop() {
					var r row.Reader
					if reader == "pages" {
						r, err = s.OpenPages(b.Context(), sqlite.TableUnit(table))
					} else {
						r, err = s.OpenReader(b.Context(), sqlite.TableUnit(table))
					}
					if n, err := count(r, err, len(table.Columns)); n != shape.rows || err != nil {
						b.Fatal(n, err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(shape.rows), "ns/row")
			})
		}
	}
}

// BenchmarkPageAccount is the price of accounting beside the reading.
func BenchmarkPageAccount(b *testing.B) {
	s := lineitem(b, 300_000)
	tables := schemaOf(b, s).Tables
	b.SetBytes(s.Info().FileSize)
	for b.Loop() {
		if _, err := s.PageAccount(b.Context(), 1, tables...); err != nil {
			b.Fatal(err)
		}
	}
}
