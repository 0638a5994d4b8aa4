package framework_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap/framework"
)

// A schema tells its framework; a hint counts when all values keep it.
func Example() {
	column := func(name, decl string) *schema.Column { return &schema.Column{Name: name, DeclType: decl} }
	user := &schema.Table{Name: "shop_user", Columns: []*schema.Column{column("id", "char(32)")}}
	s := &schema.Schema{Tables: []*schema.Table{user, {
		Name: "django_migrations",
		Columns: []*schema.Column{
			column("app", "varchar(255)"), column("name", "varchar(255)"), column("applied", "datetime"),
		},
	}}}
	found := framework.Detect(s)
	for _, f := range found {
		fmt.Println(f.Name, f.Evidence)
	}
	for _, h := range found.Hints(user, 0) {
		var v row.Value
		var tally framework.Tally
		v.SetText([]byte("3f2504e04f8941d39a0c0305e82c3301"))
		h.Count(&tally, &v)
		_, ok := h.Holds(&tally)
		fmt.Println(h.Type.SQL(), ok, h.Why)
	}
	book, _ := found.Leave("django_migrations")
	fmt.Println("compare", book.CompareColumns())
	// Output:
	// Django [table django_migrations with columns app, name, applied]
	// uuid true Django UUIDField: char(32) of hex digits
	// compare [app name]
}
