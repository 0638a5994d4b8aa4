package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/globs"
	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/definition"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// listed is a table as the server lists it.
type listed struct {
	schema, name, kind string
	readable           bool // the role may SELECT from it
	hidden             bool // row security keeps rows from the role
}

// open connects, chooses the tables and pins one state of them. They are locked
// before the snapshot is taken: what the catalogs tell in it is then what they are
// when their rows are read.
func (r *run) open(ctx context.Context) error {
	if err := r.greet(ctx); err != nil {
		return err
	}
	if err := r.choose(ctx); err != nil {
		return err
	}
	if err := r.Refuse(); err != nil {
		return err
	}
	var err error
	if r.tx, err = r.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}); err != nil {
		return err
	}
	if err := postgres.Exec(ctx, r.conn, settings(r.server.Version)); err != nil {
		return err
	}
	var names []string
	for _, t := range r.chosen {
		if t.kind == "r" {
			names = append(names, postgres.Qualify(t.schema, t.name))
		}
	}
	for part := range slices.Chunk(names, 100) {
		if err := postgres.Exec(ctx, r.conn, "LOCK TABLE ONLY "+strings.Join(part, ", ONLY ")+" IN ACCESS SHARE MODE"); err != nil {
			return fmt.Errorf("lock the tables against changes of their columns: %w", err)
		}
	}
	if err := r.tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&r.snapshot); err != nil {
		return err
	}
	if now, err := r.list(ctx); err != nil || !slices.Equal(r.all, now) {
		return cmp.Or(err, errors.New("tables were made or dropped meanwhile"))
	}
	return nil
}

// settings are those of all transactions of a capture: nothing ends them, row
// security hides nothing unseen, rows come in one order, and text has one spelling.
func settings(version int) string {
	sql := "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; " +
		"SET LOCAL client_encoding = 'UTF8'; SET LOCAL row_security = off; SET LOCAL synchronize_seqscans = off; " +
		"SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; SET LOCAL search_path = pg_catalog; " +
		"SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'; " +
		"SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on"
	if version >= 170000 {
		sql += "; SET LOCAL transaction_timeout = 0"
	}
	return sql
}

// greet connects and asks what server this is.
func (r *run) greet(ctx context.Context) error {
	var err error
	if r.target, err = server.Parse(r.cfg.Target); err != nil {
		return err
	}
	r.Report.Source.Path = r.target.String()
	if r.conn, err = r.connect(ctx); err != nil {
		return err
	}
	if err := postgres.Exec(ctx, r.conn, "SET client_encoding = 'UTF8'"); err != nil {
		return server.Explain(err)
	}
	if r.server, err = postgres.Inspect(ctx, r.conn, ""); err != nil {
		return server.Explain(err)
	}
	r.Report.Source.Server, r.Report.Source.Encoding = r.server.VersionText, r.server.Encoding
	switch s := r.server; {
	case s.Version < postgres.MinVersion:
		return &pipeline.Error{Err: fmt.Errorf("the server is PostgreSQL %s", s.VersionText), Hint: "use PostgreSQL 12 or newer", Code: pipeline.ExitRefused}
	case s.Encoding == "SQL_ASCII":
		return &pipeline.Error{
			Err:  fmt.Errorf("database %s has the encoding SQL_ASCII: what its text means is not known", s.Database),
			Hint: "dump it and restore it into a database with an encoding", Code: pipeline.ExitRefused,
		}
	}
	return nil
}

// choose lists the schemas and tables that the configuration asks for.
func (r *run) choose(ctx context.Context) error {
	if err := r.chooseSchemas(ctx); err != nil {
		return err
	}
	var err error
	if r.all, err = r.list(ctx); err != nil {
		return err
	}
	if err := r.match(r.all); err != nil {
		return err
	}
	for _, t := range r.chosen {
		r.judgeName(t)
	}
	return nil
}

// list lists the tables of the schemas.
func (r *run) list(ctx context.Context) ([]listed, error) {
	rows, err := r.conn.Query(ctx, `SELECT n.nspname::text, c.relname::text, c.relkind::text, has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = any($1::text[]) AND c.relkind IN ('r', 'p', 'f')
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`, r.schemas)
	if err != nil {
		return nil, err
	}
	var x listed
	var all []listed
	_, err = pgx.ForEachRow(rows, []any{&x.schema, &x.name, &x.kind, &x.readable, &x.hidden}, func() error {
		all = append(all, x)
		return nil
	})
	return all, err
}

func (r *run) chooseSchemas(ctx context.Context) error {
	var name string
	var usable bool
	have := map[string]bool{}
	rows, err := r.conn.Query(ctx, `SELECT n.nspname::text, has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
ORDER BY n.nspname::text COLLATE "C"`)
	if err != nil {
		return err
	}
	var names []string
	if _, err = pgx.ForEachRow(rows, []any{&name, &usable}, func() error {
		have[name] = true
		names = append(names, name)
		switch {
		case len(r.cfg.Schemas) > 0:
		case usable:
			r.schemas = append(r.schemas, name)
		default:
			r.leftOut(definition.Object{Kind: "schema", Name: name, Why: "role " + r.server.User + " may not look into it"})
		}
		return nil
	}); err != nil {
		return err
	}
	for _, s := range r.cfg.Schemas {
		if !have[s] {
			return &pipeline.Error{Err: fmt.Errorf("database %s has no schema %q", r.server.Database, s), Hint: "its schemas are " + phrase.List(names, 8), Code: pipeline.ExitUsage}
		}
		if !slices.Contains(r.schemas, s) {
			r.schemas = append(r.schemas, s)
		}
	}
	return nil
}

// match takes the tables that the globs ask for.
func (r *run) match(all []listed) error {
	choice := globs.New(r.cfg.Tables, r.cfg.Exclude)
	var names []string
	for _, t := range all {
		names = append(names, t.schema+"."+t.name)
		ok, err := choice.Takes(t.schema, t.name)
		if err != nil {
			return &pipeline.Error{Err: err, Code: pipeline.ExitUsage}
		}
		if ok {
			r.chosen = append(r.chosen, t)
		}
	}
	if g, ok := choice.Unmatched(); ok {
		return &pipeline.Error{Err: fmt.Errorf("no table matches %q", g), Hint: "the tables are " + phrase.List(names, 8), Code: pipeline.ExitUsage}
	}
	if len(r.chosen) == 0 {
		return &pipeline.Error{
			Err:  fmt.Errorf("there is no table to capture in %s of database %s", phrase.List(r.schemas, 8), r.server.Database),
			Hint: "look at --schema, --tables and --exclude", Code: pipeline.ExitUsage,
		}
	}
	return nil
}

// judgeName refuses tables whose rows the role cannot have, all at once.
func (r *run) judgeName(t listed) {
	name := t.schema + "." + t.name
	h := pipeline.Hazard{Code: "not-carried", Table: name, Count: 1, Hint: "leave the table out: --exclude " + name}
	switch {
	case t.name == rebuild.ControlTable:
		h.Message, h.Hint = fmt.Sprintf("a run of litehaul was cut off here and has left table %s", name), "litehaul repair"
	case !t.readable && t.kind == "r":
		h.Message = fmt.Sprintf("role %s may not read table %s", r.server.User, name)
		h.Hint = fmt.Sprintf("GRANT SELECT ON %s TO %s, or --exclude %s", postgres.Qualify(t.schema, t.name), postgres.Quote(r.server.User), name)
	case t.hidden:
		h.Message = fmt.Sprintf("row security keeps rows of table %s from role %s", name, r.server.User)
		h.Hint = "use a role with BYPASSRLS or the table's owner, or --exclude " + name
	default:
		return
	}
	r.Hazard(h)
}

// leftOut puts into the report what does not go into the archive.
func (r *run) leftOut(o definition.Object) {
	r.Object(pipeline.Object{Kind: o.Kind, Table: o.Table, Name: o.Name, Status: "left out", Why: o.Why})
}

// read reads the catalogs: the tables' columns and keys, the definitions of all that
// goes into the two SQL files, and the sequences' values.
func (r *run) read(ctx context.Context) error {
	cat, err := catalog.ReadTx(ctx, r.tx, r.schemas...)
	if err != nil {
		return err
	}
	opts := definition.Options{Schemas: r.schemas}
	if len(r.cfg.Tables)+len(r.cfg.Exclude) > 0 {
		taken := map[string]bool{}
		for _, t := range r.chosen {
			taken[postgres.Qualify(t.schema, t.name)] = true
		}
		opts.Table = func(schema, name string) bool { return taken[postgres.Qualify(schema, name)] }
	}
	if r.defs, err = definition.Read(ctx, r.tx, opts); err != nil {
		return err
	}
	for _, o := range r.defs.Refused {
		r.refuseObject(o)
	}
	for _, o := range r.defs.LeftOut {
		r.leftOut(o)
	}
	for _, o := range r.defs.Carried {
		r.Object(pipeline.Object{Kind: o.Kind, Table: o.Table, Name: o.Name, Status: "carried"})
	}
	if err := r.describe(ctx, cat); err != nil {
		return err
	}
	if len(r.Report.Hazards) > 0 {
		return nil
	}
	if err := r.sequences(ctx); err != nil {
		return err
	}
	return r.notCarried(ctx)
}

func (r *run) refuseObject(o definition.Object) {
	table := o.Table
	if o.Kind == "table" {
		table = o.Name
	}
	h := pipeline.Hazard{Code: "not-carried", Table: table, Count: 1, Message: fmt.Sprintf("%s %s cannot be carried: %s", o.Kind, o.Name, o.Why)}
	if o.Table != "" {
		h.Message = fmt.Sprintf("%s %s of %s cannot be carried: %s", o.Kind, o.Name, o.Table, o.Why)
	}
	h.Hint = "capture some schemas or tables only: --schema, --tables"
	if table != "" {
		h.Hint = "leave the table out: --exclude " + table
	}
	r.Hazard(h)
}

// notCarried tells of what belongs to the server, to roles or to nobody.
func (r *run) notCarried(ctx context.Context) error {
	var granted, objects int64
	if err := r.tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE c.relacl IS NOT NULL),
	(SELECT count(*) FROM pg_largeobject_metadata)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = any($1::text[])`, r.schemas).Scan(&granted, &objects); err != nil {
		return err
	}
	if granted > 0 {
		r.leftOut(definition.Object{
			Kind: "rights", Name: fmt.Sprintf("on %d relations", granted),
			Why: "they belong to roles: whoever restores the archive owns what is in it",
		})
	}
	if objects > 0 {
		r.leftOut(definition.Object{Kind: "large objects", Name: fmt.Sprintf("(%d)", objects), Why: "they belong to no schema"})
	}
	return nil
}
