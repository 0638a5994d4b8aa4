package typemap_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/litehaul/litehaul/typemap"
)

// A column that forgot what it was tried against is as one that never was, in
// whichever of its parts that happened.
func TestForget(t *testing.T) {
	t.Parallel()
	values := []string{"'2024-05-06 07:08:09'", "'12.5'", "'3f2504e04f8941d39a0c0305e82c3301'", "'t'", "'{}'", "x'3f2504e04f8941d39a0c0305e82c3301'", "1714979289", "NULL"}
	const all = typemap.ProbeBool | typemap.ProbeUUID | typemap.ProbeJSON | typemap.ProbeTimestamp | typemap.ProbeDecimal
	src, _ := column(t, typemap.Options{}, "c", values...)
	table := src.schema.Table("t")
	profile := func(p typemap.Probe, from, to int) *typemap.Table {
		out := typemap.NewTable(table, []typemap.Probe{p})
		for i, vals := range src.rows[table][from:to] {
			out.Add(int64(i), vals)
		}
		return out
	}
	want := profile(0, 0, len(values))
	for half := range 2 {
		got := typemap.NewTable(table, []typemap.Probe{all})
		first, second := profile(all, 0, 4), profile(all, 4, len(values))
		[]*typemap.Table{first, second}[half].Columns[0].Forget(all)
		got.Merge(first)
		got.Merge(second)
		if diff := cmp.Diff(want.Columns[0], got.Columns[0], cmpopts.IgnoreUnexported(typemap.Column{})); diff != "" {
			t.Errorf("part %d forgot (-never tried +forgotten):\n%s", half, diff)
		}
	}
}
