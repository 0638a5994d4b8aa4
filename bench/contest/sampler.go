package contest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/bench/machine"
)

// Clients are looked at often, because small databases take a tenth of a second
// only; the server's dozen of processes less often, because looking at them
// costs 0.2 ms: a fifth of a percent of one core.
const (
	clientPause = 10 * time.Millisecond
	serverPause = 100 * time.Millisecond
)

// sample is the CPU time that had been spent at a moment.
type sample struct {
	at    time.Time
	spent time.Duration
}

// series are samples in the order of time.
type series []sample

// at estimates the CPU time that had been spent at a moment.
func (s series) at(moment time.Time) time.Duration {
	if len(s) == 0 {
		return 0
	}
	last := s[0]
	for _, next := range s {
		if !next.at.Before(moment) {
			gap := next.at.Sub(last.at)
			if gap <= 0 {
				return next.spent
			}
			part := float64(moment.Sub(last.at)) / float64(gap)
			return last.spent + time.Duration(max(part, 0)*float64(next.spent-last.spent))
		}
		last = next
	}
	return last.spent
}

// between gives the CPU time that was spent from one moment to another, in
// seconds.
func (s series) between(from, to time.Time) float64 { return (s.at(to) - s.at(from)).Seconds() }

// sampler watches the processes of a lap.
type sampler struct {
	serverPID int // 0: the server is elsewhere, and cannot be watched

	mu      sync.Mutex
	clients []int
	client  series
	server  series
	peak    int64

	cancel context.CancelFunc
	group  errgroup.Group
}

// watch begins to take samples, until stop is called.
func watch(ctx context.Context, serverPID int) *sampler {
	s := &sampler{serverPID: serverPID}
	ctx, s.cancel = context.WithCancel(ctx)
	s.sampleServer()
	s.group.Go(func() error { return every(ctx, clientPause, s.sampleClients) })
	s.group.Go(func() error { return every(ctx, serverPause, s.sampleServer) })
	return s
}

func every(ctx context.Context, pause time.Duration, do func()) error {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			do()
		}
	}
}

// stop takes the last samples.
func (s *sampler) stop() {
	s.cancel()
	_ = s.group.Wait() // every returns no error
	s.sampleServer()
}

// restart forgets what was spent so far.
func (s *sampler) restart() {
	s.sampleServer()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients, s.client, s.peak = nil, nil, 0
	s.server = s.server[max(0, len(s.server)-1):]
}

// add has a client's process watched too.
func (s *sampler) add(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = append(s.clients, pid)
	s.client = append(s.client, sample{time.Now(), s.client.at(time.Now())})
}

func (s *sampler) sampleClients() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, spent := time.Now(), time.Duration(0)
	for _, pid := range s.clients {
		s.peak = max(s.peak, machine.Peak(pid))
		if cpu, err := treeCPU(pid); err == nil {
			spent += cpu
		}
	}
	// Less than before: a process has ended. What it spent is known from its end.
	if n := len(s.client); n > 0 && spent >= s.client[n-1].spent {
		s.client = append(s.client, sample{now, spent})
	}
}

func (s *sampler) sampleServer() {
	if s.serverPID == 0 {
		return
	}
	now := time.Now()
	if cpu, err := treeCPU(s.serverPID); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.server = append(s.server, sample{now, cpu})
	}
}

// serverCPU gives the seconds that the server has spent from first to last
// sample.
func (s *sampler) serverCPU() float64 {
	if len(s.server) == 0 {
		return 0
	}
	return (s.server[len(s.server)-1].spent - s.server[0].spent).Seconds()
}
