package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/schedule"
)

// finisher builds the tasks that make a loaded table whole: keys, indexes,
// checks, foreign keys, identities, statistics, views.
type finisher struct {
	r *run
	s *tasks
	// loaded is the task after which all rows of a table are in; built the
	// one after which its keys and indexes stand.
	loaded, built map[*table]*task
}

// tasks adds all tasks after the load.
func (f *finisher) tasks() {
	p := f.r.plan
	byTable := map[*table][]*task{}
	for _, k := range p.keys {
		byTable[k.t] = append(byTable[k.t], f.keyTask(k).After(f.loaded[k.t]))
	}
	for _, t := range f.r.tables {
		f.built[t] = f.s.add(StageFinish, &task{
			Name: "analyze " + t.src.Name, Cost: postgres.AnalyzeCost(t.profile.Rows),
			Locks: []lock{{On: t, Mode: schedule.ShareUpdateExclusive}},
			Run:   func(ctx context.Context, w *worker) error { return f.settle(ctx, w, t) },
		}).After(f.loaded[t]).After(byTable[t]...)
	}
	for _, c := range p.checks {
		f.constraintTasks(f.check(c)).After(f.built[c.t])
	}
	for _, k := range p.fks {
		// After the statistics: without them the validation is planned as if
		// the tables were empty (lineitem: 5.1 s instead of 0.5 s).
		f.constraintTasks(f.foreignKey(k)).After(f.built[k.t], f.built[k.parent])
	}
	if f.r.into != nil {
		f.homeTasks()
	}
	f.viewTasks()
}

// viewTasks creates the views one after the other, in dependency order.
func (f *finisher) viewTasks() {
	var all []*task
	for _, t := range f.r.tables {
		all = append(all, f.built[t])
	}
	if len(f.r.plan.views) == 0 {
		return
	}
	f.s.add(StageFinish, &task{Name: "views", Run: func(ctx context.Context, w *worker) error {
		for _, v := range f.r.plan.views {
			if _, err := f.optional(ctx, w, v.obj, v.ddl); err != nil {
				return err
			}
		}
		return nil
	}}).After(all...)
}

// step makes a task one step of the report: its run is told to the observer.
func (f *finisher) step(t *table, o Object, run func(context.Context, *worker) error) func(context.Context, *worker) error {
	name := o.Kind + " " + o.Name
	return func(ctx context.Context, w *worker) error {
		start := time.Now()
		f.r.emit(Event{Kind: StepBegin, Stage: StageFinish, Table: t.src.Name, Step: name})
		defer func() {
			f.r.emit(Event{Kind: StepEnd, Stage: StageFinish, Table: t.src.Name, Step: name, Seconds: time.Since(start).Seconds()})
		}()
		return run(ctx, w)
	}
}

// keyTask adds the building of an index, and its adoption where it is to be a
// key; it gives the last of the two.
func (f *finisher) keyTask(k *indexPlan) (last *task) {
	built := f.s.add(StageFinish, &task{
		Name: "build " + k.obj.Name, Cost: postgres.IndexCost(k.t.profile.Rows), Locks: []lock{{On: k.t, Mode: schedule.Share}},
		Run: f.step(k.t, k.obj, func(ctx context.Context, w *worker) error { return f.buildIndex(ctx, w, k) }),
	}).After(f.loaded[k.t])
	if !k.adopt {
		return built
	}
	return f.s.add(StageFinish, &task{
		Name: "adopt " + k.obj.Name, Locks: []lock{{On: k.t, Mode: schedule.AccessExclusive}},
		Run: func(ctx context.Context, w *worker) error { return f.adoptIndex(ctx, w, k) },
	}).After(built)
}

// buildIndex builds an index.
func (f *finisher) buildIndex(ctx context.Context, w *worker, k *indexPlan) error {
	err := f.transact(ctx, w, f.r.buildSettings(w.Share)+k.index.Create())
	if err == nil {
		k.stands = true
		return nil
	}
	return f.indexError(ctx, k, err)
}

// adoptIndex makes a constraint of an index.
func (f *finisher) adoptIndex(ctx context.Context, w *worker, k *indexPlan) error {
	if !k.stands {
		return nil
	}
	if err := f.transact(ctx, w, k.index.Adopt(k.primary)); err != nil {
		return f.indexError(ctx, k, err)
	}
	return nil
}

// indexError judges why a key or an index was not made. One that is too wide for
// Postgres is left out and reported, and so is an index, say over an expression,
// that Postgres does not take. A key fails the run otherwise: the checks before
// writing should have found what is wrong with it.
func (f *finisher) indexError(ctx context.Context, k *indexPlan, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case postgres.Code(err) == postgres.CodeUniqueViolation:
		return fmt.Errorf("%s %s of table %s: %s", k.obj.Kind, k.obj.Name, k.t.src.Name, postgres.Message(err))
	case fatal(err), k.adopt && postgres.Code(err) != postgres.CodeLimitExceeded:
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
	sql = append(sql, f.r.sequencesSQL(t)...)
	sql = append(sql, "ANALYZE "+f.r.qualified(t))
	run := f.transact
	if t.home != nil {
		run = f.transactHome
	}
	if err := run(ctx, w, strings.Join(sql, "; ")); err != nil {
		return fmt.Errorf("set identity and statistics of %s: %w", f.r.qualified(t), err)
	}
	return nil
}

// constraint is a CHECK or a foreign key: it is added without a look at the
// rows, which takes a moment under a strong lock, and validated under a weak
// one.
type constraint struct {
	t         *table
	obj       Object
	name, add string
	locks     []lock // of add
	cost      time.Duration
	// leave tells that it stays NOT VALID as the user chose.
	leave bool
	// must tells whether rows against it mean that something went wrong.
	must func(err error) bool
}

// check is a CHECK. Rows that SQLite let in against it leave it NOT VALID: it
// then holds for every later write.
func (f *finisher) check(c *checkPlan) *constraint {
	return &constraint{
		t: c.t, obj: c.obj, name: c.name,
		add:   postgres.AddCheck(f.r.plan.schema, c.t.name, c.name, c.sql),
		locks: []lock{{On: c.t, Mode: schedule.AccessExclusive}}, cost: postgres.ScanCost(c.t.profile.Rows),
		must: func(error) bool { return false },
	}
}

// foreignKey is a foreign key. Its orphans were counted before writing: new
// ones come only from rows that a policy left behind.
func (f *finisher) foreignKey(k *fkPlan) *constraint {
	return &constraint{
		t: k.t, obj: k.obj, name: k.fk.Name, add: k.fk.Add(),
		locks: []lock{{On: k.t, Mode: schedule.ShareRowExclusive}, {On: k.parent, Mode: schedule.ShareRowExclusive}},
		cost:  postgres.ForeignKeyCost(k.t.profile.Rows), leave: k.orphans,
		must: func(err error) bool {
			return postgres.Code(err) == postgres.CodeForeignKey && !f.r.anyRejected()
		},
	}
}

// constraintTasks adds the adding and the validation of a constraint, and
// gives the first.
func (f *finisher) constraintTasks(c *constraint) (first *task) {
	made := false
	add := f.s.add(StageFinish, &task{
		Name: "add " + c.obj.Name, Locks: c.locks,
		Run: func(ctx context.Context, w *worker) (err error) {
			made, err = f.optional(ctx, w, c.obj, c.add)
			return err
		},
	})
	if c.leave {
		return add
	}
	f.s.add(StageFinish, &task{
		Name: "validate " + c.obj.Name, Cost: c.cost, Locks: []lock{{On: c.t, Mode: schedule.ShareUpdateExclusive}},
		Run: func(ctx context.Context, w *worker) error {
			if !made {
				return nil
			}
			return f.step(c.t, c.obj, func(ctx context.Context, w *worker) error { return f.validate(ctx, w, c) })(ctx, w)
		},
	}).After(add)
	return add
}

// validate has Postgres check all rows against a constraint.
func (f *finisher) validate(ctx context.Context, w *worker, c *constraint) error {
	err := f.transact(ctx, w, f.r.buildSettings(1)+postgres.Validate(f.r.tableSchema(c.t), c.t.name, c.name))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || fatal(err):
		return err
	case c.must(err):
		return fmt.Errorf("%s %s of table %s: %s", c.obj.Kind, c.obj.Name, c.t.src.Name, postgres.Message(err))
	}
	f.r.weaken(c.obj, "NOT VALID: "+postgres.Message(err),
		"mend the rows, then ALTER TABLE ... VALIDATE CONSTRAINT "+postgres.Quote(c.name))
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
// Postgres does not accept.
func fatal(err error) bool {
	return postgres.Fatal(err)
}

// transact runs DDL in a transaction of its own, without the role's timeouts.
func (f *finisher) transact(ctx context.Context, w *worker, sql string) error {
	return f.transactHome(ctx, w, f.r.fixedPath()+sql)
}

// transactHome is transact for what belongs to an application's table, under
// the role's own path.
func (f *finisher) transactHome(ctx context.Context, w *worker, sql string) error {
	err := exec(ctx, w.Conn, f.r.beginSQL()+"; "+sql+"; COMMIT")
	if err != nil && ctx.Err() == nil && !fatal(err) {
		if e := exec(ctx, w.Conn, "ROLLBACK"); e != nil {
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
