package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/verify"
)

// move brings the staged rows into the target's tables, parents before their
// children. Triggers are off meanwhile, and where many rows come, also what is
// quicker built anew: all of it is part of the one transaction.
func (a *added) move(ctx context.Context) error {
	lifted, err := a.lift(ctx)
	if err != nil {
		return err
	}
	for _, group := range merge.Groups(a.tables, func(x *addition) *merge.Rows { return x.rows }) {
		if !slices.ContainsFunc(group, func(x *addition) bool { return x.todo > 0 }) {
			continue
		}
		if err := a.moveGroup(ctx, group); err != nil {
			return err
		}
	}
	if err := a.exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return a.explainMove("check what was deferred", err)
	}
	for _, x := range a.tables {
		// A foreign key is checked ten times as fast with statistics as without.
		if x.t.home.Owned && x.inserted+x.updated > 0 {
			if err := a.exec(ctx, "ANALYZE "+a.r.qualified(x.t)); err != nil {
				return fmt.Errorf("take statistics of %s: %w", a.r.qualified(x.t), err)
			}
		}
	}
	if err := rebuild.Lower(ctx, a.tx, lifted, a.r.restoreSettings(1)...); err != nil {
		return a.explainMove("put back what was off for the move", err)
	}
	return nil
}

// lift takes off what would fire for our rows or slow them down, where the role
// owns the table.
func (a *added) lift(ctx context.Context) (all []rebuild.Item, err error) {
	for _, x := range a.tables {
		if x.todo, err = a.todo(ctx, x); err != nil {
			return nil, fmt.Errorf("count the rows to move into %s: %w", a.r.qualified(x.t), err)
		}
		if x.todo == 0 || !x.t.home.Owned {
			continue
		}
		many := x.todo >= rebuild.ManyRows && x.todo >= x.standing()/rebuildShare
		items, err := rebuild.Lift(ctx, a.tx, x.t.home.OID, rebuild.Scope{Indexes: many, ForeignKeys: many, Triggers: true})
		if err != nil {
			return nil, explainRebuild(err)
		}
		all = append(all, items...)
	}
	return all, nil
}

// rebuildShare bounds what a move may cost the rows that stand, which are indexed
// and checked again too: what comes must be this part of them. 1.1 million rows
// with two foreign keys and an index took 19 s with all in force, and 5 s with
// these built anew (PostgreSQL 15, two busy cores).
const rebuildShare = 4

// standing guesses how many rows the target's table has.
func (x *addition) standing() int64 {
	const leastBytes = 64 // of a row, its header included
	if n := x.t.home.Rows; n >= 0 {
		return n
	}
	return x.t.home.Size / leastBytes
}

// todo counts the rows that will be inserted or updated.
func (a *added) todo(ctx context.Context, x *addition) (n int64, err error) {
	if len(x.key) == 0 || x.rows.Standing == merge.Refused {
		return x.staged, nil
	}
	return x.rows.Count(ctx, a.conn)
}

// moveGroup moves the rows of one table, or of those that reference each other.
func (a *added) moveGroup(ctx context.Context, group []*addition) error {
	var rows []*merge.Rows
	var names []string
	start := time.Now()
	for _, x := range group {
		rows, names = append(rows, x.rows), append(names, x.t.src.Name)
	}
	step := Event{Kind: StepBegin, Stage: StageFinish, Table: names[0], Step: "rows into " + phrase.List(names, 3)}
	a.r.emit(step)
	moved, err := merge.Move(ctx, a.conn, rows)
	if err != nil {
		return a.explainMove("bring the rows into "+phrase.List(names, 3), err)
	}
	for i, x := range group {
		x.inserted, x.updated = moved[i].Inserted, moved[i].Updated
	}
	step.Kind, step.Seconds = StepEnd, time.Since(start).Seconds()
	a.r.emit(step)
	return nil
}

// explainMove tells what a refusal of the server means at this point: something
// that the checks do not see, or another session's rows.
func (a *added) explainMove(what string, err error) error {
	hint := ""
	switch postgres.Code(err) {
	case postgres.CodeUniqueViolation, postgres.CodeForeignKey:
		hint = "something else wrote to the tables meanwhile: stop the application for the time of the move"
	case postgres.CodeCheckViolation, codeExclusion:
		hint = "mend the rows, or drop the constraint of the target first"
	default:
		return explainRebuild(fmt.Errorf("%s: %w", what, err))
	}
	return &Error{Err: fmt.Errorf("%s: %s", what, postgres.Message(err)), Hint: hint, Code: ExitFailed}
}

// codeExclusion is the SQLSTATE exclusion_violation.
const codeExclusion = "23P01"

// verify proves, before the commit, that each staged row stands in the target
// with equal values, and that this transaction wrote no other row there.
func (a *added) verify(ctx context.Context) error {
	for _, x := range a.tables {
		x.t.result = "counts"
		if a.r.cfg.Verify == VerifyFull {
			if err := a.prove(ctx, x); err != nil {
				return fmt.Errorf("read back %s: %w", a.r.qualified(x.t), err)
			}
		}
		a.r.emit(Event{Kind: Verified, Stage: StageVerify, Table: x.t.src.Name, OK: x.t.differs == nil})
	}
	return nil
}

func (a *added) prove(ctx context.Context, x *addition) error {
	t := x.t
	t.result = "full"
	wrote, err := x.rows.Wrote(ctx, a.conn)
	if err != nil {
		return err
	}
	same, equal, err := a.equalRows(ctx, x)
	if err != nil {
		return err
	}
	if wrote == x.inserted+x.updated && same {
		return nil
	}
	t.result = "differs"
	t.differs = &Difference{SourceRows: x.staged, TargetRows: equal + x.kept}
	if len(x.key) == 0 {
		return nil
	}
	n, list, err := a.find(ctx, x.rows.Different())
	for _, c := range list {
		t.differs.Keys = append(t.differs.Keys, c.Key)
	}
	t.differs.More = n - int64(len(list))
	return err
}

// equalRows compares the staged rows with those of the target: one by one where
// they can be found by a key, and else as digests of all that was written.
func (a *added) equalRows(ctx context.Context, x *addition) (same bool, n int64, err error) {
	if len(x.key) > 0 {
		n, err = x.rows.Equal(ctx, a.conn)
		return n == x.staged-x.kept, n, err
	}
	want, err := verify.Read(ctx, a.conn.PgConn(), x.rows.Waiting(), x.t.types(), nil)
	if err != nil {
		return false, 0, err
	}
	got, err := verify.Read(ctx, a.conn.PgConn(), x.rows.Written(), x.t.types(), nil)
	return want == got, got.Rows, err
}
