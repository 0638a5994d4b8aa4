package schedule

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Task is one piece of work on one connection. It becomes ready when all that
// it comes after is done.
type Task[C any] struct {
	Name string
	// Cost is about how long it takes, for the order of tasks only.
	Cost time.Duration
	// Locks are what its statements take and hold.
	Locks []Lock
	// Run does it. An error ends the whole plan.
	Run func(ctx context.Context, w *Worker[C]) error

	waits int
	next  []*Task[C]
	index int           // creation order, for a stable choice
	path  time.Duration // the longest chain of costs from here to the end, locks counted
}

// After makes t wait for others, nil ones left aside, and gives t.
func (t *Task[C]) After(others ...*Task[C]) *Task[C] {
	for _, o := range others {
		if o != nil {
			o.next = append(o.next, t)
			t.waits++
		}
	}
	return t
}

// Worker is what a task runs on.
type Worker[C any] struct {
	// Conn is the worker's own, from its first task to its last.
	Conn C
	// Share is how many workers' worth of the server the task at hand may use:
	// 1, and more when workers would have nothing to do beside it.
	Share int
}

// Connector opens and closes the connections of workers.
type Connector[C any] interface {
	Connect(ctx context.Context) (C, error)
	Close(ctx context.Context, conn C)
	// Full tells of an error of Connect whether the server has no more
	// connections to give.
	Full(err error) bool
}

// Plan runs tasks over a fixed number of workers. Its zero value is empty.
type Plan[C any] struct {
	all   []*Task[C]
	ready tasks[C]
	left  int
	held  lockTable

	waiting, working int // workers without and with a connection
	busy             int // workers with a task

	mu   sync.Mutex
	wake *sync.Cond
	stop bool
}

// Add registers a task, and gives it. What it comes after may be told until
// the plan runs.
func (p *Plan[C]) Add(t *Task[C]) *Task[C] {
	t.index = len(p.all)
	p.all = append(p.all, t)
	return t
}

// Run executes all tasks with at most n workers, and gives the first error. A
// plan runs once.
func (p *Plan[C]) Run(ctx context.Context, n int, c Connector[C]) error {
	p.wake = sync.NewCond(&p.mu)
	p.held = lockTable{}
	p.left = len(p.all)
	measurePaths(p.all)
	for _, t := range p.all {
		if t.waits == 0 {
			p.ready = append(p.ready, t)
		}
	}
	heap.Init(&p.ready)
	g, ctx := errgroup.WithContext(ctx)
	release := context.AfterFunc(ctx, p.halt)
	defer release()
	p.waiting = min(n, max(1, len(p.all)))
	for range p.waiting {
		g.Go(func() error { return p.work(ctx, c) })
	}
	return g.Wait()
}

// measurePaths sets the path of all tasks, from the last ones back. Tasks that
// shut each other out of a table are a chain too, whichever of them comes first:
// each gets those that were measured before it behind it. Of three foreign keys
// of one table, which are validated one after the other, the first must not begin
// when all else is done.
func measurePaths[C any](all []*Task[C]) {
	before := map[*Task[C]][]*Task[C]{}
	left := map[*Task[C]]int{}
	alone := map[any]time.Duration{} // per table, the path of the task that was measured last
	var measured []*Task[C]
	for _, t := range all {
		for _, n := range t.next {
			before[n] = append(before[n], t)
		}
		if left[t] = len(t.next); left[t] == 0 {
			measured = append(measured, t)
		}
	}
	for len(measured) > 0 {
		t := measured[0]
		measured = measured[1:]
		t.path = t.Cost + t.longest(alone)
		for _, b := range before[t] {
			b.path = max(b.path, t.path)
			if left[b]--; left[b] == 0 {
				measured = append(measured, b)
			}
		}
	}
}

// longest gives the longest path behind t, and puts that of t into alone. Tasks
// without a cost keep nobody waiting.
func (t *Task[C]) longest(alone map[any]time.Duration) time.Duration {
	longest := t.path
	if t.Cost == 0 {
		return longest
	}
	for _, l := range t.Locks {
		if l.Conflicts(l) {
			longest = max(longest, alone[l.On])
		}
	}
	for _, l := range t.Locks {
		if l.Conflicts(l) {
			alone[l.On] = longest + t.Cost
		}
	}
	return longest
}

// halt wakes all workers to leave.
func (p *Plan[C]) halt() {
	p.mu.Lock()
	p.stop = true
	p.mu.Unlock()
	p.wake.Broadcast()
}

func (p *Plan[C]) work(ctx context.Context, c Connector[C]) error {
	w := &Worker[C]{}
	t := p.take(w)
	if t == nil {
		return ctx.Err()
	}
	conn, err := c.Connect(ctx)
	if err != nil {
		if c.Full(err) && p.giveBack(t) {
			return nil
		}
		return err
	}
	p.connected()
	w.Conn = conn
	defer c.Close(ctx, conn)
	for ; t != nil; t = p.take(w) {
		if err := t.Run(ctx, w); err != nil {
			return err
		}
		p.done(t)
	}
	return ctx.Err()
}

func (p *Plan[C]) connected() {
	p.mu.Lock()
	p.waiting--
	p.working++
	p.mu.Unlock()
}

// giveBack hands the task of a worker that got no connection to the others,
// and tells whether there are any.
func (p *Plan[C]) giveBack(t *Task[C]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if p.working+p.waiting == 0 {
		return false
	}
	p.busy--
	p.held.release(t.Locks)
	heap.Push(&p.ready, t)
	p.wake.Signal()
	return true
}

// take waits for a task that can run now; nil when there is nothing left to do.
func (p *Plan[C]) take(w *Worker[C]) *Task[C] {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.stop && p.left > 0 {
		if t := p.pick(); t != nil {
			p.busy++
			p.held.hold(t.Locks)
			idle := p.waiting + p.working - p.busy
			w.Share = max(1, (idle+1)/(len(p.ready)+1))
			return t
		}
		p.wake.Wait()
	}
	return nil
}

// pick takes the first ready task off the heap that needs to wait for no lock:
// neither for one that is held, nor for one that a task before it waits for,
// which others could otherwise keep waiting for ever.
func (p *Plan[C]) pick() (picked *Task[C]) {
	var passed []*Task[C]
	for picked == nil && len(p.ready) > 0 {
		t, _ := heap.Pop(&p.ready).(*Task[C]) // nothing else is ever pushed
		if p.held.free(t.Locks) {
			picked = t
			continue
		}
		p.held.hold(t.Locks)
		passed = append(passed, t)
	}
	for _, t := range passed {
		p.held.release(t.Locks)
		heap.Push(&p.ready, t)
	}
	return picked
}

func (p *Plan[C]) done(t *Task[C]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left--
	p.busy--
	p.held.release(t.Locks)
	for _, n := range t.next {
		if n.waits--; n.waits == 0 {
			heap.Push(&p.ready, n)
		}
	}
	p.wake.Broadcast()
}

// tasks is a heap of ready tasks, the one with the longest path first.
type tasks[C any] []*Task[C]

// Len, Less, Swap, Push and Pop are those of heap.Interface.
func (h tasks[C]) Len() int { return len(h) }

func (h tasks[C]) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.path != b.path {
		return a.path > b.path
	}
	return a.index < b.index
}

func (h tasks[C]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *tasks[C]) Push(x any) {
	t, _ := x.(*Task[C]) // nothing else is ever pushed
	*h = append(*h, t)
}

func (h *tasks[C]) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
