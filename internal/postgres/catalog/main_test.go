package catalog_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// database makes one with sql in it, and returns a connection as the superuser
// and the URL.
func database(t *testing.T, sql string) (*pgx.Conn, string) {
	t.Helper()
	url := pgtest.Start(t).Database(t)
	conn := pgtest.Connect(t, url)
	run(t, conn, sql)
	return conn, url
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

func read(t *testing.T, conn *pgx.Conn, schemas ...string) *catalog.Catalog {
	t.Helper()
	cat, err := catalog.Read(t.Context(), conn, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// relation finds a relation of schema public, which must be there.
func relation(t *testing.T, cat *catalog.Catalog, name string) *catalog.Relation {
	t.Helper()
	rel := cat.Relation("public", name)
	if rel == nil {
		t.Fatalf("no relation %q", name)
	}
	return rel
}

func column(t *testing.T, rel *catalog.Relation, name string) *catalog.Column {
	t.Helper()
	col := rel.Column(name)
	if col == nil {
		t.Fatalf("no column %q in %q", name, rel.Name)
	}
	return col
}
