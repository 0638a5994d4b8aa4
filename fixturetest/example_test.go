package fixturetest_test

import (
	"testing"

	"github.com/litehaul/litehaul/fixturetest"
)

// testOrders is the test that the example shows; TestExample runs it.
var testOrders func(t *testing.T)

func Example() {
	testOrders = func(t *testing.T) {
		t.Parallel()
		db := fixturetest.New(t, "testdata/shop.tar")
		conn := db.Conn()
		if _, err := conn.Exec(t.Context(), "DELETE FROM orders WHERE total < 15"); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM orders").Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != 1 {
			t.Errorf("%d orders are left", left)
		}
	}
	// Output:
}
