package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// with rebuilds a WITH clause; its tables stay known until the SELECT ends.
func (b *builder) with(s *syntax.Select) (string, error) {
	if len(s.With) == 0 {
		return "", nil
	}
	var parts []string
	recursive := false
	for i := range s.With {
		c := &s.With[i]
		b.later = nil
		for _, l := range s.With[i+1:] {
			b.later = append(b.later, foldASCII(l.Name))
		}
		sql, self, err := b.cte(c)
		if err != nil {
			return "", err
		}
		recursive = recursive || self
		parts = append(parts, sql)
	}
	b.later = nil
	word := "WITH "
	if recursive {
		word = "WITH RECURSIVE "
	}
	return word + strings.Join(parts, ", ") + " ", nil
}

// cte rebuilds one common table expression.
func (b *builder) cte(c *syntax.CTE) (sql string, recursive bool, err error) {
	name := c.Name
	if _, ok := b.cat.Relation(c.Name); ok { // an unqualified table must not be captured
		name = cutIdent(name, maxIdent-10) + "_cte"
	}
	alias, err := b.alias(name)
	if err != nil {
		return "", false, err
	}
	if readsTable(c.Select, c.Name) {
		sql, err = b.recursiveCTE(c, alias)
		return sql, true, err
	}
	q, err := b.query(c.Select, c.Columns)
	if err != nil {
		return "", false, err
	}
	b.ctes = append(b.ctes, &Relation{Name: c.Name, Target: alias, Columns: q.columns})
	return alias + " AS (" + q.sql + ")", false, nil
}

// readsTable tells whether a SELECT names a table in FROM.
func readsTable(s *syntax.Select, name string) bool {
	found := false
	syntax.WalkSources(s, func(src *syntax.Source) {
		found = found || src.Schema == "" && foldASCII(src.Table) == foldASCII(name)
	})
	return found
}

// recursiveCTE rebuilds a recursive one: arms that do not name it, and one
// last arm that does. Postgres wants the columns of both to have one type, so
// the types of the first are imposed, integers being 64 bits wide.
func (b *builder) recursiveCTE(c *syntax.CTE, alias string) (string, error) {
	what := "recursive WITH " + c.Name
	s := c.Select
	n := len(s.Cores) - 1
	if n < 1 || len(s.OrderBy) > 0 || s.Limit != nil || len(s.With) > 0 || !strings.HasPrefix(s.Ops[n-1], "UNION") {
		return "", unsupported(what, "only UNION [ALL] without ORDER BY and LIMIT is rebuilt", "")
	}
	first := &syntax.Select{Cores: s.Cores[:n], Ops: s.Ops[:n-1]}
	if readsTable(first, c.Name) {
		return "", unsupported(what, "more than its last part reads itself", "")
	}
	q, err := b.query(first, c.Columns)
	if err != nil {
		return "", err
	}
	rel := &Relation{Name: c.Name, Target: alias, Columns: append([]Column(nil), q.columns...)}
	names, types, err := imposedTypes(rel)
	if err != nil {
		return "", err
	}
	start, err := b.alias("q")
	if err != nil {
		return "", err
	}
	b.ctes = append(b.ctes, rel)
	step, err := b.recursiveStep(what, s, rel)
	if err != nil {
		return "", err
	}
	op := map[string]string{"UNION": " UNION ", "UNION ALL": " UNION ALL "}[s.Ops[n-1]]
	return alias + " (" + strings.Join(names, ", ") + ") AS (SELECT " + strings.Join(types, ", ") +
		" FROM (" + q.sql + ") AS " + start + op + step + ")", nil
}

// imposedTypes widens the columns of a recursive table and lists their names,
// and the names with casts.
func imposedTypes(rel *Relation) (names, casts []string, err error) {
	for i := range rel.Columns {
		col := &rel.Columns[i]
		if classOf(col.Type.Kind) == clsInt {
			col.Type = sqltype.Type{Kind: sqltype.Int8}
		}
		col.NotNull = false
		name, err := ident(col.Target)
		if err != nil {
			return nil, nil, err
		}
		names, casts = append(names, name), append(casts, name+"::"+col.Type.SQL())
	}
	return names, casts, nil
}

// recursiveStep rebuilds the recursive arm in the given types.
func (b *builder) recursiveStep(what string, s *syntax.Select, rel *Relation) (string, error) {
	n := len(s.Cores) - 1
	q, err := b.query(&syntax.Select{Cores: s.Cores[n:]}, nil)
	if err != nil {
		return "", err
	}
	if len(q.columns) != len(rel.Columns) {
		return "", unsupported(what, "its parts differ in their number of columns", "")
	}
	if s.Ops[n-1] == "UNION" {
		if err := distinctable(what, q.terms); err != nil {
			return "", err
		}
	}
	alias, err := b.alias("q")
	if err != nil {
		return "", err
	}
	parts := make([]string, len(q.columns))
	for i, c := range q.columns {
		want := rel.Columns[i].Type
		from, to := classOf(c.Type.Kind), classOf(want.Kind)
		if from != to && !q.terms[i].isNull() {
			return "", mixed(what, to, from)
		}
		col, err := ident(c.Target)
		if err != nil {
			return "", err
		}
		parts[i] = alias + "." + col + "::" + want.SQL()
	}
	return "SELECT " + strings.Join(parts, ", ") + " FROM (" + q.sql + ") AS " + alias, nil
}
