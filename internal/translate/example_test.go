package translate_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

func Example() {
	users := &translate.Relation{
		Name: "users", Schema: "public", Target: "users", Key: []string{"id"},
		Columns: []translate.Column{
			{Name: "id", Target: "id", Type: sqltype.Type{Kind: sqltype.Int8}, Affinity: schema.AffInteger},
			{Name: "email", Target: "email", Type: sqltype.Type{Kind: sqltype.Text}, Affinity: schema.AffText},
			{Name: "active", Target: "active", Type: sqltype.Type{Kind: sqltype.Bool}, Affinity: schema.AffNumeric},
		},
	}
	check := func(text string) {
		tree, err := syntax.ParseExpr(text)
		if err != nil {
			fmt.Println("parse:", err)
			return
		}
		r, err := translate.Expr(tree, users, translate.Want{Context: translate.Check})
		if err != nil {
			fmt.Println("left out:", err)
			return
		}
		fmt.Println("CHECK (" + r.SQL + ")")
	}
	check("active IN (0, 1)")
	check("email LIKE '%@%'")
	check("email REGEXP '@'")
	// Output:
	// CHECK ("active" IN (false, true))
	// CHECK ("email" COLLATE "C" ILIKE '%@%' ESCAPE '')
	// left out: operator REGEXP: the application defines it
}
