// Package progress shows on stderr how far a run is: as bars on a terminal, or
// as a plain line every few seconds.
//
// A run's workers only add to counters; a ticker reads them and draws. Messages
// of the log go through a Display too, so that they never stand in the middle
// of a bar. It writes nothing but progress and those messages.
package progress

import (
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/pipeline"
)

// Display shows a run's progress, and lets other lines pass. All methods may be
// called from several goroutines at once; none may be called after Close.
type Display interface {
	pipeline.Observer
	// Write writes whole lines without harm to what is drawn.
	io.Writer
	// Pause runs fn while nothing is drawn, so that fn has the terminal.
	Pause(fn func())
	// Close takes away what is drawn. Lines written before stay.
	Close()
}

// none is a Display that draws nothing.
type none struct{ lockedWriter }

// NewNone makes a Display that draws nothing. Lines pass to w.
func NewNone(w io.Writer) Display { return &none{lockedWriter: lockedWriter{w: w}} }

// Observe does nothing.
func (*none) Observe(pipeline.Event) {}

// Pause runs fn.
func (*none) Pause(fn func()) { fn() }

// Close does nothing.
func (*none) Close() {}

// ticker calls a function again and again from a goroutine of its own.
type ticker struct {
	stop  chan struct{}
	group errgroup.Group
}

func newTicker(period time.Duration, tick func(time.Time)) *ticker {
	t := &ticker{stop: make(chan struct{})}
	t.group.Go(func() error {
		clock := time.NewTicker(period)
		defer clock.Stop()
		for {
			select {
			case <-t.stop:
				return nil
			case now := <-clock.C:
				tick(now)
			}
		}
	})
	return t
}

// end returns when the last call has returned.
func (t *ticker) end() {
	close(t.stop)
	_ = t.group.Wait() // its function never fails
}
