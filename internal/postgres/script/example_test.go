package script_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/postgres/script"
)

// What archives do not have is an error; of all else it is told what it is about.
func ExampleParse() {
	list, err := script.Parse(`CREATE INDEX "users_name" ON "public"."users" ("name"); ANALYZE "public"."users";`, false)
	fmt.Println(list[0].Object, list[1].Table.Name, err)
	_, err = script.Parse(`DROP TABLE "public"."users";`, false)
	fmt.Println(err)
	// Output:
	// users_name users <nil>
	// line 1: a statement that fixtures do not have: DROP TABLE "public"."users"
}

// What is written is read again, each statement with what it is about.
func ExampleWriter() {
	w := script.NewWriter("pg_catalog")
	w.Add(`ANALYZE "public"."users"`)
	w.Try(script.Attempt{Label: "view cheap", Raise: script.RaiseFatal, Statements: []string{`CREATE VIEW "public"."cheap" AS SELECT 1`}})
	list, err := script.Parse(w.String(), false)
	fmt.Println(list[0].SQL)
	fmt.Println(list[2].SQL)
	last := list[len(list)-1]
	fmt.Println(last.Label, last.Inner[0].Object, err)
	// Output:
	// SET LOCAL client_encoding = 'UTF8'
	// SET LOCAL search_path = pg_catalog
	// view cheap cheap <nil>
}
