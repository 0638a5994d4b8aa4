package contest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/schedule"
)

type (
	task   = schedule.Task[*pgx.Conn]
	worker = schedule.Worker[*pgx.Conn]
)

// work is the floor's work: tasks by stages, and how long each stage took. No
// two tasks that may run at once wait for each other's locks: what they come
// after sees to that.
type work struct {
	plan    schedule.Plan[*pgx.Conn]
	byStage map[string][]*task

	mu    sync.Mutex
	spans map[string]*span
	order []string // of stages, as they first began
}

// span is the time from the first beginning to the last end.
type span struct{ from, to time.Time }

func newWork() *work { return &work{byStage: map[string][]*task{}, spans: map[string]*span{}} }

// add lays out a task. The cost may be in any unit: it decides what comes first.
func (w *work) add(stage, name string, cost float64, after []*task, run func(context.Context, *pgx.Conn) error) *task {
	t := w.plan.Add(&task{Name: stage + " of " + name, Cost: time.Duration(cost), Run: func(ctx context.Context, on *worker) error {
		w.begin(stage)
		defer w.end(stage)
		if err := run(ctx, on.Conn); err != nil {
			return fmt.Errorf("%s of %s: %w", stage, name, err)
		}
		return nil
	}}).After(after...)
	w.byStage[stage] = append(w.byStage[stage], t)
	return t
}

func (w *work) begin(stage string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spans[stage] == nil {
		w.spans[stage] = &span{from: time.Now()}
		w.order = append(w.order, stage)
	}
}

func (w *work) end(stage string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spans[stage].to = time.Now()
}

// run does all tasks over connections that are there already.
func (w *work) run(ctx context.Context, conns []*pgx.Conn) error {
	left := make(open, len(conns))
	for _, conn := range conns {
		left <- conn
	}
	return w.plan.Run(ctx, len(conns), left)
}

// stages gives how long each stage took.
func (w *work) stages() []Stage {
	var all []Stage
	for _, name := range w.order {
		all = append(all, Stage{Name: name, Seconds: w.spans[name].to.Sub(w.spans[name].from).Seconds()})
	}
	return all
}

// open hands out connections that are open already, and leaves them so.
type open chan *pgx.Conn

// Connect, Close and Full are those of schedule.Connector.
func (o open) Connect(context.Context) (*pgx.Conn, error) { return <-o, nil }

// Close leaves the connection to the one who opened it.
func (o open) Close(context.Context, *pgx.Conn) {}

// Full never tells anything: there is one connection for each worker.
func (o open) Full(error) bool { return false }
