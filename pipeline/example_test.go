package pipeline_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/pipeline"
)

// A migration from Go: the report tells what became of each table, and the
// error's class is the exit code of the command line.
func ExampleMigrate() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "litehaul-example-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	source := filepath.Join(dir, "app.db")
	makeSample(source)
	server, err := pgserver.Run(ctx, pgserver.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = server.Stop() }()

	rep, err := pipeline.Migrate(ctx, pipeline.Config{Source: source, Target: server.URL("postgres"), Schema: "app"})
	if err != nil {
		fmt.Println("exit code", pipeline.ExitCode(err), err, "try:", pipeline.Hint(err))
		return
	}
	for _, t := range rep.Tables {
		fmt.Printf("%s: %d rows, verified %s\n", t.Target, t.Loaded, t.Verified)
		for _, c := range t.Columns {
			fmt.Printf("  %s: %s became %s\n", c.Name, c.Declared, c.Type)
		}
	}
	// Output:
	// "app"."orders": 2 rows, verified full
	//   id: INTEGER became bigint
	//   total: DECIMAL(8,2) became numeric(8,2)
	//   paid: BOOLEAN became boolean
	//   placed: DATETIME became timestamp
}

func makeSample(path string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		panic(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(`
		CREATE TABLE orders (id INTEGER PRIMARY KEY, total DECIMAL(8,2), paid BOOLEAN, placed DATETIME);
		INSERT INTO orders VALUES (1, 10.5, 1, '2026-01-02 03:04:05'), (2, 99.99, 0, '2026-01-03 00:00:00.25')`)
	if err != nil {
		panic(err)
	}
}
