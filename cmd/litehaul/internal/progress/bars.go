package progress

import (
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

const (
	// barPeriod is the time between two readings of the counters. Below it, a
	// run draws nothing at all.
	barPeriod = 200 * time.Millisecond
	// maxBars is how many bars are drawn at once; a run has more steps than that
	// only while many indexes are built.
	maxBars = 12
	// barWidth is the width of a bar without its texts.
	barWidth = 28
)

// bars draws a bar for each table that a run works on, under a line for each
// stage.
type bars struct {
	tracker *tracker
	width   int // of the page, for tests; 0 asks the terminal
	draw    io.Writer
	once    sync.Once
	ticker  *ticker

	mu     sync.Mutex // guards what follows, and is held while others have the terminal
	canvas *mpb.Progress
	drawn  map[*meter]*bar
	serial int // of the bars: within a stage, they stand in the order in which they began
	closed bool
}

// bar is a drawn meter.
type bar struct {
	mpb  *mpb.Bar
	text atomic.Pointer[string]
	seen bool
}

// NewBars makes a Display that draws bars on a terminal.
func NewBars(terminal *os.File) Display { return newBars(terminal, 0) }

// newBars draws on w, as if it were a terminal of the given width unless that
// is 0.
func newBars(w io.Writer, width int) *bars {
	return &bars{tracker: newTracker(), draw: w, width: width, drawn: map[*meter]*bar{}}
}

// Observe counts an event. The first one starts the clock.
func (b *bars) Observe(e pipeline.Event) {
	b.once.Do(func() { b.ticker = newTicker(barPeriod, b.tick) })
	b.tracker.observe(e)
}

// tick brings the drawn bars in line with the counters.
func (b *bars) tick(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.tracker.mu.RLock()
	defer b.tracker.mu.RUnlock()
	for _, d := range b.drawn {
		d.seen = false
	}
	n := 0
	for _, s := range b.tracker.stages {
		b.show(&s.meter, b.tracker.stageLine(s, now), reading{})
		for _, m := range s.running() {
			if n++; n <= maxBars {
				r := m.read(now)
				text := strings.Join(r.parts(""), "  ")
				if text == "" {
					text = clock(r.elapsed)
				}
				b.show(m, text, r)
			}
		}
	}
	for m, d := range b.drawn {
		if !d.seen {
			d.mpb.Abort(true)
			delete(b.drawn, m)
		}
	}
}

// show draws a meter, with a bar if its total is known.
func (b *bars) show(m *meter, text string, r reading) {
	d := b.drawn[m]
	if d == nil {
		d = &bar{}
		d.text.Store(&text)
		d.mpb = b.newBar(m, d, r.total > 0)
		b.drawn[m] = d
	}
	d.seen = true
	d.text.Store(&text)
	if r.total > 0 {
		d.mpb.SetTotal(r.total, false)
		d.mpb.SetCurrent(min(r.rows, r.total))
	}
}

func (b *bars) newBar(m *meter, d *bar, filled bool) *mpb.Bar {
	if b.canvas == nil {
		b.canvas = mpb.New(mpb.WithOutput(b.draw), mpb.WithAutoRefresh(), mpb.WithWidth(b.width))
	}
	style := mpb.NopStyle()
	if filled {
		style = mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]")
	}
	label := string(m.stage)
	if m.name != "" {
		label = "  " + render.OneLine(m.name, nameLimit)
	}
	b.serial++
	// A total of 0 keeps a bar that is full from ending by itself.
	return b.canvas.New(0, style,
		mpb.BarWidth(barWidth),
		mpb.BarPriority(stageRank(m.stage)<<16|b.serial),
		mpb.PrependDecorators(decor.Name(label+" ", decor.WCSyncWidthR)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + *d.text.Load() })),
	)
}

// stageOrder is the order in which stages stand on the screen.
var stageOrder = []pipeline.Stage{
	pipeline.StageSnapshot, pipeline.StageSchema, pipeline.StageProfile, pipeline.StagePlan,
	pipeline.StageLoad, pipeline.StageFinish, pipeline.StageVerify,
}

// stageRank gives a stage's place; an unknown one comes first.
func stageRank(s pipeline.Stage) int { return slices.Index(stageOrder, s) + 1 }

// Write writes lines above the bars.
func (b *bars) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.canvas == nil {
		return b.draw.Write(p) //nolint:wrapcheck // a writer hands on its writer's error
	}
	return b.canvas.Write(p) //nolint:wrapcheck // likewise
}

// Pause takes the bars away, runs fn and lets them come back.
func (b *bars) Pause(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wipe()
	fn()
}

// Close takes the bars away for good.
func (b *bars) Close() {
	b.once.Do(func() {})
	if b.ticker != nil {
		b.ticker.end()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.wipe()
}

// wipe removes the bars from the terminal. Lines written above them are flushed.
func (b *bars) wipe() {
	if b.canvas == nil {
		return
	}
	for m, d := range b.drawn {
		d.mpb.Abort(true)
		delete(b.drawn, m)
	}
	b.canvas.Wait()
	b.canvas = nil
}
