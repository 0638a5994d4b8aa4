package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

func TestRights(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	owner, guest := server.Role(t), server.Role(t)
	conn, url := database(t, fmt.Sprintf(`
		CREATE SCHEMA app AUTHORIZATION %[1]s; GRANT USAGE ON SCHEMA app TO %[2]s;
		SET ROLE %[1]s;
		CREATE TABLE app.mine (id serial, secret text);
		CREATE TABLE app.policed (id int);
		ALTER TABLE app.policed ENABLE ROW LEVEL SECURITY;
		CREATE TABLE app.hidden (id int);
		INSERT INTO app.mine (secret) VALUES ('x');
		GRANT SELECT, INSERT ON app.policed TO %[2]s;
		GRANT INSERT (id), SELECT (id) ON app.mine TO %[2]s;
		GRANT TRUNCATE, TRIGGER ON app.mine TO %[2]s;
		RESET ROLE`, owner.Name, guest.Name))
	as := func(role pgtest.Role) *catalog.Catalog {
		cat := read(t, pgtest.Connect(t, role.URL(t, url)), "app")
		if cat.Role != role.Name {
			t.Errorf("read as %s, want %s", cat.Role, role.Name)
		}
		return cat
	}
	cat := as(guest)
	mine, policed := cat.Relation("app", "mine"), cat.Relation("app", "policed")
	if mine.Owned || mine.Owner != owner.Name || mine.Rights != catalog.Truncate|catalog.TriggerRight {
		t.Errorf("guest: %+v", mine)
	}
	if id := mine.Column("id"); id.Rights != catalog.Select|catalog.Insert || !id.Writable() || id.Sequences[0].Settable {
		t.Errorf("guest: %+v", id)
	}
	if secret := mine.Column("secret"); secret.Rights != 0 || secret.Writable() {
		t.Errorf("guest: %+v", secret)
	}
	if !policed.RowSecurity || !policed.RowSecurityApplies || policed.ForceRowSecurity {
		t.Errorf("guest: %+v", policed)
	}
	if s := cat.Schema("app"); !s.Usage || s.Create {
		t.Errorf("guest: %+v", s)
	}
	guestConn := pgtest.Connect(t, guest.URL(t, url))
	if n, err := catalog.Count(t.Context(), guestConn, []*catalog.Relation{mine}); err != nil || n[0] != 1 {
		t.Errorf("count by one column: %v, %v", n, err)
	}
	if _, err := catalog.Populated(t.Context(), guestConn, cat.Relations); err == nil || !strings.Contains(err.Error(), `"app"."hidden"`) {
		t.Errorf("a table that may not be read: %v", err)
	}

	cat = as(owner)
	mine, policed = cat.Relation("app", "mine"), cat.Relation("app", "policed")
	if !mine.Owned || !mine.Rights.Has(catalog.Select|catalog.Insert|catalog.References) || !mine.Column("id").Sequences[0].Settable {
		t.Errorf("owner: %+v", mine)
	}
	if !policed.RowSecurity || policed.RowSecurityApplies {
		t.Errorf("owner: %+v", policed)
	}
	run(t, conn, "ALTER TABLE app.policed FORCE ROW LEVEL SECURITY")
	if policed = as(owner).Relation("app", "policed"); !policed.RowSecurityApplies || !policed.ForceRowSecurity {
		t.Errorf("owner, forced: %+v", policed)
	}
}

func TestPopulated(t *testing.T) {
	t.Parallel()
	var ddl strings.Builder
	for i := range 203 { // more than one statement's worth
		fmt.Fprintf(&ddl, "CREATE TABLE t%03d (id int); ", i)
	}
	conn, _ := database(t, ddl.String()+`
		CREATE TABLE heir () INHERITS (t000);
		INSERT INTO heir VALUES (1), (2);
		INSERT INTO t007 VALUES (1);
		INSERT INTO t202 VALUES (1), (2), (3);`)
	cat := read(t, conn, "public")
	full, err := catalog.Populated(t.Context(), conn, cat.Relations)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range full {
		got = append(got, r.Name)
	}
	if diff := cmp.Diff([]string{"heir", "t007", "t202"}, got); diff != "" {
		t.Error(diff)
	}
	counts, err := catalog.Count(t.Context(), conn, full)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{2, 1, 3}, counts); diff != "" {
		t.Error(diff)
	}
}
