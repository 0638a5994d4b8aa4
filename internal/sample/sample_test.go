package sample_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/sample"
)

var testContext = context.Background()

// drawSource makes a database of tables that reference each other in all ways.
func drawSource(t *rapid.T) (statements []string, tables int, unnumbered bool) {
	kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"int", "nocase", "pair", "unique"}), 1, 4).Draw(t, "kinds")
	ints := func(label string) int { return rapid.IntRange(0, 12).Draw(t, label) }
	// value gives a key, or a spelling that equals one in some columns and not in others.
	value := func(label string) string {
		n := ints(label)
		return rapid.SampledFrom([]string{fmt.Sprint(n), fmt.Sprintf("'%d'", n), fmt.Sprintf("'k%d'", n), fmt.Sprintf("'K%d'", n), fmt.Sprintf("%d.0", n), "NULL"}).Draw(t, label+" form")
	}
	for i, kind := range kinds {
		cols, tail := "", ""
		unnumbered = unnumbered || kind == "pair"
		switch kind {
		case "int":
			cols = "a INTEGER PRIMARY KEY, b"
		case "nocase":
			cols = "a TEXT COLLATE NOCASE PRIMARY KEY, b"
		case "unique":
			cols = "a UNIQUE, b"
		case "pair":
			cols, tail = "a INTEGER, b TEXT COLLATE NOCASE, PRIMARY KEY (a, b)", " WITHOUT ROWID"
		}
		keys := ""
		constraint := ""
		if kind == "pair" { // constraints come last
			cols, constraint, _ = strings.Cut(cols, ", PRIMARY")
			constraint = ", PRIMARY" + constraint
		}
		for k := range rapid.IntRange(0, 2).Draw(t, "keys") {
			parent := rapid.IntRange(0, len(kinds)-1).Draw(t, "parent")
			decl := rapid.SampledFrom([]string{"", "INTEGER", "TEXT"}).Draw(t, "type")
			cols += fmt.Sprintf(", f%d %s, g%d", k, decl, k)
			if kinds[parent] == "pair" {
				keys += fmt.Sprintf(", FOREIGN KEY (f%d, g%d) REFERENCES t%d (a, b)", k, k, parent)
			} else {
				keys += fmt.Sprintf(", FOREIGN KEY (f%d) REFERENCES t%d (a)", k, parent)
			}
		}
		statements = append(statements, fmt.Sprintf("CREATE TABLE t%d (%s, v INTEGER%s%s)%s", i, cols, constraint, keys, tail))
		width := strings.Count(cols, ",") + 2
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			vals := make([]string, width)
			for j := range vals {
				vals[j] = value("value")
			}
			if kind == "int" || kind == "pair" {
				vals[0] = fmt.Sprint(ints("id"))
			}
			vals[width-1] = fmt.Sprint(ints("v"))
			statements = append(statements, fmt.Sprintf("INSERT OR IGNORE INTO t%d VALUES (%s)", i, strings.Join(vals, ", ")))
		}
	}
	return statements, len(kinds), unnumbered
}

// A sample is whole: SQLite finds no row in it that lacks a parent and had one in the
// source. What conditions leave is exactly what deleting row after row leaves.
func TestWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "sample")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		statements, n, unnumbered := drawSource(t)
		path := filepath.Join(dir, "source.db")
		change(t, path, append([]string{"BEGIN"}, append(statements, "COMMIT")...)...)
		src, done := open(t, path)
		defer done()
		conditions := map[string]string{}
		for i := range n {
			if rapid.Bool().Draw(t, "where") {
				name := src.req.Tables[i].Schema.Name
				conditions[name] = fmt.Sprintf("v < %d", rapid.IntRange(0, 12).Draw(t, "below"))
				src.req.Tables[i].Conditions = []string{conditions[name]}
			}
		}
		before := orphans(t, path)
		filtered, _ := src.choose(t)
		checkWhole(t, before, cutDown(t, dir, path, src, filtered))
		if !unnumbered {
			if diff := cmp.Diff(deleted(t, dir, path, src, conditions), filtered); diff != "" {
				t.Fatalf("by deleting (-want) and by choosing (+got):\n%s", diff)
			}
		}
		src.req.Share, src.req.Small = rapid.Float64Range(0.01, 1).Draw(t, "share"), rapid.IntRange(0, 8).Draw(t, "small")
		drawn, _ := src.choose(t)
		checkWhole(t, before, cutDown(t, dir, path, src, drawn))
		for name, ids := range drawn {
			for _, id := range ids {
				if !slices.Contains(filtered[name], id) {
					t.Fatalf("row %d of %s does not meet its condition", id, name)
				}
			}
		}
		again, _ := src.choose(t)
		if diff := cmp.Diff(drawn, again); diff != "" {
			t.Fatalf("another time, other rows:\n%s", diff)
		}
		src.req.Share, src.req.Small = 1, 0
		if all, _ := src.choose(t); cmp.Diff(filtered, all) != "" {
			t.Fatalf("a sample of all is not all: %s", cmp.Diff(filtered, all))
		}
	})
}

func checkWhole(t *rapid.T, before map[violation]int, cut string) {
	t.Helper()
	for v, n := range orphans(t, cut) {
		if n > before[v] {
			t.Fatalf("table %s, row %v lacks a parent in the sample only", v.table, v.rowid)
		}
	}
}

// deleted deletes what does not meet the conditions, and what then lacks a parent,
// until nothing does.
func deleted(t *rapid.T, dir, path string, src *source, conditions map[string]string) map[string][]int64 {
	all := *src
	all.req.Tables = slices.Clone(src.req.Tables)
	for i := range all.req.Tables {
		all.req.Tables[i].Conditions = nil
	}
	kept, _ := all.choose(t)
	cut := cutDown(t, dir, path, src, kept)
	before := orphans(t, path)
	for name, cond := range conditions {
		change(t, cut, fmt.Sprintf("DELETE FROM %s WHERE (%s) IS NOT TRUE", name, cond))
	}
	for again := true; again; {
		again = false
		for v := range orphans(t, cut) {
			if before[v] == 0 {
				change(t, cut, fmt.Sprintf("DELETE FROM %s WHERE rowid = %d", v.table, v.rowid.Int64))
				again = true
			}
		}
	}
	left, done := open(t, cut)
	defer done()
	out, _ := left.choose(t)
	return out
}

const shop = `CREATE TABLE country (code TEXT PRIMARY KEY);
	CREATE TABLE customer (id INTEGER PRIMARY KEY, country TEXT NOT NULL REFERENCES country, active INTEGER);
	CREATE TABLE product (id INTEGER PRIMARY KEY);
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer, note TEXT);
	CREATE TABLE item (orders INTEGER REFERENCES orders ON DELETE CASCADE, product INTEGER NOT NULL REFERENCES product, n, PRIMARY KEY (orders, n)) WITHOUT ROWID;
	WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20) INSERT INTO country SELECT 'c' || i FROM c;
	WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 4000) INSERT INTO customer SELECT i, 'c' || (1 + i % 20), i % 2 FROM c;
	WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500) INSERT INTO product SELECT i FROM c;
	WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 12000) INSERT INTO orders SELECT i, 1 + i % 4000, 'x' FROM c;
	WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 30000) INSERT INTO item SELECT 1 + i % 12000, 1 + (i * 7 + i / 13) % 500, i FROM c`

// Samples have about the share that was asked for, small tables whole.
func TestShare(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	change(t, path, shop)
	src, done := open(t, path)
	defer done()
	src.req.Share, src.req.Small = 0.1, 100
	kept, left := src.choose(t)
	within := func(name string, lo, hi int) {
		if n := len(kept[name]); n < lo || n > hi {
			t.Errorf("%d rows of %s, want %d to %d", n, name, lo, hi)
		}
	}
	within("country", 20, 20)
	within("customer", 340, 460)
	within("orders", 1000, 1400) // those of the customers
	within("item", 2500, 3500)   // those of the orders
	within("product", 450, 500)  // all that items name
	total := int64(0)
	for _, ids := range kept {
		total += int64(len(ids))
	}
	if total+left != 20+4000+500+12000+30000 {
		t.Errorf("%d rows go in and %d stay out", total, left)
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	change(t, path, shop)
	for name, tt := range map[string]struct {
		table, condition string
		want             map[string]int // rows left; nil: refused
		err              string
	}{
		"children go along":   {table: "customer", condition: "active", want: map[string]int{"country": 20, "customer": 2000, "orders": 6000, "item": 15000, "product": 500}},
		"with a subquery":     {table: "customer", condition: "id IN (SELECT customer FROM orders WHERE id < 11)", want: map[string]int{"country": 20, "customer": 10, "orders": 30, "item": 79, "product": 500}},
		"with a comment":      {table: "product", condition: "id <= 500 -- all", want: map[string]int{"country": 20, "customer": 4000, "orders": 12000, "item": 30000, "product": 500}},
		"of a clustered one":  {table: "item", condition: "item.n > 29990", want: map[string]int{"country": 20, "customer": 4000, "orders": 12000, "item": 10, "product": 500}},
		"NULL is not true":    {table: "country", condition: "NULL", want: map[string]int{"product": 500}},
		"no such column":      {table: "customer", condition: "activ", err: "no such column: activ"},
		"a text in quotes":    {table: "customer", condition: `country = "c1"`, err: "no such column"},
		"no such function":    {table: "customer", condition: "age(id) > 3", err: "no such function: age"},
		"two statements":      {table: "customer", condition: "1); DELETE FROM customer; --", err: "syntax"},
		"out of the brackets": {table: "customer", condition: "1) OR (1", err: "syntax"},
		"an aggregate":        {table: "customer", condition: "count(*) > 1", err: "misuse of aggregate"},
		"chance":              {table: "customer", condition: "abs(random()) % 10 = 0", err: "--subset"},
		"a parameter":         {table: "customer", condition: "id = ?1", err: "nothing to put in for ?1"},
		"nothing":             {table: "customer", condition: "", err: "syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, done := open(t, path)
			defer done()
			for i := range src.req.Tables {
				if src.req.Tables[i].Schema.Name == tt.table {
					src.req.Tables[i].Conditions = []string{tt.condition}
				}
			}
			if tt.want == nil {
				_, err := sample.Choose(t.Context(), src.snap, src.req)
				var c *sample.ConditionError
				if !errors.As(err, &c) || c.Table != tt.table || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want a condition's error with %q", err, tt.err)
				}
				return
			}
			kept, _ := src.choose(t)
			got := map[string]int{}
			for name, ids := range kept {
				got[name] = len(ids)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// A chain of references is followed to its end, whatever its length.
func TestLongChain(t *testing.T) {
	t.Parallel()
	path, n := filepath.Join(t.TempDir(), "chain.db"), 50_000
	if testing.Short() {
		n = 5000
	}
	change(t, path, `CREATE TABLE n (id INTEGER PRIMARY KEY, next INTEGER REFERENCES n)`,
		fmt.Sprintf(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d) INSERT INTO n SELECT i, nullif(i - 1, 0) FROM c`, n))
	src, done := open(t, path)
	defer done()
	src.req.Tables[0].Conditions = []string{"id <> 100"}
	kept, left := src.choose(t)
	if want := n - 99; len(kept["n"]) != 99 || int(left) != want {
		t.Errorf("%d rows go in and %d stay out, want 99 and %d", len(kept["n"]), left, want)
	}
	src.req.Tables[0].Conditions, src.req.Share = nil, 50/float64(n)
	kept, _ = src.choose(t)
	last := kept["n"][len(kept["n"])-1]
	if int64(len(kept["n"])) != last {
		t.Errorf("%d rows, want all up to %d", len(kept["n"]), last)
	}
}

// A table whose rows SQL cannot name is refused.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd.db")
	change(t, path, `CREATE TABLE t (rowid, oid, _rowid_)`)
	src, done := open(t, path)
	defer done()
	_, err := sample.Choose(t.Context(), src.snap, src.req)
	var u *sample.UnnamedError
	if !errors.As(err, &u) || u.Table != "t" {
		t.Errorf("got %v", err)
	}
}

// The end of the context stops a choice.
func TestCancelled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	change(t, path, shop)
	src, done := open(t, path)
	defer done()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sample.Choose(ctx, src.snap, src.req); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
