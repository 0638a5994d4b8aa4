package progress

import (
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/litehaul/litehaul/pipeline"
)

// lockedWriter writes one message at a time.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes p.
func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p) //nolint:wrapcheck // a writer hands on its writer's error
}

// meter counts what a stage does, or what it does to one table.
type meter struct {
	stage pipeline.Stage
	name  string // of the table or step; "" for the stage itself
	begun time.Time

	total       atomic.Int64 // rows; 0 when unknown
	rows, bytes atomic.Int64

	// The rest belongs to the ticker.
	rowRate, byteRate rate
}

// rate is a speed per second, smoothed.
type rate struct {
	last    int64
	at      time.Time
	perSec  float64
	started bool
}

const (
	// smoothing is the time over which a speed is averaged.
	smoothing = 5 * time.Second
	// leastSample is the shortest time that a speed is taken from: the first
	// batch of a table would else show a speed that nothing has.
	leastSample = 400 * time.Millisecond
)

// update takes the counter's value at a time and gives the speed.
func (r *rate) update(value int64, begun, now time.Time) float64 {
	if !r.started {
		r.at = begun
	}
	elapsed := now.Sub(r.at).Seconds()
	if elapsed < leastSample.Seconds() {
		return r.perSec
	}
	speed := float64(value-r.last) / elapsed
	if r.started {
		weight := 1 - math.Exp(-elapsed/smoothing.Seconds())
		speed = r.perSec + weight*(speed-r.perSec)
	}
	*r = rate{last: value, at: now, perSec: speed, started: true}
	return speed
}

// reading is a meter as it was read at one time.
type reading struct {
	rows, total int64
	bytesPerSec float64
	left        time.Duration // 0 when unknown
	elapsed     time.Duration
}

func (m *meter) read(now time.Time) reading {
	r := reading{rows: m.rows.Load(), total: m.total.Load(), elapsed: now.Sub(m.begun)}
	r.bytesPerSec = m.byteRate.update(m.bytes.Load(), m.begun, now)
	perSec := m.rowRate.update(r.rows, m.begun, now)
	if rest := r.total - r.rows; rest > 0 && perSec > 0 {
		r.left = time.Duration(float64(rest) / perSec * float64(time.Second))
	}
	return r
}

// stageMeter is a meter with the tables and steps of its stage.
type stageMeter struct {
	meter
	tables map[string]*meter // those that run
	done   map[string]*meter // tables that have ended
	steps  []*meter          // those that run
	stepsN int               // steps that have ended
}

// tracker adds up the events of a run.
type tracker struct {
	mu     sync.RWMutex
	stages []*stageMeter // those that run, in the order in which they began
	ended  map[pipeline.Stage]bool
	tableN int // the most tables that any stage has seen
	// profiled holds the rows of each table, as the profile has counted them:
	// what the later stages have before them.
	profiled map[string]int64
	now      func() time.Time
}

func newTracker() *tracker {
	return &tracker{now: time.Now, ended: map[pipeline.Stage]bool{}, profiled: map[string]int64{}}
}

// observe counts an event. Advance, the frequent one, only reads the maps,
// unless it is the first that is heard of a table.
func (t *tracker) observe(e pipeline.Event) {
	if e.Kind == pipeline.Advance && t.advance(e) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Kind == pipeline.StageEnd {
		t.endStage(e.Stage)
		return
	}
	s := t.stage(e.Stage)
	if s == nil { // an event that comes late
		return
	}
	switch e.Kind {
	case pipeline.StageBegin:
		if e.TotalRows > 0 {
			s.total.Store(e.TotalRows)
		}
	case pipeline.TableBegin:
		t.beginTable(s, e)
	case pipeline.Advance:
		if m := t.beginTable(s, e); m != nil {
			m.add(e)
		}
		s.add(e)
	case pipeline.TableEnd, pipeline.Verified:
		s.endTable(e.Table)
	case pipeline.StepBegin:
		s.steps = append(s.steps, &meter{stage: e.Stage, name: e.Step, begun: t.now()})
	case pipeline.StepEnd:
		s.endStep(e.Step)
	}
}

// advance adds to the counters of a table that is known, and says whether it is.
func (t *tracker) advance(e pipeline.Event) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	i := slices.IndexFunc(t.stages, func(s *stageMeter) bool { return s.stage == e.Stage })
	if i < 0 {
		return t.ended[e.Stage]
	}
	s := t.stages[i]
	m := s.tables[e.Table]
	if m == nil && s.done[e.Table] == nil {
		return false
	}
	s.add(e)
	if m != nil {
		m.add(e)
	}
	return true
}

func (m *meter) add(e pipeline.Event) {
	m.rows.Add(e.Rows)
	m.bytes.Add(e.Bytes)
}

// stage finds the meter of a stage that runs, or begins it. It is nil for a
// stage that has ended.
func (t *tracker) stage(name pipeline.Stage) *stageMeter {
	for _, s := range t.stages {
		if s.stage == name {
			return s
		}
	}
	if t.ended[name] {
		return nil
	}
	s := &stageMeter{
		meter:  meter{stage: name, begun: t.now()},
		tables: map[string]*meter{}, done: map[string]*meter{},
	}
	if name == pipeline.StageLoad || name == pipeline.StageVerify {
		for _, rows := range t.profiled {
			s.total.Add(rows)
		}
	}
	t.stages = append(t.stages, s)
	return s
}

// beginTable gives the meter of a table, which is nil for one that has ended.
func (t *tracker) beginTable(s *stageMeter, e pipeline.Event) *meter {
	if s.done[e.Table] != nil {
		return nil
	}
	m := s.tables[e.Table]
	if m == nil {
		m = &meter{stage: e.Stage, name: e.Table, begun: t.now()}
		m.total.Store(t.profiled[e.Table])
		s.tables[e.Table] = m
		t.tableN = max(t.tableN, len(s.tables)+len(s.done))
	}
	if e.TotalRows > 0 {
		m.total.Store(e.TotalRows)
	}
	return m
}

func (s *stageMeter) endTable(name string) {
	if m := s.tables[name]; m != nil {
		delete(s.tables, name)
		s.done[name] = m
	}
}

// endStage forgets a stage, but for the rows that a profile has counted.
func (t *tracker) endStage(name pipeline.Stage) {
	t.ended[name] = true
	i := slices.IndexFunc(t.stages, func(s *stageMeter) bool { return s.stage == name })
	if i < 0 {
		return
	}
	if name == pipeline.StageProfile {
		for _, tables := range []map[string]*meter{t.stages[i].tables, t.stages[i].done} {
			for table, m := range tables {
				t.profiled[table] = m.rows.Load()
			}
		}
	}
	t.stages = slices.Delete(t.stages, i, i+1)
}

func (s *stageMeter) endStep(name string) {
	i := slices.IndexFunc(s.steps, func(m *meter) bool { return m.name == name })
	if i >= 0 {
		s.steps = slices.Delete(s.steps, i, i+1)
		s.stepsN++
	}
}

// running gives the tables and steps of a stage that run, the oldest first.
func (s *stageMeter) running() []*meter {
	list := slices.Clone(s.steps)
	for _, m := range s.tables {
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b *meter) int { return a.begun.Compare(b.begun) })
	return list
}
