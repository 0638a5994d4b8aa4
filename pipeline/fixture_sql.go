package pipeline

import (
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/script"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// attempt is statements that a server may refuse: as in a migration, what they make
// is then left out, and the rest stands. then follows where the first hold, and what
// it fails at stays so.
func attempt(o Object, raise script.Raise, then string, statements ...string) script.Attempt {
	return script.Attempt{Label: o.Kind + " " + o.Name, Raise: raise, Statements: statements, Then: then}
}

// preSQL makes the tables without what must not be there while rows come.
func (p *plan) preSQL(searchPath string) string {
	s := script.NewWriter(searchPath)
	const always = "public" // stands in every database, and its owner may be another
	made := ""
	for _, name := range []string{p.schema, p.citext} {
		if name != "" && name != always && name != made {
			s.Add("CREATE SCHEMA IF NOT EXISTS " + postgres.Quote(name))
			made = name
		}
	}
	if p.citext != "" {
		s.Add("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA " + postgres.Quote(p.citext))
	}
	for _, t := range p.tables {
		s.Add(p.tableDDL(t))
	}
	return s.String()
}

// postSQL makes everything else, in the order of a migration. After rejected rows
// others may lack their parents.
func (p *plan) postSQL(searchPath string, rejected bool) string {
	s := script.NewWriter(searchPath)
	for _, k := range p.keys {
		p.indexSQL(s, k)
	}
	for _, t := range p.tables {
		s.Add("ANALYZE " + postgres.Qualify(p.schema, t.name))
	}
	for _, c := range p.checks {
		s.Try(attempt(c.obj, script.RaiseFatal, postgres.Validate(p.schema, c.t.name, c.name), postgres.AddCheck(p.schema, c.t.name, c.name, c.sql)))
	}
	for _, f := range p.fks {
		p.foreignKeySQL(s, f, rejected)
	}
	for _, t := range p.tables {
		for i := range t.columns {
			// load.sql sets identities by their next value, and this one has none.
			if c := &t.columns[i]; c.identity && c.next == 1<<63-1 {
				s.Add(postgres.SetIdentity(p.schema, t.name, c.name, c.next))
			}
		}
	}
	for _, v := range p.views {
		s.Try(attempt(v.obj, script.RaiseFatal, "", v.ddl))
	}
	return s.String()
}

// indexSQL adds an index or key. Over columns of fixed width nothing can be too
// wide, and nothing else is refused.
func (p *plan) indexSQL(s *script.Writer, k *indexPlan) {
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
			s.Add(sql)
		}
	case k.adopt:
		s.Try(attempt(k.obj, script.RaiseAllButTooLarge, "", all...))
	default:
		s.Try(attempt(k.obj, script.RaiseFatalOrUnique, "", all...))
	}
}

// foreignKeySQL adds a foreign key.
func (p *plan) foreignKeySQL(s *script.Writer, f *fkPlan, rejected bool) {
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
		s.Try(attempt(f.obj, script.RaiseFatal, validate, f.fk.Add()))
	case !f.t.fixedWidth(child) || !f.parent.fixedWidth(parent):
		s.Try(attempt(f.obj, script.RaiseFatalOrForeign, validate, f.fk.Add()))
	default:
		s.Add(f.fk.Add())
		if validate != "" {
			s.Add(validate)
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
