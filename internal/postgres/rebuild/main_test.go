package rebuild_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// everything is what a load of all tables takes off.
var everything = rebuild.Request{Scope: rebuild.Scope{Indexes: true, ForeignKeys: true, Triggers: true}, Run: "test"}

// app is a database with a schema app that a plain role owns.
type app struct {
	admin *pgx.Conn
	owner pgtest.Role
	url   string // as the owner
	super string // as the superuser
}

// newApp makes one; the owner runs ddl with app as its search_path.
func newApp(t *testing.T, ddl string) *app {
	t.Helper()
	server := pgtest.Start(t)
	a := &app{owner: server.Role(t), super: server.Database(t)}
	a.admin = pgtest.Connect(t, a.super)
	a.url = a.owner.URL(t, a.super)
	run(t, a.admin, "CREATE SCHEMA app AUTHORIZATION "+a.owner.Name)
	run(t, pgtest.Connect(t, a.url), "SET search_path = app; "+ddl)
	return a
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// stateQuery tells all that a rebuild must bring back, one line per object.
const stateQuery = `
select format('index %%s of %%s: %%s; clustered %%s, valid %%s, replica %%s, comment %%s, tablespace %%s, targets %%s, extensions %%s',
              x.relname, i.indrelid::regclass, pg_get_indexdef(x.oid), i.indisclustered, i.indisvalid, i.indisreplident,
              obj_description(x.oid, 'pg_class'), x.reltablespace,
              array(select coalesce(a.attstattarget, -1) from pg_attribute a where a.attrelid = x.oid order by a.attnum),
              (select count(*) from pg_depend d where d.objid = x.oid and d.deptype = 'x'))
from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
where %[1]s and c.relname <> 'litehaul_rebuild'
union all
select format('foreign key %%s of %%s: %%s; validated %%s, comment %%s', k.conname, k.conrelid::regclass,
              pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
from pg_constraint k join pg_class c on c.oid = k.conrelid where %[1]s and k.contype = 'f'
union all
select format('trigger %%s of %%s: %%s; enabled %%s', t.tgname, t.tgrelid::regclass, pg_get_triggerdef(t.oid), t.tgenabled)
from pg_trigger t join pg_class c on c.oid = t.tgrelid where %[1]s and not t.tgisinternal
order by 1`

// state reads what stands in the schemas that applications use.
func state(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), fmt.Sprintf(stateQuery,
		"c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'app'))"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func same(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the catalog is not as it was: %s", diff)
	}
}

// tables lists the plain tables of a schema.
func tables(t *testing.T, conn *pgx.Conn, schema string) []*catalog.Relation {
	t.Helper()
	cat, err := catalog.Read(t.Context(), conn, schema)
	if err != nil {
		t.Fatal(err)
	}
	var out []*catalog.Relation
	for _, r := range cat.Relations {
		if r.Name != rebuild.ControlTable {
			out = append(out, r)
		}
	}
	return out
}

// detachAll takes everything off the tables and gives what came of it.
func detachAll(t *testing.T, conn *pgx.Conn, list []*catalog.Relation) (off []rebuild.Item, kept []rebuild.Kept) {
	t.Helper()
	for _, rel := range list {
		d, err := rebuild.Detach(t.Context(), conn, rel.OID, everything)
		if err != nil {
			t.Fatalf("%s: %v", rel.Name, err)
		}
		off, kept = append(off, d.Off...), append(kept, d.Kept...)
	}
	return off, kept
}

// repair restores all that is pending, and clears up.
func repair(t *testing.T, conn *pgx.Conn, schema string) {
	t.Helper()
	for _, item := range pending(t, conn, schema) {
		if err := rebuild.Restore(t.Context(), conn, item); err != nil {
			t.Fatal(err)
		}
	}
	if err := rebuild.Clear(t.Context(), conn, schema); err != nil {
		t.Fatal(err)
	}
}

func pending(t *testing.T, conn *pgx.Conn, schema string) []rebuild.Item {
	t.Helper()
	items, err := rebuild.Pending(t.Context(), conn, schema)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// hasControl tells whether a schema has a control table.
func hasControl(t *testing.T, conn *pgx.Conn, schema string) bool {
	t.Helper()
	var found bool
	err := conn.QueryRow(t.Context(), "select to_regclass($1) is not null", schema+"."+rebuild.ControlTable).Scan(&found)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
