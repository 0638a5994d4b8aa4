package syntax_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// typical is a table as an ORM writes it.
const typical = `CREATE TABLE "shop_order" (
	"id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
	"created" datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"status" varchar(20) NOT NULL DEFAULT 'new' CHECK ("status" IN ('new', 'paid', 'sent')),
	"total" decimal(10, 2) NOT NULL CHECK ("total" >= 0),
	"paid" bool NOT NULL DEFAULT 0,
	"note" text NULL,
	"customer_id" integer NOT NULL REFERENCES "shop_customer" ("id") DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT "one_per_day" UNIQUE ("customer_id", "created")
)`

func BenchmarkParseCreateTable(b *testing.B) {
	b.SetBytes(int64(len(typical)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := syntax.ParseCreateTable(typical); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseExpr(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := syntax.ParseExpr(`("total" >= 0 AND lower(status) IN ('new', 'paid')) OR note IS NOT NULL`); err != nil {
			b.Fatal(err)
		}
	}
}
