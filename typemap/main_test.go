package typemap_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // makes the fixtures

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// source is a SQLite database, read and profiled.
type source struct {
	schema *schema.Schema
	tables map[*schema.Table]*typemap.Table
	rows   map[*schema.Table][][]row.Value
}

// load makes a database of SQL statements, reads it with the real engine and
// profiles it.
func load(t testing.TB, rules typemap.Rules, statements ...string) *source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(0)")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	snap, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := snap.Close(); err != nil {
			t.Error(err)
		}
	}()
	sc, err := snap.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	src := &source{sc, map[*schema.Table]*typemap.Table{}, map[*schema.Table][][]row.Value{}}
	probes := typemap.Probes(sc, rules)
	for _, table := range sc.Tables {
		src.tables[table] = typemap.NewTable(table, probes[table])
		src.read(t, snap, table)
	}
	return src
}

func (s *source) read(t testing.TB, snap *sqlite.Snapshot, table *schema.Table) {
	t.Helper()
	r, err := snap.OpenReader(t.Context(), sqlite.TableUnit(table))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		vals := make([]row.Value, len(table.Columns))
		rowid, ok, err := r.Next(vals)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		for i := range vals {
			vals[i].Bytes = bytes.Clone(vals[i].Bytes)
		}
		s.tables[table].Add(rowid, vals)
		s.rows[table] = append(s.rows[table], vals)
	}
}

// decide decides all columns and gives them as "table.column".
func (s *source) decide(opt typemap.Options) map[string]typemap.Decision {
	out := map[string]typemap.Decision{}
	for table, list := range typemap.DecideAll(s.schema, s.tables, opt) {
		for i, d := range list {
			out[table.Name+"."+table.Columns[i].Name] = d
		}
	}
	return out
}

// column decides a table of one column, defined as in CREATE TABLE, that holds
// the values, written in SQL.
func column(t testing.TB, opt typemap.Options, definition string, values ...string) (*source, typemap.Decision) {
	t.Helper()
	statements := []string{"CREATE TABLE t (" + definition + ")"}
	for _, v := range values {
		statements = append(statements, "INSERT INTO t VALUES ("+v+")")
	}
	s := load(t, opt.Rules, statements...)
	table := s.schema.Table("t")
	return s, s.decide(opt)["t."+table.Columns[0].Name]
}
