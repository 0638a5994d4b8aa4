package server_test

import (
	"context"
	"fmt"

	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// Errors say what to do about them, and with which code the program ends.
func ExampleConnect() {
	_, err := server.Parse("postgres://localhost:port/app")
	fmt.Println(pipeline.ExitCode(err), pipeline.Hint(err))
	target, err := server.Parse("postgres://localhost:1/app?sslmode=disable")
	if err != nil {
		panic(err)
	}
	_, err = server.Connect(context.Background(), target, nil)
	fmt.Println(pipeline.ExitCode(err), pipeline.Hint(err))
	// Output:
	// 2 give a URL such as postgres://user@host/database, or set PGHOST and PGDATABASE
	// 1 check that the server runs and listens there, and that a firewall lets you in
}
