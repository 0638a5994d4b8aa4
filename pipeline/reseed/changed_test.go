package reseed_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// files tells in which file each table's rows are: another one after TRUNCATE.
func files(t *testing.T, database string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, name := range []string{"people", "orders", "lines"} {
		var n int
		if err := pgtest.Connect(t, database).QueryRow(t.Context(), "SELECT pg_relation_filenode($1::regclass)::int", name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[name] = n
	}
	return out
}

// Only tables with other rows than the archive's are filled, whatever references
// them; keys stay, and sequences are the archive's again.
func TestOnlyChanged(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	fixture := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	clean := server.Database(t)
	mustRun(t, reseed.Config{Fixture: fixture, Target: clean})
	guest := server.Role(t)
	grant := fmt.Sprintf(`GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO %[1]s; GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO %[1]s`, guest.Name)
	for name, c := range map[string]struct {
		change string
		guest  bool
		filled []string
	}{
		"nothing":        {"SELECT 1", false, nil},
		"a sequence":     {"SELECT nextval('orders_id_seq')", false, nil},
		"a child":        {"DELETE FROM lines WHERE id = 3", false, []string{"lines"}},
		"a parent":       {"UPDATE people SET name = 'x' WHERE id = 3", false, []string{"people"}},
		"the middle":     {"INSERT INTO orders (person) VALUES (1)", false, []string{"orders"}},
		"guest, child":   {"DELETE FROM lines WHERE id = 3", true, []string{"lines"}},
		"guest, parents": {"INSERT INTO people DEFAULT VALUES", true, []string{"lines", "orders", "people"}},
		"guest, middle":  {"UPDATE orders SET note = NULL WHERE id = 5", true, []string{"lines", "orders"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := server.Database(t)
			mustRun(t, reseed.Config{Fixture: fixture, Target: database})
			execSQL(t, database, c.change, grant)
			before, shape := files(t, database), pgtest.Shape(t, database)
			cfg := with(fixture, database)
			if c.guest {
				cfg.Target = guest.URL(t, database)
			}
			cfg.OnlyChanged = true
			rep := mustRun(t, cfg)
			after := files(t, database)
			var filled, told []string
			for _, x := range rep.Tables {
				if before[x.Name] != after[x.Name] {
					filled = append(filled, x.Name)
				}
				if x.Already == 0 {
					told = append(told, x.Name)
				}
			}
			slices.Sort(filled)
			slices.Sort(told)
			if diff := cmp.Diff([][]string{c.filled, c.filled}, [][]string{filled, told}); diff != "" {
				t.Errorf("filled, and told of (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(shape, pgtest.Shape(t, database)); diff != "" {
				t.Errorf("shape (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(values(t, clean), values(t, database)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
