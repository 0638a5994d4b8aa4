package pipeline

import (
	"container/heap"
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/internal/postgres"
)

// task is one piece of work on one connection: a unit to load, an index to
// build, a range to read back. It becomes ready when all it waits for is done.
type task struct {
	name   string
	stage  Stage
	weight int64 // larger goes first among the ready tasks of a stage
	run    func(ctx context.Context, w *worker) error

	waits int
	next  []*task
	index int // creation order, for a stable choice
}

// after makes t wait for others.
func (t *task) after(others ...*task) *task {
	for _, o := range others {
		if o != nil {
			o.next = append(o.next, t)
			t.waits++
		}
	}
	return t
}

// worker is one connection and what a goroutine needs beside it.
type worker struct {
	conn *pgx.Conn
	id   int
}

// schedule runs tasks over a fixed number of workers. Tasks of a later stage
// are preferred: what ends sooner frees others, and keeps stages overlapping.
type schedule struct {
	all   []*task
	ready taskHeap
	left  int

	waiting, working int // workers without and with a connection

	mu   sync.Mutex
	wake *sync.Cond
	stop bool
}

func newSchedule() *schedule {
	s := &schedule{}
	s.wake = sync.NewCond(&s.mu)
	return s
}

// add registers a task; its dependencies may be added until run.
func (s *schedule) add(t *task) *task {
	t.index = len(s.all)
	s.all = append(s.all, t)
	return t
}

// run executes all tasks with n workers, each with a connection of its own,
// and gives the first error.
func (s *schedule) run(ctx context.Context, n int, connect func(context.Context) (*pgx.Conn, error)) error {
	s.left = len(s.all)
	for _, t := range s.all {
		if t.waits == 0 {
			s.ready = append(s.ready, t)
		}
	}
	heap.Init(&s.ready)
	g, ctx := errgroup.WithContext(ctx)
	release := context.AfterFunc(ctx, s.halt)
	defer release()
	s.waiting = min(n, max(1, len(s.all)))
	for i := range s.waiting {
		g.Go(func() error { return s.work(ctx, i, connect) })
	}
	return g.Wait()
}

// halt wakes all workers to leave.
func (s *schedule) halt() {
	s.mu.Lock()
	s.stop = true
	s.mu.Unlock()
	s.wake.Broadcast()
}

func (s *schedule) work(ctx context.Context, id int, connect func(context.Context) (*pgx.Conn, error)) error {
	t := s.take()
	if t == nil {
		return ctx.Err()
	}
	conn, err := connect(ctx)
	if err = s.connected(t, err); err != nil || conn == nil {
		return err
	}
	w := &worker{conn: conn, id: id}
	defer func() { closeConn(ctx, conn) }()
	for ; t != nil; t = s.take() {
		if err := t.run(ctx, w); err != nil {
			return err
		}
		s.done(t)
	}
	return ctx.Err()
}

// connected counts a worker that has its connection. A server that has no more
// of them to give is no failure as long as one worker got through: t then
// waits for that one.
func (s *schedule) connected(t *task, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	switch {
	case err == nil:
		s.working++
	case postgres.Code(err) == postgres.CodeTooManyConns && s.working+s.waiting > 0:
		heap.Push(&s.ready, t)
		s.wake.Signal()
		return nil
	}
	return err
}

// take waits for a ready task; nil when there is nothing left to do.
func (s *schedule) take() *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.stop || s.left == 0 {
			return nil
		}
		if len(s.ready) > 0 {
			t, _ := heap.Pop(&s.ready).(*task) // nothing else is ever pushed
			return t
		}
		s.wake.Wait()
	}
}

func (s *schedule) done(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	for _, n := range t.next {
		if n.waits--; n.waits == 0 {
			heap.Push(&s.ready, n)
		}
	}
	s.wake.Broadcast()
}

// stageRank orders ready tasks: the work that others wait for first.
var stageRank = map[Stage]int{StageFinish: 0, StageLoad: 1, StageVerify: 2}

type taskHeap []*task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.stage != b.stage {
		return stageRank[a.stage] < stageRank[b.stage]
	}
	if a.weight != b.weight {
		return a.weight > b.weight
	}
	return a.index < b.index
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any) {
	t, _ := x.(*task) // nothing else is ever pushed
	*h = append(*h, t)
}

func (h *taskHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
