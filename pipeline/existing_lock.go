package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// lockWait bounds the wait for others that have locked tables which are to be
// looked at, emptied or freed of their keys.
const lockWait = 10 * time.Second

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

// explainLock names the table and the session that a run has waited for too
// long; tables are those that it wanted, nil for any. Other errors stay as they
// are.
func (r *run) explainLock(ctx context.Context, err error, tables []*table) error {
	if postgres.Code(err) != postgres.CodeLockTimeout {
		return err
	}
	const stop = "stop the application for the time of the move"
	out := &Error{
		Err:  fmt.Errorf("tables of schema %s are locked by somebody else, for more than %s", strings.Join(r.mapSchemas(), ", "), r.cfg.lockWait),
		Hint: stop, Code: ExitFailed,
	}
	if r.into == nil || !r.into.loading && len(r.into.off) == 0 {
		out.Code = ExitRefused // nothing was touched
	}
	if table, pid, who := r.lockHolder(ctx, tables); pid != 0 {
		out.Err = fmt.Errorf("table %s is locked by server process %d%s, for more than %s", table, pid, who, r.cfg.lockWait)
		out.Hint = fmt.Sprintf("%s; or end that session: SELECT pg_terminate_backend(%d)", stop, pid)
	}
	return out
}

// lockHolder finds one that holds a lock in the way; pid is 0 where none is seen.
func (r *run) lockHolder(ctx context.Context, tables []*table) (name string, pid int32, who string) {
	conn, err := r.connect(ctx)
	if err != nil {
		return "", 0, ""
	}
	defer closeConn(ctx, conn)
	ours := []int32{int32(conn.PgConn().PID())} //nolint:gosec // a process number
	if r.holder != nil {
		ours = append(ours, int32(r.holder.PgConn().PID())) //nolint:gosec // a process number
	}
	names := []string{}
	for _, t := range tables {
		names = append(names, t.home.Name)
	}
	row := conn.QueryRow(ctx, holdersQuery, pgx.QueryExecModeSimpleProtocol, r.mapSchemas(), ours, names)
	if err := row.Scan(&name, &pid, &who); err != nil {
		return "", 0, "" // it has let go
	}
	if who = strings.TrimSpace(who); who != "" {
		who = " (" + who + ")"
	}
	return name, pid, who
}
