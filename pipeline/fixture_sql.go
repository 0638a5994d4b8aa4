package pipeline

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	sqlscript "github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// script collects the statements of one of an archive's two SQL files.
type script struct{ strings.Builder }

// newScript begins a file with the settings under which a migration makes the same,
// local to the transaction that all of an archive is restored in.
func newScript(path string) *script {
	s := &script{}
	for _, setting := range []string{
		"SET LOCAL client_encoding = 'UTF8'", "SET LOCAL standard_conforming_strings = on",
		strings.TrimSuffix(path, "; "), "SET LOCAL statement_timeout = 0", "SET LOCAL lock_timeout = 0",
		"SET LOCAL idle_in_transaction_session_timeout = 0", "SET LOCAL jit = off",
	} {
		s.add(setting)
	}
	return s
}

func (s *script) add(sql string) { _, _ = s.WriteString(sql + ";\n") } // never fails

// try adds statements that a server may refuse: as in a migration, what they make is
// then left out, and the rest stands. then follows where the first hold, and what
// it fails at stays so.
func (s *script) try(o Object, raise sqlscript.Raise, then string, statements ...string) {
	a := sqlscript.Attempt{Label: o.Kind + " " + o.Name, Raise: raise, Statements: statements, Then: then}
	s.add(a.SQL())
}

// preSQL makes the tables without what must not be there while rows come.
func (p *plan) preSQL(path string) string {
	s := newScript(path)
	const always = "public" // stands in every database, and its owner may be another
	made := ""
	for _, name := range []string{p.schema, p.citext} {
		if name != "" && name != always && name != made {
			s.add("CREATE SCHEMA IF NOT EXISTS " + postgres.Quote(name))
			made = name
		}
	}
	if p.citext != "" {
		s.add("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA " + postgres.Quote(p.citext))
	}
	for _, t := range p.tables {
		s.add(p.tableDDL(t))
	}
	return s.String()
}

// postSQL makes everything else, in the order of a migration. After rejected rows
// others may lack their parents.
func (p *plan) postSQL(path string, rejected bool) string {
	s := newScript(path)
	for _, k := range p.keys {
		p.indexSQL(s, k)
	}
	for _, t := range p.tables {
		s.add("ANALYZE " + postgres.Qualify(p.schema, t.name))
	}
	for _, c := range p.checks {
		s.try(c.obj, sqlscript.RaiseFatal, postgres.Validate(p.schema, c.t.name, c.name), postgres.AddCheck(p.schema, c.t.name, c.name, c.sql))
	}
	for _, f := range p.fks {
		p.foreignKeySQL(s, f, rejected)
	}
	for _, t := range p.tables {
		for i := range t.columns {
			// load.sql sets identities by their next value, and this one has none.
			if c := &t.columns[i]; c.identity && c.next == 1<<63-1 {
				s.add(postgres.SetIdentity(p.schema, t.name, c.name, c.next))
			}
		}
	}
	for _, v := range p.views {
		s.try(v.obj, sqlscript.RaiseFatal, "", v.ddl)
	}
	return s.String()
}

// indexSQL adds an index or key. Over columns of fixed width nothing can be too
// wide, and nothing else is refused.
func (p *plan) indexSQL(s *script, k *indexPlan) {
	all := []string{k.index.Create()}
	if k.adopt {
		all = append(all, k.index.Adopt(k.primary))
	}
	parts := make([]string, len(k.index.Parts))
	for i, part := range k.index.Parts {
		parts[i] = part.SQL
	}
	switch {
	case k.index.Where == "" && k.t.fixedWidth(parts):
		for _, sql := range all {
			s.add(sql)
		}
	case k.adopt:
		s.try(k.obj, sqlscript.RaiseAllButTooLarge, "", all...)
	default:
		s.try(k.obj, sqlscript.RaiseFatalOrUnique, "", all...)
	}
}

// foreignKeySQL adds a foreign key.
func (p *plan) foreignKeySQL(s *script, f *fkPlan, rejected bool) {
	validate := postgres.Validate(p.schema, f.t.name, f.fk.Name)
	if f.orphans {
		validate = ""
	}
	child, parent := make([]string, len(f.fk.Columns)), make([]string, len(f.fk.ParentColumns))
	for i := range child {
		child[i], parent[i] = postgres.Quote(f.fk.Columns[i]), postgres.Quote(f.fk.ParentColumns[i])
	}
	switch {
	case rejected:
		s.try(f.obj, sqlscript.RaiseFatal, validate, f.fk.Add())
	case !f.t.fixedWidth(child) || !f.parent.fixedWidth(parent):
		s.try(f.obj, sqlscript.RaiseFatalOrForeign, validate, f.fk.Add())
	default:
		s.add(f.fk.Add())
		if validate != "" {
			s.add(validate)
		}
	}
}

// fixedWidth tells whether all of the quoted names are columns of the table whose
// type has a width of its own.
func (t *table) fixedWidth(quoted []string) bool {
	fixed := map[string]bool{}
	for i := range t.columns {
		if c := &t.columns[i]; !c.skip {
			fixed[postgres.Quote(c.name)] = fixedKinds[c.decision.Type.Kind]
		}
	}
	for _, name := range quoted {
		if !fixed[name] {
			return false
		}
	}
	return true
}

var fixedKinds = map[sqltype.Kind]bool{
	sqltype.Bool: true, sqltype.Int2: true, sqltype.Int4: true, sqltype.Int8: true,
	sqltype.Float4: true, sqltype.Float8: true, sqltype.UUID: true, sqltype.Date: true,
	sqltype.Time: true, sqltype.Timestamp: true, sqltype.TimestampTZ: true,
}
