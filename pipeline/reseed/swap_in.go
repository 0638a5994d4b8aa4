package reseed

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/swap"
	"github.com/litehaul/litehaul/pipeline"
)

// While the swap waits for a lock, all who come later wait behind it: so it waits
// for a moment only, lets them through, and tries again.
const (
	swapWait  = 500 * time.Millisecond
	swapPause = 250 * time.Millisecond
	swapTries = 5
)

// swapIn swaps the new tables in. It tries again where others hold locks.
func (r *run) swapIn(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	for try := 1; ; try++ {
		err := r.exchange(ctx, conn)
		locked := slices.Contains([]string{postgres.CodeLockTimeout, postgres.CodeCanceled, postgres.CodeDeadlock}, postgres.Code(err))
		switch {
		case !locked || ctx.Err() != nil:
			return explainSwap(err)
		case try == swapTries:
			return r.explainHeld(ctx, err, try)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(swapPause):
		}
	}
}

// explainHeld names who has kept the new tables from being swapped in.
func (r *run) explainHeld(ctx context.Context, err error, tries int) error {
	out := &pipeline.Error{
		Err:  fmt.Errorf("the new tables could not be swapped in, in %d tries: %s", tries, postgres.Message(err)),
		Hint: "run again when no long transaction uses the tables", Code: pipeline.ExitFailed,
	}
	conn, e := r.connect(ctx)
	if e != nil {
		return out
	}
	defer postgres.Close(ctx, conn)
	names, schemas := []string{}, r.schemas()
	for _, t := range r.tables {
		names = append(names, t.Name)
		for _, fk := range t.home.ForeignKeys { // goes with the old table, which locks the parent
			names, schemas = append(names, fk.Parent.Name), append(schemas, fk.Parent.Schema)
		}
	}
	if h := postgres.LockHolder(ctx, conn, schemas, names, r.holder); h.PID != 0 {
		out.Err = fmt.Errorf("the new tables could not be swapped in, in %d tries: table %s is in use by server process %d%s", tries, h.Table, h.PID, h.Who)
		out.Hint += fmt.Sprintf("; or end that session: SELECT pg_terminate_backend(%d)", h.PID)
	}
	return out
}

// exchange is the transaction that swaps. Sequences are set last: those that stay
// do not go back with it.
func (r *run) exchange(ctx context.Context, conn *pgx.Conn) error {
	tx, err := r.beginTx(ctx, conn, durable, lockTimeout(lockWait))
	if err != nil {
		return err
	}
	if err := r.exchangeIn(ctx, tx); err != nil {
		rollback(ctx, tx)
		return err
	}
	return r.commit(ctx, tx)
}

func (r *run) exchangeIn(ctx context.Context, tx pgx.Tx) error {
	var names, made, sequences []string
	for _, t := range r.beside.Tables {
		names, made = append(names, t.Old), append(made, t.New)
	}
	// Autovacuum gives way, to who has waited for deadlock_timeout. The first lock
	// waits for it and keeps it off, and those who read and write are not in its way.
	// While the second waits for one of several tables, others are locked already: so
	// statement_timeout bounds the wait for all.
	all := slices.Concat(names, made)
	err := r.do(ctx, tx.Conn(), "LOCK TABLE ONLY "+strings.Join(all, ", ONLY ")+" IN SHARE UPDATE EXCLUSIVE MODE",
		lockTimeout(swapWait), fmt.Sprintf("SET LOCAL statement_timeout = %d", swapWait.Milliseconds()),
		"LOCK TABLE ONLY "+strings.Join(names, ", ONLY ")+" IN ACCESS EXCLUSIVE MODE", "SET LOCAL statement_timeout = 0")
	switch code := postgres.Code(err); {
	case code == postgres.CodeUndefinedTable || code == postgres.CodeUndefinedSchema:
		return &swap.ChangedError{What: postgres.Message(err)}
	case err != nil:
		return fmt.Errorf("lock the tables: %w", err)
	}
	if r.into.vacant {
		if err := r.stillVacant(ctx, tx); err != nil {
			return err
		}
	}
	if err := r.beside.Swap(ctx, tx); err != nil {
		return err //nolint:wrapcheck // says what failed
	}
	for _, t := range r.tables {
		sequences = append(sequences, r.sequencesSQL(t)...)
	}
	if err := r.do(ctx, tx.Conn(), sequences...); err != nil {
		return fmt.Errorf("set sequences: %w", err)
	}
	return nil
}

// stillVacant refuses to drop rows that came after the run had found none, and
// that nobody was asked about.
func (r *run) stillVacant(ctx context.Context, tx pgx.Tx) error {
	var homes []*catalog.Relation
	for _, t := range r.tables {
		homes = append(homes, t.home)
	}
	full, err := catalog.Populated(ctx, tx.Conn(), homes)
	if err != nil {
		return fmt.Errorf("look for rows in the target: %w", err)
	}
	if len(full) > 0 {
		return &pipeline.Error{
			Err:  fmt.Errorf("rows have come into %s meanwhile, which was empty", full[0].Name),
			Hint: "run again, with --on-data truncate if they may go", Code: pipeline.ExitFailed,
		}
	}
	return nil
}
