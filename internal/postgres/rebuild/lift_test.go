package rebuild_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// TestLift takes one of each kind off and puts it back within one transaction,
// whose settings are those of before in between, and ends another one half-way.
func TestLift(t *testing.T) {
	t.Parallel()
	a := newApp(t, oddDDL)
	conn := pgtest.Connect(t, a.url)
	before := state(t, a.admin)
	list := tables(t, conn, "app")
	lift := func(tx pgx.Tx) (all []rebuild.Item) {
		t.Helper()
		for _, rel := range list {
			items, err := rebuild.Lift(t.Context(), tx, rel.OID, rebuild.Scope{Indexes: true, ForeignKeys: true, Triggers: true})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, items...)
		}
		return all
	}
	for _, end := range []string{"rollback", "commit"} {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "SET LOCAL timezone = 'Asia/Kolkata'; SET LOCAL search_path = app"); err != nil {
			t.Fatal(err)
		}
		items := lift(tx)
		if len(items) != 13 {
			t.Errorf("%d objects are off", len(items))
		}
		var zone, path string
		if err := tx.QueryRow(t.Context(), "SELECT current_setting('timezone'), current_setting('search_path')").Scan(&zone, &path); err != nil || zone != "Asia/Kolkata" || path != "app" {
			t.Errorf("timezone %s, search_path %s: %v", zone, path, err)
		}
		// What is off is off, and rows of this transaction are its own, not a
		// subtransaction's.
		var own bool
		if err := tx.QueryRow(t.Context(), `INSERT INTO "app".down (up, word) VALUES (1, 'three')
			RETURNING xmin::text::bigint = txid_current() & 4294967295`).Scan(&own); err != nil || !own {
			t.Errorf("own row: %t, %v", own, err)
		}
		if end == "rollback" {
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		} else {
			if _, err := tx.Exec(t.Context(), "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
				t.Fatal(err)
			}
			if err := rebuild.Lower(t.Context(), tx, items, rebuild.Setting{Name: "maintenance_work_mem", Value: "1MB"}); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		same(t, before, state(t, a.admin))
	}
	// A row that breaks a foreign key is found when it comes back.
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items := lift(tx)
	if _, err := tx.Exec(t.Context(), "INSERT INTO app.down (third) VALUES (77)"); err != nil {
		t.Fatal(err)
	}
	if err := rebuild.Lower(t.Context(), tx, items); err == nil {
		t.Error("a row without a parent came in")
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}
