package definition_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres/definition"
)

func Example() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "postgres:///app")
	if err != nil {
		log.Fatal(err)
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		log.Fatal(err)
	}
	d, err := definition.Read(ctx, tx, definition.Options{Schemas: []string{"public"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, sql := range append(d.Before, d.After...) {
		fmt.Println(sql + ";")
	}
}
