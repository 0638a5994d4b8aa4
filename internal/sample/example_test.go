package sample_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/litehaul/litehaul/internal/sample"
	"github.com/litehaul/litehaul/internal/sqlite"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "app.db")
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec(`CREATE TABLE users (id INTEGER PRIMARY KEY, active INTEGER);
			CREATE TABLE orders (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users (id));
			INSERT INTO users VALUES (1, 1), (2, 0);
			INSERT INTO orders VALUES (10, 1), (11, 2), (12, 2);`)
	}
	if err != nil || db.Close() != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	snap, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = snap.Close() }()
	s, err := snap.Schema(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	orders := s.Tables[1]
	choice, err := sample.Choose(ctx, snap, sample.Request{
		Tables:     []sample.Table{{Schema: s.Tables[0], Conditions: []string{"active"}}, {Schema: orders}},
		References: []sample.Reference{{Child: 1, Parent: 0, Key: orders.ForeignKeys[0], ParentColumns: []int{0}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = choice.Close() }()
	for i, t := range s.Tables {
		fmt.Println(t.Name, choice.Table(i).Left())
	}
	// Output:
	// users 1
	// orders 2
}
