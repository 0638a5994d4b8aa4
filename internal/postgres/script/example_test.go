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
