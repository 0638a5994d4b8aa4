package merge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/graph"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Groups sorts rows so that each come after those that their table's foreign keys
// reference, with tables that reference each other together. Foreign keys that
// are deferred to the end of the transaction ask for no order.
func Groups[T comparable](all []T, rows func(T) *Rows) [][]T {
	byOID := map[uint32]T{}
	for _, x := range all {
		byOID[rows(x).Into.OID] = x
	}
	return graph.Components(all, func(x T) (parents []T) {
		for _, fk := range rows(x).Into.ForeignKeys {
			if parent, ok := byOID[fk.Parent.OID]; ok && fk.Enforced && !fk.InitiallyDeferred {
				parents = append(parents, parent)
			}
		}
		return parents
	})
}

// Moved counts what has been written into a table.
type Moved struct{ Inserted, Updated int64 }

// Move brings the rows of one group into their tables, in a single statement:
// Postgres looks at foreign keys that are not deferred when a statement ends, and
// then all its rows are there. It gives the counts in the group's order.
func Move(ctx context.Context, conn *pgx.Conn, group []*Rows) ([]Moved, error) {
	var parts, counts []string
	var dest []any
	out := make([]Moved, len(group))
	for i, m := range group {
		for _, s := range []struct {
			name, sql string
			n         *int64
		}{{fmt.Sprintf("u%d", i), m.Update(), &out[i].Updated}, {fmt.Sprintf("i%d", i), m.Insert(), &out[i].Inserted}} {
			if s.sql == "" {
				continue
			}
			parts = append(parts, s.name+" AS ("+s.sql+" RETURNING 1)")
			counts, dest = append(counts, "(SELECT count(*) FROM "+s.name+")"), append(dest, s.n)
		}
	}
	err := conn.QueryRow(ctx, "WITH "+strings.Join(parts, ", ")+" SELECT "+strings.Join(counts, ", ")).Scan(dest...)
	return out, err
}

// Insert writes the statement that adds the rows that do not stand in the table,
// or all where they are Refused if they do.
func (m *Rows) Insert() string {
	overriding := ""
	if slices.ContainsFunc(m.Into.Columns, func(c *catalog.Column) bool { return c.Identity == catalog.Always }) {
		overriding = "OVERRIDING SYSTEM VALUE "
	}
	sql := fmt.Sprintf("INSERT INTO %s (%s) %sSELECT %s FROM %s v", m.table(), postgres.QuoteList(m.Columns), overriding, of("v", m.Columns), m.From)
	if len(m.Key) > 0 && m.Standing != Refused {
		sql += fmt.Sprintf(" WHERE NOT EXISTS (SELECT FROM ONLY %s t WHERE %s)", m.table(), m.Same("t", "v"))
	}
	return sql
}

// Update writes the statement that makes the rows that stand in the table equal to
// ours where they are not, or "" where none may change.
func (m *Rows) Update() string {
	cols := m.settable()
	if m.Standing != Replaced || len(m.Key) == 0 || len(cols) == 0 {
		return ""
	}
	sets := make([]string, len(cols))
	for i, c := range cols {
		sets[i] = postgres.Quote(c) + " = v." + postgres.Quote(c)
	}
	return fmt.Sprintf("UPDATE ONLY %s AS t SET %s FROM %s v WHERE %s AND %s",
		m.table(), strings.Join(sets, ", "), m.From, m.Same("t", "v"), Image("t", "*<>", "v", cols))
}

// settable lists the columns that an update may set: all but identities that are
// GENERATED ALWAYS, which are equal.
func (m *Rows) settable() (out []string) {
	for _, name := range m.Columns {
		if m.Into.Column(name).Identity != catalog.Always {
			out = append(out, name)
		}
	}
	return out
}

// Count counts the rows that Insert and Update will write, of rows that have a Key
// and are not Refused if they stand.
func (m *Rows) Count(ctx context.Context, conn *pgx.Conn) (n int64, err error) {
	changed := ""
	if m.Standing == Replaced {
		changed = " OR " + Image("v", "*<>", "t", m.Columns)
	}
	err = conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s v LEFT JOIN ONLY %s t ON %s WHERE t.%s IS NULL%s",
		m.From, m.table(), m.Same("v", "t"), postgres.Quote(m.Key[0]), changed)).Scan(&n)
	return n, err
}
