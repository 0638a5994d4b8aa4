package merge

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// keySide gives, for an index, what it is over as columns k0, k1, ... of a
// selection from rows of the table's shape, with their own key as i0, i1, ... It
// is false where the rows do not have all of it.
func (m *Rows) keySide(u *catalog.Index, from string, more ...string) (sql string, ok bool) {
	cols := more
	for i, k := range u.Keys {
		expr := "(" + k.Expression + ")"
		if k.Column != "" {
			expr = postgres.Quote(k.Column)
		}
		if k.Column != "" && !m.has([]string{k.Column}) || !m.names(k.Expression) {
			return "", false
		}
		cols = append(cols, fmt.Sprintf("%s AS k%d", expr, i))
	}
	for i, name := range m.Key {
		cols = append(cols, fmt.Sprintf("%s AS i%d", postgres.Quote(name), i))
	}
	if !m.names(u.Predicate) {
		return "", false
	}
	sql = "SELECT " + strings.Join(cols, ", ") + " FROM " + from
	if u.Predicate != "" {
		sql += " WHERE (" + u.Predicate + ")"
	}
	return sql, true
}

// names tells whether an expression of Postgres' own writing names no column of the
// table that the rows do not have. Where some word only looks like one, the server
// alone keeps watch.
func (m *Rows) names(expr string) bool {
	words := strings.FieldsFunc(expr, func(c rune) bool { return c != '_' && c != '$' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	return !slices.ContainsFunc(m.Into.Columns, func(c *catalog.Column) bool {
		return !slices.Contains(m.Columns, c.Name) && (slices.Contains(words, c.Name) || strings.Contains(expr, postgres.Quote(c.Name)))
	})
}

// keyEquals tells whether two selections of keySide, v and t, have the same key.
func (m *Rows) keyEquals(u *catalog.Index) string {
	parts := make([]string, len(u.Keys))
	for i, k := range u.Keys {
		ours, theirs := fmt.Sprintf("v.k%d", i), fmt.Sprintf("t.k%d", i)
		parts[i] = ours + " OPERATOR(pg_catalog.=) " + theirs
		if c := m.Into.Column(k.Column); c != nil {
			parts[i] = Equal(c.Type, ours, theirs)
		}
		if u.NullsNotDistinct {
			parts[i] = fmt.Sprintf("(%s OR v.k%d IS NULL AND t.k%[2]d IS NULL)", parts[i], i)
		}
	}
	return strings.Join(parts, " AND ")
}

// identity compares the keys of rows: column gives that of place i on either side.
func (m *Rows) identity(ours, theirs func(i int) string) string {
	parts := make([]string, len(m.Key))
	for i, name := range m.Key {
		parts[i] = Equal(m.Into.Column(name).Type, ours(i), theirs(i))
	}
	return strings.Join(parts, " AND ")
}

// side gives the key columns of a selection of keySide.
func side(alias string) func(int) string {
	return func(i int) string { return fmt.Sprintf("%s.i%d", alias, i) }
}

// named gives the key columns of rows of the table's shape.
func (m *Rows) named(alias string) func(int) string {
	return func(i int) string { return alias + "." + postgres.Quote(m.Key[i]) }
}

// Identifies tells whether an index is over the columns by which rows are found.
func (m *Rows) Identifies(u *catalog.Index) bool {
	names, plain := u.Columns()
	if !plain || u.Predicate != "" || len(m.Key) == 0 {
		return false
	}
	return len(names) == len(m.Key) && !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(m.Key, n) })
}

// Repeated selects the keys of a unique index that several of the rows share, each
// with one of the rows. It is false where the rows do not have all of the key.
func (m *Rows) Repeated(u *catalog.Index) (query string, ok bool) {
	side, ok := m.keySide(u, m.From, postgres.Quote(KeyColumn)+" AS key")
	if !ok || u.Overlaps { // ranges: Postgres itself keeps watch
		return "", false
	}
	var keys, none []string
	for i := range u.Keys {
		keys = append(keys, fmt.Sprintf("k%d", i))
		if !u.NullsNotDistinct {
			none = append(none, fmt.Sprintf("k%d IS NOT NULL", i))
		}
	}
	where := ""
	if len(none) > 0 {
		where = " WHERE " + strings.Join(none, " AND ")
	}
	return fmt.Sprintf("SELECT max(key) AS key, min(left(concat_ws(', ', %s), 60)) AS value FROM (%s) v%s GROUP BY %[1]s HAVING count(*) > 1",
		strings.Join(keys, ", "), side, where), true
}

// Taken selects the rows whose key, by a unique index, is that of a row in the
// table which is not to become theirs. It is false where that cannot be.
func (m *Rows) Taken(u *catalog.Index) (query string, ok bool) {
	theirs, ok := m.keySide(u, "ONLY "+m.table())
	ours, _ := m.keySide(u, m.From, postgres.Quote(KeyColumn)+" AS key")
	own := m.Identifies(u)
	if !ok || u.Overlaps || own && m.Standing != Refused {
		return "", false
	}
	where := ""
	switch {
	case len(m.Key) == 0 || own:
	case m.Standing == Kept:
		where = fmt.Sprintf(" AND NOT EXISTS (SELECT FROM ONLY %s o WHERE %s)", m.table(), m.identity(m.named("o"), side("v")))
	default:
		where = " AND NOT (" + m.identity(side("v"), side("t")) + ")"
	}
	if m.Standing == Replaced && u.Deferrable && len(m.Key) > 0 { // what is given up is free at the end
		where += fmt.Sprintf(" AND NOT EXISTS (SELECT FROM %s o WHERE %s)", m.From, m.identity(m.named("o"), side("t")))
	}
	shown := make([]string, len(u.Keys))
	for i := range u.Keys {
		shown[i] = fmt.Sprintf("v.k%d", i)
	}
	return fmt.Sprintf("SELECT v.key, left(concat_ws(', ', %s), 60) AS value FROM (%s) v JOIN (%s) t ON %s%s",
		strings.Join(shown, ", "), ours, theirs, m.keyEquals(u), where), true
}
