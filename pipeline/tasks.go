package pipeline

import (
	"context"
	"strings"
	"sync"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

type sourceTable = schema.Table

// loadTasks adds the tasks that load, and gives for each table the one after
// which all its rows are in.
func (r *run) loadTasks(s *schedule) map[*table]*task {
	loaded := map[*table]*task{}
	alike := map[string]*task{}
	for _, t := range r.tables {
		var units []*task
		var create *task
		if len(t.units) > 1 {
			create = s.add(&task{
				name: "create " + t.src.Name, stage: StageLoad, weight: t.profile.Bytes,
				run: func(ctx context.Context, w *worker) error { return r.createAlone(ctx, w, t) },
			})
		}
		for _, u := range t.units {
			units = append(units, s.add(&task{
				name: "load " + t.src.Name, stage: StageLoad, weight: t.profile.Bytes,
				run: func(ctx context.Context, w *worker) error { return r.loadUnit(ctx, w, t, u) },
			}).after(create))
		}
		first := create
		if first == nil {
			first = units[0]
		}
		alike[arrayName(t.name)] = first.after(alike[arrayName(t.name)])
		loaded[t] = s.add(&task{name: "loaded " + t.src.Name, stage: StageFinish, run: func(context.Context, *worker) error {
			r.emit(Event{Kind: TableEnd, Stage: StageLoad, Table: t.src.Name, Seconds: float64(t.nanos.Load()) / 1e9})
			return nil
		}}).after(units...)
	}
	return loaded
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
	if err := exec(ctx, w.conn, r.beginSQL()); err != nil {
		return err
	}
	if err := r.createTable(ctx, w.conn, t); err != nil {
		return err
	}
	return r.commitTable(ctx, w.conn, t)
}

// clock makes the first task of a stage start its clock and the last one stop
// it: stages overlap, so that none of them has a place of its own in the code.
func (r *run) clock(s *schedule) {
	left := map[Stage]int{}
	for _, t := range s.all {
		left[t.stage]++
	}
	var mu sync.Mutex
	ends := map[Stage]func(){}
	for _, t := range s.all {
		run := t.run
		t.run = func(ctx context.Context, w *worker) error {
			mu.Lock()
			if ends[t.stage] == nil {
				ends[t.stage] = r.begin(t.stage)
			}
			mu.Unlock()
			err := run(ctx, w)
			mu.Lock()
			defer mu.Unlock()
			if left[t.stage]--; left[t.stage] == 0 {
				ends[t.stage]()
			}
			return err
		}
	}
}
