package page_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

func Example() {
	if err := printPets(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1: Mia
	// 7: Tom
}

func printPets() error {
	b, err := pets()
	if err != nil {
		return err
	}
	f, err := page.Open(page.Source{Main: bytes.NewReader(b), Size: int64(len(b))})
	if err != nil {
		return err
	}
	// Package sqlite reads this from the schema.
	table := &schema.Table{
		Name: "pet", RootPage: 2, RowidAlias: 0,
		Columns: []*schema.Column{{Name: "id", DeclType: "INTEGER", Affinity: schema.AffInteger}, {Name: "name"}},
	}
	l, err := page.NewLayout(table)
	if err != nil {
		return err
	}
	r, err := f.Reader(context.Background(), l, page.Whole(), page.ReadOptions{})
	if err != nil {
		return err
	}
	defer r.Close()
	vals := make([]row.Value, len(table.Columns))
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil || !ok {
			return err
		}
		fmt.Printf("%d: %s\n", rowid, vals[1].Bytes)
	}
}

// pets gives the bytes of a small database.
func pets() (b []byte, err error) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "app.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("CREATE TABLE pet(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO pet VALUES (1, 'Mia'), (7, 'Tom')")
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
