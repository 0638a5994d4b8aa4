package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/typemap/framework"
)

// existing is what a run knows of tables that an application made.
type existing struct {
	catalog *catalog.Catalog
	found   framework.Findings
	books   []*table // bookkeeping of the application's framework: left alone

	holder  *pgx.Conn // of the lock that keeps other runs away
	off     []rebuild.Item
	emptied bool
	loading bool // rows may be in
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
	cat, err := catalog.Read(ctx, conn, r.mapSchemas()...)
	if err != nil {
		return explainServer(err)
	}
	x := &existing{catalog: cat, found: framework.Detect(r.schema)}
	if r.cfg.Into == IntoAuto && !r.namesMeet() && !r.anyMapStands(x) {
		return r.meetExisting(ctx)
	}
	missing, err := r.match(x)
	if err != nil {
		return err
	}
	matched := 0
	for _, t := range r.tables {
		if _, book := x.found.Leave(t.src.Name); t.home != nil && !book {
			matched++
		}
	}
	switch {
	case matched == 0 && r.cfg.Into == IntoAuto:
		for _, t := range r.tables {
			t.home = nil // bookkeeping alone makes no application's schema
		}
		return r.meetExisting(ctx)
	case len(missing) > 0:
		return r.someMissing(missing, matched)
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

// namesMeet tells whether some table of the target bears the name of one of
// the source. Nothing else is looked at where none does: reading definitions
// waits for whoever has locked a table.
func (r *run) namesMeet() bool {
	for _, t := range r.tables {
		for _, e := range r.existing {
			if e.Kind == "table" && snake(e.Name) == snake(t.src.Name) {
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
			return nil, ambiguous("table "+t.src.Name, rivals, planfile.QuoteName(t.src.Name)+"="+planfile.QuoteName(rivals[0]))
		}
		if home == nil || r.cfg.Into == IntoAuto && !alike(t, home) {
			if _, book := x.found.Leave(t.src.Name); !book {
				missing = append(missing, t.src.Name)
			}
			continue
		}
		if other := taken[home]; other != nil {
			return nil, ambiguous("table "+home.Name+" of the target", []string{other.src.Name, t.src.Name},
				planfile.QuoteName(t.src.Name)+"=...")
		}
		taken[home], t.home = t, home
	}
	return missing, nil
}

// alike tells a table that may be the same application's from one that only
// bears the name.
func alike(t *table, home *catalog.Relation) bool {
	if home.Kind != catalog.Table {
		return false
	}
	for _, c := range t.src.Columns {
		if hit, _ := byName(c.Name, home.Columns, func(c *catalog.Column) string { return c.Name }); hit != nil {
			return true
		}
	}
	return false
}

// byName finds what bears a name: exactly, without case, or spelt as snake
// instead of camel. Rivals are several that do so equally well.
func byName[T any](name string, all []T, nameOf func(T) string) (hit T, rivals []string) {
	for _, same := range []func(string) string{
		func(s string) string { return s },
		strings.ToLower,
		snake,
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

func ambiguous(what string, rivals []string, example string) error {
	return &Error{
		Err:  fmt.Errorf("%s could be any of %s", what, strings.Join(rivals, ", ")),
		Hint: "say which with --map, as in --map " + example + ", or leave one of them aside with --exclude", Code: ExitRefused,
	}
}

// someMissing refuses a target that has some of the tables only.
func (r *run) someMissing(missing []string, matched int) error {
	slices.Sort(missing)
	err := fmt.Errorf("schema %s of database %s has %d of the source's tables, and not %s",
		r.cfg.Schema, r.server.Database, matched, some(missing, 8))
	return &Error{
		Err: err, Code: ExitRefused,
		Hint: "name the tables that they go into with --map, leave them behind with --exclude, make them with the application's own migrations, or make all tables anew: in another --schema, or with --on-existing=drop",
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
