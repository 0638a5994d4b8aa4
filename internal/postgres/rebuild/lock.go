package rebuild

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// lockClass is the first key of the advisory locks, the schema's OID the second:
// "lith" in ASCII.
const lockClass = 0x6c697468

// Lock is the right to load into some schemas. No other run of litehaul gets it
// until Release, or until the connection ends in whatever way.
type Lock struct{ tx pgx.Tx }

// BusyError tells that another run of litehaul holds a schema.
type BusyError struct {
	Schema string
	PID    int // of the server process that serves it, 0 if it has just ended
}

// Error names the schema and the process.
func (e *BusyError) Error() string {
	return fmt.Sprintf("another run of litehaul is at work in schema %q (server process %d)", e.Schema, e.PID)
}

// Acquire locks all the schemas or none, without waiting; it returns a
// *BusyError where another run is at work. conn is then taken until Release: the
// lock lives in an open transaction, which a pooler keeps on one server
// connection, and which holds no snapshot and so keeps no vacuum back.
func Acquire(ctx context.Context, conn *pgx.Conn, schemas ...string) (*Lock, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock the schemas: %w", err)
	}
	schemas = slices.Clone(schemas)
	slices.Sort(schemas) // two runs take them in one order
	if err := acquire(ctx, tx, slices.Compact(schemas)); err != nil {
		return nil, errors.Join(err, tx.Rollback(ctx))
	}
	return &Lock{tx}, nil
}

// patient switches off what would end a transaction that waits for long. Not
// every version has all of them.
const patient = `select set_config(name, '0', true) from pg_settings
where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`

func acquire(ctx context.Context, tx pgx.Tx, schemas []string) error {
	for _, schema := range schemas {
		var free bool
		err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock($1, oid::bigint::bit(32)::int)
from pg_namespace where nspname = $2`, lockClass, schema).Scan(&free)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("lock schema %q: there is none of that name", schema)
		}
		if err != nil {
			return fmt.Errorf("lock schema %q: %w", schema, err)
		}
		if free {
			continue
		}
		busy := &BusyError{Schema: schema}
		err = tx.QueryRow(ctx, `select coalesce(max(l.pid), 0) from pg_locks l join pg_namespace n on n.oid = l.objid
where l.locktype = 'advisory' and l.granted and l.classid::bigint = $1 and l.objsubid = 2 and n.nspname = $2
  and l.database = (select oid from pg_database where datname = current_database())`, lockClass, schema).Scan(&busy.PID)
		return errors.Join(busy, err)
	}
	// Last, because without parameters it goes by the simple protocol: a portal
	// of the extended one would keep its snapshot until the next statement.
	if _, err := tx.Exec(ctx, patient); err != nil {
		return fmt.Errorf("lock the schemas: %w", err)
	}
	return nil
}

// Release lets other runs in. The connection may be used again.
func (l *Lock) Release(ctx context.Context) error {
	if err := l.tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return fmt.Errorf("unlock the schemas: %w", err)
	}
	return nil
}
