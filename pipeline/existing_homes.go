package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// meetHomes checks, before the source is read, everything about the target's
// tables that does not depend on values, and asks before rows there go.
func (r *run) meetHomes(ctx context.Context, conn *pgx.Conn) error {
	unfinished, err := r.unfinished(ctx, conn)
	if err != nil {
		return err
	}
	for _, t := range r.homes() {
		if !alike(t, t.home) {
			r.strange(t, t.home)
			continue
		}
		t.name = t.home.Name
		if unfinished[t.home.OID] {
			r.refuseUnfinished(t)
		} else {
			r.checkHome(t)
		}
		if err := r.matchColumns(t); err != nil {
			return err
		}
		r.followHome(t)
	}
	if err := r.meetOwn(); err != nil {
		return err
	}
	if err := r.checkSeeds(ctx, conn); err != nil {
		return err
	}
	if err := r.planAdded(); err != nil {
		return err
	}
	if r.adding() {
		if err := r.checkAdding(ctx, conn); err != nil {
			return err
		}
	} else {
		r.findCircles()
	}
	if r.open() == 0 && !r.adding() {
		if err := r.meetRows(ctx, conn); err != nil {
			return err
		}
	}
	if r.cfg.DryRun {
		return nil
	}
	return r.refuse()
}

// homeHazard reports what is wrong with a table of the target.
func (r *run) homeHazard(t *table, code, hint, format string, args ...any) {
	r.hazard(Hazard{Code: code, Table: t.src.Name, Count: 1, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// checkHome finds tables that rows cannot simply be copied into.
func (r *run) checkHome(t *table) {
	h, name := t.home, place(t.home)
	leave := "leave the table behind with --exclude=" + t.src.Name + ", or load it by the application"
	switch {
	case h.Kind != catalog.Table:
		r.homeHazard(t, "target-kind", leave, "%s of the target is a %s, not a plain table", name, h.Kind)
	case h.Partition || len(h.Parents) > 0 || len(h.Children) > 0:
		r.homeHazard(t, "target-kind", leave, "%s of the target is part of a partitioned or inherited table", name)
	case h.RowSecurityApplies:
		r.homeHazard(t, "row-security", "connect as the table's owner, or as a role that has BYPASSRLS",
			"row-level security of %s applies to role %s: rows could be refused or hidden", name, r.server.User)
	}
	r.checkRewrites(t, leave)
	if t.src.PrimaryKey != nil && h.Kind == catalog.Table && len(h.Uniques()) == 0 {
		r.homeHazard(t, "key-missing", "make the tables anew with --on-existing=drop, or run the application's migrations to the end",
			"%s of the target has no key, and %s has one: an unfinished run or migration?", name, t.src.Name)
	}
	r.checkRights(t)
	r.checkTriggers(t)
}

// checkRewrites finds rules that stand between the run and the table.
func (r *run) checkRewrites(t *table, leave string) {
	for _, rule := range t.home.Rules {
		if !rule.Enabled || rule.Event != "INSERT" && (rule.Event != "UPDATE" || !r.upserts()) {
			continue
		}
		what := "rewrites " + rule.Event + "s"
		if !r.adding() {
			what += ", and COPY passes it by"
		}
		hint := fmt.Sprintf("%s; if rows belong into the table itself, as its owner: ALTER TABLE %s DISABLE RULE %s",
			leave, r.qualified(t), postgres.Quote(rule.Name))
		r.homeHazard(t, "rule", hint, "rule %s of %s %s", rule.Name, place(t.home), what)
	}
}

// checkRights finds out whether the role may do what the run needs.
func (r *run) checkRights(t *table) {
	type need struct {
		right catalog.Rights
		name  string
	}
	want := []need{{catalog.Select, "SELECT"}, {catalog.Insert, "INSERT"}}
	switch r.cfg.OnData {
	case OnDataTruncate:
		want = append(want, need{catalog.Truncate, "TRUNCATE"})
	case OnDataUpsert:
		want = append(want, need{catalog.Update, "UPDATE"})
	case OnDataFail, OnDataAppend:
	}
	var missing []string
	for _, w := range want {
		if !t.home.Rights.Has(w.right) {
			missing = append(missing, w.name)
		}
	}
	if len(missing) > 0 {
		list := strings.Join(missing, ", ")
		r.homeHazard(t, "rights", fmt.Sprintf("as its owner: GRANT %s ON %s TO %s", list, r.qualified(t), postgres.Quote(r.server.User)),
			"role %s lacks %s on table %s", r.server.User, list, place(t.home))
	}
}

// checkTriggers finds triggers that would fire for each row and that the role
// cannot switch off.
func (r *run) checkTriggers(t *table) {
	if t.home.Owned {
		return
	}
	events := catalog.OnInsert
	switch r.cfg.OnData {
	case OnDataTruncate:
		events |= catalog.OnTruncate
	case OnDataUpsert:
		events |= catalog.OnUpdate
	}
	for _, g := range t.home.Triggers {
		if !g.Fires() || !g.Events.Has(events) {
			continue
		}
		h := Hazard{
			Code: "trigger", Table: t.src.Name, Count: 1,
			Message: fmt.Sprintf("trigger %s of %s would fire during the load, and role %s may not switch it off", g.Name, place(t.home), r.server.User),
			Hint:    "connect as the owner of the table, who may switch it off for the load, or let it fire with --fire-triggers",
		}
		if r.cfg.FireTriggers {
			h.Settled = "--fire-triggers"
			r.object(Object{
				Kind: "trigger", Table: t.src.Name, Name: g.Name, Status: "changed",
				Why: "fired for the rows of the load (--fire-triggers): " + g.Function,
			})
		}
		r.hazard(h)
	}
}

// matchColumns finds the home of each column.
func (r *run) matchColumns(t *table) error {
	nameOf := func(c *catalog.Column) string { return c.Name }
	mapped, err := r.mapColumns(t)
	if err != nil {
		return err
	}
	taken, free := map[*catalog.Column]bool{}, slices.Clone(t.home.Columns)
	for _, home := range mapped {
		free = slices.DeleteFunc(free, func(c *catalog.Column) bool { return c == home })
	}
	t.columns = make([]column, len(t.src.Columns))
	var lost []int
	for i, c := range t.src.Columns {
		t.columns[i] = column{src: c}
		home, rivals := mapped[i], []string(nil)
		if home == nil {
			home, rivals = byName(c.Name, free, nameOf)
		}
		example := planfile.QuoteName(t.src.Name) + "." + planfile.QuoteName(c.Name) + "=..."
		switch {
		case len(rivals) > 0:
			return ambiguous("column "+t.src.Name+"."+c.Name, "columns of "+place(t.home), rivals, example,
				"leave the table behind with --exclude="+t.src.Name)
		case home != nil && taken[home]:
			return ambiguous("column "+home.Name+" of "+place(t.home), "columns of the source", t.alikeColumns(home.Name), example,
				"rename all but the right one in the source")
		}
		switch {
		case home == nil:
			lost = append(lost, i)
			t.columns[i].skip, t.columns[i].open = true, !r.leaves(t.src, i)
		case home.Generated != catalog.NotGenerated:
			taken[home] = true
			t.columns[i].name, t.columns[i].skip = home.Name, true // Postgres computes it
		case r.leaves(t.src, i):
			t.columns[i].skip = true
			r.reportDrop(t.src, i)
		default:
			taken[home] = true
			t.columns[i].home, t.columns[i].name, t.columns[i].notNull = home, home.Name, home.NotNull
			t.wire = append(t.wire, i)
		}
	}
	r.checkLost(t, lost)
	for _, c := range t.home.Columns {
		if !taken[c] && c.Required() {
			r.homeHazard(t, "column-required", "give the column a default, or bring source and target to the same version of the application",
				"column %s of %s is NOT NULL without a default, and no column of the source goes into it", c.Name, place(t.home))
		}
	}
	return nil
}

// alikeColumns lists the source's columns that could go into a column.
func (t *table) alikeColumns(name string) []string {
	var out []string
	for _, c := range t.src.Columns {
		if snake(c.Name) == snake(name) || cutByPostgres(c.Name) == name {
			out = append(out, c.Name)
		}
	}
	return out
}

// checkLost refuses columns that the target lacks, unless the user lets go of
// them by name.
func (r *run) checkLost(t *table, lost []int) {
	for _, i := range lost {
		name := t.src.Columns[i].Name
		h := Hazard{
			Code: "column-missing", Table: t.src.Name, Column: name, Count: 1,
			Message: fmt.Sprintf("%s of the target has no column for %s.%s", place(t.home), t.src.Name, name),
			Hint:    fmt.Sprintf("bring both to the same version of the application, or leave it behind with --drop-column=%s.%s", t.src.Name, name),
		}
		if r.leaves(t.src, i) {
			h.Settled = "--drop-column"
		}
		r.hazard(h)
	}
}

// meetRows judges the rows that the target's tables hold already.
func (r *run) meetRows(ctx context.Context, conn *pgx.Conn) error {
	var homes []*catalog.Relation
	for _, t := range r.homes() {
		homes = append(homes, t.home)
	}
	full, err := catalog.Populated(ctx, conn, homes)
	if err != nil {
		return r.explainLock(ctx, fmt.Errorf("look for rows in the target: %w", err), r.homes())
	}
	if len(full) == 0 {
		r.into.vacant = true
		return nil
	}
	counts, err := catalog.Count(ctx, conn, full)
	if err != nil {
		return r.explainLock(ctx, fmt.Errorf("count the rows of the target: %w", err), r.homes())
	}
	var names, told []string
	for i, h := range full {
		names = append(names, r.homeName(h))
		told = append(told, fmt.Sprintf("%s (%d)", r.homeName(h), counts[i]))
	}
	h := Hazard{
		Code: "rows-exist", Count: int64(len(full)),
		Message: fmt.Sprintf("tables of schema %s hold rows already: %s", strings.Join(r.homeSchemas(), ", "), phrase.List(told, 8)),
		Hint:    "empty the run's tables first with --on-data=truncate, add to the rows with --on-data=append or upsert, make them anew with --on-existing=drop, or choose another --schema",
	}
	if r.cfg.OnData == OnDataTruncate {
		h.Settled = "--on-data=truncate"
	}
	r.hazard(h)
	if r.cfg.OnData != OnDataTruncate || r.cfg.DryRun {
		return nil
	}
	r.checkCascade()
	if r.open() > 0 {
		return nil
	}
	return r.confirmDrops(ctx, names)
}

// checkCascade refuses to empty tables that others reference: TRUNCATE would
// have to empty those too.
func (r *run) checkCascade() {
	in := map[uint32]bool{}
	for _, t := range r.homes() {
		in[t.home.OID] = true
	}
	for _, t := range r.homes() {
		for _, fk := range t.home.ReferencedBy {
			if !in[fk.Table.OID] && fk.Table.Name != rebuild.ControlTable {
				r.homeHazard(t, "cascade", "take that table into the run, or empty both by hand",
					"%s cannot be emptied: table %s.%s, which is not part of the run, references it (%s)",
					place(t.home), fk.Table.Schema, fk.Table.Name, fk.Name)
			}
		}
	}
}
