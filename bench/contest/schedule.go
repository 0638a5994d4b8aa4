package contest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// task is a step of the floor's work. No two tasks that may run at once wait
// for each other's locks: their dependencies see to that.
type task struct {
	stage string
	name  string
	cost  float64 // any unit; decides what comes first
	after []*task
	run   func(ctx context.Context, conn *pgx.Conn) error

	way   float64 // cost of the costliest chain from here to the end
	left  int     // tasks in after that are not done
	then  []*task
	begun bool
}

// schedule runs tasks over several connections, always the one next that heads
// the costliest chain.
type schedule struct {
	mu     sync.Mutex
	wake   *sync.Cond
	tasks  []*task
	left   int
	failed bool
	spans  map[string]*span
	order  []string // of stages, as they first began
}

// span is the time from the first beginning to the last end.
type span struct{ from, to time.Time }

func newSchedule(tasks []*task) *schedule {
	s := &schedule{tasks: tasks, left: len(tasks), spans: map[string]*span{}}
	s.wake = sync.NewCond(&s.mu)
	for _, t := range tasks {
		t.left = len(t.after)
		for _, before := range t.after {
			before.then = append(before.then, t)
		}
	}
	for _, t := range tasks {
		t.measure()
	}
	return s
}

// measure computes the costs of chains, each once.
func (t *task) measure() float64 {
	if t.way == 0 {
		longest := 0.0
		for _, next := range t.then {
			longest = max(longest, next.measure())
		}
		t.way = t.cost + longest + 1e-9 // more than 0: measured
	}
	return t.way
}

// run does all tasks and returns when they are done, or one has failed.
func (s *schedule) run(ctx context.Context, conns []*pgx.Conn) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, conn := range conns {
		group.Go(func() error {
			for t := s.next(); t != nil; t = s.next() {
				err := t.run(ctx, conn)
				s.done(t, err)
				if err != nil {
					return fmt.Errorf("%s of %s: %w", t.stage, t.name, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// next waits for a task that can begin. It is nil when there is none any more.
func (s *schedule) next() *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		var best *task
		waiting := false
		for _, t := range s.tasks {
			if t.begun {
				continue
			}
			waiting = true
			if t.left == 0 && (best == nil || t.way > best.way) {
				best = t
			}
		}
		if !waiting || s.failed {
			return nil
		}
		if best != nil {
			s.begin(best)
			return best
		}
		s.wake.Wait()
	}
}

func (s *schedule) begin(t *task) {
	t.begun = true
	if s.spans[t.stage] == nil {
		s.spans[t.stage] = &span{from: time.Now()}
		s.order = append(s.order, t.stage)
	}
}

func (s *schedule) done(t *task, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = s.failed || err != nil
	s.spans[t.stage].to = time.Now()
	for _, next := range t.then {
		next.left--
	}
	s.wake.Broadcast()
}

// stages gives how long each stage took.
func (s *schedule) stages() []Stage {
	var all []Stage
	for _, name := range s.order {
		all = append(all, Stage{Name: name, Seconds: s.spans[name].to.Sub(s.spans[name].from).Seconds()})
	}
	return all
}
