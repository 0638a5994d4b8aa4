package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

var columns = []verify.Column{
	{Name: "id", Type: sqltype.Type{Kind: sqltype.Int8}},
	{Name: "a", Type: sqltype.Type{Kind: sqltype.Text}},
	{Name: "b", Type: sqltype.Type{Kind: sqltype.Text}},
}

// search feeds a search twice and gives its findings.
func search(t testing.TB, keys []int, limit int, src, dst []testRow) (cols, found []string, more int64) {
	t.Helper()
	s := verify.NewSearch(columns, keys, limit)
	for !s.Done() {
		for _, r := range src {
			if err := s.Source(r.tuple(), func() string { return fmt.Sprintf("id=%d", r.id) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range dst {
			if err := s.Target(r.tuple()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range s.Columns() {
		cols = append(cols, columns[i].Name)
	}
	found, more = s.Keys()
	return cols, found, more
}

func TestSearch(t *testing.T) {
	t.Parallel()
	base := []testRow{{1, text("x"), text("y")}, {2, text("p"), nil}, {3, text("q"), text("r")}}
	change := func(f func([]testRow) []testRow) []testRow { return f(slices.Clone(base)) }
	byID, keyless := []int{0}, []int{0, 1, 2}
	for _, test := range []struct {
		name  string
		keys  []int
		dst   []testRow
		cols  []string
		found []string
	}{
		{"equal", byID, base, nil, nil},
		{
			"changed value", byID, change(func(r []testRow) []testRow { r[0].b = text("z"); return r }),
			[]string{"b"},
			[]string{"id=1 differs in b"},
		},
		{
			"NULL for a value", byID, change(func(r []testRow) []testRow { r[2].a = nil; return r }),
			[]string{"a"},
			[]string{"id=3 differs in a"},
		},
		{
			"empty for NULL", byID, change(func(r []testRow) []testRow { r[1].b = text(""); return r }),
			[]string{"b"},
			[]string{"id=2 differs in b"},
		},
		{
			"swapped columns of a row", byID, change(func(r []testRow) []testRow { r[0].a, r[0].b = r[0].b, r[0].a; return r }),
			[]string{"a", "b"},
			[]string{"id=1 differs in a, b"},
		},
		{
			"values swapped between rows", byID, change(func(r []testRow) []testRow { r[0].a, r[2].a = r[2].a, r[0].a; return r }),
			[]string{"a"},
			[]string{"id=1 differs in a", "id=3 differs in a"},
		},
		{"missing row", byID, base[1:], nil, []string{"id=1 is missing in the target"}},
		{"extra row", byID, append(slices.Clone(base), testRow{id: 9}), nil, []string{"id=9 is only in the target"}},
		{"duplicate row", byID, append(slices.Clone(base), base[0]), nil, []string{"id=1 is there 2 times, in the source 1 times"}},
		{
			"changed key", byID, change(func(r []testRow) []testRow { r[0].id = 7; return r }),
			[]string{"id"},
			[]string{"id=1 is missing in the target", "id=7 is only in the target"},
		},
		{
			"missing and changed", byID, change(func(r []testRow) []testRow { r[0].a = nil; return r[:2] }),
			[]string{"a"},
			[]string{"id=1 differs in a", "id=3 is missing in the target"},
		},
		{
			"changed value without a key", keyless, change(func(r []testRow) []testRow { r[0].b = text("z"); return r }),
			[]string{"b"},
			[]string{"id=1 is missing in the target", `id=1, a="x", b="z" is only in the target`},
		},
		{"empty target", byID, nil, nil, []string{
			"id=1 is missing in the target", "id=2 is missing in the target", "id=3 is missing in the target",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cols, found, more := search(t, test.keys, 10, base, test.dst)
			if diff := cmp.Diff(test.cols, cols); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.found, found); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if more != 0 {
				t.Errorf("%d more, want none", more)
			}
		})
	}
}

// TestSearchFindsExactly: of any two tables with a key, exactly the keys that
// differ are named, up to the limit, and the rest is counted.
func TestSearchFindsExactly(t *testing.T) {
	t.Parallel()
	cell := rapid.Ptr(rapid.StringMatching(`[ab]?`), true)
	table := rapid.MapOfN(rapid.Int64Range(0, 12), rapid.Custom(func(t *rapid.T) [2]*string {
		return [2]*string{cell.Draw(t, "a"), cell.Draw(t, "b")}
	}), 0, 10)
	rows := func(m map[int64][2]*string) (out []testRow) {
		for id, v := range m {
			out = append(out, testRow{id, v[0], v[1]})
		}
		return out
	}
	same := func(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	rapid.Check(t, func(rt *rapid.T) {
		src, dst := table.Draw(rt, "src"), table.Draw(rt, "dst")
		limit := rapid.IntRange(0, 20).Draw(rt, "limit")
		var want []string
		for id, v := range src {
			w, ok := dst[id]
			var in []string
			if ok && !same(v[0], w[0]) {
				in = append(in, "a")
			}
			if ok && !same(v[1], w[1]) {
				in = append(in, "b")
			}
			switch {
			case !ok:
				want = append(want, fmt.Sprintf("id=%d is missing in the target", id))
			case in != nil:
				want = append(want, fmt.Sprintf("id=%d differs in %s", id, strings.Join(in, ", ")))
			}
		}
		for id := range dst {
			if _, ok := src[id]; !ok {
				want = append(want, fmt.Sprintf("id=%d is only in the target", id))
			}
		}
		slices.Sort(want)
		_, found, more := search(t, []int{0}, limit, rows(src), rows(dst))
		shown := want[:min(limit, len(want))]
		if !slices.Equal(found, shown) || more != int64(len(want)-len(shown)) {
			rt.Fatalf("found %q and %d more, want %q of %q", found, more, shown, want)
		}
	})
}

// TestSearchOfVeryManyDifferences: with more differing rows than memory is
// given to, none is accused falsely.
func TestSearchOfVeryManyDifferences(t *testing.T) {
	t.Parallel()
	const n = 120_000
	src, dst := make([]testRow, n), make([]testRow, n)
	for i := range src {
		src[i] = testRow{id: int64(i), a: text("x")}
		dst[n-1-i] = testRow{id: int64(i), a: text("y")} // stored the other way round
	}
	cols, found, more := search(t, []int{0}, 5, src, dst)
	if !slices.Equal(cols, []string{"a"}) || len(found) != 5 || more < 40_000 || more > n-5 {
		t.Errorf("columns %q, %d keys, %d more", cols, len(found), more)
	}
	for _, f := range found {
		if !strings.HasSuffix(f, " differs in a") {
			t.Errorf("%s: every key is on both sides", f)
		}
	}
}

func TestSearchRefusesOtherShapes(t *testing.T) {
	t.Parallel()
	s := verify.NewSearch(columns, []int{0}, 1)
	if err := s.Target(pgcopy.AppendInt8(nil, 1)); err == nil {
		t.Error("a tuple of one field was taken for one of three")
	}
	if err := s.Target([]byte{0, 0, 0, 9}); err == nil {
		t.Error("a torn tuple was taken")
	}
}
