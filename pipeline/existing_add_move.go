package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// move brings the staged rows into the target's tables, parents before their
// children. Triggers are off meanwhile, and where many rows come, also what is
// quicker built anew: all of it is part of the one transaction.
func (a *added) move(ctx context.Context) error {
	lifted, err := a.lift(ctx)
	if err != nil {
		return err
	}
	for _, group := range a.groups() {
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
	if len(x.key) == 0 || !a.r.upserts() && x.ids == nil {
		return x.staged, nil
	}
	changed := ""
	if a.r.upserts() {
		changed = " OR " + x.image("v", "*<>", "t", x.t.wire)
	}
	first := postgres.Quote(x.t.columns[x.key[0]].name)
	err = a.conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s v LEFT JOIN ONLY %s t ON %s WHERE t.%s IS NULL%s",
		x.rowsName(), a.r.qualified(x.t), x.same("v", "t", x.key), first, changed)).Scan(&n)
	return n, err
}

// moveGroup moves tables that reference each other, or one table, in a single
// statement: Postgres looks at foreign keys that are not deferred when a
// statement ends, and then all its rows are there.
func (a *added) moveGroup(ctx context.Context, group []*addition) error {
	var parts, counts []string
	var dest []any
	var names []string
	start := time.Now()
	for _, x := range group {
		for _, s := range []struct {
			name, sql string
			n         *int64
		}{{fmt.Sprintf("u%d", x.no), a.updateSQL(x), &x.updated}, {fmt.Sprintf("i%d", x.no), a.insertSQL(x), &x.inserted}} {
			if s.sql == "" {
				continue
			}
			parts = append(parts, s.name+" AS ("+s.sql+" RETURNING 1)")
			counts, dest = append(counts, "(SELECT count(*) FROM "+s.name+")"), append(dest, s.n)
		}
		names = append(names, x.t.src.Name)
	}
	step := Event{Kind: StepBegin, Stage: StageFinish, Table: names[0], Step: "rows into " + phrase.List(names, 3)}
	a.r.emit(step)
	if err := a.conn.QueryRow(ctx, "WITH "+strings.Join(parts, ", ")+" SELECT "+strings.Join(counts, ", ")).Scan(dest...); err != nil {
		return a.explainMove("bring the rows into "+phrase.List(names, 3), err)
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

// insertSQL adds the rows that do not stand in the target.
func (a *added) insertSQL(x *addition) string {
	cols := strings.Join(x.names("", x.t.wire), ", ")
	overriding := ""
	if slices.ContainsFunc(x.t.home.Columns, func(c *catalog.Column) bool { return c.Identity == catalog.Always }) {
		overriding = "OVERRIDING SYSTEM VALUE "
	}
	sql := fmt.Sprintf("INSERT INTO %s (%s) %sSELECT %s FROM %s v", a.r.qualified(x.t), cols, overriding,
		strings.Join(x.names("v", x.t.wire), ", "), x.rowsName())
	if len(x.key) > 0 && (a.r.upserts() || x.ids != nil) {
		sql += " WHERE NOT " + x.stands(a.r, "v")
	}
	return sql
}

// updateSQL makes the rows that stand in the target equal to the source's, if
// they are not.
func (a *added) updateSQL(x *addition) string {
	cols := x.settable()
	if !a.r.upserts() || len(x.key) == 0 || len(cols) == 0 {
		return ""
	}
	sets := make([]string, len(cols))
	for i, name := range x.names("", cols) {
		sets[i] = name + " = v." + name
	}
	return fmt.Sprintf("UPDATE ONLY %s AS t SET %s FROM %s v WHERE %s AND %s", a.r.qualified(x.t),
		strings.Join(sets, ", "), x.rowsName(), x.same("t", "v", x.key), x.image("t", "*<>", "v", cols))
}

// settable lists the columns that an update may set: all that the run writes,
// but for identities that are GENERATED ALWAYS, which are equal.
func (x *addition) settable() (out []int) {
	for _, c := range x.t.wire {
		if x.t.columns[c].home.Identity != catalog.Always {
			out = append(out, c)
		}
	}
	return out
}

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

// written selects the rows that the transaction at hand has written.
const written = "xmin = (SELECT (txid_current() & 4294967295)::text::xid)"

func (a *added) prove(ctx context.Context, x *addition) error {
	t := x.t
	t.result = "full"
	var wrote int64
	if err := a.conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM ONLY %s WHERE %s", a.r.qualified(t), written)).Scan(&wrote); err != nil {
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
	n, list, err := a.find(ctx, fmt.Sprintf("SELECT v.%s AS key, '' AS value FROM %s v JOIN ONLY %s t ON %s WHERE %s",
		postgres.Quote(keyColumnName), x.rowsName(), a.r.qualified(t), x.same("v", "t", x.key), x.image("v", "*<>", "t", t.wire)))
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
		err = a.conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s v JOIN ONLY %s t ON %s WHERE %s", x.rowsName(), a.r.qualified(x.t),
			x.same("v", "t", x.key), x.image("v", "*=", "t", x.t.wire))).Scan(&n)
		return n == x.staged-x.kept, n, err
	}
	want, err := a.digest(ctx, x.t, "SELECT "+strings.Join(x.names("v", x.t.wire), ", ")+" FROM "+x.rowsName()+" v")
	if err != nil {
		return false, 0, err
	}
	got, err := a.digest(ctx, x.t, fmt.Sprintf("SELECT %s FROM ONLY %s t WHERE t.%s", strings.Join(x.names("t", x.t.wire), ", "), a.r.qualified(x.t), written))
	return want == got, got.Rows, err
}

// groups sorts the tables so that each comes after those that its foreign keys
// reference, with tables that reference each other together. Foreign keys that
// are deferred to the end of the transaction ask for no order.
func (a *added) groups() [][]*addition {
	byOID := a.r.homesByOID()
	return components(a.tables, func(x *addition) (parents []*addition) {
		for _, fk := range x.t.home.ForeignKeys {
			if parent := a.of[byOID[fk.Parent.OID]]; parent != nil && fk.Enforced && !fk.InitiallyDeferred {
				parents = append(parents, parent)
			}
		}
		return parents
	})
}
