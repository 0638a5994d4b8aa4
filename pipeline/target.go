package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// openTarget connects once and asks what the server and the role allow. What
// stands in the way is a hazard or an error before anything is read.
func (r *run) openTarget(ctx context.Context) error {
	target, err := postgres.ParseTarget(r.cfg.Target)
	if err != nil {
		return &Error{Err: err, Hint: "give a URL such as postgres://user@host/database, or set PGHOST and PGDATABASE", Code: ExitUsage}
	}
	r.target = target
	r.rep.Target = Target{Host: target.Host(), Database: target.Database(), User: target.User(), Schema: r.cfg.Schema}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	if r.server, err = postgres.Inspect(ctx, conn, r.cfg.Schema); err != nil {
		return explainServer(err)
	}
	r.rep.Target.Database, r.rep.Target.User, r.rep.Target.Version = r.server.Database, r.server.User, r.server.VersionText
	if err := r.checkServer(); err != nil {
		return err
	}
	r.existing, err = postgres.Relations(ctx, conn, r.cfg.Schema)
	return err
}

// connect opens a connection with an error that says what to do.
func (r *run) connect(ctx context.Context) (*pgx.Conn, error) {
	var conn *pgx.Conn
	var err error
	if r.server == nil {
		conn, err = r.target.Connect(ctx)
	} else {
		conn, err = r.target.Work(ctx, r.server.Version)
	}
	var ce *postgres.ConnectError
	if errors.As(err, &ce) {
		return nil, &Error{Err: err, Hint: ce.Hint, Code: ExitFailed}
	}
	return conn, err
}

// explainServer tells a server that does not know what we ask, which no
// supported one does, from one that did not answer.
func explainServer(err error) error {
	if strings.HasPrefix(postgres.Code(err), "42") {
		return &Error{Err: err, Hint: "litehaul speaks to PostgreSQL 12 or newer", Code: ExitRefused}
	}
	return &Error{Err: err, Hint: "nothing was written; run again", Code: ExitFailed}
}

// checkServer refuses targets that cannot hold the data.
func (r *run) checkServer() error {
	s := r.server
	refuse := func(hint, format string, args ...any) error {
		return &Error{Err: fmt.Errorf(format, args...), Hint: hint, Code: ExitRefused}
	}
	problem, hint := s.Unfit()
	switch {
	case problem != "":
		return refuse(hint, "%s", problem)
	case strings.HasPrefix(r.cfg.Schema, "pg_") || r.cfg.Schema == "information_schema":
		return &Error{Err: fmt.Errorf("schema %q belongs to Postgres itself", r.cfg.Schema), Hint: "choose another --schema", Code: ExitUsage}
	case !s.SchemaExists && !s.CreateSchema:
		return refuse(fmt.Sprintf("as its owner: GRANT CREATE ON DATABASE %s TO %s", postgres.Quote(s.Database), postgres.Quote(s.User)),
			"role %s may not create schema %q in database %s", s.User, r.cfg.Schema, s.Database)
	}
	return nil
}

// mayCreate refuses a schema in which the role may not make tables.
func (r *run) mayCreate() error {
	s := r.server
	if !s.SchemaExists || s.CreateInSchema {
		return nil
	}
	return &Error{
		Err: fmt.Errorf("role %s may not create tables in schema %q", s.User, r.cfg.Schema),
		Hint: fmt.Sprintf("as its owner: GRANT USAGE, CREATE ON SCHEMA %s TO %s; or choose a --schema of your own",
			postgres.Quote(r.cfg.Schema), postgres.Quote(s.User)),
		Code: ExitRefused,
	}
}

// beginSQL starts a transaction. Names in rebuilt expressions are those of
// pg_catalog, and citext compares without case only where it is in the path.
func (r *run) beginSQL() string {
	path := ""
	if r.into == nil { // else functions of the application may count on what its role finds there
		path = r.fixedPath()
	}
	version := 0
	if r.server != nil {
		version = r.server.Version
	}
	return postgres.Begin(version, path)
}

// fixedPath sets the path under which what the run makes is made.
func (r *run) fixedPath() string { return "SET LOCAL search_path = " + r.searchPath() + "; " }

// searchPath is that path, as the server takes it.
func (r *run) searchPath() string {
	if r.plan != nil && r.plan.citext != "" {
		return "pg_catalog, " + postgres.Quote(r.plan.citext)
	}
	return "pg_catalog"
}

// qualified writes a table's name in the target.
func (r *run) qualified(t *table) string {
	if t.home != nil {
		return postgres.Qualify(t.home.Schema, t.home.Name)
	}
	return postgres.Qualify(r.cfg.Schema, t.name)
}

// tableSchema is where a table stands in the target: those that the run makes
// are all in one schema, an application's may be in any.
func (r *run) tableSchema(t *table) string {
	if t.home != nil {
		return t.home.Schema
	}
	return r.cfg.Schema
}

// droppable are the kinds of relations that --on-existing=drop drops.
var droppable = map[string]bool{"table": true, "view": true, "materialized view": true, "foreign table": true, "sequence": true}

// clashes finds the relations that bear the names of tables and views to come.
func (r *run) clashes() (drop, stay []postgres.Relation) {
	want := map[string]bool{}
	for _, t := range r.tables {
		want[r.newName(t.src)] = true
	}
	for _, v := range r.schema.Views {
		if r.mayMake(v) {
			fit, _ := fitName(v.Name)
			want[fit] = true
		}
	}
	going := map[string]bool{}
	for _, e := range r.existing {
		if want[e.Name] {
			drop = append(drop, e)
			going[e.Name] = e.Kind == "table" || e.Kind == "materialized view"
		}
	}
	for _, e := range r.existing {
		// What belongs to a table goes with it, and its name is free again.
		if !want[e.Name] && !going[e.Of] {
			stay = append(stay, e)
		}
	}
	return drop, stay
}

// mayMake tells whether a view reads only tables of the run, and views. A view
// that --tables leaves without its tables is not made, so that one of its name
// in the target is not in the way.
func (r *run) mayMake(v *schema.View) bool {
	if v.Tree == nil {
		return false
	}
	known := map[string]bool{}
	for _, t := range r.tables {
		known[foldASCII(t.src.Name)] = true
	}
	for _, x := range r.schema.Views {
		known[foldASCII(x.Name)] = true
	}
	for _, t := range r.schema.Tables {
		if !known[foldASCII(t.Name)] && reads(v, t.Name) {
			return false
		}
	}
	return true
}

// reads tells whether a view names a table in a FROM.
func reads(v *schema.View, table string) bool {
	hit := false
	syntax.WalkSources(v.Tree.Select, func(s *syntax.Source) {
		hit = hit || foldASCII(s.Table) == foldASCII(table)
	})
	return hit
}

// meetExisting judges what already stands in the target under the names of the
// run, and asks about it, before minutes go into reading the source.
func (r *run) meetExisting(ctx context.Context) error {
	if err := r.mayCreate(); err != nil {
		return err
	}
	if err := r.checkNewNames(); err != nil {
		return err
	}
	r.drops, r.stay = r.clashes()
	if len(r.drops) == 0 {
		return nil
	}
	r.existsHazard()
	if r.cfg.DryRun {
		return nil
	}
	if err := r.refuse(); err != nil {
		return err
	}
	names := make([]string, len(r.drops))
	for i, d := range r.drops {
		names[i] = d.Name
	}
	return r.confirmDrops(ctx, names)
}

// existsHazard reports the relations in the way.
func (r *run) existsHazard() {
	names := make([]string, len(r.drops))
	blocked := false
	for i, d := range r.drops {
		names[i] = d.Name
		blocked = blocked || !droppable[d.Kind]
	}
	slices.Sort(names)
	h := Hazard{
		Code: "exists", Count: int64(len(r.drops)),
		Message: fmt.Sprintf("schema %s of database %s already has %s", r.cfg.Schema, r.server.Database, phrase.List(names, 8)),
		Hint:    "choose another --schema, or drop them first with --on-existing=drop",
	}
	if r.cfg.OnExisting == ExistingDrop && !blocked {
		h.Settled = "--on-existing=drop"
	}
	r.hazard(h)
}

// confirmDrops asks before anything is dropped or emptied.
func (r *run) confirmDrops(ctx context.Context, names []string) error {
	if r.cfg.Confirm != nil {
		ok, err := r.cfg.Confirm(ctx, r.server.Database, names)
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
	}
	return &Error{
		Err:  fmt.Errorf("not confirmed: %s stay as they are", phrase.List(names, 8)),
		Hint: "type the database's name when asked, or give --yes", Code: ExitRefused,
	}
}

// prepareTarget makes the schema, drops what the user agreed to drop and
// installs extensions, all or nothing.
func (r *run) prepareTarget(ctx context.Context) error {
	if len(r.plan.before) == 0 && len(r.plan.drops) == 0 {
		return nil
	}
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	sql := []string{r.beginSQL()}
	sql = append(sql, dropAll(r.cfg.Schema, r.plan.drops)...)
	sql = append(sql, r.plan.before...)
	sql = append(sql, "COMMIT")
	if err := exec(ctx, conn, strings.Join(sql, "; ")); err != nil {
		return &Error{
			Err:  fmt.Errorf("prepare schema %s: %s", r.cfg.Schema, postgres.Message(err)),
			Hint: "nothing was changed; objects that depend on the tables must be dropped by hand first", Code: ExitRefused,
		}
	}
	r.dropped = r.plan.drops
	return nil
}

// dropAll writes one statement for each kind: tables that reference each other
// go together, views before the tables that they read.
func dropAll(schema string, drops []postgres.Relation) []string {
	byKind := map[string][]string{}
	for _, d := range drops {
		byKind[d.Kind] = append(byKind[d.Kind], postgres.Qualify(schema, d.Name))
	}
	var out []string
	for _, kind := range []string{"view", "materialized view", "foreign table", "table", "sequence"} {
		if list := byKind[kind]; len(list) > 0 {
			out = append(out, "DROP "+strings.ToUpper(kind)+" "+strings.Join(list, ", "))
		}
	}
	return out
}
