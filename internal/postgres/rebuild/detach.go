package rebuild

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// SQLSTATEs (PostgreSQL documentation, appendix A).
const (
	codeDeadlock    = "40P01"
	codeExistsTable = "42P07"
	codeNoTable     = "42P01"
	codeNoObject    = "42704"
	codeNotNow      = "55P03" // lock_timeout
)

// attempts bounds how often a transaction is repeated that another one crosses.
const attempts = 5

// Detached is what came of Detach.
type Detached struct {
	Off  []Item
	Kept []Kept
}

// Detach takes what the request names off the table with an OID, in one
// transaction, which holds ACCESS EXCLUSIVE on the table and on those that its
// foreign keys reference. The control table is made where it is missing. Nothing
// is locked where nothing may be taken off.
func Detach(ctx context.Context, conn *pgx.Conn, table uint32, req Request) (*Detached, error) {
	var out *Detached
	// Two connections may make the control table at once: one then finds it made.
	codes := []string{codeDeadlock, codeExistsTable, postgres.CodeUniqueViolation}
	err := again(ctx, codes, func() error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			var err error
			out, err = detach(ctx, tx, table, req)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func detach(ctx context.Context, tx pgx.Tx, table uint32, req Request) (*Detached, error) {
	if err := catalog.Settle(ctx, tx); err != nil {
		return nil, err
	}
	if err := apply(ctx, tx, req.Settings); err != nil {
		return nil, err
	}
	f, err := find(ctx, tx, table, req.Scope)
	if err != nil {
		return nil, err
	}
	if len(f.off) == 0 {
		return &Detached{Kept: f.kept}, nil
	}
	name := postgres.Qualify(f.schema, f.table)
	if err := ensureControl(ctx, tx, f.schema); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, "lock table only "+name+" in access exclusive mode"); err != nil {
		return nil, fmt.Errorf("lock table %s: %w", name, err)
	}
	// Others may have changed the table until the lock was ours.
	if f, err = find(ctx, tx, table, req.Scope); err != nil {
		return nil, err
	}
	for i := range f.off {
		if err := takeOff(ctx, tx, req.Run, &f.off[i]); err != nil {
			return nil, err
		}
	}
	return &Detached{Off: f.off, Kept: f.kept}, nil
}

// takeOff writes down how an object comes back, and drops it.
func takeOff(ctx context.Context, tx pgx.Tx, run string, i *Item) error {
	i.Run = run
	insert := "insert into " + control(i.Schema) + ` (run, kind, table_name, name, parent_schema, parent_name,
	drop_sql, create_sql, then_sql, validate_sql, tablespace, created)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, false) returning id`
	err := tx.QueryRow(ctx, insert, run, string(i.Kind), i.Table, i.Name, i.ParentSchema, i.Parent,
		i.Drop, i.Create, i.then, i.validate, i.tablespace).Scan(&i.ID)
	if err != nil {
		return fmt.Errorf("write down %s: %w", i, err)
	}
	if _, err := tx.Exec(ctx, i.Drop); err != nil {
		return fmt.Errorf("take off %s: %w", i, err)
	}
	return nil
}

// again repeats a transaction that failed with one of the codes, because it
// crossed another one.
func again(ctx context.Context, codes []string, transaction func() error) error {
	var err error
	for range attempts {
		err = transaction()
		if ctx.Err() != nil || !slices.Contains(codes, postgres.Code(err)) {
			return err
		}
	}
	return err
}
