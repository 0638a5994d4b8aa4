package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// orderKey writes an expression to sort or group by: texts byte by byte, or
// by their lower case under NOCASE.
func orderKey(b *builder, t term) string {
	switch {
	case t.cls != clsText:
		return t.wrap()
	case t.coll == collNoCase:
		t = b.folded(t)
	case t.coll == collRTrim:
		t = trimmed(t)
	}
	return binaryOrder(t)
}

// ordering writes one term of ORDER BY. SQLite sorts NULL before everything,
// Postgres after, so it is always said.
func (b *builder) ordering(t term, o syntax.Ordering) (string, error) {
	if t.cls == clsJSONValue || t.cls == clsJSON {
		return "", unsupported("ORDER BY a JSON value", "SQLite sorts its text", "")
	}
	var err error
	if t.isNull() || t.lit != nil {
		if t, err = b.output(t); err != nil {
			return "", err
		}
		return t.wrap() + "::text", nil // a constant: no order, but valid
	}
	nulls := " NULLS FIRST"
	if o.Desc {
		nulls = " NULLS LAST"
	}
	if o.Nulls != "" {
		nulls = map[string]string{"FIRST": " NULLS FIRST", "LAST": " NULLS LAST"}[strings.ToUpper(o.Nulls)]
	}
	return orderKey(b, t) + map[bool]string{true: " DESC"}[o.Desc] + nulls, nil
}

// orderings writes ORDER BY within an aggregate or window.
func (b *builder) orderings(list []syntax.Ordering) (string, error) {
	parts := make([]string, len(list))
	for i, o := range list {
		t, err := b.expr(o.X)
		if err != nil {
			return "", err
		}
		if parts[i], err = b.ordering(t, o); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, ", "), nil
}

// orderAndLimit adds ORDER BY, LIMIT and OFFSET to a query.
func (b *builder) orderAndLimit(s *syntax.Select, arms []*arm, q *query) error {
	limit, err := limitClause(s)
	if err != nil {
		return err
	}
	if len(s.OrderBy) > 0 {
		a := arms[0]
		plain := len(arms) == 1 && a.rows == nil && !a.core.Distinct
		sql := ""
		if plain {
			sql, err = b.orderSimple(s.OrderBy, a, q)
		} else {
			sql, err = b.orderWrapped(s.OrderBy, arms, q)
		}
		if err != nil {
			return err
		}
		q.sql += " ORDER BY " + sql
	}
	q.sql += limit
	q.single = q.single || s.Limit != nil && limit == " LIMIT 1"
	return nil
}

// orderSimple resolves ORDER BY of a single SELECT: a number is a column's
// place, a name is an alias first, anything else an expression of its own.
func (b *builder) orderSimple(list []syntax.Ordering, a *arm, q *query) (string, error) {
	saved := b.frame
	b.frame = a.frame
	defer func() { b.frame = saved }()
	parts := make([]string, len(list))
	for i, o := range list {
		x, coll := stripCollate(o.X)
		k, err := place(x, q)
		if err != nil {
			return "", err
		}
		if n, ok := x.(*syntax.Name); k < 0 && ok && n.Table == "" {
			k = aliasPlace(a.core, n.Column, len(q.terms))
		}
		t := term{}
		if k >= 0 {
			t = a.terms[k]
		} else if t, err = b.expr(x); err != nil {
			return "", err
		}
		if coll != nil {
			coll.X = x
			if t, err = collated(t, coll.Collation); err != nil {
				return "", err
			}
		}
		if parts[i], err = b.ordering(t, o); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, ", "), nil
}

// collated applies an explicit collation to a rebuilt term.
func collated(t term, name string) (term, error) {
	switch strings.ToUpper(name) {
	case "BINARY":
		t.coll = collBinary
	case "NOCASE":
		t.coll = collNoCase
	case "RTRIM":
		t.coll = collRTrim
	default:
		return t, unsupported("collation "+name, "only the application that wrote the file knows it", "")
	}
	t.collSet = true
	return t, nil
}

// stripCollate takes COLLATE off an ORDER BY term; the copy may be changed.
func stripCollate(e syntax.Expr) (syntax.Expr, *syntax.Collate) {
	if c, ok := e.(*syntax.Collate); ok {
		own := *c
		return c.X, &own
	}
	return e, nil
}

// place reads ORDER BY 1.
func place(e syntax.Expr, q *query) (int, error) {
	l, ok := e.(*syntax.Literal)
	if !ok || l.Kind != syntax.LitInt {
		return -1, nil
	}
	n, err := strconv.Atoi(l.Text)
	if err != nil || n < 1 || n > len(q.terms) {
		return -1, unsupported("ORDER BY "+l.Text, "there is no such column", "")
	}
	return n - 1, nil
}

// aliasPlace finds the result column of an alias.
func aliasPlace(c *syntax.SelectCore, name string, terms int) int {
	k := 0
	for _, r := range c.Columns {
		if r.Star || r.X == nil {
			return -1 // places behind a star are not counted here
		}
		if r.Alias != "" && foldASCII(r.Alias) == foldASCII(name) && k < terms {
			return k
		}
		k++
	}
	return -1
}

// orderWrapped resolves ORDER BY of a compound or DISTINCT, which may name
// result columns only. Postgres would not sort them by an expression, so the
// whole is put into a subquery.
func (b *builder) orderWrapped(list []syntax.Ordering, arms []*arm, q *query) (string, error) {
	alias, err := b.alias("q")
	if err != nil {
		return "", err
	}
	parts := make([]string, len(list))
	for i, o := range list {
		x, coll := stripCollate(o.X)
		k, err := place(x, q)
		if err != nil {
			return "", err
		}
		if k < 0 {
			k = resultPlace(x, arms, q)
		}
		if k < 0 {
			return "", unsupported("ORDER BY", "after DISTINCT or in a compound SELECT it must name a result column", "")
		}
		col, err := ident(q.columns[k].Target)
		if err != nil {
			return "", err
		}
		t := q.terms[k]
		t.sql, t.atom, t.lit = alias+"."+col, true, nil
		if coll != nil {
			if t, err = collated(t, coll.Collation); err != nil {
				return "", err
			}
		}
		if parts[i], err = b.ordering(t, o); err != nil {
			return "", err
		}
	}
	q.sql = "SELECT " + alias + ".* FROM (" + q.sql + ") AS " + alias
	return strings.Join(parts, ", "), nil
}

// resultPlace finds the result column that an expression means: by name or by
// being the same expression in some arm.
func resultPlace(e syntax.Expr, arms []*arm, q *query) int {
	if n, ok := e.(*syntax.Name); ok {
		for i := range q.columns {
			if foldASCII(q.wanted[i]) == foldASCII(n.Column) {
				return i
			}
		}
	}
	text, ok := shortSource(e)
	if !ok {
		return -1
	}
	for _, a := range arms {
		for i, r := range a.core.Columns {
			if r.Star || r.X == nil || i >= len(q.terms) {
				break
			}
			if t, ok := shortSource(r.X); ok && t == text {
				return i
			}
		}
	}
	return -1
}

// limitClause writes LIMIT and OFFSET. A negative limit is none in SQLite.
func limitClause(s *syntax.Select) (string, error) {
	sql := ""
	for _, part := range []struct {
		word string
		e    syntax.Expr
	}{{" LIMIT ", s.Limit}, {" OFFSET ", s.Offset}} {
		if part.e == nil {
			continue
		}
		negative, e := false, part.e
		if u, ok := e.(*syntax.Unary); ok && u.Op == "-" {
			negative, e = true, u.X
		}
		l, ok := e.(*syntax.Literal)
		if !ok || l.Kind != syntax.LitInt {
			return "", unsupported("LIMIT", "it is not a literal number", "")
		}
		c, ok := parseNumber(l.Text, true)
		if !ok || c.kind != constInt {
			return "", unsupported("LIMIT", "it is not a literal number", "")
		}
		if c.i >= 0 && (!negative || c.i == 0) {
			sql += part.word + strconv.FormatInt(c.i, 10)
		}
	}
	return sql, nil
}
