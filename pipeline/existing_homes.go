package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
)

// meetHomes checks, before the source is read, everything about the target's
// tables that does not depend on values, and asks before rows there go.
func (r *run) meetHomes(ctx context.Context, conn *pgx.Conn) error {
	for _, t := range r.tables {
		r.checkHome(t)
		if err := r.matchColumns(t); err != nil {
			return err
		}
		r.followHome(t)
	}
	r.checkCircles()
	if r.open() == 0 {
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
	h, name := t.home, r.qualified(t)
	leave := "leave the table behind with --exclude, or load it by the application"
	switch {
	case h.Kind != catalog.Table:
		r.homeHazard(t, "target-kind", leave, "%s of the target is a %s, not a plain table", name, h.Kind)
	case h.Partition || len(h.Parents) > 0 || len(h.Children) > 0:
		r.homeHazard(t, "target-kind", leave, "%s of the target is part of a partitioned or inherited table", name)
	case h.RowSecurityApplies:
		r.homeHazard(t, "row-security", "connect as the table's owner, or as a role that has BYPASSRLS",
			"row-level security of %s applies to role %s: rows could be refused or hidden", name, r.server.User)
	}
	for _, rule := range h.Rules {
		if rule.Enabled && rule.Event == "INSERT" {
			r.homeHazard(t, "rule", leave, "rule %s of %s rewrites INSERTs", rule.Name, name)
		}
	}
	if t.src.PrimaryKey != nil && h.Kind == catalog.Table && len(h.Uniques()) == 0 {
		r.homeHazard(t, "key-missing", "make the tables anew with --on-existing=drop, or run the application's migrations to the end",
			"%s of the target has no key, and %s has one: an unfinished run or migration?", name, t.src.Name)
	}
	r.checkRights(t)
	r.checkTriggers(t)
}

// checkRights finds out whether the role may do what the run needs.
func (r *run) checkRights(t *table) {
	want := []struct {
		right catalog.Rights
		name  string
	}{{catalog.Select, "SELECT"}, {catalog.Insert, "INSERT"}}
	if r.cfg.OnData == OnDataTruncate {
		want = append(want, struct {
			right catalog.Rights
			name  string
		}{catalog.Truncate, "TRUNCATE"})
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
			"role %s may not %s %s", r.server.User, list, r.qualified(t))
	}
}

// checkTriggers finds triggers that would fire for each row and that the role
// cannot switch off.
func (r *run) checkTriggers(t *table) {
	if t.home.Owned {
		return
	}
	for _, g := range t.home.Triggers {
		if g.Fires() && g.Events.Has(catalog.OnInsert|catalog.OnTruncate) {
			r.homeHazard(t, "trigger", "connect as the owner of the table, who may switch the trigger off during the load",
				"trigger %s of %s would fire during the load, and role %s may not switch it off", g.Name, r.qualified(t), r.server.User)
		}
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
		if len(rivals) > 0 || home != nil && taken[home] {
			return ambiguous("column "+t.src.Name+"."+c.Name, append(rivals, c.Name), planfile.QuoteName(t.src.Name)+"."+planfile.QuoteName(c.Name)+"=...")
		}
		switch {
		case home == nil:
			lost = append(lost, i)
			t.columns[i].skip = true
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
				"column %s of %s is NOT NULL without a default, and no column of the source goes into it", c.Name, r.qualified(t))
		}
	}
	return nil
}

// checkLost refuses columns that the target lacks, unless the user lets go of
// them by name.
func (r *run) checkLost(t *table, lost []int) {
	for _, i := range lost {
		name := t.src.Columns[i].Name
		h := Hazard{
			Code: "column-missing", Table: t.src.Name, Column: name, Count: 1,
			Message: fmt.Sprintf("%s of the target has no column for %s.%s", r.qualified(t), t.src.Name, name),
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
	homes := make([]*catalog.Relation, len(r.tables))
	for i, t := range r.tables {
		homes[i] = t.home
	}
	full, err := catalog.Populated(ctx, conn, homes)
	if err != nil {
		return fmt.Errorf("look for rows in the target: %w", err)
	}
	if len(full) == 0 {
		return nil
	}
	counts, err := catalog.Count(ctx, conn, full)
	if err != nil {
		return fmt.Errorf("count the rows of the target: %w", err)
	}
	var names, told []string
	for i, h := range full {
		names = append(names, r.homeName(h))
		told = append(told, fmt.Sprintf("%s (%d)", r.homeName(h), counts[i]))
	}
	h := Hazard{
		Code: "rows-exist", Count: int64(len(full)),
		Message: fmt.Sprintf("tables of schema %s hold rows already: %s", strings.Join(r.homeSchemas(), ", "), some(told, 8)),
		Hint:    "empty the run's tables first with --on-data=truncate, make them anew with --on-existing=drop, or choose another --schema",
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
	for _, t := range r.tables {
		in[t.home.OID] = true
	}
	for _, t := range r.tables {
		for _, fk := range t.home.ReferencedBy {
			if !in[fk.Table.OID] && fk.Table.Name != rebuild.ControlTable {
				r.homeHazard(t, "cascade", "take that table into the run, or empty both by hand",
					"%s cannot be emptied: table %s.%s, which is not part of the run, references it (%s)",
					r.qualified(t), fk.Table.Schema, fk.Table.Name, fk.Name)
			}
		}
	}
}
