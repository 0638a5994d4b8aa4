package schedule_test

import (
	"context"
	"fmt"

	"github.com/litehaul/litehaul/internal/schedule"
)

func Example() {
	say := func(what string) func(context.Context, *schedule.Worker[int]) error {
		return func(context.Context, *schedule.Worker[int]) error {
			fmt.Println(what)
			return nil
		}
	}
	var p schedule.Plan[int]
	load := p.Add(&schedule.Task[int]{Name: "load", Run: say("load")})
	p.Add(&schedule.Task[int]{
		Name: "index", Run: say("index"),
		Locks: []schedule.Lock{{On: "orders", Mode: schedule.Share}},
	}).After(load)
	if err := p.Run(context.Background(), 1, &connector{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// load
	// index
}
