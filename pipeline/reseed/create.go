package reseed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/pipeline"
)

// meetNothing checks, before anything is written, that the role may make what
// the archive has and that no name is taken.
func (r *run) meetNothing(ctx context.Context) error {
	r.leaveOut()
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
// selected.
func (r *run) leaveOut() {
	if len(r.tables) == len(r.all) {
		return
	}
	chosen := map[script.Name]bool{{}: true}
	for _, t := range r.tables {
		chosen[script.Name{Schema: t.Schema, Name: t.Name}] = true
	}
	without := func(s script.Statement) bool {
		lost := func(s script.Statement) bool { return !chosen[s.Table] || !chosen[s.Parent] }
		inner := slices.ContainsFunc(s.Inner, lost)
		what := s
		if inner {
			what = s.Inner[0]
		}
		if what.Kind == script.AddForeignKey && chosen[what.Table] && !chosen[what.Parent] {
			r.object(pipeline.Object{
				Kind: "foreign key", Table: what.Table.Name, Name: what.Object, Status: "left out",
				Why: fmt.Sprintf("it references %s, which is not among the tables of the run", what.Parent.Name),
			})
		}
		return inner || lost(s)
	}
	r.pre, r.post = slices.DeleteFunc(r.pre, without), slices.DeleteFunc(r.post, without)
	gone := map[script.Name]bool{}
	for _, o := range r.rep.Objects {
		gone[script.Name{Schema: o.Table, Name: o.Name}] = true
	}
	r.post = slices.DeleteFunc(r.post, func(s script.Statement) bool {
		return s.Kind == script.Validate && gone[script.Name{Schema: s.Table.Name, Name: s.Object}]
	})
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
			return explainServer(err)
		}
		for _, rel := range there {
			taken[script.Name{Schema: schema, Name: rel.Name}] = rel.Kind
		}
	}
	var clashes []string
	for _, name := range r.creates() {
		if kind := taken[name]; kind != "" {
			clashes = append(clashes, fmt.Sprintf("%s %s.%s", kind, name.Schema, name.Name))
		}
	}
	if len(clashes) > 0 {
		return refuse("drop or rename what stands there, or name another database", "the target has what the archive would make: %s", some(clashes, 8))
	}
	return nil
}

// creates lists the relations and types that the scripts make.
func (r *run) creates() (out []script.Name) {
	add := func(s *script.Statement) {
		switch s.Kind {
		case script.CreateTable:
			out = append(out, s.Table)
		case script.CreateIndex:
			out = append(out, script.Name{Schema: s.Table.Schema, Name: s.Object})
		case script.CreateView, script.CreateSequence, script.CreateType, script.CreateDomain:
			out = append(out, script.Name{Schema: s.Schema, Name: s.Object})
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

// unfinishedMark is the comment of a table while its keys are not there: a run
// that was killed leaves tables behind that are not to be taken for whole ones.
const unfinishedMark = "litehaul: this table is being made, its keys and indexes are not there yet"

// makeTables runs pre.sql.
func (r *run) makeTables(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer postgres.Close(ctx, conn)
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
		batch = append(batch, "COMMENT ON TABLE "+name+" IS "+postgres.Literal(unfinishedMark))
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
	sql := []string{"SET LOCAL synchronous_commit = on", "SELECT txid_current()"}
	for _, name := range r.made {
		sql = append(sql, "COMMENT ON TABLE "+name+" IS NULL")
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
