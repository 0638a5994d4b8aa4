package postgres_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/postgres"
)

func TestInDatabase(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target string }{
		{"a URL", "postgres://app:p%40ss@db.example.com:5433/app?sslmode=disable"},
		{"a URL without a database", "postgresql://app:p%40ss@db.example.com:5433?sslmode=disable"},
		{"a URL that names it twice", "postgres://app:p%40ss@db.example.com:5433/x?dbname=app&sslmode=disable"},
		{"keys", "host=db.example.com port=5433 user=app password='p@ss' dbname=app sslmode=disable"},
		{"keys without a database", "host=db.example.com port=5433 user=app password='p@ss' sslmode=disable"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			const name = `a 'b' \c/d?e`
			moved, err := postgres.InDatabase(test.target, name)
			if err != nil {
				t.Fatal(err)
			}
			target, err := postgres.ParseTarget(moved)
			if err != nil {
				t.Fatalf("%s: %v", moved, err)
			}
			if got := target.String(); got != "db.example.com:5433/"+name+" as app" {
				t.Errorf("%s leads to %s", moved, got)
			}
		})
	}
}

func TestInDatabaseOfEnvironment(t *testing.T) {
	t.Setenv("PGHOST", "elsewhere.example.com")
	t.Setenv("PGUSER", "env")
	t.Setenv("PGDATABASE", "app")
	moved, err := postgres.InDatabase("", "other")
	if err != nil {
		t.Fatal(err)
	}
	target, err := postgres.ParseTarget(moved)
	if err != nil {
		t.Fatal(err)
	}
	if target.Host() != "elsewhere.example.com" || target.Database() != "other" || target.User() != "env" {
		t.Errorf("leads to %s", target)
	}
}
