package syntax_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

func ExampleParseCreateTable() {
	table, err := syntax.ParseCreateTable(`CREATE TABLE "order" (
		id     INTEGER PRIMARY KEY AUTOINCREMENT,
		amount DECIMAL(10, 2) NOT NULL DEFAULT 0 CHECK (amount >= 0),
		placed TEXT DEFAULT CURRENT_TIMESTAMP
	) STRICT`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Name, table.Strict)
	for _, c := range table.Columns {
		fmt.Println(c.Name, c.Type)
		for _, cc := range c.Constraints {
			if cc.X != nil {
				fmt.Printf("  %s (%T)\n", cc.Text, cc.X)
			}
		}
	}
	// Output:
	// order true
	// id INTEGER
	// amount DECIMAL(10,2)
	//   0 (*syntax.Literal)
	//   amount >= 0 (*syntax.Binary)
	// placed TEXT
	//   CURRENT_TIMESTAMP (*syntax.Literal)
}

func ExampleParseExpr() {
	x, err := syntax.ParseExpr(`NOT a == 1 OR b not null AND "c" LIKE 'x%'`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(syntax.Format(x))
	_, err = syntax.ParseExpr("a + * b")
	fmt.Println(err)
	// Output:
	// NOT a = 1 OR b IS NOT NULL AND "c" LIKE 'x%'
	// syntax error near "*" at byte 4: want an expression
}

func ExampleWalk() {
	x, err := syntax.ParseExpr("price * (1 + rate) > (SELECT max(price) FROM offers)")
	if err != nil {
		fmt.Println(err)
		return
	}
	syntax.Walk(x, func(e syntax.Expr) bool {
		if n, ok := e.(*syntax.Name); ok {
			fmt.Println(n.Column)
		}
		return true
	})
	// Output:
	// price
	// rate
	// price
}
