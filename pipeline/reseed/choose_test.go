package reseed_test

import (
	"slices"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// TestChoose: globs without a dot are held against the names of tables alone, those
// with one against schema and name.
func TestChoose(t *testing.T) {
	t.Parallel()
	archive := archiveOf(t, pipeline.Config{Source: shop(t, fewRows)})
	server := pgtest.Start(t)
	for glob, want := range map[string][]string{
		"p*": {"people"}, "PEOPLE": {"people"}, "public.p*": {"people"}, "*": {"lines", "orders", "people"}, "public.*": {"lines", "orders", "people"},
	} {
		t.Run(glob, func(t *testing.T) {
			t.Parallel()
			rep := mustRun(t, reseed.Config{Fixture: archive, Target: server.Database(t), Tables: []string{glob}})
			var got []string
			for _, x := range rep.Tables {
				got = append(got, x.Name)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("took %q, want %q", got, want)
			}
		})
	}
}
