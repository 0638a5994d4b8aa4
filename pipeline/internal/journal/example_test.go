package journal_test

import (
	"context"
	"fmt"

	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/journal"
)

// heard prints how many rows a stage has before it.
type heard struct{}

func (heard) Observe(e pipeline.Event) {
	if e.Kind == pipeline.StageBegin {
		fmt.Println(e.Stage, e.TotalRows)
	}
}

// The observer is told what load and verify have before them.
func ExampleJournal_Begin() {
	j := journal.New("app.tar", heard{}, nil)
	j.TotalRows = 7
	j.Begin(pipeline.StagePlan)()
	j.Begin(pipeline.StageLoad)()
	// Output:
	// plan 0
	// load 7
}

// What a run met with on its way stands in its report, however it ends.
func ExampleJournal() {
	ctx := context.Background()
	j := journal.New("app.tar", nil, nil)
	err := j.Stage(ctx, pipeline.StagePlan, func(context.Context) error {
		j.Hazard(pipeline.Hazard{Code: "rule", Table: "people", Message: "people has a rule", Hint: "leave it behind"})
		j.Hazard(pipeline.Hazard{Code: "rule", Table: "towns", Message: "towns has a rule", Hint: "leave it behind"})
		return j.Refuse()
	})
	rep, err := j.Finish(ctx, err, func() string { return "nothing was written" })
	fmt.Println(rep.Outcome, pipeline.ExitCode(err), rep.Stages[0].Stage)
	fmt.Println(rep.Error)
	fmt.Println(rep.Hint)

	stopped, stop := context.WithCancel(ctx)
	stop()
	rep, _ = journal.New("app.tar", nil, nil).Finish(stopped, stopped.Err(), func() string { return "nothing was written" })
	fmt.Println(rep.Outcome, "-", rep.Hint)
	// Output:
	// refused 3 plan
	// refused before writing: people has a rule (and 1 more)
	// leave it behind
	// interrupted - nothing was written
}
