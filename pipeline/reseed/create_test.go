package reseed_test

import (
	"bytes"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// An archive becomes the database that a migration makes.
func TestCreate(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for name, cfg := range map[string]pipeline.Config{
		"all kinds": {Source: allKinds(t)},
		"schema":    {Source: allKinds(t), Schema: "Other schema", Exclude: []string{"big"}},
		"citext": {NoCase: pipeline.NoCaseCitext, Source: sqliteFile(t,
			`CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE)`, `INSERT INTO u VALUES (1, 'Ann'), (2, 'bob')`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := server.Database(t)
			fixture := migrated(t, cfg, want)
			for _, jobs := range []int{1, 3} {
				got := server.Database(t)
				mustRun(t, reseed.Config{Fixture: fixture, Target: got, Jobs: jobs})
				equalDatabases(t, want, got)
			}
			got := server.Database(t)
			mustRun(t, reseed.Config{Fixture: fixture, Target: got, Atomic: true})
			equalDatabases(t, want, got)
			if !bytes.Equal(fileBytes(t, fixture), fileBytes(t, archiveOf(t, cfg))) {
				t.Error("the fixture beside a migration is not that of fixture create")
			}
		})
	}
}
