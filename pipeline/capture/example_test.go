package capture_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
)

// A database is captured as it is, and the report tells what does not come along.
func ExampleRun() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "litehaul-example-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := pgserver.Run(ctx, pgserver.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = server.Stop() }()
	database := server.URL("postgres")
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		panic(err)
	}
	if _, err := conn.Exec(ctx, `CREATE TABLE people AS SELECT i AS id, 'Ann' AS name FROM generate_series(1, 2) i; GRANT SELECT ON people TO public`); err != nil {
		panic(err)
	}
	_ = conn.Close(ctx)

	rep, err := capture.Run(ctx, capture.Config{Target: database, Fixture: pipeline.FixtureOutput{Path: filepath.Join(dir, "app.tar")}})
	if err != nil {
		fmt.Println("exit code", pipeline.ExitCode(err), err, "try:", pipeline.Hint(err))
		return
	}
	for _, t := range rep.Tables {
		fmt.Printf("%s: %d rows\n", t.Target, t.Rows)
	}
	for _, o := range rep.Objects {
		fmt.Println(o.Kind, o.Name, o.Status)
	}
	// Output:
	// "public"."people": 2 rows
	// rights on 1 relations left out
}
