package reseed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/pipeline"
)

type (
	task   = schedule.Task[*pgx.Conn]
	worker = schedule.Worker[*pgx.Conn]
	lock   = schedule.Lock
)

// Costs of moving the bytes of COPY streams, beside those of package postgres;
// measured with them. Only their ratios matter.
const (
	loadByte = 12 * time.Nanosecond
	readByte = 5 * time.Nanosecond
)

// tasks are those of one run: all that writes rows or reads them back, and what
// is built upon them.
type tasks struct {
	r     *run
	plan  schedule.Plan[*pgx.Conn]
	spans map[pipeline.Stage]*schedule.Span

	// loaded is the task after which all rows of a table are in, settled the one
	// after which its indexes stand and its statistics are taken.
	loaded, settled map[*table]*task
}

// runTasks loads, finishes and verifies, all overlapping on one set of
// connections.
func (r *run) runTasks(ctx context.Context) error {
	s := r.newTasks()
	s.load()
	s.settle()
	switch {
	case r.beside != nil:
		s.dress()
	case r.into != nil:
		s.restore()
	default:
		s.finish()
	}
	s.verify()
	return s.plan.Run(ctx, r.cfg.Jobs, s)
}

func (r *run) newTasks() *tasks {
	return &tasks{r: r, spans: map[pipeline.Stage]*schedule.Span{}, loaded: map[*table]*task{}, settled: map[*table]*task{}}
}

// add registers a task of a stage.
func (s *tasks) add(stage pipeline.Stage, t *task) *task {
	if s.spans[stage] == nil {
		s.spans[stage] = schedule.NewSpan(func() (end func()) { return s.r.Begin(stage) })
	}
	return s.plan.Add(schedule.Within(s.spans[stage], t))
}

// Connect, Close and Full are those of schedule.Connector.
func (s *tasks) Connect(ctx context.Context) (*pgx.Conn, error) { return s.r.connect(ctx) }

// Close ends a worker's connection.
func (s *tasks) Close(ctx context.Context, conn *pgx.Conn) { postgres.Close(ctx, conn) }

// Full tells that the server has no connection to give.
func (s *tasks) Full(err error) bool { return postgres.Code(err) == postgres.CodeTooManyConns }

// load adds the tasks that load: one for each chunk, but where foreign keys that
// stay on ask for more at once.
func (s *tasks) load() {
	r := s.r
	units := map[*table][]*task{}
	for _, part := range r.parts(r.fill, r.keeps) {
		var all []*task
		for _, t := range part {
			units[t] = s.units(part, t)
			all = append(all, units[t]...)
		}
		for _, t := range part {
			for _, parent := range r.parents(r.fill, t, r.keeps(t)) {
				for _, u := range all {
					if s.loaded[parent] != nil { // of a part before this one
						u.After(s.loaded[parent])
					}
				}
			}
		}
		for _, t := range part {
			s.loaded[t] = s.add(pipeline.StageLoad, &task{Name: "loaded " + t.shown, Run: func(context.Context, *worker) error {
				r.Emit(pipeline.Event{Kind: pipeline.TableEnd, Stage: pipeline.StageLoad, Table: t.shown, Seconds: float64(t.nanos.Load()) / 1e9})
				return nil
			}}).After(all...)
		}
	}
}

// units adds the tasks that load a table. The first table of a circle stands for
// all of it.
func (s *tasks) units(part []*table, t *table) (out []*task) {
	r := s.r
	switch {
	case len(part) > 1 && t != part[0]:
	case len(part) > 1:
		out = append(out, s.add(pipeline.StageLoad, &task{
			Name: "load " + t.shown + " and others",
			Run: func(ctx context.Context, w *worker) error {
				return r.loadTogether(ctx, w.Conn, r.inOrder(part, r.keeps))
			},
		}))
	case selfReferring(r.keeps(t)):
		out = append(out, s.add(pipeline.StageLoad, &task{
			Name: "load " + t.shown, Cost: loadByte * time.Duration(t.Bytes),
			Run: func(ctx context.Context, w *worker) error { return r.loadTogether(ctx, w.Conn, part) },
		}))
	default:
		for i := range t.Chunks {
			out = append(out, s.add(pipeline.StageLoad, &task{
				Name: "load " + t.shown, Cost: loadByte * time.Duration(t.Chunks[i].Raw),
				Locks: []lock{{On: t, Mode: schedule.RowExclusive}},
				Run:   func(ctx context.Context, w *worker) error { return r.loadChunk(ctx, w.Conn, t, i) },
			}))
		}
	}
	return out
}

// settle adds, for each table, the task that sets its identities and takes
// statistics. Indexes come before it.
func (s *tasks) settle() {
	for _, t := range s.r.tables {
		s.settled[t] = s.add(pipeline.StageFinish, &task{
			Name: "analyze " + t.shown, Cost: postgres.AnalyzeCost(t.Rows),
			Locks: []lock{{On: t, Mode: schedule.ShareUpdateExclusive}},
			Run: func(ctx context.Context, w *worker) error {
				sql := s.r.identitySQL(t)
				if !t.unchanged {
					sql = append(sql, "ANALYZE "+t.sql)
				}
				if len(sql) == 0 {
					return nil
				}
				if err := postgres.Exec(ctx, w.Conn, s.r.transaction(strings.Join(sql, "; "))); err != nil {
					return fmt.Errorf("set identities and statistics of %s: %w", t.shown, err)
				}
				return nil
			},
		}).After(s.loaded[t])
	}
}

// identitySQL sets the identities of a table. Sequences are found by what they
// belong to, never by name.
func (r *run) identitySQL(t *table) (out []string) {
	switch {
	case r.beside != nil:
		return nil // when the new tables are swapped in
	case t.home != nil:
		return r.sequencesSQL(t)
	}
	for _, id := range t.Identities {
		out = append(out, postgres.SetIdentity(t.Schema, t.Name, id.Column, id.Next))
	}
	return out
}
