package reseed

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// existing is what a run knows of tables that stand in the target.
type existing struct {
	vacant  bool // no table held a row when the run looked, and nobody was asked
	off     []rebuild.Item
	emptied bool
	loading bool // rows may be in
}

// meet finds out whether the archive's tables stand in the target, and checks
// before anything is written all that can be checked.
func (r *run) meet(ctx context.Context) error {
	missing := r.findHomes()
	if len(missing) == len(r.tables) {
		return r.meetNothing(ctx)
	}
	if err := r.lockSchemas(ctx); err != nil {
		return err
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if err := postgres.Exec(ctx, conn, fmt.Sprintf("SET lock_timeout = %d", lockWait.Milliseconds())); err != nil {
		return server.Explain(err)
	}
	if r.catalog, err = catalog.Read(ctx, conn, r.schemas()...); err != nil {
		return r.explainLock(ctx, server.Explain(err), nil)
	}
	missing = r.findHomes() // they may have come or gone until the lock was ours
	if again, err := r.meetUnfinished(ctx, conn); again || err != nil {
		return err
	}
	if len(missing) > 0 {
		return refuse("make the others with the application's migrations, fill only those that stand with --tables, or name an empty database",
			"the target has %d of the archive's %d tables, and not %s", len(r.tables)-len(missing), len(r.tables), phrase.List(missing, 8))
	}
	r.into = &existing{}
	if r.adding() {
		return r.meetAdding()
	}
	for _, t := range r.tables {
		r.checkHome(t)
	}
	r.checkCircles()
	if r.cfg.Swap {
		if err := r.checkSwap(ctx, conn); err != nil {
			return err
		}
	}
	if err := r.Refuse(); err != nil {
		return err
	}
	if r.cfg.OnlyChanged {
		if err := r.findChanged(ctx); err != nil {
			return err
		}
	}
	return r.meetRows(ctx, conn)
}

// findHomes looks the tables up in the catalog, and gives the names of those that
// are not there.
func (r *run) findHomes() (missing []string) {
	for _, t := range r.tables {
		if t.home = r.catalog.Relation(t.Schema, t.Name); t.home == nil {
			missing = append(missing, t.shown)
		}
	}
	return missing
}

// lockSchemas keeps other runs of litehaul off the schemas, as long as the
// connection lives.
func (r *run) lockSchemas(ctx context.Context) error {
	var err error
	if r.holder, err = r.connect(ctx); err != nil {
		return err
	}
	var there []string
	for _, s := range r.catalog.Schemas {
		there = append(there, s.Name)
	}
	_, err = rebuild.Acquire(ctx, r.holder, there...)
	return explainRebuild(err)
}

func explainRebuild(err error) error {
	var e *rebuild.Error
	var busy *rebuild.BusyError
	switch {
	case errors.As(err, &e):
		return &pipeline.Error{Err: err, Hint: e.Hint, Code: pipeline.ExitFailed}
	case errors.As(err, &busy):
		return refuse(fmt.Sprintf("wait for it to end, or end it: SELECT pg_terminate_backend(%d)", busy.PID), "%w", err)
	}
	return err
}

// hazard reports something that keeps the run from writing.
func (r *run) hazard(t *table, code, hint, format string, args ...any) {
	r.Hazard(pipeline.Hazard{Code: code, Table: t.shown, Count: 1, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// checkHome finds tables that rows cannot simply be copied into.
func (r *run) checkHome(t *table) {
	h := t.home
	leave := "leave the table behind with --exclude=" + t.Name + ", or load it by the application"
	switch {
	case h.Kind != catalog.Table:
		r.hazard(t, "target-kind", leave, "%s of the target is a %s, not a plain table", t.shown, h.Kind)
		return
	case h.Partition || len(h.Parents) > 0 || len(h.Children) > 0:
		r.hazard(t, "target-kind", leave, "%s of the target is part of a partitioned or inherited table", t.shown)
		return
	case h.RowSecurityApplies:
		r.hazard(t, "row-security", "connect as the table's owner, or as a role that has BYPASSRLS",
			"row-level security of %s applies to role %s: rows could be refused or hidden", t.shown, r.server.User)
	}
	for _, rule := range h.Rules {
		switch {
		case !rule.Enabled:
		case r.adding() && (rule.Event == "INSERT" || rule.Event == "UPDATE" && r.upserts()):
			r.hazard(t, "rule", leave, "rule %s of %s rewrites %ss: the rows would not go in as they are", rule.Name, t.shown, rule.Event)
		case rule.Event == "INSERT":
			r.hazard(t, "rule", leave, "rule %s of %s rewrites INSERTs, and COPY passes it by", rule.Name, t.shown)
		}
	}
	r.checkColumns(t)
	r.checkRights(t)
	if h.Owned || r.cfg.Swap {
		return // triggers are switched off, or not there yet
	}
	for _, g := range h.Triggers {
		if g.Fires() && g.Events.Has(catalog.OnInsert|r.besides()) {
			r.hazard(t, "trigger", "connect as the owner of the table, who may switch it off for the load",
				"trigger %s of %s would fire during the load, and role %s may not switch it off", g.Name, t.shown, r.server.User)
		}
	}
}

// besides are the events, beside INSERT, on which the run has triggers fire.
func (r *run) besides() catalog.Events {
	switch {
	case r.upserts():
		return catalog.OnUpdate
	case r.cfg.OnData != pipeline.OnDataTruncate:
		return 0
	case r.cfg.Atomic:
		return catalog.OnDelete
	}
	return catalog.OnTruncate
}

// checkColumns demands that the table has the archive's columns, of the archive's
// types, and no others but generated ones. Where rows are added, others may have
// their defaults.
func (r *run) checkColumns(t *table) {
	const hint = "bring archive and target to the same version of the application, or leave the table behind with --exclude"
	has := map[string]bool{}
	for _, c := range t.Columns {
		has[c.Name] = true
		home := t.home.Column(c.Name)
		switch {
		case home == nil:
			r.hazard(t, "column-missing", hint, "%s of the target has no column %s", t.shown, c.Name)
		case home.Generated != catalog.NotGenerated:
			r.hazard(t, "column-type", hint, "column %s.%s is a generated one in the target, and not in the archive", t.shown, c.Name)
		case plainType(home.Type.Text) != plainType(c.Type):
			r.hazard(t, "column-type", hint, "column %s.%s is %s in the target and %s in the archive", t.shown, c.Name, home.Type.Text, c.Type)
		}
	}
	for _, c := range t.home.Columns {
		switch {
		case has[c.Name] || c.Generated != catalog.NotGenerated:
		case !r.adding():
			r.hazard(t, "column-missing", hint, "the archive has nothing for column %s.%s of the target", t.shown, c.Name)
		case c.Required():
			r.hazard(t, "column-missing", hint, "the archive has nothing for column %s.%s of the target, which has no default and takes no NULL", t.shown, c.Name)
		}
	}
}

// needless finds quotes around names that need none.
var needless = regexp.MustCompile(`"([a-z_][a-z0-9_]*)"`)

// plainType spells a type's name without quotes that are not needed: writers of
// archives differ in these.
func plainType(s string) string { return needless.ReplaceAllString(s, "$1") }

// checkRights finds out whether the role may do what the run needs.
func (r *run) checkRights(t *table) {
	var missing []string
	for _, need := range []struct {
		right catalog.Rights
		name  string
		when  bool
	}{
		{catalog.Select, "SELECT", true},
		{catalog.Insert, "INSERT", true},
		{catalog.Update, "UPDATE", r.upserts()},
		{catalog.Truncate, "TRUNCATE", r.cfg.OnData == pipeline.OnDataTruncate && !r.cfg.Atomic},
		{catalog.Delete, "DELETE", r.cfg.OnData == pipeline.OnDataTruncate && r.cfg.Atomic},
	} {
		if need.when && !t.home.Rights.Has(need.right) {
			missing = append(missing, need.name)
		}
	}
	if len(missing) > 0 {
		list := strings.Join(missing, ", ")
		r.hazard(t, "rights", fmt.Sprintf("as its owner: GRANT %s ON %s TO %s", list, t.sql, postgres.Quote(r.server.User)),
			"role %s lacks %s on table %s", r.server.User, list, t.shown)
	}
}

// lockWait bounds the wait for others that have locked tables which are to be
// looked at, emptied or freed of their keys.
const lockWait = 10 * time.Second

// explainLock names the table and the session that a run has waited for too long.
// Other errors stay as they are.
func (r *run) explainLock(ctx context.Context, err error, tables []*table) error {
	if postgres.Code(err) != postgres.CodeLockTimeout {
		return err
	}
	const stop = "stop the application for the time of the load"
	out := &pipeline.Error{
		Err:  fmt.Errorf("tables of schema %s are locked by somebody else, for more than %s", strings.Join(r.schemas(), ", "), lockWait),
		Hint: stop, Code: pipeline.ExitFailed,
	}
	if r.into == nil || !r.into.loading && len(r.into.off) == 0 {
		out.Code = pipeline.ExitRefused // nothing was touched
	}
	conn, e := r.connect(ctx)
	if e != nil {
		return out
	}
	defer postgres.Close(ctx, conn)
	var names []string
	for _, t := range tables {
		names = append(names, t.Name)
	}
	if h := postgres.LockHolder(ctx, conn, r.schemas(), names, r.holder); h.PID != 0 {
		out.Err = fmt.Errorf("table %s is locked by server process %d%s, for more than %s", h.Table, h.PID, h.Who, lockWait)
		out.Hint = fmt.Sprintf("%s; or end that session: SELECT pg_terminate_backend(%d)", stop, h.PID)
	}
	return out
}
