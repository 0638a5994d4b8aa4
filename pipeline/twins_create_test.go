package pipeline_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// typesQuery lists the types of all columns. The fold is that of names which
// differ in case between the two databases.
const typesQuery = `
	SELECT lower(c.relname) || '.' || lower(a.attname), format_type(a.atttypid, a.atttypmod)
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`

// leastAgreement is how many of a hundred columns of all twins get the kind of
// type that their framework made in Postgres.
const leastAgreement = 90

// TestTwinsCreated makes the tables for what an ORM wrote to SQLite, and holds
// the types of their columns against those that the same ORM chose in Postgres.
// What differs is in twinTypes, with the reason.
func TestTwinsCreated(t *testing.T) {
	t.Parallel()
	all, same := 0, 0
	t.Run("twins", func(t *testing.T) {
		for _, path := range sharedtest.Twins(t, "twin.json") {
			name := filepath.Base(filepath.Dir(path))
			t.Run(name, func(t *testing.T) {
				n, diff := createTwin(t, filepath.Dir(path))
				t.Logf("%d columns, %d of another type", n, len(diff))
				for _, d := range diff {
					t.Log(d)
				}
				want, known := twinTypes[name]
				if !known {
					return // one that came later: its differences are in the log
				}
				all, same = all+n, same+n-len(diff)
				if x := cmp.Diff(explained(want), diff); x != "" {
					t.Errorf("(-explained +found):\n%s", x)
				}
			})
		}
	})
	if all == 0 {
		t.Skip("no twins")
	}
	t.Logf("%d of %d columns have the type that the framework chose", same, all)
	if 100*same < leastAgreement*all {
		t.Errorf("less than %d %% agree", leastAgreement)
	}
}

// createTwin moves a twin into a new schema and lists the columns whose type is
// of another kind than the framework's.
func createTwin(t *testing.T, folder string) (n int, diff []string) {
	server := pgtest.Start(t)
	got, app := server.Database(t), server.Database(t)
	pgtest.LoadDump(t, app, filepath.Join(folder, "target.sql"))
	move(t, pipeline.Config{
		Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: got, BadKeys: pipeline.BadKeysRelax,
	})
	types := map[string]string{}
	for _, line := range ask(t, app, typesQuery) {
		column, typ, _ := strings.Cut(line, "|")
		types[column] = typ
	}
	for _, line := range ask(t, got, typesQuery) {
		column, typ, _ := strings.Cut(line, "|")
		want, ok := types[column]
		if !ok {
			continue
		}
		n++
		if kindOfType(want) != kindOfType(typ) {
			diff = append(diff, column+": "+typ+", not "+want)
		}
	}
	slices.Sort(diff)
	return n, diff
}

// kindOfType folds what a SQLite file does not tell, or what holds more: the
// width of integers and floats, lengths, precisions, and whether an instant
// names its zone.
func kindOfType(typ string) string {
	typ = regexp.MustCompile(`\([0-9,]+\)`).ReplaceAllString(typ, "")
	switch {
	case strings.HasSuffix(typ, "[]"):
		return typ
	case slices.Contains([]string{"smallint", "integer", "bigint"}, typ):
		return "integer"
	case slices.Contains([]string{"text", "character", "character varying"}, typ):
		return "text"
	case strings.HasPrefix(typ, "timestamp"):
		return "timestamp"
	case typ == "real":
		return "double precision"
	case typ == "json":
		return "jsonb"
	}
	return typ
}

// explained lists the columns of a table of reasons.
func explained(reasons []typeReason) (out []string) {
	for _, r := range reasons {
		out = append(out, r.columns...)
	}
	slices.Sort(out)
	return out
}

// typeReason is why columns do not have the framework's type.
type typeReason struct {
	why     string
	columns []string
}
