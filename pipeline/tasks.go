package pipeline

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

type sourceTable = schema.Table

type (
	task   = schedule.Task[*pgx.Conn]
	worker = schedule.Worker[*pgx.Conn]
	lock   = schedule.Lock
)

// tasks are those of one run: all that writes to the target or reads it back.
type tasks struct {
	r     *run
	plan  schedule.Plan[*pgx.Conn]
	spans map[Stage]*schedule.Span
}

// add registers a task of a stage.
func (s *tasks) add(stage Stage, t *task) *task {
	if s.spans[stage] == nil {
		s.spans[stage] = schedule.NewSpan(func() (end func()) { return s.r.begin(stage) })
	}
	return s.plan.Add(schedule.Within(s.spans[stage], t))
}

// Connect, Close and Full are those of schedule.Connector.
func (s *tasks) Connect(ctx context.Context) (*pgx.Conn, error) { return s.r.connect(ctx) }

// Close ends a worker's connection.
func (s *tasks) Close(ctx context.Context, conn *pgx.Conn) { closeConn(ctx, conn) }

// Full tells that the server has no connection to give.
func (s *tasks) Full(err error) bool { return postgres.Code(err) == postgres.CodeTooManyConns }

// runTasks loads, finishes and verifies, all overlapping on one set of
// connections.
func (r *run) runTasks(ctx context.Context) error {
	s := &tasks{r: r, spans: map[Stage]*schedule.Span{}}
	loaded := s.load()
	f := &finisher{r: r, s: s, loaded: loaded, built: map[*table]*task{}}
	f.tasks()
	s.verify(loaded)
	return s.plan.Run(ctx, r.cfg.Jobs, s)
}

// load adds the tasks that load, and gives for each table the one after which
// all its rows are in.
func (s *tasks) load() map[*table]*task {
	r := s.r
	loaded := map[*table]*task{}
	alike := map[string]*task{}
	units := map[*table][]*task{}
	circles := s.circleTasks()
	for _, t := range r.tables {
		var create *task
		if t.home == nil && len(t.units) > 1 {
			create = s.add(StageLoad, &task{
				Name: "create " + t.src.Name,
				Run:  func(ctx context.Context, w *worker) error { return r.createAlone(ctx, w, t) },
			})
		}
		if t.circle != nil {
			units[t] = []*task{circles[t.circle]}
		} else {
			units[t] = s.unitTasks(t, create)
		}
		first := create
		if first == nil {
			first = units[t][0]
		}
		if t.home == nil {
			alike[arrayName(t.name)] = first.After(alike[arrayName(t.name)])
		}
		loaded[t] = s.add(StageLoad, &task{Name: "loaded " + t.src.Name, Run: func(context.Context, *worker) error {
			r.emit(Event{Kind: TableEnd, Stage: StageLoad, Table: t.src.Name, Seconds: float64(t.nanos.Load()) / 1e9})
			return nil
		}}).After(units[t]...)
	}
	if r.into != nil {
		r.parentsFirst(loaded, units)
	}
	return loaded
}

// unitTasks adds a task for each unit of a table.
func (s *tasks) unitTasks(t *table, create *task) []*task {
	var out []*task
	for _, u := range t.units {
		out = append(out, s.add(StageLoad, &task{
			Name: "load " + t.src.Name, Cost: loadCost(t),
			Run: func(ctx context.Context, w *worker) error { return s.r.loadUnit(ctx, w, t, u) },
		}).After(create))
	}
	return out
}

// arrayName gives what tables have in common whose types could be one: each
// table brings an array type, named with an underscore in front and cut to 63
// bytes. Two such tables made at the same time would run into each other.
func arrayName(name string) string {
	const sure = maxName - 8 // leaves room for underscores
	name = strings.TrimLeft(name, "_")
	return name[:min(sure, len(name))]
}

// createAlone creates a table that several units will fill.
func (r *run) createAlone(ctx context.Context, w *worker, t *table) error {
	if err := exec(ctx, w.Conn, r.beginSQL()); err != nil {
		return err
	}
	if err := r.createTable(ctx, w.Conn, t); err != nil {
		return err
	}
	return r.commitTable(ctx, w.Conn, t)
}
