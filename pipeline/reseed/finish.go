package reseed

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/internal/schedule"
	"github.com/litehaul/litehaul/pipeline"
)

// finisher makes tasks of the statements of post.sql. Those whose kind tells what
// they wait for and lock run side by side; any other runs alone, in its place.
type finisher struct {
	s        *tasks
	settings string
	tables   map[script.Name]*table
	indexes  map[script.Name]*task // by schema and name
	keys     map[*table][]*task    // what builds indexes and makes keys of them
	added    map[constraint]*task

	barrier *task   // that ran alone last, or nil
	since   []*task // all after it
}

type constraint struct {
	table script.Name
	name  string
}

// finish adds the tasks of post.sql.
func (s *tasks) finish() {
	f := &finisher{s: s, tables: map[script.Name]*table{}, indexes: map[script.Name]*task{}, keys: map[*table][]*task{}, added: map[constraint]*task{}}
	for _, t := range s.r.tables {
		f.tables[script.Name{Schema: t.Schema, Name: t.Name}] = t
		f.since = append(f.since, s.loaded[t], s.settled[t])
	}
	for i := range s.r.post {
		f.statement(&s.r.post[i])
	}
}

// statement adds a statement's task.
func (f *finisher) statement(s *script.Statement) {
	first := f.s.r.expect(s)
	t, parent := f.tables[first.Table], f.tables[first.Parent]
	switch {
	case s.Kind == script.Setting:
		f.settings += s.SQL + "; "
	case s.Kind == script.Analyze, s.Kind == script.Comment && s.Object == "table": // done in settle and finishMade
	case first.Kind == script.CreateIndex:
		f.index(s, first, t)
	case first.Kind == script.AddKey && f.indexes[indexOf(first)] != nil:
		f.built(f.add(s, t, lock{On: t, Mode: schedule.AccessExclusive}).After(f.indexes[indexOf(first)]), t)
	case first.Kind == script.AddForeignKey:
		k := f.add(s, t, lock{On: t, Mode: schedule.ShareRowExclusive}, lock{On: parent, Mode: schedule.ShareRowExclusive})
		f.added[constraint{first.Table, first.Object}] = k.After(f.s.settled[t], f.s.settled[parent]).After(f.keys[parent]...)
		if s.Kind == script.Try {
			k.Cost = postgres.ForeignKeyCost(t.Rows)
		}
	case first.Kind == script.AddConstraint && strings.HasSuffix(strings.ToUpper(first.SQL), "NOT VALID"):
		k := f.add(s, t, lock{On: t, Mode: schedule.AccessExclusive})
		f.added[constraint{first.Table, first.Object}] = k.After(f.s.settled[t])
	case first.Kind == script.Validate && f.added[constraint{first.Table, first.Object}] != nil:
		k := f.add(s, t, lock{On: t, Mode: schedule.ShareUpdateExclusive}).After(f.added[constraint{first.Table, first.Object}])
		k.Cost = postgres.ForeignKeyCost(t.Rows)
	default:
		f.alone(s)
	}
}

func indexOf(s *script.Statement) script.Name {
	return script.Name{Schema: s.Table.Schema, Name: s.Index}
}

// index adds the building of an index. A block may make a key of it at once.
func (f *finisher) index(s, first *script.Statement, t *table) {
	mode := schedule.Share
	if len(s.Inner) > 1 {
		mode = schedule.AccessExclusive
	}
	k := f.add(s, t, lock{On: t, Mode: mode}).After(f.s.loaded[t])
	k.Cost = postgres.IndexCost(t.Rows)
	f.indexes[script.Name{Schema: first.Table.Schema, Name: first.Object}] = k
	f.built(k, t)
}

// built keeps an index in mind that foreign keys wait for, and has statistics taken
// after it, as long as no statement that ran alone waits for these.
func (f *finisher) built(k *task, t *table) {
	f.keys[t] = append(f.keys[t], k)
	if f.barrier == nil {
		f.s.settled[t].After(k)
	}
}

// add adds a task that may run beside others.
func (f *finisher) add(s *script.Statement, t *table, locks ...lock) *task {
	k := f.s.add(pipeline.StageFinish, f.task(s, t))
	k.Locks = locks
	f.since = append(f.since, k)
	return k.After(f.barrier)
}

// alone adds a task that waits for all before it, and all after it wait for.
func (f *finisher) alone(s *script.Statement) {
	f.barrier = f.s.add(pipeline.StageFinish, f.task(s, f.tables[s.Table])).After(f.since...)
	f.since = []*task{f.barrier}
}

func (f *finisher) task(s *script.Statement, t *table) *task {
	r, settings := f.s.r, f.settings
	name, on := s.Object, ""
	if s.Kind == script.Try {
		name = s.Label
	}
	if t != nil {
		on = t.shown
	}
	return &task{Name: fmt.Sprintf("line %d of post.sql", s.Line), Run: func(ctx context.Context, w *worker) error {
		return r.Step(on, name, func() error {
			return r.runStatement(ctx, w.Conn, s, settings+r.server.BuildSettings(r.cfg.Jobs, w.Share))
		})
	}}
}

// codeNoTable: a relation that a view reads is not there.
const codeNoTable = "42P01"

// runStatement runs a statement in a transaction of its own.
func (r *run) runStatement(ctx context.Context, conn *pgx.Conn, s *script.Statement, settings string) error {
	err := postgres.Exec(ctx, conn, r.transaction(settings+s.SQL))
	switch {
	case err == nil:
		return nil
	case s.Kind == script.CreateView && len(r.tables) < len(r.all) && postgres.Code(err) == codeNoTable:
		r.Object(pipeline.Object{Kind: "view", Name: s.Object, Status: "left out", Why: postgres.Message(err)})
		return postgres.Exec(ctx, conn, "ROLLBACK")
	case postgres.Code(err) == postgres.CodeUniqueViolation, postgres.Code(err) == postgres.CodeForeignKey:
		return fmt.Errorf("%s of the archive: %s", s.Object, postgres.Message(err))
	}
	return fmt.Errorf("schema/post.sql, line %d: %w", s.Line, err)
}

// expect keeps in mind what the warnings of a block are about, and gives the
// statement that tells what s does: of a block the first.
func (r *run) expect(s *script.Statement) (first *script.Statement) {
	if s.Kind != script.Try {
		return s
	}
	first = &s.Inner[0]
	r.tries[s.Label] = object{kind: strings.TrimSuffix(s.Label, " "+first.Object), table: first.Table.Name, name: first.Object}
	return first
}

// hear takes the server's warnings: a block of post.sql says so what it left out.
func (r *run) hear(message string) {
	for what, o := range map[string]pipeline.Object{
		script.LeftOut:      {Status: "left out"},
		script.NotValidated: {Status: "changed"},
	} {
		label, why, ok := strings.Cut(message, what)
		made, known := r.tries[label]
		if !ok || !known {
			continue
		}
		o.Kind, o.Table, o.Name, o.Why = made.kind, made.table, made.name, why
		if o.Status == "changed" {
			o.Why = "NOT VALID: " + why
		}
		r.Object(o)
		return
	}
}
