package pipeline

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/litehaul/litehaul/internal/postgres"
)

// finisher builds the tasks that make a loaded table whole: keys, indexes,
// checks, foreign keys, identities, statistics, views.
type finisher struct {
	r *run
	s *schedule
	// loaded is the task after which all rows of a table are in; built the
	// one after which its keys and indexes stand.
	loaded, built map[*table]*task
	// adding lets one foreign key be added at a time: each takes locks on two
	// tables, and two that cross would wait for each other.
	adding sync.Mutex
}

// tasks adds all tasks after the load.
func (f *finisher) tasks() {
	p := f.r.plan
	byTable := map[*table][]*task{}
	for _, k := range p.keys {
		t := f.step(k.t, k.obj, func(ctx context.Context, w *worker) error { return f.buildIndex(ctx, w, k) })
		t.weight = k.t.profile.Rows
		byTable[k.t] = append(byTable[k.t], t.after(f.loaded[k.t]))
	}
	for _, t := range p.tables {
		f.built[t] = f.s.add(&task{
			name: "analyze " + t.src.Name, stage: StageFinish,
			run: func(ctx context.Context, w *worker) error { return f.settle(ctx, w, t) },
		}).after(f.loaded[t]).after(byTable[t]...)
	}
	for _, c := range p.checks {
		f.step(c.t, c.obj, func(ctx context.Context, w *worker) error { return f.addCheck(ctx, w, c) }).after(f.built[c.t])
	}
	for _, k := range p.fks {
		f.step(k.t, k.obj, func(ctx context.Context, w *worker) error { return f.addForeignKey(ctx, w, k) }).
			after(f.built[k.t], f.built[k.parent])
	}
	f.viewTasks()
}

// viewTasks creates the views one after the other, in dependency order.
func (f *finisher) viewTasks() {
	var all []*task
	for _, t := range f.r.plan.tables {
		all = append(all, f.built[t])
	}
	if len(f.r.plan.views) == 0 {
		return
	}
	f.s.add(&task{name: "views", stage: StageFinish, run: func(ctx context.Context, w *worker) error {
		for _, v := range f.r.plan.views {
			if _, err := f.optional(ctx, w, v.obj, v.ddl); err != nil {
				return err
			}
		}
		return nil
	}}).after(all...)
}

// step adds a task that is reported as one step.
func (f *finisher) step(t *table, o Object, run func(context.Context, *worker) error) *task {
	name := o.Kind + " " + o.Name
	return f.s.add(&task{name: name, stage: StageFinish, run: func(ctx context.Context, w *worker) error {
		start := time.Now()
		f.r.emit(Event{Kind: StepBegin, Stage: StageFinish, Table: t.src.Name, Step: name})
		defer func() {
			f.r.emit(Event{Kind: StepEnd, Stage: StageFinish, Table: t.src.Name, Step: name, Seconds: time.Since(start).Seconds()})
		}()
		return run(ctx, w)
	}})
}

// buildIndex builds an index and makes a key of it where it is one. A key that
// the rows do not keep fails the run: the checks before writing should have
// found it. An index that is too wide for Postgres is left out and reported.
func (f *finisher) buildIndex(ctx context.Context, w *worker, k *indexPlan) error {
	err := f.transact(ctx, w, f.r.indexSettings()+k.index.Create())
	if err == nil && k.adopt {
		// In a transaction of its own: two builds on one table that both went
		// on to lock it would wait for each other.
		err = f.transact(ctx, w, k.index.Adopt(k.primary))
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case postgres.Code(err) == postgres.CodeUniqueViolation:
		return fmt.Errorf("%s %s of table %s: %s", k.obj.Kind, k.obj.Name, k.t.src.Name, postgres.Message(err))
	case fatal(err):
		return fmt.Errorf("build %s %s: %w", k.obj.Kind, k.obj.Name, err)
	}
	f.r.demote(k.obj, postgres.Message(err), indexAdvice(err))
	return nil
}

func indexAdvice(err error) string {
	if postgres.Code(err) == postgres.CodeLimitExceeded {
		return "values are too long for a B-tree: index md5(column), or use a hash index"
	}
	return ""
}

// settle sets the identity and takes statistics once indexes stand.
func (f *finisher) settle(ctx context.Context, w *worker, t *table) error {
	p := f.r.plan
	var sql []string
	for i := range t.columns {
		if c := &t.columns[i]; c.identity {
			sql = append(sql, postgres.SetIdentity(p.schema, t.name, c.name, c.next))
		}
	}
	sql = append(sql, "ANALYZE "+f.r.qualified(t))
	if err := f.transact(ctx, w, strings.Join(sql, "; ")); err != nil {
		return fmt.Errorf("set identity and statistics of %s: %w", f.r.qualified(t), err)
	}
	return nil
}

// addCheck adds a CHECK and validates it. Rows that SQLite let in against it
// leave it NOT VALID: it then holds for every later write.
func (f *finisher) addCheck(ctx context.Context, w *worker, c *checkPlan) error {
	schema := f.r.plan.schema
	made, err := f.optional(ctx, w, c.obj, postgres.AddCheck(schema, c.t.name, c.name, c.sql))
	if err != nil || !made {
		return err
	}
	err = f.transact(ctx, w, postgres.Validate(schema, c.t.name, c.name))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || fatal(err):
		return err
	}
	f.r.weaken(c.obj, "NOT VALID: "+postgres.Message(err),
		"mend the rows, then ALTER TABLE ... VALIDATE CONSTRAINT "+postgres.Quote(c.name))
	return nil
}

// addForeignKey adds a foreign key and validates it.
func (f *finisher) addForeignKey(ctx context.Context, w *worker, k *fkPlan) error {
	f.adding.Lock()
	made, err := f.optional(ctx, w, k.obj, k.fk.Add())
	f.adding.Unlock()
	if err != nil || k.orphans || !made {
		return err
	}
	err = f.transact(ctx, w, postgres.Validate(f.r.plan.schema, k.t.name, k.fk.Name))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || fatal(err):
		return err
	case postgres.Code(err) == postgres.CodeForeignKey && !f.r.anyRejected():
		return fmt.Errorf("foreign key %s of table %s: %s", k.obj.Name, k.t.src.Name, postgres.Message(err))
	}
	f.r.weaken(k.obj, "NOT VALID: "+postgres.Message(err),
		"mend the rows, then ALTER TABLE ... VALIDATE CONSTRAINT "+postgres.Quote(k.fk.Name))
	return nil
}

// optional runs the DDL of an object without which the data are still whole,
// and tells whether it stands. What Postgres refuses is left out and reported
// with its reason.
func (f *finisher) optional(ctx context.Context, w *worker, o Object, sql string) (made bool, err error) {
	err = f.transact(ctx, w, sql)
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case fatal(err):
		return false, fmt.Errorf("make %s %s: %w", o.Kind, o.Name, err)
	}
	f.r.demote(o, postgres.Message(err), "")
	return false, nil
}

// fatal tells errors of the server or connection from a statement that
// Postgres does not accept: classes 08, 40, 53, 57, 58 and XX, and what has no
// SQLSTATE at all.
func fatal(err error) bool {
	code := postgres.Code(err)
	if len(code) < 2 {
		return true
	}
	switch code[:2] {
	case "08", "40", "53", "57", "58", "XX":
		return true
	}
	return false
}

// transact runs DDL in a transaction of its own, without the role's timeouts.
func (f *finisher) transact(ctx context.Context, w *worker, sql string) error {
	err := exec(ctx, w.conn, f.r.beginSQL()+"; "+sql+"; COMMIT")
	if err != nil && ctx.Err() == nil && !fatal(err) {
		if e := exec(ctx, w.conn, "ROLLBACK"); e != nil {
			return e
		}
	}
	return err
}

// demote reports an object that was planned and that Postgres refused.
func (r *run) demote(o Object, why, advice string) {
	r.restate(o, "left out", why, advice)
}

// weaken reports an object that stands, but less strictly than in SQLite.
func (r *run) weaken(o Object, why, advice string) {
	r.restate(o, "changed", why, advice)
}

func (r *run) restate(o Object, status, why, advice string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.rep.Objects {
		x := &r.rep.Objects[i]
		if x.Kind == o.Kind && x.Table == o.Table && x.Name == o.Name && x.Status != "left out" {
			x.Status, x.Why = status, why
			if advice != "" {
				x.Suggestion = advice
			}
			return
		}
	}
}

// anyRejected tells whether a policy left rows behind: their children then
// have no parent.
func (r *run) anyRejected() bool {
	for _, t := range r.tables {
		if t.rejected.Load() > 0 {
			return true
		}
	}
	return false
}

// maxIndexMem is what one index build is given where the server's own setting
// is lower.
const maxIndexMem = 256 << 20

// indexSettings gives index builds more memory than the server's default where
// that is low.
func (r *run) indexSettings() string {
	if r.server == nil || r.server.MaintenanceMem >= maxIndexMem {
		return ""
	}
	return fmt.Sprintf("SET LOCAL maintenance_work_mem = '%dMB'; ", maxIndexMem>>20)
}
