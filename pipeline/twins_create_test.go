package pipeline_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

const typesQuery = `
	SELECT lower(c.relname) || '.' || lower(a.attname), format_type(a.atttypid, a.atttypmod)
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`

func TestTwinsCreated(t *testing.T) {
	t.Parallel()
	for _, path := range sharedtest.Twins(t, "twin.json") {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			got, gold := server.Database(t), server.Database(t)
			pgtest.LoadDump(t, gold, filepath.Join(folder, "target.sql"))
			rep := move(t, pipeline.Config{Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: got, BadKeys: pipeline.BadKeysRelax})
			want := map[string]string{}
			for _, l := range ask(t, gold, typesQuery) {
				k, v, _ := strings.Cut(l, "|")
				want[k] = v
			}
			why := map[string]pipeline.ColumnReport{}
			for _, tab := range rep.Tables {
				for _, c := range tab.Columns {
					why[strings.ToLower(tab.Name+"."+c.Name)] = c
				}
			}
			all, same := 0, 0
			for _, l := range ask(t, got, typesQuery) {
				k, v, _ := strings.Cut(l, "|")
				if want[k] == "" {
					continue
				}
				all++
				if want[k] == v {
					same++
				} else {
					t.Logf("DIFF %s|%s|got %s|%s|%s|%s", k, want[k], v, why[k].Declared, why[k].Why, why[k].Evidence)
				}
			}
			for _, o := range rep.Objects {
				if o.Status == "left out" {
					t.Logf("LEFT %+v", o)
				}
			}
			t.Logf("SAME %d of %d", same, all)
		})
	}
}
