package catalog_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// What a column of a domain over varchar(5) takes is asked of the type beneath.
func ExampleType_Plain() {
	word := &catalog.Type{
		Text: "app.word", Class: catalog.Domain, DomainChecks: []string{"CHECK ((VALUE <> ''::text))"},
		Of: &catalog.Type{
			Text: "character varying(5)", Class: catalog.Scalar,
			Base: sqltype.Type{Kind: sqltype.Varchar, Length: 5},
		},
	}
	fmt.Println(word.Plain().Base.SQL(), word.Binary(), word.Checked())
	// Output: varchar(5) true true
}
