package definition

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Options say what to write down.
type Options struct {
	// Schemas are those whose objects are wanted.
	Schemas []string
	// Table chooses tables by their names; nil takes all. With a choice, types and
	// functions come only where something needs them.
	Table func(schema, name string) bool
}

// Definitions are the statements that make what stands in some schemas, and what
// they do not make.
type Definitions struct {
	// Before makes what rows need, After what must not be there while they come.
	Before, After []string
	// Carried are the objects beyond tables and columns that the statements make.
	Carried []Object
	// LeftOut is what they do not make. Programs may miss it; rows do not.
	LeftOut []Object
	// Refused is what stands in the way: without it rows or tables would be others.
	Refused []Object
	// MinMajor is the oldest major version that knows all that the statements are
	// known to use. The SQL of views, functions and expressions may need more.
	MinMajor int
}

// Object is a schema object by its kind and qualified name.
type Object struct {
	Kind, Name string
	Table      string // that it belongs to, qualified, or ""
	Why        string // of what is left out or refused
}

// Read writes down what the options choose, as tx sees it. tx is settled (see
// catalog.Settle), and should be REPEATABLE READ.
func Read(ctx context.Context, tx pgx.Tx, opts Options) (*Definitions, error) {
	if err := catalog.Settle(ctx, tx); err != nil {
		return nil, err //nolint:wrapcheck // says all
	}
	r := &reader{tx: tx, opts: opts, at: map[address]*object{}, inline: map[columnAt]string{}}
	if err := tx.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&r.version); err != nil {
		return nil, fmt.Errorf("read definitions: %w", err)
	}
	for _, step := range []struct {
		what string
		read func(context.Context) error
	}{
		{"schemas", r.schemas},
		{"extensions", r.extensions},
		{"collations", r.collations},
		{"types", r.types},
		{"domains", r.domains},
		{"functions", r.routines},
		{"tables", r.tables},
		{"sequences", r.sequences},
		{"views", r.views},
		{"defaults", r.defaults},
		{"columns", r.columns},
		{"constraints", r.constraints},
		{"indexes", r.indexes},
		{"triggers", r.triggers},
		{"statistics", r.statistics},
		{"rules and policies", r.rest},
		{"dependencies", r.dependencies},
		{"comments", r.comments},
	} {
		if err := step.read(ctx); err != nil {
			return nil, fmt.Errorf("read the definitions of %s: %w", step.what, err)
		}
	}
	return r.write(), nil
}

// reader carries one reading from query to query.
type reader struct {
	tx      pgx.Tx
	opts    Options
	version int

	objects []*object
	at      map[address]*object
	inline  map[columnAt]string // defaults that stand in CREATE TABLE
}

// add registers an object under its address.
func (r *reader) add(o *object) *object {
	r.objects = append(r.objects, o)
	r.at[o.self] = o
	return o
}

// alias makes an object of the catalogs a part of one of ours.
func (r *reader) alias(class, oid uint32, o *object) {
	if o != nil && oid != 0 {
		r.at[address{class, oid}] = o
	}
}

// since gives the SQL of what a server has from a version on, or what stands for it.
func (r *reader) since(version int, sql, otherwise string) string {
	if r.version >= version {
		return sql
	}
	return otherwise
}

// query runs sql; fn is called for each row after it was scanned into dest.
func (r *reader) query(ctx context.Context, sql string, dest []any, fn func()) error {
	rows, err := r.tx.Query(ctx, sql)
	if err != nil {
		return err //nolint:wrapcheck // Read names what was read
	}
	_, err = pgx.ForEachRow(rows, dest, func() error {
		fn()
		return nil
	})
	return err //nolint:wrapcheck // Read names what was read
}

// user is the condition for objects that neither Postgres nor an extension made:
// column is their OID, class their catalog.
func user(column, class string) string {
	return fmt.Sprintf("%s >= %d AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '%s'::regclass AND e.objid = %s AND e.deptype = 'e')",
		column, firstUser, class, column)
}

// userSchema is the condition for namespaces, as n, that hold an application's objects.
const userSchema = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

// chosen tells whether a schema's objects are wanted.
func (r *reader) chosen(schema string) bool { return slices.Contains(r.opts.Schemas, schema) }

// taken tells whether a table is.
func (r *reader) taken(schema, name string) bool {
	return r.chosen(schema) && (r.opts.Table == nil || r.opts.Table(schema, name))
}

// dependencies connects the objects. What a column's sequence is owned by is no
// need of the sequence: the column's default needs it.
func (r *reader) dependencies(ctx context.Context) error {
	var from, to address
	var deptype string
	var sequence bool
	seen := map[[2]*object]bool{}
	var unknown []*object
	err := r.query(ctx, fmt.Sprintf(`
SELECT d.classid, d.objid, d.refclassid, d.refobjid, d.deptype::text, coalesce(c.relkind = 'S', false)
FROM pg_depend d LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE d.objid >= %[1]d AND d.refobjid >= %[1]d AND d.deptype <> 'e'`, firstUser),
		[]any{&from.class, &from.oid, &to.class, &to.oid, &deptype, &sequence}, func() {
			o := r.at[from]
			if o == nil || sequence && deptype == "a" && from == o.self {
				return
			}
			n := r.at[to]
			if n == nil {
				n = r.add(&object{kind: "object", rank: rankExtension, self: to, unable: "litehaul does not write it"})
				unknown = append(unknown, n)
			}
			if n == o || seen[[2]*object{o, n}] {
				return
			}
			seen[[2]*object{o, n}] = true
			o.needs = append(o.needs, n)
		})
	if err != nil {
		return err
	}
	for _, o := range unknown { // that none of the steps has read, such as casts
		if err := r.tx.QueryRow(ctx, "SELECT coalesce(pg_describe_object($1, $2, 0), $2::text)", o.self.class, o.self.oid).Scan(&o.name); err != nil {
			return err //nolint:wrapcheck // Read names what was read
		}
	}
	return nil
}

// write chooses the objects and puts their statements in order.
func (r *reader) write() *Definitions {
	d := &Definitions{}
	for _, o := range r.objects {
		o.settle()
	}
	roots := r.roots()
	for _, o := range roots {
		switch {
		case o.state != missing:
			o.want()
		case o.must:
			d.Refused = append(d.Refused, r.told(o))
		default:
			d.LeftOut = append(d.LeftOut, r.told(o))
		}
	}
	for _, o := range r.objects {
		if o.rank == rankExtension && o.self.class == classExtension && !o.wanted && r.opts.Table == nil {
			o.why = "nothing in the archive is known to need it"
			d.LeftOut = append(d.LeftOut, r.told(o))
		}
	}
	list, circle := ordered(r.objects)
	if circle != nil {
		x := r.told(circle)
		x.Why = "it needs itself, by way of others"
		d.Refused = append(d.Refused, x)
	}
	d.MinMajor = postgres.MinVersion / 10000
	for _, o := range list {
		d.MinMajor = max(d.MinMajor, o.major)
		if o.late {
			d.After = append(d.After, o.sql...)
		} else {
			d.Before = append(d.Before, o.sql...)
		}
		if o.rank != rankTable && o.rank != rankMark && o.rank != rankSchema && o.rank != rankOwned {
			d.Carried = append(d.Carried, r.told(o))
		}
	}
	return d
}

// roots are the objects that are wanted for themselves.
func (r *reader) roots() []*object {
	var roots []*object
	for _, o := range r.objects {
		switch owner := r.at[o.table]; {
		case o.rank == rankTable:
			if r.taken(o.schema, o.name) {
				roots = append(roots, o)
			}
		case owner != nil && owner.rank == rankTable:
			if r.taken(owner.schema, owner.name) {
				roots = append(roots, o)
			}
		case o.rank == rankSchema, o.rank == rankExtension:
			// come where something stands in them
		case !r.chosen(o.schema):
		case r.opts.Table == nil || o.rank == rankView:
			roots = append(roots, o)
		case owner != nil: // goes with a view
			roots = append(roots, o)
		}
	}
	slices.SortFunc(roots, less)
	return roots
}

func (r *reader) told(o *object) Object {
	x := Object{Kind: o.kind, Name: o.name, Why: o.why}
	if o.schema != "" && r.at[o.table] == nil {
		x.Name = o.schema + "." + o.name
	}
	if t := r.at[o.table]; t != nil {
		x.Table = t.schema + "." + t.name
	}
	return x
}
