package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// holdersQuery finds who holds locks on tables: those of some names, or all of
// some schemas that are locked against readers. What a session of another role
// does is not for everybody to see; its number is.
const holdersQuery = `
select n.nspname || '.' || c.relname, l.pid, concat_ws(', ', nullif(a.usename::text, ''), nullif(a.application_name, ''), nullif(a.state, ''))
from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
left join pg_stat_activity a on a.pid = l.pid
where l.granted and l.database = (select oid from pg_database where datname = current_database())
  and n.nspname = any($1) and c.relkind in ('r', 'p') and not l.pid = any($2::int[])
  and (c.relname = any($3::text[]) or cardinality($3::text[]) = 0 and l.mode = 'AccessExclusiveLock')
order by l.mode = 'AccessExclusiveLock' desc, l.mode desc, c.relname::text collate "C" limit 1`

// Holder is a session that holds a lock on a table.
type Holder struct {
	Table string // with its schema
	PID   int32  // 0: nobody is seen
	Who   string // " (role, application, state)" as far as it is known
}

// LockHolder finds a session that holds a lock on one of the tables, or one
// against readers on any table of the schemas where no names are given. The
// server processes ours are left aside.
func LockHolder(ctx context.Context, conn *pgx.Conn, schemas, names []string, ours ...*pgx.Conn) (h Holder) {
	pids := []int32{int32(conn.PgConn().PID())} //nolint:gosec // a process number
	for _, c := range ours {
		if c != nil {
			pids = append(pids, int32(c.PgConn().PID())) //nolint:gosec // a process number
		}
	}
	if names == nil {
		names = []string{}
	}
	row := conn.QueryRow(ctx, holdersQuery, pgx.QueryExecModeSimpleProtocol, schemas, pids, names)
	if err := row.Scan(&h.Table, &h.PID, &h.Who); err != nil {
		return Holder{} // it has let go
	}
	if h.Who = strings.TrimSpace(h.Who); h.Who != "" {
		h.Who = " (" + h.Who + ")"
	}
	return h
}
