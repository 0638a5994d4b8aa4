package pipeline

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
)

// capturedName is a table as the server lists it.
type capturedName struct {
	schema, name, kind string
	readable           bool // the role may SELECT from it
	hidden             bool // row security keeps rows from the role
}

// open connects, chooses the tables and pins one state of them. They are locked
// before the snapshot is taken: what the catalogs tell in it is then what they are
// when their rows are read.
func (c *capture) open(ctx context.Context) error {
	if err := c.greet(ctx); err != nil {
		return err
	}
	if err := c.choose(ctx); err != nil {
		return err
	}
	if err := c.refuse(); err != nil {
		return err
	}
	var err error
	if c.tx, err = c.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}); err != nil {
		return err
	}
	if err := exec(ctx, c.conn, captureSettings(c.server.Version)); err != nil {
		return err
	}
	var names []string
	for _, t := range c.chosen {
		if t.kind == "r" {
			names = append(names, postgres.Qualify(t.schema, t.name))
		}
	}
	for part := range slices.Chunk(names, 100) {
		if err := exec(ctx, c.conn, "LOCK TABLE ONLY "+strings.Join(part, ", ONLY ")+" IN ACCESS SHARE MODE"); err != nil {
			return fmt.Errorf("lock the tables against changes of their columns: %w", err)
		}
	}
	if err := c.tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&c.snapshot); err != nil {
		return err
	}
	if now, err := c.list(ctx); err != nil || !slices.Equal(c.all, now) {
		return cmp.Or(err, errors.New("tables were made or dropped meanwhile"))
	}
	return nil
}

// captureSettings are those of all transactions of a capture: nothing ends them, row
// security hides nothing unseen, rows come in one order, and text has one spelling.
func captureSettings(version int) string {
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
func (c *capture) greet(ctx context.Context) error {
	target, err := postgres.ParseTarget(c.cfg.Target)
	if err != nil {
		return &Error{Err: err, Hint: "give a URL such as postgres://user@host/database, or set PGHOST and PGDATABASE", Code: ExitUsage}
	}
	c.target = target
	c.rep.Source.Path = target.String()
	if c.conn, err = c.connect(ctx); err != nil {
		return err
	}
	if err := exec(ctx, c.conn, "SET client_encoding = 'UTF8'"); err != nil {
		return explainServer(err)
	}
	if c.server, err = postgres.Inspect(ctx, c.conn, ""); err != nil {
		return explainServer(err)
	}
	c.rep.Source.Server, c.rep.Source.Encoding = c.server.VersionText, c.server.Encoding
	switch s := c.server; {
	case s.Version < postgres.MinVersion:
		return &Error{Err: fmt.Errorf("the server is PostgreSQL %s", s.VersionText), Hint: "use PostgreSQL 12 or newer", Code: ExitRefused}
	case s.Encoding == "SQL_ASCII":
		return &Error{
			Err:  fmt.Errorf("database %s has the encoding SQL_ASCII: what its text means is not known", s.Database),
			Hint: "dump it and restore it into a database with an encoding", Code: ExitRefused,
		}
	}
	return nil
}

// choose lists the schemas and tables that the configuration asks for.
func (c *capture) choose(ctx context.Context) error {
	if err := c.chooseSchemas(ctx); err != nil {
		return err
	}
	var err error
	if c.all, err = c.list(ctx); err != nil {
		return err
	}
	if err := c.match(c.all); err != nil {
		return err
	}
	for _, t := range c.chosen {
		c.judgeName(t)
	}
	return nil
}

// list lists the tables of the schemas.
func (c *capture) list(ctx context.Context) ([]capturedName, error) {
	rows, err := c.conn.Query(ctx, `SELECT n.nspname::text, c.relname::text, c.relkind::text, has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = any($1::text[]) AND c.relkind IN ('r', 'p', 'f')
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`, c.schemas)
	if err != nil {
		return nil, err
	}
	var x capturedName
	var all []capturedName
	_, err = pgx.ForEachRow(rows, []any{&x.schema, &x.name, &x.kind, &x.readable, &x.hidden}, func() error {
		all = append(all, x)
		return nil
	})
	return all, err
}

func (c *capture) chooseSchemas(ctx context.Context) error {
	var name string
	var usable bool
	have := map[string]bool{}
	rows, err := c.conn.Query(ctx, `SELECT n.nspname::text, has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n
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
		case len(c.cfg.Schemas) > 0:
		case usable:
			c.schemas = append(c.schemas, name)
		default:
			c.leftOut(definition.Object{Kind: "schema", Name: name, Why: "role " + c.server.User + " may not look into it"})
		}
		return nil
	}); err != nil {
		return err
	}
	for _, s := range c.cfg.Schemas {
		if !have[s] {
			return &Error{Err: fmt.Errorf("database %s has no schema %q", c.server.Database, s), Hint: "its schemas are " + phrase.List(names, 8), Code: ExitUsage}
		}
		if !slices.Contains(c.schemas, s) {
			c.schemas = append(c.schemas, s)
		}
	}
	return nil
}

// match takes the tables that the globs ask for.
func (c *capture) match(all []capturedName) error {
	choice := globs.New(c.cfg.Tables, c.cfg.Exclude)
	var names []string
	for _, t := range all {
		names = append(names, t.schema+"."+t.name)
		ok, err := choice.Takes(t.schema, t.name)
		if err != nil {
			return &Error{Err: err, Code: ExitUsage}
		}
		if ok {
			c.chosen = append(c.chosen, t)
		}
	}
	if g, ok := choice.Unmatched(); ok {
		return &Error{Err: fmt.Errorf("no table matches %q", g), Hint: "the tables are " + phrase.List(names, 8), Code: ExitUsage}
	}
	if len(c.chosen) == 0 {
		return &Error{
			Err:  fmt.Errorf("there is no table to capture in %s of database %s", phrase.List(c.schemas, 8), c.server.Database),
			Hint: "look at --schema, --tables and --exclude", Code: ExitUsage,
		}
	}
	return nil
}

// judgeName refuses tables whose rows the role cannot have, all at once.
func (c *capture) judgeName(t capturedName) {
	name := t.schema + "." + t.name
	h := Hazard{Code: "not-carried", Table: name, Count: 1, Hint: "leave the table out: --exclude " + name}
	switch {
	case t.name == rebuild.ControlTable:
		h.Message, h.Hint = fmt.Sprintf("a run of litehaul was cut off here and has left table %s", name), "litehaul repair"
	case !t.readable && t.kind == "r":
		h.Message = fmt.Sprintf("role %s may not read table %s", c.server.User, name)
		h.Hint = fmt.Sprintf("GRANT SELECT ON %s TO %s, or --exclude %s", postgres.Qualify(t.schema, t.name), postgres.Quote(c.server.User), name)
	case t.hidden:
		h.Message = fmt.Sprintf("row security keeps rows of table %s from role %s", name, c.server.User)
		h.Hint = "use a role with BYPASSRLS or the table's owner, or --exclude " + name
	default:
		return
	}
	c.hazard(h)
}

// leftOut puts into the report what does not go into the archive.
func (c *capture) leftOut(o definition.Object) {
	c.rep.Objects = append(c.rep.Objects, Object{Kind: o.Kind, Table: o.Table, Name: o.Name, Status: "left out", Why: o.Why})
}

// read reads the catalogs: the tables' columns and keys, the definitions of all that
// goes into the two SQL files, and the sequences' values.
func (c *capture) read(ctx context.Context) error {
	cat, err := catalog.ReadTx(ctx, c.tx, c.schemas...)
	if err != nil {
		return err
	}
	opts := definition.Options{Schemas: c.schemas}
	if len(c.cfg.Tables)+len(c.cfg.Exclude) > 0 {
		taken := map[string]bool{}
		for _, t := range c.chosen {
			taken[postgres.Qualify(t.schema, t.name)] = true
		}
		opts.Table = func(schema, name string) bool { return taken[postgres.Qualify(schema, name)] }
	}
	if c.defs, err = definition.Read(ctx, c.tx, opts); err != nil {
		return err
	}
	for _, o := range c.defs.Refused {
		c.refuseObject(o)
	}
	for _, o := range c.defs.LeftOut {
		c.leftOut(o)
	}
	for _, o := range c.defs.Carried {
		c.rep.Objects = append(c.rep.Objects, Object{Kind: o.Kind, Table: o.Table, Name: o.Name, Status: "carried"})
	}
	if err := c.describe(ctx, cat); err != nil {
		return err
	}
	if c.run.open() > 0 {
		return nil
	}
	if err := c.sequences(ctx); err != nil {
		return err
	}
	return c.notCarried(ctx)
}

func (c *capture) refuseObject(o definition.Object) {
	table := o.Table
	if o.Kind == "table" {
		table = o.Name
	}
	h := Hazard{Code: "not-carried", Table: table, Count: 1, Message: fmt.Sprintf("%s %s cannot be carried: %s", o.Kind, o.Name, o.Why)}
	if o.Table != "" {
		h.Message = fmt.Sprintf("%s %s of %s cannot be carried: %s", o.Kind, o.Name, o.Table, o.Why)
	}
	h.Hint = "capture some schemas or tables only: --schema, --tables"
	if table != "" {
		h.Hint = "leave the table out: --exclude " + table
	}
	c.hazard(h)
}

// notCarried tells of what belongs to the server, to roles or to nobody.
func (c *capture) notCarried(ctx context.Context) error {
	var granted, objects int64
	if err := c.tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE c.relacl IS NOT NULL),
	(SELECT count(*) FROM pg_largeobject_metadata)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = any($1::text[])`, c.schemas).Scan(&granted, &objects); err != nil {
		return err
	}
	if granted > 0 {
		c.leftOut(definition.Object{
			Kind: "rights", Name: fmt.Sprintf("on %d relations", granted),
			Why: "they belong to roles: whoever restores the archive owns what is in it",
		})
	}
	if objects > 0 {
		c.leftOut(definition.Object{Kind: "large objects", Name: fmt.Sprintf("(%d)", objects), Why: "they belong to no schema"})
	}
	return nil
}
