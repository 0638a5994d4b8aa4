package translate

import (
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// mayRead refuses subqueries where Postgres does.
func (b *builder) mayRead() error {
	if b.ctx != view {
		return unsupported("subquery", "it may stand only in a view", "")
	}
	return nil
}

// exists rebuilds EXISTS (SELECT ...).
func (b *builder) exists(e *syntax.Exists) (term, error) {
	if err := b.mayRead(); err != nil {
		return term{}, err
	}
	q, err := b.query(e.Select, nil)
	if err != nil {
		return term{}, err
	}
	t := condTerm("EXISTS ("+q.sql+")", "EXISTS")
	t.atom, t.notNull = true, true
	return t, nil
}

// subquery rebuilds a scalar (SELECT ...): SQLite takes its first row, where
// Postgres refuses more than one.
func (b *builder) subquery(e *syntax.Subquery) (term, error) {
	if err := b.mayRead(); err != nil {
		return term{}, err
	}
	q, err := b.query(e.Select, nil)
	if err != nil {
		return term{}, err
	}
	if len(q.terms) != 1 {
		return term{}, unsupported("subquery", "it gives more than one column", "")
	}
	if !q.single {
		if e.Select.Limit != nil || e.Select.Offset != nil {
			alias, err := b.alias("q")
			if err != nil {
				return term{}, err
			}
			q.sql = "SELECT " + alias + ".* FROM (" + q.sql + ") AS " + alias
		}
		q.sql += " LIMIT 1"
	}
	t := q.terms[0]
	t.sql, t.atom, t.lit, t.mom, t.notNull = "("+q.sql+")", true, nil, nil, false
	if t.isNull() {
		t.cls = clsText
	}
	return t, nil
}

// inSelect rebuilds x IN (SELECT y): comparable as they are, or as numbers.
func (b *builder) inSelect(x term, s *syntax.Select, not bool) (term, error) {
	if err := b.mayRead(); err != nil {
		return term{}, err
	}
	q, err := b.query(s, nil)
	if err != nil {
		return term{}, err
	}
	if len(q.terms) != 1 {
		return term{}, unsupported("IN (SELECT ...)", "it gives more than one column", "")
	}
	alias, err := b.alias("q")
	if err != nil {
		return term{}, err
	}
	col, err := ident(q.columns[0].Target)
	if err != nil {
		return term{}, err
	}
	y := q.terms[0]
	y.sql, y.atom, y.lit, y.mom = alias+"."+col, true, nil, nil
	if y.isNull() || x.isNull() {
		return term{}, unsupported("IN (SELECT ...)", "one side is NULL", "")
	}
	p, err := b.pair("=", x, y)
	if err != nil {
		return term{}, err
	}
	if p.whole != "" || p.op != "=" {
		return term{}, unsupported("IN (SELECT ...)", "its values need another comparison than =", "use EXISTS")
	}
	sql := q.sql
	if p.r.sql != y.sql {
		sql = "SELECT " + p.r.sql + " FROM (" + q.sql + ") AS " + alias
	}
	word := map[bool]string{true: " NOT IN (", false: " IN ("}[not]
	return condTerm(p.l.wrap()+word+sql+")", "IN"), nil
}
