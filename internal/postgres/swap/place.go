package swap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// placePrefix begins the name of the schema in which the new tables of another
// schema stand until they are swapped in; that one's OID ends it. It needs no
// quotes.
const placePrefix = "litehaul_swap_"

// mark begins the comment of such a schema, by which it is told from one of
// somebody else's.
const mark = "litehaul swap 1: "

const placeComment = mark + "tables that a run of litehaul makes. If none runs, litehaul repair removes them"

// Leftover is a schema with new tables that a run has left behind.
type Leftover struct {
	Name string
	Home string // the schema whose tables were to be replaced, "" if it is gone
}

const leftoverQuery = `
select l.nspname::text, coalesce(h.nspname::text, '')
from pg_namespace l left join pg_namespace h on l.nspname = '` + placePrefix + `' || h.oid
where l.nspname ~ '^` + placePrefix + `[0-9]+$' and obj_description(l.oid, 'pg_namespace') like $1 || '%'
  and l.nspowner = (select oid from pg_roles where rolname = current_user)
order by l.nspname`

// Leftovers lists what runs of this role have left behind. One of them may be at
// work: who holds the lock on the home schema (rebuild.Acquire) knows that none is.
func Leftovers(ctx context.Context, conn *pgx.Conn) ([]Leftover, error) {
	rows, err := conn.Query(ctx, leftoverQuery, mark)
	if err != nil {
		return nil, fmt.Errorf("look for tables that a swap has left: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Leftover])
	if err != nil {
		return nil, fmt.Errorf("look for tables that a swap has left: %w", err)
	}
	return out, nil
}

// Clear drops the leftovers beside some schemas. The caller holds the lock that
// tells that no run is at work there.
func Clear(ctx context.Context, tx pgx.Tx, homes ...string) error {
	left, err := Leftovers(ctx, tx.Conn())
	if err != nil {
		return err
	}
	for _, l := range left {
		if slices.Contains(homes, l.Home) {
			if err := Remove(ctx, tx, l.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// IsPlace tells by its name whether a schema is one of new tables.
func IsPlace(schema string) bool { return strings.HasPrefix(schema, placePrefix) }

// Remove drops a leftover with its tables, and nothing else: where something of
// somebody else's is in it, or depends on it, it fails.
func Remove(ctx context.Context, tx pgx.Tx, schema string) error {
	rows, err := tx.Query(ctx, `select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relkind = 'r' order by c.relname`, schema)
	if err != nil {
		return fmt.Errorf("remove schema %s: %w", schema, err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("remove schema %s: %w", schema, err)
	}
	sql := "DROP SCHEMA " + postgres.Quote(schema)
	if len(names) > 0 {
		for i := range names {
			names[i] = postgres.Qualify(schema, names[i])
		}
		sql = "DROP TABLE " + strings.Join(names, ", ") + "; " + sql
	}
	if err := postgres.Exec(ctx, tx.Conn(), sql); err != nil {
		return fmt.Errorf("remove schema %s: %w", schema, err)
	}
	return nil
}
