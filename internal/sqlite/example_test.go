package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "app.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE pet(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO pet VALUES (1, 'Mia'), (7, 'Tom')"); err != nil {
		log.Fatal(err)
	}
	_ = db.Close()

	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	sc, err := s.Schema(ctx)
	if err != nil {
		log.Fatal(err)
	}
	table := sc.Table("pet")
	r, err := s.OpenReader(ctx, sqlite.TableUnit(table))
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	vals := make([]row.Value, len(table.Columns))
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil {
			log.Fatal(err)
		}
		if !ok {
			break
		}
		fmt.Printf("%d: %s\n", rowid, vals[1].Bytes)
	}
	// Output:
	// 1: Mia
	// 7: Tom
}
