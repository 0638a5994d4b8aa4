package verify_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/verify"
)

var plainTypes = []sqltype.Type{{Kind: sqltype.Int8}, {Kind: sqltype.Text}, {Kind: sqltype.Text}}

func digest(t testing.TB, types []sqltype.Type, tuples ...[]byte) verify.Digest {
	t.Helper()
	h := verify.NewHasher(types)
	var d verify.Digest
	for _, x := range tuples {
		hi, lo, err := h.Hash(x)
		if err != nil {
			t.Fatal(err)
		}
		d.Add(hi, lo)
	}
	return d
}

func genTuples() *rapid.Generator[[][]byte] {
	short := rapid.Ptr(rapid.StringMatching(`[ab]{0,2}`), true)
	one := rapid.Custom(func(t *rapid.T) []byte {
		return testRow{rapid.Int64Range(-2, 2).Draw(t, "id"), short.Draw(t, "a"), short.Draw(t, "b")}.tuple()
	})
	return rapid.SliceOfN(one, 0, 8)
}

// TestDigest: equal for equal multisets of tuples in any order and any cut
// into units, and different for all others.
func TestDigest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		x, y := genTuples().Draw(rt, "x"), genTuples().Draw(rt, "y")
		dx := digest(t, plainTypes, x...)
		cut := rapid.IntRange(0, len(x)).Draw(rt, "cut")
		mixed := append([][]byte(nil), x...)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		parts := digest(t, plainTypes, mixed[:cut]...)
		parts.Merge(digest(t, plainTypes, mixed[cut:]...))
		if parts != dx {
			rt.Fatalf("the order or the cut changes the digest: %v and %v", parts, dx)
		}
		count := map[string]int{}
		for _, b := range x {
			count[string(b)]++
		}
		for _, b := range y {
			count[string(b)]--
		}
		same := true
		for _, n := range count {
			same = same && n == 0
		}
		if got := digest(t, plainTypes, y...) == dx; got != same {
			rt.Fatalf("digests equal: %v, tuples equal: %v", got, same)
		}
	})
}

func TestDigestTellsApart(t *testing.T) {
	t.Parallel()
	row := testRow{1, text("x"), text("y")}
	base := digest(t, plainTypes, row.tuple())
	for _, test := range []struct {
		name string
		rows []testRow
	}{
		{"nothing", nil},
		{"duplicate", []testRow{row, row}},
		{"swapped columns", []testRow{{1, text("y"), text("x")}}},
		{"shifted border", []testRow{{1, text("xy"), text("")}}},
		{"NULL for empty", []testRow{{1, text("x"), nil}}},
		{"other key", []testRow{{2, text("x"), text("y")}}},
		{"trailing space", []testRow{{1, text("x "), text("y")}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var tuples [][]byte
			for _, r := range test.rows {
				tuples = append(tuples, r.tuple())
			}
			if digest(t, plainTypes, tuples...) == base {
				t.Error("the digest does not see it")
			}
		})
	}
}

// TestThreeTimesIsNotOnce guards against sums in which pairs cancel out.
func TestThreeTimesIsNotOnce(t *testing.T) {
	t.Parallel()
	r := testRow{1, nil, nil}.tuple()
	one, three := digest(t, plainTypes, r), digest(t, plainTypes, r, r, r)
	if one.Hi == three.Hi && one.Lo == three.Lo {
		t.Error("three equal rows sum up to one")
	}
}

func TestJSONBIsCanonical(t *testing.T) {
	t.Parallel()
	types := []sqltype.Type{{Kind: sqltype.JSONB}}
	for _, test := range []struct {
		name, a, b string
		equal      bool
	}{
		{"spaces", `{"a":1}`, `{ "a" : 1 }`, true},
		{"order of keys", `{"b":1,"a":2}`, `{"a":2,"b":1}`, true},
		{"keys by length", `{"aa":1,"b":2}`, `{"b": 2, "aa": 1}`, true},
		{"repeated key", `{"a":1,"a":2}`, `{"a":2}`, true},
		{"exponent", `1e2`, `100`, true},
		{"escape", `"\u0041"`, `"A"`, true},
		{"trailing zero", `1.0`, `1.00`, true}, // jsonb, too, takes them for equal
		{"value", `{"a":1}`, `{"a":2}`, false},
		{"type", `{"a":1}`, `{"a":"1"}`, false},
		{"order of elements", `[1,2]`, `[2,1]`, false},
		{"null", `null`, `"null"`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := digest(t, types, jsonb(test.a)) == digest(t, types, jsonb(test.b))
			if got != test.equal {
				t.Errorf("%s and %s: equal %v, want %v", test.a, test.b, got, test.equal)
			}
		})
	}
}

func TestHashRefuses(t *testing.T) {
	t.Parallel()
	h := verify.NewHasher([]sqltype.Type{{Kind: sqltype.JSONB}})
	for name, tuple := range map[string][]byte{
		"version": pgcopy.AppendBytea(nil, []byte("\x02{}")), "empty": pgcopy.AppendBytea(nil, nil),
		"no JSON": jsonb(`{`), "torn field": {0, 0, 0, 9, 1},
	} {
		if _, _, err := h.Hash(tuple); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHashAllocatesNothing(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts for the whole process
	types := []sqltype.Type{{Kind: sqltype.Int8}, {Kind: sqltype.JSONB}}
	tuple := append(pgcopy.AppendInt8(nil, 7), jsonb(`{"b": [1, 2.50, "x"], "a": null}`)...)
	h := verify.NewHasher(types)
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := h.Hash(tuple); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per row", n)
	}
}
