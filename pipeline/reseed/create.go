package reseed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/internal/server"
)

// meetNothing checks, before anything is written, that the role may make what
// the archive has and that no name is taken.
func (r *run) meetNothing(ctx context.Context) error {
	if err := r.readScripts(); err != nil {
		return err
	}
	for _, name := range r.schemas() {
		switch s := r.catalog.Schema(name); {
		case s == nil && !r.server.CreateSchema:
			return refuse(fmt.Sprintf("as its owner: GRANT CREATE ON DATABASE %s TO %s", postgres.Quote(r.server.Database), postgres.Quote(r.server.User)),
				"role %s may not create schema %q in database %s", r.server.User, name, r.server.Database)
		case s != nil && !(s.Create && s.Usage):
			return refuse(fmt.Sprintf("as its owner: GRANT USAGE, CREATE ON SCHEMA %s TO %s", postgres.Quote(name), postgres.Quote(r.server.User)),
				"role %s may not create tables in schema %q", r.server.User, name)
		}
	}
	return r.checkNames(ctx)
}

// leaveOut takes statements off the scripts that need tables which were not
// selected. What a function or trigger needs is not known.
func (r *run) leaveOut() error {
	if len(r.tables) == len(r.all) {
		return nil
	}
	for _, s := range slices.Concat(r.pre, r.post) {
		if s.Kind == script.Other {
			return &pipeline.Error{
				Err:  fmt.Errorf("%s: a part of it cannot be made: it has functions, triggers or the like, which may need all of its tables (%s)", r.cfg.Fixture, s.Object),
				Hint: "leave out --tables and --exclude, or capture the part alone: litehaul fixture create --from ... --tables", Code: pipeline.ExitRefused,
			}
		}
	}
	chosen := map[script.Name]bool{{}: true} // no name at all
	for _, t := range r.tables {
		chosen[script.Name{Schema: t.Schema, Name: t.Name}] = true
	}
	gone := map[constraint]bool{}
	lost := func(s script.Statement) bool {
		if s.Kind == script.AddForeignKey && chosen[s.Table] && !chosen[s.Parent] {
			gone[constraint{s.Table, s.Object}] = true
			r.Object(pipeline.Object{
				Kind: "foreign key", Table: s.Table.Name, Name: s.Object, Status: "left out",
				Why: fmt.Sprintf("it references %s, which is not among the tables of the run", s.Parent.Name),
			})
		}
		return !chosen[s.Table] || !chosen[s.Parent] || gone[constraint{s.Table, s.Object}]
	}
	without := func(s script.Statement) bool { return lost(s) || slices.ContainsFunc(s.Inner, lost) }
	r.pre, r.post = slices.DeleteFunc(r.pre, without), slices.DeleteFunc(r.post, without)
	return nil
}

// checkNames refuses names that are taken.
func (r *run) checkNames(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	taken := map[script.Name]string{}
	for _, schema := range r.schemas() {
		there, err := postgres.Relations(ctx, conn, schema)
		if err != nil {
			return server.Explain(err)
		}
		for _, rel := range there {
			taken[script.Name{Schema: schema, Name: rel.Name}] = rel.Kind
		}
	}
	var clashes []string
	for _, c := range r.creates() {
		if kind := taken[c.Name]; kind != "" {
			clashes = append(clashes, fmt.Sprintf("%s %s.%s", kind, c.Schema, c.Name.Name))
		}
	}
	if len(clashes) > 0 {
		return refuse("drop or rename what stands there, or name another database", "the target has what the archive would make: %s", phrase.List(clashes, 8))
	}
	return nil
}

// creation is a relation or type that the scripts make.
type creation struct {
	script.Name
	kind string // as DROP has it
}

var creators = map[script.Kind]string{
	script.CreateTable: "TABLE", script.CreateIndex: "INDEX", script.CreateView: "VIEW",
	script.CreateSequence: "SEQUENCE", script.CreateType: "TYPE", script.CreateDomain: "DOMAIN",
}

// creates lists what the scripts make.
func (r *run) creates() (out []creation) {
	add := func(s *script.Statement) {
		c := creation{script.Name{Schema: s.Schema, Name: s.Object}, creators[s.Kind]}
		switch s.Kind {
		case script.CreateTable:
			c.Name = s.Table
		case script.CreateIndex:
			c.Schema = s.Table.Schema
		}
		if c.kind != "" {
			out = append(out, c)
		}
	}
	for _, list := range [][]script.Statement{r.pre, r.post} {
		for i := range list {
			add(&list[i])
			for j := range list[i].Inner {
				add(&list[i].Inner[j])
			}
		}
	}
	return out
}

// create makes all of the archive in the target.
func (r *run) create(ctx context.Context) error {
	steps := []func(context.Context) error{r.makeTables, r.runTasks, r.finishMade, r.account}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return r.explainWrite(ctx, err)
		}
	}
	return r.judge()
}

// tablesAtOnce bounds the tables that one transaction makes: each takes several
// entries of the server's lock table, which has 6,400 by default.
const tablesAtOnce = 500

// makeTables runs pre.sql.
func (r *run) makeTables(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	if r.redo {
		if err := postgres.Exec(ctx, conn, r.transaction(r.dropSQL())); err != nil {
			return explainDrop(err)
		}
	}
	var batch, made []string
	settings := ""
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		sql := r.transaction(settings + strings.Join(batch, "; "))
		if err := postgres.Exec(ctx, conn, sql); err != nil {
			return fmt.Errorf("make the schema: %w", err)
		}
		r.made = append(r.made, made...)
		batch, made = nil, nil
		return nil
	}
	for _, s := range r.pre {
		switch s.Kind {
		case script.Setting:
			settings += s.SQL + "; "
			continue
		case script.CreateSchema:
			if r.catalog.Schema(s.Object) != nil {
				continue // the role may lack the right to make what is there
			}
		}
		batch = append(batch, s.SQL)
		if s.Kind != script.CreateTable {
			continue
		}
		name := postgres.Qualify(s.Table.Schema, s.Table.Name)
		batch = append(batch, rebuild.MarkUnfinished(name))
		if made = append(made, name); len(made) == tablesAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// transaction writes a transaction of its own around statements.
func (r *run) transaction(sql string) string {
	return postgres.Begin(r.server.Version, "") + "; " + sql + "; COMMIT"
}

// finishMade takes the marks off, all at once, and gives tables the comments that
// the archive has for them. The commit waits for the disk, and with it all that
// came before is there.
func (r *run) finishMade(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
	sql := []string{"SET LOCAL synchronous_commit = on"}
	for _, name := range r.made {
		sql = append(sql, rebuild.MarkFinished(name))
	}
	for _, list := range [][]script.Statement{r.pre, r.post} {
		for _, s := range list {
			if s.Kind == script.Comment && s.Object == "table" {
				sql = append(sql, s.SQL)
			}
		}
	}
	if err := postgres.Exec(ctx, conn, r.transaction(strings.Join(sql, "; "))); err != nil {
		return fmt.Errorf("make all durable: %w", err)
	}
	return nil
}
