package pgserver_test

import (
	"context"
	"fmt"

	"github.com/litehaul/litehaul/internal/pgserver"
)

func Example() {
	ctx := context.Background()
	server, err := pgserver.Run(ctx, pgserver.Options{
		Durable:  true,
		Settings: map[string]string{"max_wal_size": "4GB"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Println(err)
		}
	}()
	if err := server.CreateDatabase(ctx, "shop", pgserver.DatabaseOptions{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println("psql", server.TCPURL("shop"))
}
