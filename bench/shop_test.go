package bench_test

import (
	"context"
	"testing"

	"github.com/litehaul/litehaul/bench"
)

const uuidGlob = `'[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-4[0-9a-f][0-9a-f][0-9a-f]-[89ab][0-9a-f][0-9a-f][0-9a-f]-*'`

func TestShopHasEverything(t *testing.T) {
	t.Parallel()
	db := generated(t, func(ctx context.Context, path string, seed uint64) (bench.Stats, error) {
		return bench.Shop(ctx, path, bench.ShopOptions{Scale: 0.2, Seed: seed})
	})
	hold(t, db, []property{
		{"UUIDs with hyphens", `SELECT id FROM users WHERE length(id) <> 36 OR id NOT GLOB ` + uuidGlob},
		{"UUIDs in hex", `SELECT id FROM addresses WHERE length(id) <> 32 OR id GLOB '*[^0-9a-f]*'`},
		{"UUIDs in bytes", `SELECT id FROM sessions WHERE typeof(id) <> 'blob' OR length(id) <> 16`},
		{"JSON", `SELECT preferences FROM users WHERE preferences IS NOT NULL AND NOT json_valid(preferences)
			UNION ALL SELECT attributes FROM products WHERE NOT json_valid(attributes)
			UNION ALL SELECT metadata FROM orders WHERE metadata IS NOT NULL AND NOT json_valid(metadata)
			UNION ALL SELECT value FROM settings WHERE NOT json_valid(value)`},
		{"naive times", `SELECT created_at FROM users WHERE created_at NOT GLOB '20??-??-?? ??:??:??*' OR datetime(created_at) IS NULL`},
		{"times with Z", `SELECT created_at FROM addresses WHERE created_at NOT GLOB '20??-??-??T??:??:??.???Z' OR datetime(created_at) IS NULL`},
		{"times in ms", `SELECT placed_at FROM orders WHERE typeof(placed_at) <> 'integer' OR date(placed_at / 1000, 'unixepoch') NOT BETWEEN '2019-03-04' AND '2025-06-30'`},
		{"logged in after joining", `SELECT id FROM users WHERE substr(last_login, 1, 19) < substr(created_at, 1, 19)`},
		{"one default address of a kind", `SELECT user_id FROM addresses WHERE is_default GROUP BY user_id, kind HAVING count(*) > 1`},
		{"subtotals", `SELECT o.id FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY 1
			HAVING abs(sum(i.quantity * i.unit_price) * 100 - o.subtotal_cents) > 0.5`},
		{"generated", `SELECT id FROM orders WHERE total_cents <> subtotal_cents + shipping_cents
			UNION ALL SELECT id FROM users WHERE email_domain = '' OR email_domain <> lower(email_domain)`},
		{"lengths", `SELECT sku FROM products WHERE length(sku) > 20 OR length(name) > 200
			UNION ALL SELECT city FROM addresses WHERE length(city) > 80 OR length(street) > 120 OR length(postcode) <> 5
			UNION ALL SELECT slug FROM categories WHERE length(slug) > 80`},
		{"no cycle of categories", `WITH RECURSIVE up(id, depth) AS (SELECT id, 0 FROM categories UNION ALL
			SELECT c.parent_id, depth + 1 FROM up JOIN categories c USING (id) WHERE c.parent_id IS NOT NULL AND depth < 100)
			SELECT id FROM up WHERE depth = 100`},
	})
	// Each of these must yield 1.
	for _, p := range []property{
		{"AUTOINCREMENT is ahead", `SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'orders') > (SELECT max(id) FROM orders)`},
		{"a category before its parent", `SELECT count(*) > 0 FROM categories WHERE parent_id > id`},
		{"letters of both cases", `SELECT count(*) > 0 FROM users WHERE email GLOB '*[A-Z]*'`},
		{"more than ASCII", `SELECT count(*) > 0 FROM users WHERE full_name GLOB '*[^ -~]*'`},
		{"beyond the basic plane", `SELECT count(*) > 0 FROM reviews WHERE body LIKE '%' || char(0x1F436) || '%'`},
		{"empty text beside NULL", `SELECT count(*) > 0 FROM orders WHERE note = ''`},
		{"ANY holds text and integers", `SELECT count(DISTINCT typeof(reference)) = 2 FROM payments`},
		{"DECIMAL holds integers and reals", `SELECT count(DISTINCT typeof(price)) = 2 FROM products`},
		{"zeros in front", `SELECT count(*) > 0 FROM addresses WHERE postcode LIKE '0%'`},
		{"thumbnails", `SELECT count(*) > 0 FROM products WHERE substr(thumbnail, 1, 8) = X'89504E470D0A1A0A'`},
		{"view on a view", `SELECT count(*) > 0 FROM bestsellers`},
		{"full-text search", `SELECT count(*) > 0 FROM product_search WHERE product_search MATCH 'kettle'`},
		{"triggers", `SELECT count(*) = 2 FROM sqlite_schema WHERE type = 'trigger'`},
		{"STRICT", `SELECT count(*) = 1 FROM pragma_table_list WHERE strict AND type = 'table'`},
		{"WITHOUT ROWID", `SELECT count(*) = 3 FROM pragma_table_list WHERE wr AND type = 'table'`},
		{"partial indexes", `SELECT count(*) = 3 FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'`},
	} {
		if got := list(t, db, p.violations); len(got) != 1 || got[0] != "1" {
			t.Errorf("%s: %v", p.name, got)
		}
	}
}

// The triggers of the full-text table work on a database that goes on living.
func TestShopLivesOn(t *testing.T) {
	t.Parallel()
	db := generated(t, generatorOf(t, "shop").write)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO products(sku, category_id, name, price) VALUES ('NEW-1', 2, 'Zwiebelschneider', 9.99)`); err != nil {
		t.Fatal(err)
	}
	if got := list(t, db, `SELECT count(*) FROM product_search WHERE product_search MATCH 'zwiebelschneider'`); got[0] != "1" {
		t.Errorf("found %v times", got)
	}
}

func TestShopScale(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scale    float64
		min, max int64
	}{
		{0.00001, 50, 300}, // at least one row of each table
		{0.1, 18_000, 22_000},
	} {
		var stats bench.Stats
		db := generated(t, func(ctx context.Context, path string, seed uint64) (got bench.Stats, err error) {
			got, err = bench.Shop(ctx, path, bench.ShopOptions{Scale: test.scale, Seed: seed})
			stats = got
			return got, err
		})
		if stats.Rows < test.min || stats.Rows > test.max {
			t.Errorf("scale %v: %d rows, want %d to %d", test.scale, stats.Rows, test.min, test.max)
		}
		if bad := list(t, db, `SELECT "table" FROM pragma_foreign_key_check`); len(bad) > 0 {
			t.Errorf("scale %v: orphans in %v", test.scale, bad)
		}
	}
}

func ExampleShop() {
	// ctx and path are the caller's.
	ctx, path := context.Background(), "/nowhere/shop.db"
	stats, err := bench.Shop(ctx, path, bench.ShopOptions{Seed: 1})
	if err != nil {
		return // no file is left
	}
	_ = stats.Rows // 200,000
}
