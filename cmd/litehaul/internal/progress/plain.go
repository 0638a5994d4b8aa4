package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// plainPeriod is the time between two plain lines.
const plainPeriod = 3 * time.Second

// plain writes a line for each running stage every few seconds.
type plain struct {
	lockedWriter
	*tracker
	once   sync.Once
	ticker *ticker
	period time.Duration
	pause  sync.Mutex
}

// NewPlain makes a Display that writes a line to w every three seconds for each
// stage that runs.
func NewPlain(w io.Writer) Display {
	return &plain{lockedWriter: lockedWriter{w: w}, tracker: newTracker(), period: plainPeriod}
}

// Observe counts an event. The first one starts the clock.
func (p *plain) Observe(e pipeline.Event) {
	p.once.Do(func() { p.ticker = newTicker(p.period, p.tick) })
	p.observe(e)
}

func (p *plain) tick(now time.Time) {
	p.pause.Lock()
	defer p.pause.Unlock()
	for _, line := range p.lines(now) {
		_, _ = io.WriteString(&p.lockedWriter, line+"\n") // progress that nobody can read is no failure
	}
}

// Pause runs fn while no line is written.
func (p *plain) Pause(fn func()) {
	p.pause.Lock()
	defer p.pause.Unlock()
	fn()
}

// Close ends the lines.
func (p *plain) Close() {
	p.once.Do(func() {})
	if p.ticker != nil {
		p.ticker.end()
	}
}

// lines gives a line for each stage that runs.
func (t *tracker) lines(now time.Time) []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	lines := make([]string, len(t.stages))
	for i, s := range t.stages {
		lines[i] = string(s.stage) + ": " + t.stageLine(s, now)
	}
	return lines
}

// stageLine says how far a stage is:
// 3 of 11 tables, 1,234,567 of 4,300,000 rows (28 %), 45.2 MB/s, 00:35 left.
func (t *tracker) stageLine(s *stageMeter, now time.Time) string {
	var parts []string
	if len(s.tables)+len(s.done) > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s", len(s.done), render.Plural(int64(t.tableN), "table")))
	}
	r := s.read(now)
	parts = append(parts, r.parts(" left")...)
	if s.stepsN > 0 || len(s.steps) > 0 {
		step := fmt.Sprintf("%d done", s.stepsN)
		if len(s.steps) > 0 {
			step += ", building " + render.OneLine(s.steps[0].name, nameLimit)
		}
		if more := len(s.steps) - 1; more > 0 {
			step += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, step)
	}
	if len(parts) == 0 {
		parts = append(parts, clock(r.elapsed))
	}
	return strings.Join(parts, ", ")
}

// nameLimit is how much of a table's or step's name is shown.
const nameLimit = 32

// parts writes rows, speed and time left, as far as they are known.
func (r reading) parts(left string) []string {
	var parts []string
	switch {
	case r.total > 0:
		done := min(r.rows, r.total) // the total may be an estimate
		parts = append(parts, fmt.Sprintf("%s of %s (%d %%)", render.Count(r.rows),
			render.Plural(r.total, "row"), percent(done, r.total)))
	case r.rows > 0:
		parts = append(parts, render.Plural(r.rows, "row"))
	}
	if r.bytesPerSec > 0 {
		parts = append(parts, render.Megabytes(int64(r.bytesPerSec))+" MB/s")
	}
	if r.left > 0 {
		parts = append(parts, clock(r.left)+left)
	}
	return parts
}

func percent(done, total int64) int64 {
	return int64(float64(done) / float64(total) * 100)
}

// clock writes a duration as 00:35 or 1:02:03.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}
