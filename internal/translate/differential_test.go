package translate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// TestExpressionsMeanTheSame evaluates each expression of testdata in SQLite
// and, rebuilt, in Postgres.
func TestExpressionsMeanTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, e := range lines(t, "testdata/expressions.txt") {
		w.compareSelect(t, "SELECT id, "+e+" AS v FROM t ORDER BY id", nil)
	}
	for _, e := range lines(t, "testdata/json_text.txt") {
		w.compareSelect(t, "SELECT id, "+e+" AS v FROM t ORDER BY id", cmp.Transformer("unquote", func(s string) string {
			return strings.Trim(s, `"`)
		}))
	}
}

// compareSelect runs a SELECT in both databases.
func (w *world) compareSelect(t *testing.T, text string, opt cmp.Option) {
	t.Helper()
	tree, err := syntax.ParseSelect(text)
	if err != nil {
		t.Errorf("parse %s: %v", text, err)
		return
	}
	v, err := translate.Select(tree, catalog{testTable()})
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	want, err := w.liteRows(t.Context(), text)
	if err != nil {
		t.Errorf("SQLite: %s: %v", text, err)
		return
	}
	got, err := w.pgRows(t.Context(), v.SQL)
	if err != nil {
		t.Errorf("%s: %v\n\t%s", text, err, v.SQL)
		return
	}
	if opt == nil {
		opt = cmp.Options{}
	}
	if d := cmp.Diff(want, got, opt); d != "" {
		t.Errorf("%s\n\t%s\n-SQLite +Postgres\n%s", text, v.SQL, d)
	}
}

// TestConditionsMeanTheSame does so for CHECK, which takes the truth of any
// value, and has Postgres accept the rebuilt text in CHECK, indexes and
// generated columns.
func TestConditionsMeanTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, "SELECT 1", "CREATE TABLE empty (LIKE t)")
	for _, e := range lines(t, "testdata/expressions.txt") {
		tree, err := syntax.ParseExpr(e)
		if err != nil {
			t.Errorf("parse %s: %v", e, err)
			continue
		}
		w.accepts(t, e, tree)
		r, err := translate.Expr(tree, testTable(), translate.Want{Context: translate.Check})
		if refused(t, e, err) {
			continue
		}
		want, err := w.liteRows(t.Context(), "SELECT id, CASE WHEN "+e+" THEN 1 WHEN NOT ("+e+") THEN 0 END FROM t ORDER BY id")
		if err != nil {
			t.Errorf("SQLite: %s: %v", e, err)
			continue
		}
		got, err := w.pgRows(t.Context(), "SELECT id, ("+r.SQL+")::int FROM t ORDER BY id")
		if err != nil {
			t.Errorf("%s: %v\n\t%s", e, err, r.SQL)
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("CHECK (%s)\n\t%s\n-SQLite +Postgres\n%s", e, r.SQL, d)
		}
	}
}

// refused tells an Unsupported; any other error is a defect.
func refused(t *testing.T, what string, err error) bool {
	t.Helper()
	var u *translate.Unsupported
	if err != nil && !errors.As(err, &u) {
		t.Errorf("%s: %v is not an Unsupported", what, err)
	}
	return err != nil
}

// accepts has Postgres take an expression in each context that it was rebuilt
// for, on a table without rows, within a transaction that is rolled back.
func (w *world) accepts(t *testing.T, e string, tree syntax.Expr) {
	t.Helper()
	for _, c := range []struct {
		want       translate.Context
		typ        sqltype.Type
		head, tail string
	}{
		{translate.Check, sqltype.Type{}, "ALTER TABLE empty ADD CHECK (", ") NOT VALID"},
		{translate.Index, sqltype.Type{}, "CREATE INDEX ON empty (", ")"},
		{translate.UniqueIndex, sqltype.Type{}, "CREATE UNIQUE INDEX ON empty (", ")"},
		{translate.Predicate, sqltype.Type{}, "CREATE INDEX ON empty (id) WHERE ", ""},
		{translate.Generated, kind(sqltype.Text), "ALTER TABLE empty ADD g text GENERATED ALWAYS AS (", ") STORED"},
		{translate.Generated, kind(sqltype.Int8), "ALTER TABLE empty ADD g bigint GENERATED ALWAYS AS (", ") STORED"},
		{translate.Generated, kind(sqltype.Float8), "ALTER TABLE empty ADD g float8 GENERATED ALWAYS AS (", ") STORED"},
		{translate.Generated, kind(sqltype.Timestamp), "ALTER TABLE empty ADD g timestamp GENERATED ALWAYS AS (", ") STORED"},
	} {
		r, err := translate.Expr(tree, testTable(), translate.Want{Context: c.want, Type: c.typ})
		if refused(t, e, err) {
			continue
		}
		tx, err := w.pg.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(t.Context(), c.head+r.SQL+c.tail)
		if err != nil {
			t.Errorf("%s: %v\n\t%s", e, err, c.head+r.SQL+c.tail)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
