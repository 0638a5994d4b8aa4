package schedule

import (
	"context"
	"sync"
)

// Span lasts from the beginning of the first of its tasks to the end of the last:
// a stage whose tasks run beside those of others, so that it has no place of its
// own in the code.
type Span struct {
	begin func() (end func())

	mu   sync.Mutex
	left int // tasks
	end  func()
}

// NewSpan gives a span that calls begin when it begins, and what that returns when
// it has ended. A span that does not come to its end, because a task fails, never
// calls it.
func NewSpan(begin func() (end func())) *Span { return &Span{begin: begin} }

// Within makes t one of the span's tasks, before the plan runs, and gives t.
func Within[C any](s *Span, t *Task[C]) *Task[C] {
	s.left++
	run := t.Run
	t.Run = func(ctx context.Context, w *Worker[C]) error {
		s.enter()
		err := run(ctx, w)
		s.leave()
		return err
	}
	return t
}

func (s *Span) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.end = s.begin()
	}
}

func (s *Span) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left--; s.left == 0 {
		s.end()
	}
}
