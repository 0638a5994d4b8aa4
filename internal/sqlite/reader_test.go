package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func TestReaderValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		sql  []string
		want []string
	}{
		{
			"each class in any column",
			[]string{"CREATE TABLE t(a INT, b REAL, c TEXT, d BLOB)", `INSERT INTO t VALUES
				(1, 2, 3, 4), ('x', 'y', x'00ff', 'z'), (1.5, NULL, NULL, 1.5), (9223372036854775807, -9223372036854775808, '', x'')`},
			[]string{
				`1|1|2r|"3"|4`, `2|"x"|"y"|x'00ff'|"z"`, `3|1.5r|NULL|NULL|1.5r`,
				`4|9223372036854775807|-9.223372036854776e+18r|""|x''`,
			},
		},
		{
			"real column that stores integers",
			[]string{"CREATE TABLE t(a REAL)", "INSERT INTO t VALUES (5), (-0.0), (1e308), (9e999), (-9e999)"},
			[]string{"1|5r", "2|0r", "3|1e+308r", "4|+Infr", "5|-Infr"},
		},
		{
			"negative zero without affinity",
			[]string{"CREATE TABLE t(a)", "INSERT INTO t VALUES (-0.0)"},
			[]string{"1|-0r"},
		},
		{
			"NUL and invalid UTF-8 in text",
			[]string{"CREATE TABLE t(a TEXT)", "INSERT INTO t VALUES (CAST(x'610062' AS TEXT)), (CAST(x'61ff80c0' AS TEXT))"},
			[]string{`1|"a\x00b"`, `2|"a\xff\x80\xc0"`},
		},
		{
			"defaults of added columns",
			[]string{
				"CREATE TABLE t(a)", "INSERT INTO t VALUES (1)", "ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'long enough to be no short text'",
				"ALTER TABLE t ADD COLUMN c REAL DEFAULT 7", "ALTER TABLE t ADD COLUMN d", "INSERT INTO t VALUES (2, 'x', 1, 2)",
			},
			[]string{`1|1|"long enough to be no short text"|7r|NULL`, `2|2|"x"|1r|2`},
		},
		{
			"generated columns",
			[]string{"CREATE TABLE t(a INT, b AS (a * 2) VIRTUAL, c AS (a || 'x') STORED, d INT)", "INSERT INTO t(a, d) VALUES (3, 4)"},
			[]string{`1|3|6|"3x"|4`},
		},
		{
			"without rowid, with a covering index",
			[]string{
				"CREATE TABLE t(b, a TEXT, PRIMARY KEY (a DESC)) WITHOUT ROWID", "CREATE INDEX i ON t(b, a)",
				"INSERT INTO t VALUES (1, 'x'), (2, 'z'), (3, 'y')",
			},
			[]string{`0|2|"z"`, `1|3|"y"`, `2|1|"x"`},
		},
		{
			"rowid with a covering index",
			[]string{"CREATE TABLE t(a)", "CREATE INDEX i ON t(a)", "INSERT INTO t VALUES (3), (1), (2)"},
			[]string{"1|3", "2|1", "3|2"},
		},
		{
			"negative and giant rowids",
			[]string{"CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (-9223372036854775808), (-1), (9223372036854775807)"},
			[]string{
				"-9223372036854775808|-9223372036854775808", "-1|-1", "9223372036854775807|9223372036854775807",
			},
		},
		{
			"columns named rowid and oid",
			[]string{`CREATE TABLE t("rowid" TEXT, OID TEXT)`, "INSERT INTO t(_rowid_, rowid, oid) VALUES (7, 'a', 'b')"},
			[]string{`7|"a"|"b"`},
		},
		{
			"all names of the rowid taken",
			[]string{`CREATE TABLE t(rowid TEXT, _rowid_ TEXT, oid TEXT)`, "INSERT INTO t VALUES ('a', 'b', 'c'), ('d', 'e', 'f')"},
			[]string{`0|"a"|"b"|"c"`, `1|"d"|"e"|"f"`},
		},
		{
			"all names taken but by the key",
			[]string{`CREATE TABLE t(rowid INTEGER PRIMARY KEY, _rowid_ TEXT, oid TEXT)`, "INSERT INTO t VALUES (5, 'b', 'c')"},
			[]string{`5|5|"b"|"c"`},
		},
		{
			"odd names",
			[]string{"CREATE TABLE t(\"\" INT, \"a\"\"b\" INT, \"c\nd\" INT, \"select\" INT, 'ü' INT)", "INSERT INTO t VALUES (1, 2, 3, 4, 5)"},
			[]string{"1|1|2|3|4|5"},
		},
		{
			"strict",
			[]string{"CREATE TABLE t(a INTEGER, b ANY, c TEXT) STRICT", "INSERT INTO t VALUES (1, '007', 'x'), (2, 7.0, 'y')"},
			[]string{`1|1|"007"|"x"`, `2|2|7r|"y"`},
		},
		{
			"descending key that is no rowid",
			[]string{"CREATE TABLE t(a INTEGER PRIMARY KEY DESC)", "INSERT INTO t VALUES (10), (20)"},
			[]string{"1|10", "2|20"},
		},
	} {
		for _, encoding := range []string{"UTF-8", "UTF-16le", "UTF-16be"} {
			if encoding != "UTF-8" && strings.Contains(tc.name, "invalid") {
				continue // SQLite itself replaces what is no Unicode when it converts
			}
			t.Run(tc.name+" "+encoding, func(t *testing.T) {
				t.Parallel()
				s := open(t, build(t, append([]string{"PRAGMA encoding='" + encoding + "'"}, tc.sql...)...))
				if diff := cmp.Diff(tc.want, readTable(t, s, "t")); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestReaderOddTables(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", `a"b`, "c\nd", "select", "5", "漢", "t' --", "[x]"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			s := open(t, build(t, "CREATE TABLE "+quoted+"(a, UNIQUE (a))", "INSERT INTO "+quoted+" VALUES (1)"))
			if got := readTable(t, s, name); !cmp.Equal(got, []string{"1|1"}) {
				t.Errorf("read %q", got)
			}
			if n, err := s.RowCount(t.Context(), schemaOf(t, s).Table(name)); n != 1 || err != nil {
				t.Errorf("counted %d, %v", n, err)
			}
			if d, err := s.Check(t.Context(), name); len(d) > 0 || err != nil {
				t.Errorf("check: %v, %v", d, err)
			}
		})
	}
}

func TestReaderPageSizes(t *testing.T) {
	t.Parallel()
	for size := 512; size <= 65536; size *= 2 {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			s := open(t, build(t, fmt.Sprintf("PRAGMA page_size=%d", size), "CREATE TABLE t(a, b)",
				"INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 300)"+
					" SELECT i, replace(hex(zeroblob(i * 20)), '00', 'ab') FROM n"))
			if s.Info().PageSize != size {
				t.Fatalf("page size %d", s.Info().PageSize)
			}
			for i, line := range readTable(t, s, "t") {
				want := fmt.Sprintf("%d|%d|%q", i+1, i+1, strings.Repeat("ab", (i+1)*20))
				if line != want {
					t.Fatalf("row %d: %.80s", i+1, line)
				}
			}
		})
	}
}

func TestReaderManyColumns(t *testing.T) {
	t.Parallel()
	names := make([]string, 2000)
	for i := range names {
		names[i] = fmt.Sprintf("c%d INT DEFAULT %d", i, i)
	}
	s := open(t, build(t, "CREATE TABLE t("+strings.Join(names, ", ")+")",
		"INSERT INTO t(rowid, c0) VALUES (5, 0), (9, 0)"))
	lines := readTable(t, s, "t")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "5|0|1|2|") || !strings.HasPrefix(lines[1], "9|0|") ||
		!strings.HasSuffix(lines[1], "|1998|1999") {
		t.Errorf("read %.60q", lines)
	}
}

func TestReaderView(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "CREATE TABLE t(a)", "INSERT INTO t VALUES (1), (2)",
		"CREATE VIEW v AS SELECT a, 'const' AS b, rowid AS rowid FROM t ORDER BY a DESC"))
	v := schemaOf(t, s).Views[0]
	want := []string{`0|2|"const"|2`, `1|1|"const"|1`}
	if diff := cmp.Diff(want, read(t, s, sqlite.ViewUnit(v))); diff != "" {
		t.Error(diff)
	}
}

func TestReaderVirtualTable(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "CREATE VIRTUAL TABLE f USING fts5(title, body)", "INSERT INTO f VALUES ('x', 'y')"))
	v := schemaOf(t, s).Virtual[0]
	if diff := cmp.Diff([]string{`0|"x"|"y"`}, read(t, s, sqlite.VirtualUnit(v))); diff != "" {
		t.Error(diff)
	}
}

// TestUnits: the units of a table hold all of its rows, each once, in order,
// and come out even although the rowids have gaps.
func TestUnits(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "PRAGMA page_size=512", "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)",
		"INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 20000)"+
			" SELECT CASE WHEN i < 10000 THEN -i * i * 1000 ELSE i END, 'value' FROM n"))
	table := schemaOf(t, s).Table("t")
	whole := read(t, s, sqlite.TableUnit(table))
	for _, n := range []int{1, 2, 3, 8, 100} {
		units, err := s.Units(t.Context(), table, n)
		if err != nil {
			t.Fatal(err)
		}
		if len(units) != n {
			t.Errorf("%d units, want %d", len(units), n)
		}
		var all []string
		for _, u := range units {
			part := read(t, s, u)
			if even := len(whole) / n; len(part) < even/3 || len(part) > even*3 { // leaves hold 10 to 30 rows here
				t.Errorf("a unit of %d rows, %d would be even", len(part), even)
			}
			all = append(all, part...)
		}
		if diff := cmp.Diff(whole, all); diff != "" {
			t.Errorf("%d units: %.500s", n, diff)
		}
	}
}

func TestReaderCancel(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "CREATE TABLE t(a)", "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"+
		" SELECT count(*) AS c FROM n"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := s.OpenReader(ctx, sqlite.ViewUnit(schemaOf(t, s).Views[0]))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = drain(r, 1)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
	if got := readTable(t, s, "t"); len(got) != 0 { // the connection is whole again
		t.Errorf("read %q", got)
	}
}

func TestReaderAllocations(t *testing.T) {
	s := open(t, build(t, "CREATE TABLE t(a INT, b REAL, c TEXT, d BLOB, e)",
		"INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 5000)"+
			" SELECT i, i / 2.0, 'text of row ' || i, zeroblob(300), NULL FROM n"))
	r, err := s.OpenReader(t.Context(), sqlite.TableUnit(schemaOf(t, s).Tables[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	vals := make([]row.Value, 5)
	n := testing.AllocsPerRun(4000, func() {
		if _, ok, err := r.Next(vals); !ok || err != nil {
			t.Fatalf("row: %v, %v", ok, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations per row", n)
	}
}

func TestReaderMisuse(t *testing.T) {
	t.Parallel()
	s := open(t, build(t, "CREATE TABLE t(a, b)", "INSERT INTO t VALUES (1, 2)"))
	r, err := s.OpenReader(t.Context(), sqlite.TableUnit(schemaOf(t, s).Tables[0]))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Next(make([]row.Value, 1)); err == nil {
		t.Error("too few values were taken")
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, ok, err := r.Next(make([]row.Value, 2)); ok || err != nil {
		t.Errorf("a closed reader gave %v, %v", ok, err)
	}
}
