package progress

import (
	"io"
	"time"

	"github.com/litehaul/litehaul/pipeline"
)

// NewTestBars draws on w as on a terminal of the given width.
func NewTestBars(w io.Writer, width int) Display { return newBars(w, width) }

// NewTestPlain writes lines at the given period.
func NewTestPlain(w io.Writer, period time.Duration) Display {
	return &plain{lockedWriter: lockedWriter{w: w}, tracker: newTracker(), period: period}
}

// Tracker counts events at times that a test chooses.
type Tracker struct {
	*tracker
	Now time.Time
}

// NewTracker makes a tracker whose clock stands at now.
func NewTracker(now time.Time) *Tracker {
	t := &Tracker{tracker: newTracker(), Now: now}
	t.now = func() time.Time { return t.Now }
	return t
}

// Observe counts an event.
func (t *Tracker) Observe(e pipeline.Event) { t.observe(e) }

// Lines gives what the plain display would write.
func (t *Tracker) Lines() []string { return t.lines(t.Now) }
