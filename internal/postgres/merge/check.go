package merge

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Example is a row that a query has found: its name and what is wrong.
type Example struct{ Key, Value string }

// Find counts what a query over key and value gives, and shows the first.
func Find(ctx context.Context, conn *pgx.Conn, query string, most int) (n int64, first []Example, err error) {
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT count(*) OVER (), q.key, coalesce(q.value, 'NULL') FROM (%s) q LIMIT %d", query, most))
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Example
		if err := rows.Scan(&n, &e.Key, &e.Value); err != nil {
			return 0, nil, err
		}
		first = append(first, e)
	}
	return n, first, rows.Err()
}

// Fixed selects the rows that would have to change an identity which is GENERATED
// ALWAYS: no UPDATE can. It is false where there are none.
func (m *Rows) Fixed(c *catalog.Column) (query string, ok bool) {
	if m.Standing != Replaced || len(m.Key) == 0 || c.Identity != catalog.Always || !m.has([]string{c.Name}) || len(m.Key) == 1 && m.Key[0] == c.Name {
		return "", false
	}
	name := postgres.Quote(c.Name)
	return fmt.Sprintf("SELECT v.%s AS key, CAST(v.%s AS text) AS value %s WHERE v.%[2]s <> t.%[2]s", postgres.Quote(KeyColumn), name, m.joined()), true
}

// Breaking selects the rows that break a check of the table. It is false where the
// rows do not have all that it looks at.
func (m *Rows) Breaking(k *catalog.Check) (query string, ok bool) {
	expr, ok := strings.CutPrefix(k.Def, "CHECK ")
	if !ok || !m.has(k.Columns) || !k.Enforced {
		return "", false
	}
	for _, more := range []string{" NOT VALID", " NO INHERIT"} {
		expr = strings.TrimSuffix(expr, more)
	}
	return fmt.Sprintf("SELECT v.%s AS key, left(concat_ws(', ', %s), 60) AS value FROM %s v WHERE NOT (%s)",
		postgres.Quote(KeyColumn), of("v", k.Columns), m.From, expr), true
}

// Orphans selects the rows without a parent, be it one that stands or one of the
// rows that go into the parent's table, nil for none. It is false where that
// cannot be told.
func (m *Rows) Orphans(fk *catalog.ForeignKey, parent *Rows) (query string, ok bool) {
	if !fk.Enforced || !m.has(fk.Columns) || parent != nil && !parent.has(fk.ParentColumns) { // new parents get what the target makes up
		return "", false
	}
	refers := make([]string, len(fk.Columns))
	value := make([]string, len(fk.Columns))
	notNull := make([]string, len(fk.Columns))
	for i, name := range each("v", fk.Columns) {
		typ := m.Into.Column(fk.Columns[i]).Type
		refers[i] = Equal(typ, "p."+postgres.Quote(fk.ParentColumns[i]), name)
		value[i], notNull[i] = Show(typ, name), name+" IS NOT NULL"
	}
	none := func(of string) string {
		return "NOT EXISTS (SELECT FROM " + of + " p WHERE " + strings.Join(refers, " AND ") + ")"
	}
	where := []string{none(postgres.Qualify(fk.Parent.Schema, fk.Parent.Name)), Refers(fk, notNull)}
	if parent != nil {
		where = append(where, none(parent.From))
	}
	return fmt.Sprintf("SELECT v.%s AS key, concat_ws(', ', %s) AS value FROM %s v WHERE %s",
		postgres.Quote(KeyColumn), strings.Join(value, ", "), m.From, strings.Join(where, " AND ")), true
}

// Refers gives the condition under which a row must have a parent, from the
// conditions that its columns are not NULL: under MATCH FULL one suffices.
func Refers(fk *catalog.ForeignKey, notNull []string) string {
	if fk.Full {
		return "(" + strings.Join(notNull, " OR ") + ")"
	}
	return strings.Join(notNull, " AND ")
}
