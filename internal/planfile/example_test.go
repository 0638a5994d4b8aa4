package planfile_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/litehaul/litehaul/internal/planfile"
)

func ExampleRead() {
	_, err := planfile.Read("plan.yaml", strings.NewReader(`version: 1
into: create
schema: public
tables:
  users:
    columns:
      id: {tpye: bigint}
`), planfile.Words{})
	fmt.Println(err)
	// Output: plan.yaml:7:12: unknown key "tpye", did you mean "type"?
}

func ExampleWrite() {
	p := &planfile.Plan{
		Source: planfile.Source{File: "app.db", Hash: "12ab"}, Into: planfile.Create, Schema: "public",
		Tables: []planfile.Table{{
			Name: "users", Action: planfile.Load, Rows: 2, To: planfile.Name{Table: "users"}, Source: "34cd",
			Columns: []planfile.Column{{Name: "id", Declared: "INTEGER", Action: planfile.Load, Type: "bigint", Evidence: "2 integers: from 1 to 2"}},
		}},
	}
	if err := planfile.Write(os.Stdout, p, planfile.Words{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// # The plan of a litehaul run: what becomes of each table and column, and why. Change what should
	// # be otherwise; litehaul migrate --plan follows it, and refuses where the source or the target
	// # is not the one it was made for.
	// version: 1
	// source:
	//   file: app.db
	//   hash: "12ab"
	// into: create
	// schema: public
	//
	// policies:
	//
	// tables:
	//   users:
	//     action: load
	//     rows: 2
	//     to: users
	//     source: "34cd"
	//     columns:
	//       # 2 integers: from 1 to 2
	//       id: {declared: INTEGER, type: bigint}
}
