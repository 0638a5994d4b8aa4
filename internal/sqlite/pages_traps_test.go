package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
)

const count3000 = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT"

// TestPagesTraps holds both readers against each other where the file format has
// more than one way to say a thing.
func TestPagesTraps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		statements []string
	}{
		{"records shorter than the table", []string{
			"CREATE TABLE t(a)", "INSERT INTO t VALUES (1)", "ALTER TABLE t ADD COLUMN b DEFAULT 'x'",
			"ALTER TABLE t ADD COLUMN c REAL DEFAULT 5", "ALTER TABLE t ADD COLUMN d", "INSERT INTO t VALUES (2, 3, 4, 5)",
		}},
		{"a table emptied by ALTER", []string{
			"CREATE TABLE t(a)", "INSERT INTO t VALUES (NULL)", "ALTER TABLE t ADD COLUMN b TEXT DEFAULT ''", "ALTER TABLE t DROP COLUMN a",
		}},
		{"REAL columns hold integers", []string{
			"CREATE TABLE t(a REAL, b DOUBLE, c NUMERIC)", "INSERT INTO t VALUES (0, 1, 2), (1e15, -7, 1.0), (1e300, 2.5, -0.0), (-0.0, '3', '4.0')",
		}},
		{"rowid alias stored as NULL", []string{
			"CREATE TABLE t(a TEXT, id INTEGER PRIMARY KEY, b)", "INSERT INTO t VALUES ('x', -5, 1), ('y', 9223372036854775807, 2), ('z', -9223372036854775808, 3)",
		}},
		{"DESC rowid is no alias", []string{
			"CREATE TABLE t(id INTEGER PRIMARY KEY DESC, b)", "INSERT INTO t VALUES (5, 1), (7, 2)",
		}},
		{"stored generated columns", []string{
			"CREATE TABLE t(a INT, b REAL AS (a * 2) STORED, c TEXT AS (a || '') STORED)", "INSERT INTO t(a) VALUES (1), (NULL), (7)",
		}},
		{"rows in interior pages", []string{
			"PRAGMA page_size = 512", "CREATE TABLE t(a, b, c, PRIMARY KEY(c DESC, a)) WITHOUT ROWID", "INSERT INTO t " + count3000 + " i, 'row ' || i, i % 7 FROM n",
		}},
		{"key columns named twice", []string{
			"CREATE TABLE t(a TEXT, b TEXT, PRIMARY KEY(b, a COLLATE NOCASE, b COLLATE NOCASE, a)) WITHOUT ROWID",
			"INSERT INTO t VALUES ('a', 'B'), ('A', 'b'), ('é', '漢')",
		}},
		{"key columns named twice, in UTF-16", []string{
			"PRAGMA encoding = 'UTF-16be'", "CREATE TABLE t(a TEXT, b TEXT, PRIMARY KEY(b, a COLLATE NOCASE, b COLLATE NOCASE, a)) WITHOUT ROWID",
			"INSERT INTO t VALUES ('a', 'B'), ('A', 'b'), ('é', '漢')",
		}},
		{"overflow in both kinds of trees", []string{
			"PRAGMA page_size = 512", "CREATE TABLE t(a, b)", "CREATE TABLE k(a, b PRIMARY KEY) WITHOUT ROWID",
			"INSERT INTO t " + count3000 + " zeroblob(i), i FROM n WHERE i % 50 = 0", "INSERT INTO k SELECT b, a || b FROM t",
		}},
		{"serial types of three bytes", []string{
			"PRAGMA page_size = 65536", "CREATE TABLE t(a, b)", "INSERT INTO t VALUES (zeroblob(8185), 1), (zeroblob(8186), 2), (zeroblob(8187), 3)",
		}},
		{"headers of two bytes", []string{wideTable(200)}},
		{"all at once in auto-vacuum", []string{
			"PRAGMA page_size = 1024", "PRAGMA auto_vacuum = FULL", "CREATE TABLE t(a, b)", "CREATE INDEX i ON t(b)",
			"INSERT INTO t " + count3000 + " zeroblob(i), i FROM n WHERE i % 9 = 0", "DELETE FROM t WHERE b % 2", "CREATE TABLE u(a)",
		}},
		{"odd texts", []string{
			"CREATE TABLE t(a TEXT, b BLOB)", "INSERT INTO t VALUES (CAST(x'61006200' AS TEXT), 'text'), (CAST(x'fffe' AS TEXT), x''), (x'80', 1.5), ('', NULL)",
		}},
		{"odd texts in UTF-16", []string{
			"PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t(a TEXT, b BLOB)",
			"INSERT INTO t VALUES (CAST(x'6100000062' AS TEXT), 'text'), (CAST(x'00d8' AS TEXT), x'00d8'), ('é漢😀', 1.5)",
		}},
		{"infinity", []string{"CREATE TABLE t(a REAL)", "INSERT INTO t VALUES (9e999), (-9e999), (9e999 - 9e999)"}},
		{"rows moved by updates", []string{
			"PRAGMA page_size = 512", "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "INSERT INTO t " + count3000 + " i, 'short' FROM n",
			"UPDATE t SET b = b || printf('%.*c', a % 90, 'x') WHERE a % 3 = 0", "DELETE FROM t WHERE a % 5 = 0", "UPDATE t SET b = '' WHERE a % 7 = 0",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, build(t, tc.statements...))
			if rows := comparePages(t, s); rows == 0 {
				t.Error("nothing was compared")
			}
			if found := accountPages(t, s); len(found) > 0 {
				t.Errorf("a sound file: %+v", found)
			}
		})
	}
}

// wideTable makes a table of n columns of mixed values.
func wideTable(n int) string {
	var columns, values []string
	for i := range n {
		columns = append(columns, fmt.Sprintf("c%d", i))
		values = append(values, []string{"NULL", "i", "0.5", "'t' || i", "1", "x'00'"}[i%6])
	}
	return "CREATE TABLE t(" + strings.Join(columns, ", ") + "); INSERT INTO t " + count3000 + " " + strings.Join(values, ", ") + " FROM n"
}

// TestPagesTornLog cuts and flips the ends of logs: the readers read the same
// commit, or one of them says that the file is damaged.
func TestPagesTornLog(t *testing.T) {
	t.Parallel()
	n := 12
	if testing.Short() {
		n = 2
	}
	torn := 0
	for seed := uint64(0); torn < n; seed++ {
		rng := rand.New(rand.NewPCG(seed, 3))
		path := filepath.Join(t.TempDir(), "g.db")
		db := generate(t, seed, path)
		log, err := os.ReadFile(path + "-wal")
		if err != nil || len(log) < 1000 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		torn++
		main, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		at := 32 + rng.IntN(len(log)-32)
		if torn%2 == 0 {
			log = log[:at]
		} else {
			log[at] ^= 1 << rng.IntN(8)
		}
		compareTorn(t, main, log)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func compareTorn(t *testing.T, main, log []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "torn.db")
	for name, b := range map[string][]byte{path: main, path + "-wal": log} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		return // a log that was checkpointed in part leaves a damaged file
	}
	defer s.Close()
	sc, err := s.Schema(t.Context())
	if err != nil {
		return
	}
	for _, table := range allTables(sc) {
		if ok, _ := s.PagesCan(table); ok {
			checkDamagedTable(t, s, table)
		}
	}
}
