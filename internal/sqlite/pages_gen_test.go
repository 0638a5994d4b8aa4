package sqlite_test

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// generator makes a random database, the same for the same seed.
type generator struct {
	*rand.Rand
	t      testing.TB
	db     *sql.DB
	tables []genTable
	named  int
}

type genTable struct {
	name    string
	columns []string // those that can be inserted
	strict  bool
	keyed   bool
}

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

func (g *generator) exec(format string, args ...any) {
	g.t.Helper()
	q := fmt.Sprintf(format, args...)
	if _, err := g.db.Exec(q); err != nil {
		g.t.Fatalf("%.300s: %v", q, err)
	}
}

// try runs a statement that a constraint may refuse.
func (g *generator) try(format string, args ...any) {
	_, _ = g.db.Exec(fmt.Sprintf(format, args...)) // refused rows are no matter
}

func (g *generator) name(prefix string) string {
	g.named++
	return fmt.Sprintf("%s%d", prefix, g.named)
}

var genTypes = []string{
	"INTEGER", "INT", "REAL", "DOUBLE PRECISION", "TEXT", "VARCHAR(10)", "BLOB", "", "NUMERIC",
	"DATE", "BOOLEAN", "DECIMAL(10,2)",
}

var genDefaults = []string{
	"5", "-5", "+7", "'5'", "' 12 '", "'5.0'", "'1e3'", "1.5", "1.50", "-0.0", "1.0", "2e2", ".5", "5.", "x'00ff'", "NULL",
	"TRUE", "FALSE", "'text'", "''", "'2020-01-01'", "007", "0x10", "-0x10", "'0x10'", "bare", "9223372036854775807",
	"12345678901", "'1e'", "'-'", "'.'", "'é漢😀'", "'-3'", "'12abc'", "(5)", "('a')", "(NULL)", "x''", "1_000",
}

// literalValue writes a random value as SQL.
func (g *generator) literalValue() string {
	switch g.IntN(14) {
	case 0:
		return "NULL"
	case 1:
		return fmt.Sprint(g.IntN(3))
	case 2:
		return fmt.Sprint(g.Int64N(1<<uint(1+g.IntN(62))) * int64(1-2*g.IntN(2)))
	case 3:
		return pick(g, "9223372036854775807", "(-9223372036854775807-1)", "127", "-128", "32768", "-8388609", "2147483648", "140737488355328")
	case 4:
		return fmt.Sprint(g.NormFloat64())
	case 5:
		return pick(g, "-0.0", "1e300", "9e999", "-9e999", "1.0", "123456789012345.0")
	case 6, 7, 8:
		return "'" + strings.Repeat(pick(g, "a", "é", "漢", "😀", "x y"), g.IntN(30)) + "'"
	case 9:
		return fmt.Sprintf("CAST(x'%x' AS TEXT)", g.bytes(g.IntN(12))) // any bytes: not UTF-8, NUL, lone surrogates
	case 10:
		return fmt.Sprintf("x'%x'", g.bytes(g.IntN(60)))
	case 11:
		return fmt.Sprintf("zeroblob(%d)", g.IntN(pick(g, 10, 600, 5000, 70000)))
	case 12:
		return fmt.Sprintf("CAST(x'00d8' AS TEXT) || CAST(x'd800' AS TEXT) || '%d'", g.IntN(9))
	default:
		return fmt.Sprintf("replace(printf('%%.*c', %d, 'y'), 'y', 'zé')", g.IntN(pick(g, 20, 800, 40000)))
	}
}

func (g *generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func (g *generator) createTable() {
	t := genTable{name: g.name("t"), strict: g.IntN(5) == 0, keyed: g.IntN(3) == 0}
	types := genTypes
	if t.strict {
		types = []string{"INTEGER", "INT", "REAL", "TEXT", "BLOB", "ANY"}
	}
	var defs []string
	for range 1 + g.IntN(8) {
		c := g.name("c")
		t.columns = append(t.columns, c)
		defs = append(defs, c+" "+pick(g, types...))
	}
	if !t.keyed && g.IntN(3) == 0 {
		at := g.IntN(len(defs) + 1)
		defs = append(defs[:at], append([]string{g.name("id") + " INTEGER PRIMARY KEY"}, defs[at:]...)...)
	}
	if g.IntN(4) == 0 {
		kind := pick(g, "STORED", "STORED", "VIRTUAL")
		at := g.IntN(len(defs) + 1)
		stored := fmt.Sprintf("%s %s AS (%s) %s", g.name("g"), pick(g, types...), pick(g, t.columns...), kind)
		if t.strict {
			stored = fmt.Sprintf("%s ANY AS (%s || 'x') %s", g.name("g"), t.columns[0], kind)
		}
		defs = append(defs[:at], append([]string{stored}, defs[at:]...)...)
	}
	var options []string
	if t.keyed {
		defs = append(defs, "PRIMARY KEY("+g.key(t.columns)+")")
		options = append(options, "WITHOUT ROWID")
	}
	if t.strict {
		options = append(options, "STRICT")
	}
	g.exec("CREATE TABLE %s(%s) %s", t.name, strings.Join(defs, ", "), strings.Join(options, ", "))
	g.tables = append(g.tables, t)
}

// key writes the columns of a key in any order, with repeats and collations.
func (g *generator) key(columns []string) string {
	var parts []string
	for range 1 + g.IntN(3) {
		parts = append(parts, pick(g, columns...)+pick(g, "", "", " DESC", " COLLATE NOCASE", " COLLATE BINARY"))
	}
	return strings.Join(parts, ", ")
}

func (g *generator) insert(t genTable) {
	rows := make([]string, 1+g.IntN(20))
	for i := range rows {
		vals := make([]string, len(t.columns))
		for j := range vals {
			vals[j] = g.literalValue()
		}
		rows[i] = "(" + strings.Join(vals, ",") + ")"
	}
	g.try("INSERT OR IGNORE INTO %s(%s) VALUES %s", t.name, strings.Join(t.columns, ","), strings.Join(rows, ","))
	if !t.keyed && g.IntN(4) == 0 { // far rowids: gaps, negative and long ones
		g.try("INSERT OR IGNORE INTO %s(rowid, %s) VALUES (%d, %s)", t.name, t.columns[0],
			pick(g, math.MinInt64+1, -1, 1<<20, 1<<40, math.MaxInt64-1)+g.IntN(2), g.literalValue())
	}
}

func (g *generator) alter(i int) {
	t := &g.tables[i]
	c, typ := g.name("c"), pick(g, genTypes...)
	if t.strict {
		typ = pick(g, "INTEGER", "REAL", "TEXT", "BLOB", "ANY")
	}
	constraint := ""
	if g.IntN(4) > 0 {
		constraint = " DEFAULT " + pick(g, genDefaults...)
	}
	if _, err := g.db.Exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s%s", t.name, c, typ, constraint)); err == nil {
		t.columns = append(t.columns, c)
	}
}

// act makes one random change.
func (g *generator) act() {
	i := g.IntN(len(g.tables))
	t := g.tables[i]
	switch g.IntN(12) {
	case 0:
		g.alter(i)
	case 1:
		g.try("DELETE FROM %s WHERE abs(random()) %% %d = 0", t.name, 2+g.IntN(5))
	case 2:
		g.try("UPDATE OR IGNORE %s SET %s = %s WHERE abs(random()) %% 3 = 0", t.name, pick(g, t.columns...), g.literalValue())
	case 3:
		g.try("CREATE INDEX %s ON %s(%s)", g.name("i"), t.name, pick(g, t.columns...))
	case 4:
		if g.IntN(4) == 0 {
			g.exec("%s", pick(g, "VACUUM", "PRAGMA incremental_vacuum", "PRAGMA incremental_vacuum(3)"))
		}
	case 5:
		if g.IntN(3) == 0 && len(g.tables) > 1 {
			g.exec("DROP TABLE %s", t.name)
			g.tables = append(g.tables[:i], g.tables[i+1:]...)
		}
	case 6: // many rows at once: more levels
		g.try("INSERT OR IGNORE INTO %s(%s) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) SELECT %s FROM n",
			t.name, t.columns[0], g.IntN(3000), pick(g, "i", "i * 7919 % 10007", "random()", "'k' || i", "i * 1.5"))
	default:
		g.insert(t)
	}
}

// generate makes a database at path; the connection stays open, so that a log
// keeps its tail.
func generate(t testing.TB, seed uint64, path string) *sql.DB {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 17)), t: t}
	pageSize := 512 << g.IntN(8)
	change(t, path, fmt.Sprintf("PRAGMA page_size = %d", pageSize),
		fmt.Sprintf("PRAGMA encoding = '%s'", pick(g, "UTF-8", "UTF-8", "UTF-16le", "UTF-16be")),
		"PRAGMA auto_vacuum = "+pick(g, "NONE", "NONE", "FULL", "INCREMENTAL"), "PRAGMA user_version = 1")
	reserve(t, path, pageSize, pick(g, 0, 0, 0, 1, 8, 32))
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(0)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	g.db = db
	if g.IntN(5) == 0 {
		g.exec("PRAGMA legacy_file_format = ON")
	}
	for range 1 + g.IntN(4) {
		g.createTable()
	}
	for range 10 + g.IntN(50) {
		g.act()
	}
	if g.IntN(2) == 0 {
		g.exec("PRAGMA wal_autocheckpoint = %d", pick(g, 0, 3, 50))
		g.exec("PRAGMA journal_mode = WAL")
		for range 5 + g.IntN(30) {
			g.act()
		}
	}
	return db
}

// reserve sets bytes at the end of each page aside, which no pragma does, in a
// database that has only its first, empty page.
func reserve(t testing.TB, path string, pageSize, bytes int) {
	t.Helper()
	const reservedAt, contentAt = 20, 105
	b, err := os.ReadFile(path)
	if err != nil || len(b) != pageSize {
		t.Fatalf("%d bytes of one page, %v", len(b), err)
	}
	b[reservedAt] = byte(bytes)
	binary.BigEndian.PutUint16(b[contentAt:], uint16(pageSize-bytes))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPagesGenerated compares the readers on generated databases, the writer's
// connection still open, and accounts for every page.
func TestPagesGenerated(t *testing.T) {
	t.Parallel()
	n := 60
	if testing.Short() {
		n = 5
	}
	total := 0
	for seed := range n {
		path := filepath.Join(t.TempDir(), "g.db")
		db := generate(t, uint64(seed), path)
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		total += comparePages(t, s)
		if found := accountPages(t, s); len(found) > 0 {
			t.Errorf("a sound file: %+v", found)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, s.Info())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if total < 100*n {
		t.Errorf("only %d rows: the generator makes too little", total)
	}
	t.Logf("%d databases, %d rows", n, total)
}
