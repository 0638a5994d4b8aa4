package reseed

import (
	"errors"
	"fmt"
	"os"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/globs"
	"github.com/litehaul/litehaul/internal/phrase"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/pipeline"
)

// openArchive opens the archive, chooses tables and reads the statements.
func (r *run) openArchive() error {
	if err := r.open(); err != nil {
		return err
	}
	m := r.archive.Manifest()
	schemas := map[string]bool{}
	r.Report.Fixture = &pipeline.FixtureReport{Path: r.cfg.Fixture, Bytes: r.Report.Source.Bytes, ID: r.archive.ID()}
	r.Report.Fixture.Chunks, r.Report.Fixture.Raw = m.Totals()
	for i := range m.Tables {
		schemas[m.Tables[i].Schema] = true
	}
	for i := range m.Tables {
		r.all = append(r.all, newTable(i, &m.Tables[i], len(schemas) > 1))
	}
	if err := r.choose(); err != nil {
		return err
	}
	r.fillOnly(r.tables)
	return nil
}

// fillOnly makes these the tables that get rows.
func (r *run) fillOnly(tables []*table) {
	r.fill, r.TotalRows = tables, 0
	for _, t := range tables {
		r.TotalRows += t.Rows
	}
}

func (r *run) open() error {
	if r.archive = r.cfg.Archive; r.archive != nil {
		r.Report.Source.Bytes = r.archive.Size()
		return nil
	}
	var err error
	if r.file, err = os.Open(r.cfg.Fixture); err != nil {
		return &pipeline.Error{Err: fmt.Errorf("open the fixture: %w", err), Code: pipeline.ExitUsage}
	}
	info, err := r.file.Stat()
	if err != nil {
		return fmt.Errorf("open the fixture: %w", err)
	}
	if !info.Mode().IsRegular() {
		return &pipeline.Error{Err: fmt.Errorf("%s is no file", r.cfg.Fixture), Code: pipeline.ExitUsage}
	}
	r.Report.Source.Bytes = info.Size()
	r.archive, err = fixture.Open(r.file, info.Size())
	return ExplainFixture(r.cfg.Fixture, err)
}

// ExplainFixture gives an error of an archive its exit code and a hint: what is
// wrong with its content is refused. name is the archive's; nil stays nil.
func ExplainFixture(name string, err error) error {
	var format *fixture.FormatError
	var version *fixture.VersionError
	out := &pipeline.Error{Err: fmt.Errorf("%s: %w", name, err), Code: pipeline.ExitRefused}
	switch {
	case errors.Is(err, fixture.ErrNotFixture):
		out.Hint = "litehaul fixture create writes fixtures"
	case errors.As(err, &version):
		out.Hint = "use a newer litehaul"
	case errors.As(err, &format):
		out.Hint = "do not restore it; make or fetch it again"
	default:
		return err
	}
	return out
}

// choose applies Tables and Exclude.
func (r *run) choose() error {
	choice := globs.New(r.cfg.Tables, r.cfg.Exclude)
	for _, t := range r.all {
		ok, err := choice.Takes(t.Schema, t.Name)
		if err != nil {
			return &pipeline.Error{Err: err, Code: pipeline.ExitUsage}
		}
		if ok {
			r.tables = append(r.tables, t)
		}
	}
	if g, ok := choice.Unmatched(); ok {
		return &pipeline.Error{
			Err:  fmt.Errorf("no table matches %q", g),
			Hint: "the tables are " + phrase.List(shown(r.all), 20), Code: pipeline.ExitUsage,
		}
	}
	if len(r.tables) == 0 && len(r.all) > 0 {
		return &pipeline.Error{Err: errors.New("--tables and --exclude leave no table"), Code: pipeline.ExitUsage}
	}
	return nil
}

// readScripts reads the archive's statements, and refuses what archives do not
// have: nothing of a script runs before all of it is known.
func (r *run) readScripts() error {
	pre, post := r.archive.SQL()
	var err error
	if r.pre, err = script.Parse(pre, r.cfg.Trust); err == nil {
		err = r.admit(r.pre, preKinds)
	}
	if err != nil {
		return r.foreign("schema/pre.sql", err)
	}
	if r.post, err = script.Parse(post, r.cfg.Trust); err == nil {
		err = r.admit(r.post, postKinds)
	}
	if err != nil {
		return r.foreign("schema/post.sql", err)
	}
	return r.leaveOut()
}

func (r *run) foreign(member string, err error) error {
	hint := "do not restore it; make or fetch it again"
	if errors.Is(err, script.ErrForeign) && !r.cfg.Trust {
		hint = "if you trust who made the archive, --trust runs its functions, triggers and the like with your role's rights"
	}
	return &pipeline.Error{Err: fmt.Errorf("%s: %s: %w", r.cfg.Fixture, member, err), Hint: hint, Code: pipeline.ExitRefused}
}

// The kinds of statements that either script may have.
var (
	preKinds = map[script.Kind]bool{
		script.Setting: true, script.CreateSchema: true, script.CreateExtension: true, script.CreateType: true,
		script.CreateDomain: true, script.CreateSequence: true, script.OwnSequence: true, script.CreateTable: true,
		script.AlterTable: true, script.Comment: true, script.Other: true,
	}
	postKinds = map[script.Kind]bool{
		script.Setting: true, script.OwnSequence: true, script.CreateIndex: true, script.AddKey: true,
		script.AddForeignKey: true, script.AddConstraint: true, script.Validate: true, script.AlterTable: true,
		script.Analyze: true, script.SetIdentity: true, script.CreateView: true, script.Comment: true, script.Try: true,
		script.Other: true,
	}
)

// admit checks the statements of a script: their kinds, and that they speak of
// the archive's own tables and sequences only.
func (r *run) admit(list []script.Statement, kinds map[script.Kind]bool) error {
	tables, sequences := map[script.Name]bool{{}: true}, map[script.Name]bool{} // {} is no name at all
	for _, t := range r.all {
		tables[script.Name{Schema: t.Schema, Name: t.Name}] = true
	}
	for _, s := range r.pre {
		if s.Kind == script.CreateSequence {
			sequences[script.Name{Schema: s.Schema, Name: s.Object}] = true
		}
	}
	for i := range list {
		s := &list[i]
		if !kinds[s.Kind] {
			return fmt.Errorf("line %d: a statement that has no place there", s.Line)
		}
		if s.Kind == script.OwnSequence && !sequences[script.Name{Schema: s.Schema, Name: s.Object}] {
			return fmt.Errorf("line %d: sequence %s.%s is none of the archive's", s.Line, s.Schema, s.Object)
		}
		for _, part := range append([]script.Statement{*s}, s.Inner...) {
			for _, name := range []script.Name{part.Table, part.Parent} {
				if !tables[name] {
					return fmt.Errorf("line %d: table %s.%s is none of the archive's", s.Line, name.Schema, name.Name)
				}
			}
		}
	}
	return nil
}

func shown(tables []*table) []string {
	out := make([]string, len(tables))
	for i, t := range tables {
		out[i] = t.shown
	}
	return out
}
