package translate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// shop is the catalog of the SELECT tests: t, orders o, notes l and a table
// of one column.
func shop() catalog {
	number := func(name string) translate.Column {
		return translate.Column{Name: name, Target: name, Type: kind(sqltype.Int8), Affinity: schema.AffInteger}
	}
	note := translate.Column{Name: "note", Target: "note", Type: kind(sqltype.Text), Affinity: schema.AffText}
	return catalog{
		testTable(),
		{Name: "o", Schema: "public", Target: "o", Columns: []translate.Column{number("id"), number("t_id"), number("qty")}, RowidAlias: "id", Key: []string{"id"}},
		{Name: "l", Schema: "public", Target: "l", Columns: []translate.Column{number("id"), note}},
		{Name: "o_ids", Schema: "public", Target: "o_ids", Columns: []translate.Column{number("id")}},
	}
}

// newShop makes its tables.
func newShop(tb testing.TB) *world {
	tb.Helper()
	w := newWorld(tb)
	for _, s := range []string{
		"CREATE TABLE o (id INTEGER PRIMARY KEY, t_id INTEGER, qty INTEGER)",
		"INSERT INTO o VALUES (1, 1, 2), (2, 1, 9), (3, 5, 3), (4, 12, 1), (5, 99, 3), (6, NULL, 3)",
		"CREATE TABLE l (id INTEGER, note TEXT)",
		"INSERT INTO l VALUES (1, 'one'), (3, 'three'), (3, 'third'), (77, 'none')",
		"CREATE TABLE o_ids (id INTEGER)",
		"INSERT INTO o_ids VALUES (1), (5), (9)",
	} {
		w.exec(tb, s, strings.ReplaceAll(strings.ReplaceAll(s, "INTEGER PRIMARY KEY", "bigint PRIMARY KEY"), "INTEGER", "bigint"))
	}
	return w
}

// TestSelectsMeanTheSame runs each SELECT of testdata in both databases, as a
// view in Postgres.
func TestSelectsMeanTheSame(t *testing.T) {
	t.Parallel()
	w := newShop(t)
	for _, text := range lines(t, "testdata/selects.txt") {
		tree, err := syntax.ParseSelect(text)
		if err != nil {
			t.Errorf("parse %s: %v", text, err)
			continue
		}
		v, err := translate.Select(tree, shop())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want, err := w.liteRows(t.Context(), text)
		if err != nil {
			t.Errorf("SQLite: %s: %v", text, err)
			continue
		}
		if _, err := w.pg.Exec(t.Context(), "CREATE VIEW v AS "+v.SQL); err != nil {
			t.Errorf("%s: %v\n\t%s", text, err, v.SQL)
			continue
		}
		got, err := w.pgRows(t.Context(), "SELECT * FROM v")
		if err != nil {
			t.Errorf("%s: %v\n\t%s", text, err, v.SQL)
		} else if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s\n\t%s\n-SQLite +Postgres\n%s", text, v.SQL, d)
		}
		w.checkColumns(t, text, v)
		if _, err := w.pg.Exec(t.Context(), "DROP VIEW v"); err != nil {
			t.Fatal(err)
		}
	}
}

// checkColumns compares what View says of its columns with what Postgres made.
func (w *world) checkColumns(t *testing.T, text string, v translate.View) {
	t.Helper()
	rs, err := w.pg.Query(t.Context(), `SELECT attname, atttypid::regtype::text FROM pg_attribute
		WHERE attrelid = 'v'::regclass AND attnum > 0 ORDER BY attnum`)
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	for i := 0; rs.Next(); i++ {
		var name, typ string
		if err := rs.Scan(&name, &typ); err != nil {
			t.Fatal(err)
		}
		if c := v.Columns[i]; c.Target != name || c.Type.Kind.String() != typ {
			t.Errorf("%s: column %d is said to be %s %s and is %s %s", text, i, c.Target, c.Type.Kind, name, typ)
		}
	}
}
