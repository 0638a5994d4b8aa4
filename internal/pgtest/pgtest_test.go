package pgtest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestStartShares(t *testing.T) {
	t.Parallel()
	if one, two := pgtest.Start(t), pgtest.Start(t); one != two {
		t.Error("two servers")
	}
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	one := pgtest.Connect(t, server.Database(t))
	two := pgtest.Connect(t, server.Database(t))
	if _, err := one.Exec(t.Context(), "CREATE TABLE here (id int)"); err != nil {
		t.Fatal(err)
	}
	var seen bool
	if err := two.QueryRow(t.Context(), "SELECT to_regclass('here') IS NOT NULL").Scan(&seen); err != nil {
		t.Fatal(err)
	}
	if seen {
		t.Error("a table of one database is seen in another")
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	var url string
	t.Run("inner", func(t *testing.T) { // Not parallel: must be over before the rest.
		url = server.Database(t)
		// Left open on purpose: the drop must not mind.
		if _, err := pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	})
	_, err := pgx.Connect(t.Context(), url)
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("connect to a dropped database: %v", err)
	}
}

func TestRoleHasNoRights(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	role := server.Role(t)
	owned := server.DatabaseWith(t, pgtest.DatabaseOptions{Owner: role.Name})
	foreign := server.Database(t)
	tests := []struct {
		name, url, sql string
		allowed        bool
	}{
		{"own database", owned, "CREATE SCHEMA mine", true},
		{"foreign database", foreign, "CREATE SCHEMA mine", false},
		{"superuser's setting", owned, "SET session_replication_role = replica", false},
		{"role", owned, "CREATE ROLE another", false},
	}
	for _, test := range tests {
		conn := pgtest.Connect(t, role.URL(t, test.url))
		_, err := conn.Exec(t.Context(), test.sql)
		if (err == nil) != test.allowed {
			t.Errorf("%s: %s: %v", test.name, test.sql, err)
		}
	}
	if conn := pgtest.Connect(t, role.URL(t, server.TCPURL("postgres"))); conn.Ping(t.Context()) != nil {
		t.Error("no way in over TCP")
	}
}
