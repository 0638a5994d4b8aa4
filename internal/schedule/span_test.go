package schedule_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/schedule"
)

// TestSpan: spans begin with their first task and end with their last, also where
// tasks of another come between.
func TestSpan(t *testing.T) {
	t.Parallel()
	var told []string
	span := func(name string) *schedule.Span {
		return schedule.NewSpan(func() (end func()) {
			told = append(told, name+" begins")
			return func() { told = append(told, name+" ends") }
		})
	}
	load, finish := span("load"), span("finish")
	var p schedule.Plan[int]
	add := func(s *schedule.Span, name string, cost time.Duration) {
		p.Add(schedule.Within(s, &task{Name: name, Cost: cost, Run: func(context.Context, *schedule.Worker[int]) error {
			told = append(told, name)
			return nil
		}}))
	}
	add(finish, "third", 3)
	add(load, "second", 4)
	add(load, "first", 5)
	add(load, "fourth", 2)
	add(finish, "fifth", 1)
	if err := p.Run(t.Context(), 1, &connector{}); err != nil {
		t.Fatal(err)
	}
	want := "load begins, first, second, finish begins, third, fourth, load ends, fifth, finish ends"
	if diff := cmp.Diff(want, strings.Join(told, ", ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
