package form_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/form"
)

// A column with three spellings of one instant: each is converted by itself.
func Example() {
	for _, text := range []string{"2021-01-02 15:04:05", "2021-01-02T15:04:05.000Z", "2021-01-03 02:04:05 +1100 AEDT m=+245.8"} {
		ts, ok := form.ParseTimestamp([]byte(text))
		fmt.Println(ok, ts.Micros, ts.Zoned, ts.Form)
	}
	micros, cut, ok := form.Millis.FromInt(1609599845000)
	fmt.Println(ok, micros, cut, form.Band(1609599845000))
	// Output:
	// true 662915045000000 false YYYY-MM-DD HH:MM:SS
	// true 662915045000000 true YYYY-MM-DDTHH:MM:SS.fffZ
	// true 662915045000000 true YYYY-MM-DD HH:MM:SS +HHMM ZONE (Go time.String)
	// true 662915045000000 false milliseconds
}

func ExampleDecimal_Fits() {
	d, _ := form.ParseDecimal([]byte("1234.50"))
	whole, fraction := d.Digits()
	fmt.Println(d.Int, d.Frac, whole, fraction)
	fmt.Println(d.Fits(5, 1), d.Fits(5, 2))
	// Output:
	// 4 2 4 1
	// true false
}

func ExampleJSONScanner() {
	var s form.JSONScanner // reused for every value of a column
	facts := s.ScanJSON([]byte(`{"a": 1, "a": "\u0000"}`))
	fmt.Println(facts.Valid, facts.DuplicateKey, facts.NulEscape, facts.FitsJSONB())
	text, err := s.AppendCanonicalJSON(nil, []byte(`{ "bb": 1.50, "a": [1e2] }`))
	fmt.Printf("%s %v\n", text, err)
	// Output:
	// true true true false
	// {"a":[100],"bb":1.5} <nil>
}
