package reseed_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// A fixture is written once, and any number of databases are filled from it.
func ExampleRun() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "litehaul-example-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	source, archive := filepath.Join(dir, "app.db"), filepath.Join(dir, "app.tar")
	db, err := sql.Open("sqlite", source)
	if err != nil {
		panic(err)
	}
	if _, err := db.Exec(`CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob')`); err != nil {
		panic(err)
	}
	_ = db.Close()
	if _, err := pipeline.CreateFixture(ctx, pipeline.Config{Source: source, Fixture: pipeline.FixtureOutput{Path: archive}}); err != nil {
		panic(err)
	}
	server, err := pgserver.Run(ctx, pgserver.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = server.Stop() }()

	rep, err := reseed.Run(ctx, reseed.Config{Fixture: archive, Target: server.URL("postgres")})
	if err != nil {
		fmt.Println("exit code", pipeline.ExitCode(err), err, "try:", pipeline.Hint(err))
		return
	}
	for _, t := range rep.Tables {
		fmt.Printf("%s: %d rows, verified %s\n", t.Target, t.Loaded, t.Verified)
	}
	// Output:
	// "public"."people": 2 rows, verified full
}
