package catalog_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sharedtest"
)

// TestTwins reads what six ORMs made, as the superuser and as a role that owns
// nothing, and holds counts against simpler queries.
func TestTwins(t *testing.T) {
	t.Parallel()
	for _, file := range sharedtest.Twins(t, "target.sql") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			url := server.Database(t)
			pgtest.LoadDump(t, url, file)
			conn := pgtest.Connect(t, url)
			cat := read(t, conn, "public")
			var got, want tally
			for _, rel := range cat.Relations {
				got.add(rel)
			}
			if err := conn.QueryRow(t.Context(), tallyQuery).Scan(&want.Columns, &want.Indexes, &want.Keys, &want.Sequences); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" || got.Columns == 0 {
				t.Error(diff)
			}
			guest := read(t, pgtest.Connect(t, server.Role(t).URL(t, url)), "public")
			if len(guest.Relations) != len(cat.Relations) {
				t.Errorf("a role without rights sees %d relations of %d", len(guest.Relations), len(cat.Relations))
			}
			for _, rel := range guest.Relations {
				if rel.Owned || rel.Rights != 0 {
					t.Errorf("a role without rights: %+v", rel)
				}
			}
		})
	}
}

type tally struct{ Columns, Indexes, Keys, Sequences int }

func (n *tally) add(rel *catalog.Relation) {
	n.Columns += len(rel.Columns)
	n.Indexes += len(rel.Indexes)
	n.Keys += len(rel.ForeignKeys)
	for _, c := range rel.Columns {
		n.Sequences += len(c.Sequences)
	}
}

const tallyQuery = `
select (select count(*) from information_schema.columns where table_schema = 'public'),
       (select count(*) from pg_indexes where schemaname = 'public'),
       (select count(*) from information_schema.table_constraints where table_schema = 'public' and constraint_type = 'FOREIGN KEY'),
       (select count(*) from pg_sequences where schemaname = 'public')`
