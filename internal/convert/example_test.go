package convert_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// A column of datetimes, in which some rows count milliseconds.
func Example() {
	enc := convert.Encoder{Column: convert.Column{
		Type: sqltype.Type{Kind: sqltype.TimestampTZ},
		Int:  form.Millis,
	}}
	var values [3]row.Value
	values[0].SetInt(1_700_000_000_123)
	values[1].SetText([]byte("2023-11-14T22:13:20.123Z"))
	values[2].SetText([]byte("yesterday"))
	for i := range values {
		field, _, err := enc.Append(nil, &values[i])
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%x\n", field)
	}
	// Output:
	// 000000080002ad22dce84078
	// 000000080002ad22dce84078
	// text value does not fit timestamptz
}
