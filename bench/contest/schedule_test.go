package contest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/contest"
)

func TestScheduleOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		steps []contest.Step
		want  string // on one connection
	}{
		{"largest first", []contest.Step{{Name: "a", Cost: 1}, {Name: "b", Cost: 3}, {Name: "c", Cost: 2}}, "b c a"},
		{
			"the costliest chain before the costliest step",
			[]contest.Step{{Name: "a", Cost: 1}, {Name: "b", Cost: 3}, {Name: "c", Cost: 9, After: []string{"a"}}},
			"a c b",
		},
		{
			"all that comes before",
			[]contest.Step{{Name: "a", Cost: 1}, {Name: "b", Cost: 2}, {Name: "c", After: []string{"a", "b"}}},
			"b a c",
		},
	}
	for _, test := range tests {
		names, _, err := contest.RunSteps(t.Context(), test.steps, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestScheduleManyConnections(t *testing.T) {
	t.Parallel()
	var steps []contest.Step
	for i := range 200 {
		step := contest.Step{Name: string(rune('A' + i)), Stage: []string{"rows", "keys"}[i%2], Cost: float64(i % 7)}
		if i > 3 {
			step.After = []string{string(rune('A' + i/2)), string(rune('A' + i - 3))}
		}
		steps = append(steps, step)
	}
	names, stages, err := contest.RunSteps(t.Context(), steps, 8)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		for _, before := range step.After {
			if slices.Index(names, before) > slices.Index(names, step.Name) {
				t.Fatalf("%s began before %s", step.Name, before)
			}
		}
	}
	if len(names) != len(steps) || len(stages) != 2 {
		t.Errorf("%d steps in %v", len(names), stages)
	}
}

func TestScheduleFails(t *testing.T) {
	t.Parallel()
	steps := []contest.Step{{Name: "a", Stage: "rows", Fails: true}, {Name: "b", Stage: "keys", After: []string{"a"}}}
	names, _, err := contest.RunSteps(t.Context(), steps, 4)
	if err == nil || !strings.Contains(err.Error(), "rows of a: ") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"a"}, names); diff != "" {
		t.Error(diff)
	}
}
