package pgtest_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
)

// The usual test: the shared server, a database and a role of its own.
func Example() {
	_ = func(t *testing.T) {
		server := pgtest.Start(t)
		role := server.Role(t)
		url := server.DatabaseWith(t, pgtest.DatabaseOptions{Owner: role.Name})
		conn := pgtest.Connect(t, role.URL(t, url))
		if _, err := conn.Exec(t.Context(), "CREATE SCHEMA app"); err != nil {
			t.Fatal(err)
		}
	}
}
