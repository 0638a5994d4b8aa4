package reseed

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/merge"
	"github.com/litehaul/litehaul/pipeline"
)

// meetAdding checks, before anything is loaded, whether rows can be added at all.
func (r *run) meetAdding() error {
	if !r.catalog.Temp {
		return refuse(fmt.Sprintf("as the database's owner: GRANT TEMPORARY ON DATABASE %s TO %s", postgres.Quote(r.server.Database), postgres.Quote(r.server.User)),
			"role %s may not make temporary tables in database %s, and rows are added through these", r.server.User, r.server.Database)
	}
	for _, t := range r.tables {
		r.checkHome(t)
		if r.upserts() && t.home.Kind == catalog.Table && len(t.keyColumns()) == 0 {
			r.hazard(t, "key-missing", "give the table a primary key of the archive's columns, leave it behind with --exclude, or only add rows with --on-data=append",
				"%s of the target has no primary key by which rows that stand could be found", t.shown)
		}
	}
	return r.Refuse()
}

// checkStaged finds, among the rows that wait, all that the target would refuse:
// the server itself compares, by its own rules. The tables are locked from then on.
func (r *run) checkStaged(ctx context.Context, tx pgx.Tx, all []*addition) error {
	if err := r.lockAdditions(ctx, tx.Conn(), all); err != nil {
		return err
	}
	byOID := map[uint32]*addition{}
	for _, x := range all {
		byOID[x.home.OID] = x
	}
	for _, x := range all {
		c := &checker{r: r, conn: tx.Conn(), x: x, byOID: byOID}
		for _, step := range []func(context.Context) error{c.keys, c.identities, c.parents, c.checks} {
			if err := step(ctx); err != nil {
				return fmt.Errorf("check the rows of %s against those of the target: %w", x.shown, err)
			}
		}
	}
	return r.Refuse()
}

// lockAdditions keeps others from changing the tables between the checks and the
// end. A role that may only insert cannot have such a lock: then constraints alone
// keep watch, and what breaks them ends the run.
func (r *run) lockAdditions(ctx context.Context, conn *pgx.Conn, all []*addition) error {
	var names []string
	var tables []*table
	for _, x := range all {
		if x.home.MayLock() {
			names, tables = append(names, "ONLY "+x.sql), append(tables, x.table)
		}
	}
	if len(names) == 0 {
		return nil
	}
	if err := r.do(ctx, conn, "LOCK TABLE "+strings.Join(names, ", ")+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return r.explainLock(ctx, fmt.Errorf("lock the tables: %w", err), tables)
	}
	return nil
}

// checker checks the rows of one table.
type checker struct {
	r     *run
	conn  *pgx.Conn
	x     *addition
	byOID map[uint32]*addition
}

// find reports the rows that a query gives as a hazard, whose message says what
// fits behind "7 rows of people".
func (c *checker) find(ctx context.Context, query string, h pipeline.Hazard) error {
	const most = 20
	n, first, err := merge.Find(ctx, c.conn, query, most)
	if err != nil || n == 0 {
		return err //nolint:wrapcheck // checkStaged says what was checked
	}
	h.Table, h.Count = c.x.shown, n
	h.Message = fmt.Sprintf("%d rows of %s %s", n, h.Table, h.Message)
	for _, e := range first {
		h.Cells = append(h.Cells, pipeline.Cell{Key: e.Key, Value: e.Value})
	}
	c.r.Hazard(h)
	return nil
}

// keys finds rows that would repeat a key of the target, one that stands there or
// one of the archive itself.
func (c *checker) keys(ctx context.Context) error {
	for _, u := range c.x.home.Uniques() {
		names, _ := u.Columns()
		what, hint := "unique key "+u.Name, "empty the archive's tables first with --on-data=truncate, or change the rows of one side"
		if u.Primary {
			what = "primary key"
			if !c.r.upserts() {
				hint = "update these with --on-data=upsert, or empty the archive's tables first with --on-data=truncate"
			}
		}
		if query, ok := c.x.rows.Taken(u); ok {
			if err := c.find(ctx, query, pipeline.Hazard{
				Code: "collision", Column: strings.Join(names, ", "), Hint: hint,
				Message: "have the " + what + " of rows that stand in the target",
			}); err != nil {
				return err
			}
		}
		if query, ok := c.x.rows.Repeated(u); ok {
			if err := c.find(ctx, query, pipeline.Hazard{
				Code: "bad-key", Column: strings.Join(names, ", "), Hint: leaveOrDrop,
				Message: "repeat the " + what + " of the target within the archive",
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaveOrDrop is the way out where a constraint of the target alone is in the way.
const leaveOrDrop = "drop the constraint of the target first, or leave the table behind with --exclude"

// identities finds rows whose update would have to set an identity that is
// GENERATED ALWAYS to another number.
func (c *checker) identities(ctx context.Context) error {
	for _, col := range c.x.home.Columns {
		query, ok := c.x.rows.Fixed(col)
		if !ok {
			continue
		}
		if err := c.find(ctx, query, pipeline.Hazard{
			Code: "identity", Column: col.Name, Hint: "delete these rows of the target first, or empty the archive's tables with --on-data=truncate",
			Message: fmt.Sprintf("have another number in %s, which is GENERATED ALWAYS in the target and cannot be updated", col.Name),
		}); err != nil {
			return err
		}
	}
	return nil
}

// parents finds rows whose parent is neither in the archive nor in the target.
func (c *checker) parents(ctx context.Context) error {
	for _, fk := range c.x.home.ForeignKeys {
		var parents *merge.Rows
		if p := c.byOID[fk.Parent.OID]; p != nil {
			parents = p.rows
		} else if rel := c.r.catalog.ByOID(fk.Parent.OID); rel == nil || !rel.Rights.Has(catalog.Select) {
			continue // Postgres looks with its owner's rights, and we may not
		}
		query, ok := c.x.rows.Orphans(fk, parents)
		if !ok {
			continue
		}
		if err := c.find(ctx, query, pipeline.Hazard{
			Code: "orphans", Column: strings.Join(fk.Columns, ", "), Hint: "add the parents first, or take their table into the run",
			Message: fmt.Sprintf("have no parent in %s, neither in the archive nor in the target", fk.Parent.Name),
		}); err != nil {
			return err
		}
	}
	return nil
}

// checks finds rows that break a check of the table.
func (c *checker) checks(ctx context.Context) error {
	for _, k := range c.x.home.Checks {
		query, ok := c.x.rows.Breaking(k)
		if !ok {
			continue
		}
		if err := c.find(ctx, query, pipeline.Hazard{
			Code: "check", Column: strings.Join(k.Columns, ", "), Hint: leaveOrDrop,
			Message: fmt.Sprintf("break check %s of the target", k.Name),
		}); err != nil {
			return err
		}
	}
	return nil
}
