package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/bench"
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

// benchFile gives a database of the shape of TPC-H, or the one that
// LITEHAUL_BENCH_DB names.
func benchFile(b *testing.B) *sqlite.Snapshot {
	b.Helper()
	path := os.Getenv("LITEHAUL_BENCH_DB")
	if path == "" {
		path = filepath.Join(b.TempDir(), "tpch.db")
		if _, err := bench.TPCH(b.Context(), path, bench.TPCHOptions{Scale: 0.02, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
	return open(b, path)
}

// BenchmarkFile reads every row of a whole file: through the engine, from the
// pages, and from the pages while they are accounted for. Beside that stand the
// walks of the account alone, through interior pages and indexes, and what the
// account replaces, the engine's check. The rate is that of the file with its
// indexes.
func BenchmarkFile(b *testing.B) {
	s := benchFile(b)
	tables := schemaOf(b, s).Tables
	total := 0
	all := func(b *testing.B, open func(sqlite.Unit) (row.Reader, error)) {
		rows := 0
		for _, t := range tables {
			r, err := open(sqlite.TableUnit(t))
			n, err := count(r, err, len(t.Columns))
			if err != nil {
				b.Fatal(err)
			}
			rows += n
		}
		total += rows
	}
	walk := func(b *testing.B) *sqlite.PageAccount {
		a, err := s.PageAccount(b.Context(), sqlite.AccountScope{Read: tables, File: true})
		if err != nil {
			b.Fatal(err)
		}
		for i := range a.WalkN() {
			if err := a.Walk(b.Context(), i); err != nil {
				b.Fatal(err)
			}
		}
		return a
	}
	for _, bm := range []struct {
		name string
		run  func(b *testing.B)
	}{
		{"engine", func(b *testing.B) {
			all(b, func(u sqlite.Unit) (row.Reader, error) { return s.OpenReader(b.Context(), u) })
		}},
		{"pages", func(b *testing.B) {
			all(b, func(u sqlite.Unit) (row.Reader, error) { return s.OpenPages(b.Context(), u) })
		}},
		{"pages with account", func(b *testing.B) {
			a := walk(b)
			all(b, func(u sqlite.Unit) (row.Reader, error) { return a.Open(b.Context(), u) })
			if found, err := a.Finish(b.Context()); err != nil || len(found) > 0 {
				b.Fatal(found, err)
			}
		}},
		{"walks", func(b *testing.B) { walk(b) }},
		{"quick_check", func(b *testing.B) {
			if found, err := s.Check(b.Context()); err != nil || len(found) > 0 {
				b.Fatal(found, err)
			}
		}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(s.Info().FileSize)
			b.ReportAllocs()
			total = 0
			for b.Loop() {
				bm.run(b)
			}
			if total > 0 {
				b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "rows/s")
			}
		})
	}
}
