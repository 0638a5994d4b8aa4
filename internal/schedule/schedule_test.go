package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/schedule"
)

type task = schedule.Task[int]

// connector counts connections. From the one numbered full on there are none
// to have; 0 means that there is no end to them.
type connector struct {
	mu           sync.Mutex
	opened, full int
	open         int
}

var errFull = errors.New("too many connections")

func (c *connector) Connect(context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full != 0 && c.opened+1 >= c.full {
		return 0, errFull
	}
	c.opened++
	c.open++
	return c.opened, nil
}

func (c *connector) Close(context.Context, int) {
	c.mu.Lock()
	c.open--
	c.mu.Unlock()
}

func (c *connector) Full(err error) bool { return errors.Is(err, errFull) }

// spec is a task of a test.
type spec struct {
	name  string
	cost  time.Duration
	locks []schedule.Lock
	after []string
}

// watch notes what tasks do, and what they must not.
type watch struct {
	mu      sync.Mutex
	order   []string
	share   map[string]int
	done    map[string]bool
	running map[string][]schedule.Lock
	broken  []string
	fail    map[string]error
	stays   map[string]bool // tasks that run until the context ends
}

// plan builds a plan of specs that w watches.
func plan(specs []spec, w *watch) *schedule.Plan[int] {
	w.share, w.done, w.running = map[string]int{}, map[string]bool{}, map[string][]schedule.Lock{}
	p, byName := &schedule.Plan[int]{}, map[string]*task{}
	for _, s := range specs {
		t := p.Add(&task{Name: s.name, Cost: s.cost, Locks: s.locks})
		t.Run = func(ctx context.Context, worker *schedule.Worker[int]) error {
			w.begin(s, worker)
			if w.stays[s.name] {
				<-ctx.Done()
			}
			time.Sleep(time.Microsecond)
			return w.end(s)
		}
		for _, a := range s.after {
			t.After(byName[a])
		}
		byName[s.name] = t
	}
	return p
}

func (w *watch) begin(s spec, worker *schedule.Worker[int]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.order = append(w.order, s.name)
	w.share[s.name] = worker.Share
	for _, a := range s.after {
		if !w.done[a] {
			w.broken = append(w.broken, s.name+" ran before "+a)
		}
	}
	for name, locks := range w.running {
		for _, held := range locks {
			if slices.ContainsFunc(s.locks, func(l schedule.Lock) bool { return l.Conflicts(held) }) {
				w.broken = append(w.broken, s.name+" ran beside "+name)
			}
		}
	}
	w.running[s.name] = s.locks
}

func (w *watch) end(s spec) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done[s.name] {
		w.broken = append(w.broken, s.name+" ran twice")
	}
	w.done[s.name] = true
	delete(w.running, s.name)
	return w.fail[s.name]
}

func TestOrder(t *testing.T) {
	t.Parallel()
	on := func(m schedule.Mode) []schedule.Lock { return []schedule.Lock{{On: "t", Mode: m}} }
	tests := []struct {
		name  string
		specs []spec
		want  string
	}{
		{"the longest path first", []spec{{name: "short", cost: 5}, {name: "head", cost: 1}, {name: "tail", cost: 9, after: []string{"head"}}}, "head tail short"},
		{"equal paths in their order", []spec{{name: "a", cost: 1}, {name: "b", cost: 1}, {name: "c", cost: 1}}, "a b c"},
		{"after all of several", []spec{{name: "a", cost: 1}, {name: "b", cost: 2}, {name: "c", cost: 9, after: []string{"a", "b"}}}, "b a c"},
		{"locks that conflict, on one worker", []spec{{name: "a", cost: 1, locks: on(schedule.Share)}, {name: "b", cost: 2, locks: on(schedule.AccessExclusive)}}, "b a"},
		{"a chain of locks counts as one of waits", []spec{
			{name: "other", cost: 4},
			{name: "first", cost: 1},
			{name: "one", cost: 2, locks: on(schedule.ShareUpdateExclusive), after: []string{"first"}},
			{name: "second", cost: 1},
			{name: "two", cost: 3, locks: on(schedule.ShareUpdateExclusive), after: []string{"second"}},
		}, "second two other first one"},
		{"locks that may be held together are no chain", []spec{
			{name: "other", cost: 4}, {name: "one", cost: 2, locks: on(schedule.Share)}, {name: "two", cost: 3, locks: on(schedule.Share)},
		}, "other two one"},
		{"what takes no time is in nobody's way", []spec{
			{name: "other", cost: 4}, {name: "one", locks: on(schedule.AccessExclusive)}, {name: "two", cost: 3, locks: on(schedule.ShareUpdateExclusive)},
		}, "other two one"},
		{"no tasks", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &watch{}
			if err := plan(test.specs, w).Run(t.Context(), 1, &connector{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, strings.Join(w.order, " ")); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

// TestShare gives what is left to do the workers that would be idle.
func TestShare(t *testing.T) {
	t.Parallel()
	four := []spec{{name: "a"}, {name: "b"}, {name: "c"}, {name: "d"}, {name: "gate", after: []string{"a", "b", "c", "d"}}}
	tests := []struct {
		name  string
		specs []spec
		want  map[string]int
	}{
		{"alone", four, map[string]int{"gate": 4}},
		{"one of two", append(slices.Clone(four), spec{name: "x", after: []string{"gate"}}, spec{name: "y", after: []string{"gate"}}), map[string]int{"x": 2}},
		{"never none", append(slices.Clone(four), spec{name: "e"}, spec{name: "f"}, spec{name: "g"}), map[string]int{"a": 1, "b": 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &watch{}
			if err := plan(test.specs, w).Run(t.Context(), 4, &connector{}); err != nil {
				t.Fatal(err)
			}
			for name, want := range test.want {
				if w.share[name] != want {
					t.Errorf("share of %s is %d, want %d", name, w.share[name], want)
				}
			}
		})
	}
}

// TestRules draws plans at random: every task runs once, after those that it
// waits for, and never beside one whose locks conflict.
func TestRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		specs := make([]spec, rapid.IntRange(1, 30).Draw(rt, "tasks"))
		for i := range specs {
			specs[i] = spec{name: fmt.Sprint(i), cost: time.Duration(rapid.IntRange(0, 5).Draw(rt, "cost"))}
			for range rapid.IntRange(0, 2).Draw(rt, "locks") {
				specs[i].locks = append(specs[i].locks, schedule.Lock{
					On:   rapid.IntRange(0, 2).Draw(rt, "table"),
					Mode: schedule.Mode(rapid.IntRange(0, int(schedule.AccessExclusive)).Draw(rt, "mode")),
				})
			}
			for j := range i {
				if rapid.IntRange(0, 9).Draw(rt, "edge") == 0 {
					specs[i].after = append(specs[i].after, fmt.Sprint(j))
				}
			}
		}
		w := &watch{}
		c := &connector{full: rapid.IntRange(0, 4).Filter(func(n int) bool { return n != 1 }).Draw(rt, "full")}
		if err := plan(specs, w).Run(t.Context(), rapid.IntRange(1, 5).Draw(rt, "workers"), c); err != nil {
			rt.Fatal(err)
		}
		if len(w.broken) > 0 || len(w.order) != len(specs) || c.open != 0 {
			rt.Fatalf("%d of %d tasks ran, %d connections left open, %q", len(w.order), len(specs), c.open, w.broken)
		}
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	specs := make([]spec, 100)
	for i := range specs {
		specs[i].name = fmt.Sprint(i)
	}
	t.Run("a task fails", func(t *testing.T) {
		t.Parallel()
		// The others are not done before it fails, however slow the machine.
		c, w := &connector{}, &watch{fail: map[string]error{"7": boom}, stays: map[string]bool{}}
		for _, s := range specs[8:] {
			w.stays[s.name] = true
		}
		if err := plan(specs, w).Run(t.Context(), 4, c); !errors.Is(err, boom) {
			t.Errorf("error is %v, want %v", err, boom)
		}
		if c.open != 0 || len(w.order) == len(specs) {
			t.Errorf("%d connections open, %d tasks ran", c.open, len(w.order))
		}
	})
	t.Run("the context ends", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := plan(specs, &watch{}).Run(ctx, 4, &connector{}); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want %v", err, context.Canceled)
		}
	})
	t.Run("no connection at all", func(t *testing.T) {
		t.Parallel()
		if err := plan(specs, &watch{}).Run(t.Context(), 4, &connector{full: 1}); !errors.Is(err, errFull) {
			t.Errorf("error is %v, want %v", err, errFull)
		}
	})
}

// TestConflicts asks Postgres which of the modes wait for which.
func TestConflicts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	database := pgtest.Start(t).Database(t)
	holder, asker := pgtest.Connect(t, database), pgtest.Connect(t, database)
	exec := func(c *pgx.Conn, sql string) error {
		_, err := c.Exec(ctx, sql)
		return err
	}
	if err := exec(holder, "CREATE TABLE t (a int)"); err != nil {
		t.Fatal(err)
	}
	for held := schedule.AccessShare; held <= schedule.AccessExclusive; held++ {
		for want := schedule.AccessShare; want <= schedule.AccessExclusive; want++ {
			if err := exec(holder, "BEGIN; LOCK TABLE t IN "+held.String()+" MODE"); err != nil {
				t.Fatal(err)
			}
			refused := exec(asker, "BEGIN; LOCK TABLE t IN "+want.String()+" MODE NOWAIT")
			if err := errors.Join(exec(holder, "ROLLBACK"), exec(asker, "ROLLBACK")); err != nil {
				t.Fatal(err)
			}
			a, b := schedule.Lock{On: t, Mode: want}, schedule.Lock{On: t, Mode: held}
			if a.Conflicts(b) != (refused != nil) {
				t.Errorf("%s beside %s: conflict is %v, Postgres: %v", want, held, a.Conflicts(b), refused)
			}
		}
	}
}
