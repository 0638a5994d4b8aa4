package contest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/contest"
)

func TestParseCase(t *testing.T) {
	t.Parallel()
	tests := []struct {
		spec string
		want contest.Case // Set empty: an error
	}{
		{"small", contest.Case{Set: "small", Scale: 1}},
		{"tpch-0.5", contest.Case{Set: "tpch", Scale: 0.5}},
		{"tpch-bare", contest.Case{Set: "tpch-bare", Scale: 1}},
		{"tpch-bare-10", contest.Case{Set: "tpch-bare", Scale: 10}},
		{"tpch-0.5/lineitem", contest.Case{Set: "tpch", Scale: 0.5, Table: "lineitem"}},
		{"tpch-0.5/", contest.Case{}},
		{"tpch-0", contest.Case{}},
		{"tpch--1", contest.Case{}},
		{"tpch-NaN", contest.Case{}},
		{"nothing-1", contest.Case{}},
		{"", contest.Case{}},
	}
	for _, test := range tests {
		got, err := contest.ParseCase(test.spec)
		if (err != nil) != (test.want.Set == "") {
			t.Errorf("%q: error %v", test.spec, err)
		}
		if err != nil {
			continue
		}
		test.want.Spec = test.spec
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: %s", test.spec, diff)
		}
	}
}
