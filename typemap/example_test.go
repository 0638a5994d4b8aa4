package typemap_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// A table is profiled row by row; then its columns are decided.
func Example() {
	table := &schema.Table{Name: "visit", RowidAlias: -1, Columns: []*schema.Column{
		{Name: "at", DeclType: "DATETIME", Affinity: schema.AffNumeric},
		{Name: "ok", DeclType: "TINYINT(1)", Affinity: schema.AffInteger},
	}}
	s := &schema.Schema{Tables: []*schema.Table{table}}
	profile := typemap.NewTable(table, typemap.Probes(s, nil)[table])
	vals := make([]row.Value, 2)
	for i, millis := range []int64{1551398400000, 1732924800000} {
		vals[0].SetInt(millis)
		vals[1].SetInt(int64(i))
		profile.Add(int64(i+1), vals)
	}
	decisions := typemap.DecideAll(s, map[*schema.Table]*typemap.Table{table: profile}, typemap.Options{})
	for i, d := range decisions[table] {
		fmt.Printf("%s: %s (%s)\n", table.Columns[i].Name, d.Type.SQL(), d.Evidence)
	}
	// Output:
	// at: timestamptz (2 integers: epoch milliseconds, 2019-03-01 to 2024-11-30)
	// ok: boolean (2 integers: all 0 or 1)
}
