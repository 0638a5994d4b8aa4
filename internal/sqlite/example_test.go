package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func Example() {
	if err := printPets(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1: Mia
	// 7: Tom
}

func printPets() (err error) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "app.db")
	if err := makePets(path); err != nil {
		return err
	}

	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	sc, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	table := sc.Table("pet")
	r, err := s.OpenReader(ctx, sqlite.TableUnit(table))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	vals := make([]row.Value, len(table.Columns))
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil || !ok {
			return err
		}
		fmt.Printf("%d: %s\n", rowid, vals[1].Bytes)
	}
}

func makePets(path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec("CREATE TABLE pet(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO pet VALUES (1, 'Mia'), (7, 'Tom')")
	return errors.Join(err, db.Close())
}
