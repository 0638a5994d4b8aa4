package swap_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/swap"
)

const app = `
CREATE TABLE up (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);
CREATE TABLE down (id serial PRIMARY KEY, up int REFERENCES up ON DELETE CASCADE, CHECK (id > 0));
CREATE INDEX ON down (up); COMMENT ON TABLE down IS 'old'; INSERT INTO up (name) VALUES ('old')`

// TestPlan replaces two tables: the first transaction makes the new ones, bare, and
// until the second one ends, all is as it was.
func TestPlan(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t).Database(t)
	conn := pgtest.Connect(t, database)
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	within := func(f func(pgx.Tx) error) {
		t.Helper()
		if err := pgx.BeginFunc(t.Context(), conn, f); err != nil {
			t.Fatal(err)
		}
	}
	exec(app)
	shape := pgtest.Shape(t, database)
	plan := rehearsed(t, conn)
	if left, err := swap.Leftovers(t.Context(), conn); err != nil || len(left) != 1 || left[0].Home != "public" {
		t.Fatalf("leftovers %v: %v", left, err)
	}
	within(func(tx pgx.Tx) error { return plan.Remove(t.Context(), tx) })
	if diff := cmp.Diff(shape, pgtest.Shape(t, database)); diff != "" {
		t.Errorf("after Remove (-want +got):\n%s", diff)
	}
	rehearsed(t, conn) // what is left makes way
	plan = rehearsed(t, conn)
	exec("INSERT INTO " + plan.Tables[1].New + " (name) VALUES ('new')")
	// Without its keys, a new table does not come in.
	var lost *swap.LostError
	if err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error { return plan.Swap(t.Context(), tx) }); !errors.As(err, &lost) {
		t.Errorf("bare tables: %v", err)
	}
	for _, step := range plan.Steps() {
		within(func(tx pgx.Tx) error { return plan.Take(t.Context(), tx, step) })
	}
	within(func(tx pgx.Tx) error { return plan.Swap(t.Context(), tx) })
	if diff := cmp.Diff(shape, pgtest.Shape(t, database)); diff != "" {
		t.Errorf("after Swap (-want +got):\n%s", diff)
	}
	var name string
	if err := conn.QueryRow(t.Context(), "SELECT name FROM up").Scan(&name); err != nil || name != "new" {
		t.Errorf("name %q: %v", name, err)
	}
	exec("INSERT INTO down (up) SELECT id FROM up")
}

func rehearsed(t *testing.T, conn *pgx.Conn) (plan *swap.Plan) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		var up, down uint32
		if err := tx.QueryRow(t.Context(), "SELECT 'up'::regclass::oid, 'down'::regclass::oid").Scan(&up, &down); err != nil {
			return err
		}
		err := swap.Clear(t.Context(), tx, "public")
		if err != nil {
			return err
		}
		if plan, err = swap.Read(t.Context(), tx, []uint32{up, down}); err != nil {
			return err
		}
		return plan.Rehearse(t.Context(), tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
