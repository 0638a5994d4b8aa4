package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/typemap/framework"
)

// existing is what a run knows of tables that an application made.
type existing struct {
	catalog *catalog.Catalog
	found   framework.Findings
	books   []*table // bookkeeping of the application's framework: left alone

	add *added // what adds to rows that stand, nil where tables are filled

	off     []rebuild.Item
	vacant  bool // no table held a row when the run looked, and nobody was asked
	emptied bool
	loading bool // rows may be in

	unlike  []stranger
	circles []*circle
}

// stranger is a table of the target that bears the name of one of the source's,
// and shares no column with it.
type stranger struct {
	t    *table
	home *catalog.Relation
}

// settleInto decides whether the run makes its tables or fills those that
// stand in the target, before minutes go into reading the source.
func (r *run) settleInto(ctx context.Context) error {
	if r.cfg.Into == IntoCreate || r.cfg.OnExisting == ExistingDrop || r.cfg.Into == IntoAuto && len(r.maps) == 0 && !r.namesMeet() {
		return r.meetExisting(ctx)
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	if err := r.keepOthersAway(ctx); err != nil {
		return err
	}
	x, missing, err := r.readHomes(ctx, conn)
	if err != nil {
		return err
	}
	switch matched := r.matched(x); {
	case matched == 0 && r.cfg.Into == IntoAuto:
		for _, t := range r.tables {
			t.home, t.name = nil, "" // bookkeeping alone makes no application's schema
		}
		if err := r.strangers(x); err != nil {
			return err
		}
		r.letGo(ctx)
		return r.meetExisting(ctx)
	case len(missing) > 0 && !r.cfg.CreateMissing:
		return r.someMissing(missing, matched, x)
	}
	r.into = x
	r.leaveBooks()
	if len(r.tables) == 0 {
		return &Error{
			Err:  fmt.Errorf("all tables of the source are bookkeeping of %s", x.found[0].Name),
			Hint: "there is nothing to move into an application's own tables", Code: ExitRefused,
		}
	}
	return r.meetHomes(ctx, conn)
}

// readHomes reads the target's catalog and finds the home of each table; missing
// are those that have none.
func (r *run) readHomes(ctx context.Context, conn *pgx.Conn) (x *existing, missing []string, err error) {
	if err := exec(ctx, conn, fmt.Sprintf("SET lock_timeout = %d", r.cfg.lockWait.Milliseconds())); err != nil {
		return nil, nil, explainServer(err)
	}
	cat, err := catalog.Read(ctx, conn, r.mapSchemas()...)
	if err != nil {
		return nil, nil, r.explainLock(ctx, explainServer(err), nil)
	}
	x = &existing{catalog: cat, found: r.found}
	if r.cfg.Into == IntoAuto && !r.namesMeet() && !r.anyMapStands(x) {
		return x, nil, nil
	}
	if missing, err = r.match(x); err != nil {
		return nil, nil, err
	}
	return x, missing, r.mayUse(x)
}

// matched counts the tables with a home, without those of bookkeeping.
func (r *run) matched(x *existing) int {
	n := 0
	for _, t := range r.tables {
		if _, book := x.found.Leave(t.src.Name); t.home != nil && !book {
			n++
		}
	}
	return n
}

// keepOthersAway locks the schemas for this run, before it looks at tables that
// another one may have opened. A dry run changes nothing and waits for nobody.
func (r *run) keepOthersAway(ctx context.Context) error {
	if r.cfg.DryRun {
		return nil
	}
	var err error
	if r.holder, err = r.connect(ctx); err != nil {
		return err
	}
	rows, err := r.holder.Query(ctx, "SELECT nspname::text FROM pg_namespace WHERE nspname = ANY($1)", r.mapSchemas())
	if err != nil {
		return explainServer(err)
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return explainServer(err)
	}
	// The lock lives as long as its connection.
	_, err = rebuild.Acquire(ctx, r.holder, there...)
	return explainRebuild(err)
}

// letGo lets other runs in.
func (r *run) letGo(ctx context.Context) {
	if r.holder != nil {
		closeConn(ctx, r.holder)
		r.holder = nil
	}
}

// namesMeet tells whether some table of the target bears the name of one of
// the source. Nothing else is looked at where none does: reading definitions
// waits for whoever has locked a table.
func (r *run) namesMeet() bool {
	for _, t := range r.tables {
		for _, e := range r.existing {
			if e.Kind == "table" && (snake(e.Name) == snake(t.src.Name) || e.Name == cutByPostgres(t.src.Name)) {
				return true
			}
		}
	}
	return false
}

// match finds the home of each table, and gives the names of those that have
// none.
func (r *run) match(x *existing) (missing []string, err error) {
	taken := map[*catalog.Relation]*table{}
	if err := r.mapHomes(x, taken); err != nil {
		return nil, err
	}
	var homes []*catalog.Relation
	for _, rel := range x.catalog.Relations {
		if rel.Schema == r.cfg.Schema && rel.Name != rebuild.ControlTable && taken[rel] == nil {
			homes = append(homes, rel)
		}
	}
	names := func(rel *catalog.Relation) string { return rel.Name }
	for _, t := range r.tables {
		if t.home != nil {
			continue // by a map
		}
		home, rivals := byName(t.src.Name, homes, names)
		if len(rivals) > 0 {
			return nil, ambiguous("table "+t.src.Name, "tables of the target", rivals,
				planfile.QuoteName(t.src.Name)+"="+planfile.QuoteName(rivals[0]), "leave the table behind with --exclude="+t.src.Name)
		}
		if home != nil && r.cfg.Into == IntoAuto && !alike(t, home) {
			x.unlike = append(x.unlike, stranger{t, home})
			home = nil
		}
		if home == nil {
			if _, book := x.found.Leave(t.src.Name); !book {
				missing = append(missing, t.src.Name)
			}
			continue
		}
		if other := taken[home]; other != nil {
			return nil, ambiguous("table "+place(home), "tables of the source", []string{other.src.Name, t.src.Name},
				planfile.QuoteName(t.src.Name)+"=...", "leave one of them behind with --exclude")
		}
		taken[home], t.home, t.name = t, home, home.Name
	}
	return missing, nil
}

// alike tells a table that may be the same application's from one that only
// bears the name.
func alike(t *table, home *catalog.Relation) bool {
	for _, c := range t.src.Columns {
		if hit, _ := byName(c.Name, home.Columns, func(c *catalog.Column) string { return c.Name }); hit != nil {
			return true
		}
	}
	return false
}

// byName finds what bears a name: exactly, without case, spelt as snake instead
// of camel, or cut to 63 bytes as Postgres does in CREATE TABLE. Rivals are several that do so equally well.
func byName[T any](name string, all []T, nameOf func(T) string) (hit T, rivals []string) {
	for _, same := range []func(string) string{
		func(s string) string { return s },
		strings.ToLower,
		snake,
		cutByPostgres,
	} {
		var hits []T
		for _, x := range all {
			if same(nameOf(x)) == same(name) {
				hits = append(hits, x)
			}
		}
		switch {
		case len(hits) == 1:
			return hits[0], nil
		case len(hits) > 1:
			for _, x := range hits {
				rivals = append(rivals, nameOf(x))
			}
			return hit, rivals
		}
	}
	return hit, nil
}

// snake spells a name in lower case with underscores between its words:
// OrderItem, orderItem and order_item are one name.
func snake(name string) string {
	var out strings.Builder
	last := rune(0)
	for _, c := range name {
		if unicode.IsUpper(c) && last != 0 && last != '_' && !unicode.IsUpper(last) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(c))
		last = c
	}
	return out.String()
}

// cutByPostgres cuts a name as Postgres does: to whole characters in 63 bytes.
func cutByPostgres(s string) string {
	if len(s) <= maxName {
		return s
	}
	cut := maxName
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// ambiguous refuses to guess which of several was meant.
func ambiguous(what, among string, rivals []string, example, otherwise string) error {
	return &Error{
		Err:  fmt.Errorf("%s could be any of these %s: %s", what, among, strings.Join(rivals, ", ")),
		Hint: "say which with --map, as in --map " + example + ", or " + otherwise, Code: ExitRefused,
	}
}

// place names a table of the target for a person.
func place(home *catalog.Relation) string { return home.Schema + "." + home.Name }

// mayUse refuses a schema whose tables the role may not even name.
func (r *run) mayUse(x *existing) error {
	for _, name := range r.mapSchemas() {
		if s := x.catalog.Schema(name); s != nil && !s.Usage {
			return &Error{
				Err: fmt.Errorf("role %s may not use schema %s", r.server.User, name),
				Hint: fmt.Sprintf("as its owner: GRANT USAGE ON SCHEMA %s TO %s",
					postgres.Quote(name), postgres.Quote(r.server.User)),
				Code: ExitRefused,
			}
		}
	}
	return nil
}

// strangers refuses a target that has tables of the source's names, all of them
// with other columns: they are another application's.
func (r *run) strangers(x *existing) error {
	for _, s := range x.unlike {
		r.strange(s.t, s.home)
	}
	return r.refuse()
}

// strange reports a table that shares no column with its namesake.
func (r *run) strange(t *table, home *catalog.Relation) {
	var here, there []string
	for _, c := range t.src.Columns {
		here = append(here, c.Name)
	}
	for _, c := range home.Columns {
		there = append(there, c.Name)
	}
	r.hazard(Hazard{
		Code: "other-application", Table: t.src.Name, Count: int64(len(here)),
		Message: fmt.Sprintf("table %s of the target has none of the columns of %s: it has %s, and the source %s",
			place(home), t.src.Name, phrase.List(there, 6), phrase.List(here, 6)),
		Hint: "it looks like another application's: choose another --schema or database, leave the table behind with --exclude, or drop all such tables with --on-existing=drop",
	})
}

// someMissing refuses a target that has some of the tables only.
func (r *run) someMissing(missing []string, matched int, x *existing) error {
	slices.Sort(missing)
	for _, s := range x.unlike {
		r.strange(s.t, s.home)
	}
	if matched == 0 {
		return &Error{
			Err:  fmt.Errorf("schema %s of database %s has none of the source's tables: %s", r.cfg.Schema, r.server.Database, phrase.List(missing, 8)),
			Hint: "name the application's schema with --schema, or have litehaul make the tables with --into=create", Code: ExitRefused,
		}
	}
	return &Error{
		Err: fmt.Errorf("schema %s of database %s has %d of the source's %d tables, and not %s",
			r.cfg.Schema, r.server.Database, matched, matched+len(missing), phrase.List(missing, 8)),
		Hint: "--create-missing makes them; or name the tables that they go into with --map, leave them behind with --exclude, make them with the application's own migrations, or make all tables anew: in another --schema, or with --on-existing=drop",
		Code: ExitRefused,
	}
}

// leaveBooks takes the bookkeeping of the application's framework out of the
// run: source and target have each their own.
func (r *run) leaveBooks() {
	var keep []*table
	for _, t := range r.tables {
		if book, ok := r.into.found.Leave(t.src.Name); ok {
			r.into.books = append(r.into.books, t)
			r.object(Object{
				Kind: "table", Table: t.src.Name, Name: t.src.Name, Status: "left out",
				Why: "bookkeeping of the application's framework (" + book.Table + "): the target has its own",
			})
			continue
		}
		keep = append(keep, t)
	}
	r.tables = keep
}
