package swap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Kind says when a step is taken.
type Kind string

// The kinds of steps that follow the rows, in the order in which they are taken.
const (
	Index      Kind = "index"
	Key        Kind = "key"        // of indexes that are there; or with its own
	Statistics Kind = "statistics" // wants ANALYZE
	Check      Kind = "check"
	ForeignKey Kind = "foreign key" // after the indexes of its parent
	Validate   Kind = "validate"    // a foreign key, after it was added
	Rest       Kind = "rest"        // triggers, rights, comments and marks
)

// kinds of steps that the package takes by itself.
const (
	makes Kind = "make"
	out   Kind = "out"
	in    Kind = "in"
)

var order = []Kind{makes, Index, Key, Statistics, Check, ForeignKey, Validate, Rest, out, in}

// Step is what makes one thing.
type Step struct {
	Table  uint32 // the old one
	Kind   Kind
	Name   string // for people
	SQL    string
	Parent uint32 // the old table that a foreign key references
}

// Table is one table of a plan.
type Table struct {
	OID      uint32
	Old, New string // qualified and quoted

	home, place string
	owner       string // another role than the one that works, or ""
}

// Plan is how tables are replaced.
type Plan struct {
	Tables  []Table
	steps   []Step
	before  []string // the state of the old tables
	path    string   // the search_path of the session, behind pg_catalog
	version int      // of the server
}

// Steps lists those that follow the rows.
func (p *Plan) Steps() (list []Step) {
	for _, s := range p.steps {
		if s.Kind != makes && s.Kind != out && s.Kind != in {
			list = append(list, s)
		}
	}
	return list
}

// Read plans to replace tables. tx is settled from then on (see catalog.Settle).
func Read(ctx context.Context, tx pgx.Tx, tables []uint32) (*Plan, error) {
	p := &Plan{}
	const session = `select current_setting('server_version_num')::int, concat_ws(', ', 'pg_catalog', nullif(current_setting('search_path'), ''))`
	if err := tx.QueryRow(ctx, session).Scan(&p.version, &p.path); err != nil {
		return nil, fmt.Errorf("plan the swap: %w", err)
	}
	if err := catalog.Settle(ctx, tx); err != nil {
		return nil, err //nolint:wrapcheck // says all
	}
	rows, err := tx.Query(ctx, tablesQuery, tables)
	if err != nil {
		return nil, fmt.Errorf("plan the swap: %w", err)
	}
	var t Table
	if _, err = pgx.ForEachRow(rows, []any{&t.OID, &t.Old, &t.New, &t.home, &t.place, &t.owner}, func() error {
		p.Tables = append(p.Tables, t)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("plan the swap: %w", err)
	}
	if err := p.readSteps(ctx, tx); err != nil {
		return nil, err
	}
	p.before, err = p.state(ctx, tx, func(t Table) string { return t.Old })
	return p, err
}

func (p *Plan) readSteps(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, stepsQuery(p.version), p.oids())
	if err != nil {
		return fmt.Errorf("plan the swap: %w", err)
	}
	var s Step
	var sql *string
	if _, err := pgx.ForEachRow(rows, []any{&s.Table, &s.Kind, &s.Name, &sql, &s.Parent}, func() error {
		if sql == nil {
			return &LostError{s.Name}
		}
		s.SQL = *sql
		p.steps = append(p.steps, s)
		return nil
	}); err != nil {
		return fmt.Errorf("plan the swap: %w", err)
	}
	slices.SortStableFunc(p.steps, func(a, b Step) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return nil
}

func (p *Plan) oids() (list []uint32) {
	for _, t := range p.Tables {
		list = append(list, t.OID)
	}
	return list
}

func (p *Plan) table(oid uint32) Table {
	return p.Tables[slices.IndexFunc(p.Tables, func(t Table) bool { return t.OID == oid })]
}

// places maps the schemas beside to the tables' own.
func (p *Plan) places() map[string]string {
	out := map[string]string{}
	for _, t := range p.Tables {
		out[t.place] = t.home
	}
	return out
}

// Rehearse makes the new tables, and all that belongs on them, compares, and leaves
// the tables alone. tx is that of Read. The places are free (see Clear).
func (p *Plan) Rehearse(ctx context.Context, tx pgx.Tx) error {
	if err := p.makePlaces(ctx, tx); err != nil {
		return err
	}
	if err := p.run(ctx, tx, makes); err != nil {
		return err
	}
	if err := postgres.Exec(ctx, tx.Conn(), "SAVEPOINT litehaul_bare"); err != nil {
		return fmt.Errorf("rehearse the swap: %w", err)
	}
	if err := p.run(ctx, tx, Index, Key, Statistics, Check, ForeignKey, Validate, Rest); err != nil {
		return err
	}
	if err := p.compare(ctx, tx); err != nil {
		return err
	}
	// A new table may want the row type or the identity sequence of an old one.
	if err := p.checkLeaves(ctx, tx); err != nil {
		return err
	}
	if err := postgres.Exec(ctx, tx.Conn(), "ROLLBACK TO SAVEPOINT litehaul_bare; RELEASE SAVEPOINT litehaul_bare"); err != nil {
		return fmt.Errorf("rehearse the swap: %w", err)
	}
	return nil
}

// checkLeaves finds what of the new tables depends on the old ones, and would keep
// them from being dropped.
func (p *Plan) checkLeaves(ctx context.Context, tx pgx.Tx) error {
	found, err := Objections(ctx, tx, p.oids())
	if err != nil || len(found) == 0 {
		return err
	}
	return &LostError{fmt.Sprintf("%s (%s)", p.table(found[0].Table).Old, p.atHome().Replace(found[0].What))}
}

func (p *Plan) makePlaces(ctx context.Context, tx pgx.Tx) error {
	var sql []string
	for place := range p.places() {
		sql = append(sql, "CREATE SCHEMA "+place, "COMMENT ON SCHEMA "+place+" IS "+postgres.Literal(placeComment))
	}
	for _, t := range p.Tables {
		if t.owner != "" { // who owns a table looks keys up, and makes indexes
			sql = append(sql, fmt.Sprintf("GRANT USAGE, CREATE ON SCHEMA %s TO %s", t.place, t.owner))
		}
	}
	if err := postgres.Exec(ctx, tx.Conn(), strings.Join(sql, "; ")); err != nil {
		return fmt.Errorf("make a schema for the new tables: %w", err)
	}
	return nil
}

// Remove drops the new tables.
func (p *Plan) Remove(ctx context.Context, tx pgx.Tx) error {
	for place := range p.places() {
		if err := Remove(ctx, tx, place); err != nil {
			return err
		}
	}
	return nil
}

// Take takes a step. tx is settled from then on.
func (p *Plan) Take(ctx context.Context, tx pgx.Tx, s Step) error {
	if err := catalog.Settle(ctx, tx); err != nil {
		return err //nolint:wrapcheck // says all
	}
	return p.take(ctx, tx, s)
}

// take runs in tx, which is settled. Names in the statements are qualified;
// functions of indexes and checks may want the session's own search_path.
func (p *Plan) take(ctx context.Context, tx pgx.Tx, s Step) error {
	path := fmt.Sprintf("SELECT pg_catalog.set_config('search_path', %s, true); ", postgres.Literal(p.path))
	if err := postgres.Exec(ctx, tx.Conn(), path+s.SQL+"; SET LOCAL search_path = ''"); err != nil {
		return fmt.Errorf("make %s: %w", s.Name, err)
	}
	return nil
}

// run takes the steps of some kinds, in their order.
func (p *Plan) run(ctx context.Context, tx pgx.Tx, kinds ...Kind) error {
	for _, s := range p.steps {
		if !slices.Contains(kinds, s.Kind) {
			continue
		}
		if err := p.take(ctx, tx, s); err != nil {
			return err
		}
	}
	return nil
}

// Swap puts the new tables in the place of the old ones, which are gone when tx
// commits, if nothing of these was changed. The caller has locked the old ones.
func (p *Plan) Swap(ctx context.Context, tx pgx.Tx) error {
	found, err := Objections(ctx, tx, p.oids())
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return &ChangedError{p.table(found[0].Table).Old + ": " + found[0].What}
	}
	if err := p.compare(ctx, tx); err != nil {
		return err
	}
	if err := p.run(ctx, tx, out); err != nil {
		return err
	}
	var old []string
	for _, t := range p.Tables {
		old = append(old, t.Old)
	}
	if err := postgres.Exec(ctx, tx.Conn(), "DROP TABLE "+strings.Join(old, ", ")); err != nil {
		return fmt.Errorf("drop the old tables: %w", err)
	}
	if err := p.run(ctx, tx, in); err != nil {
		return err
	}
	places := slices.Sorted(maps.Keys(p.places()))
	if err := postgres.Exec(ctx, tx.Conn(), "DROP SCHEMA "+strings.Join(places, ", ")); err != nil {
		return fmt.Errorf("drop the schema of the new tables: %w", err)
	}
	return nil
}
