package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// between rebuilds x [NOT] BETWEEN lo AND hi.
func (b *builder) between(e *syntax.Between) (term, error) {
	var ts [3]term
	for i, x := range []syntax.Expr{e.X, e.Lo, e.Hi} {
		t, err := b.expr(x)
		if err != nil {
			return term{}, err
		}
		ts[i] = t
	}
	if ts[0].volatile {
		return term{}, unsupported("BETWEEN", "its operand gives another value each time", "")
	}
	lo, err := b.pair(">=", ts[0], ts[1])
	if err != nil {
		return term{}, err
	}
	hi, err := b.pair("<=", ts[0], ts[2])
	if err != nil {
		return term{}, err
	}
	if uniform([]pair{lo}, ">=") && uniform([]pair{hi}, "<=") && lo.l.sql == hi.l.sql {
		not := map[bool]string{true: " NOT"}[e.Not]
		return condTerm(lo.l.wrap()+not+" BETWEEN "+lo.r.wrap()+" AND "+hi.r.wrap(), "BETWEEN"), nil
	}
	sql := "(" + lo.sql() + ") AND (" + hi.sql() + ")"
	if e.Not {
		return condTerm("NOT ("+sql+")", "NOT"), nil
	}
	return condTerm(sql, "AND"), nil
}

// in rebuilds x [NOT] IN (...).
func (b *builder) in(e *syntax.In) (term, error) {
	sel := e.Select
	if e.Table != "" {
		sel = &syntax.Select{Cores: []syntax.SelectCore{{
			Columns: []syntax.ResultColumn{{Star: true}}, From: &syntax.Source{Schema: e.Schema, Table: e.Table},
		}}}
	}
	if e.Args != nil {
		return term{}, unsupported("IN "+e.Table+"(...)", "table functions are not rebuilt", "")
	}
	tuple, isTuple := e.X.(*syntax.Tuple)
	isTuple = isTuple && len(tuple.List) > 1
	switch {
	case sel != nil && isTuple:
		return term{}, unsupported("row value IN (SELECT ...)", "its columns cannot be compared one by one", "use EXISTS")
	case sel == nil && len(e.List) == 0:
		return certain(map[bool]string{true: "true", false: "false"}[e.Not]), nil
	case isTuple:
		return b.tupleIn(e, tuple)
	}
	x, err := b.expr(e.X)
	if err != nil {
		return term{}, err
	}
	if sel != nil {
		return b.inSelect(x, sel, e.Not)
	}
	return b.inList(x, e)
}

// inList rebuilds IN with values. The list's members have no affinity.
func (b *builder) inList(x term, e *syntax.In) (term, error) {
	if x.volatile && len(e.List) > 1 {
		return term{}, unsupported("IN", "its operand gives another value each time", "")
	}
	pairs := make([]pair, 0, len(e.List))
	for _, item := range e.List {
		t, err := b.expr(item)
		if err != nil {
			return term{}, err
		}
		if !t.isNull() {
			t.hasAff = false
		}
		p, err := b.inPair(x, t)
		if err != nil {
			return term{}, err
		}
		pairs = append(pairs, p)
	}
	not := map[bool]string{true: "NOT "}[e.Not]
	items := make([]string, len(pairs))
	if uniform(pairs, "=") {
		for i, p := range pairs {
			items[i] = p.r.sql
		}
		return condTerm(pairs[0].l.wrap()+" "+not+"IN ("+strings.Join(items, ", ")+")", "IN"), nil
	}
	for i, p := range pairs {
		items[i] = "(" + p.sql() + ")"
	}
	sql := strings.Join(items, " OR ")
	if e.Not {
		return condTerm("NOT ("+sql+")", "NOT"), nil
	}
	return condTerm(sql, "OR"), nil
}

// inPair compares a member; NULL keeps the list's form.
func (b *builder) inPair(x, t term) (pair, error) {
	if t.isNull() && !x.isNull() && x.cls != clsJSONValue {
		zero := x
		zero.lit = nil
		p, err := b.pair("=", zero, zero)
		if err == nil && p.whole == "" {
			p.r = term{sql: "NULL", cls: clsNull, atom: true}
			return p, nil
		}
	}
	return b.pair("=", x, t)
}

// tupleCompare rebuilds (a, b) op (c, d).
func (b *builder) tupleCompare(op string, l *syntax.Tuple, right syntax.Expr) (term, error) {
	r, ok := right.(*syntax.Tuple)
	if !ok || len(r.List) != len(l.List) {
		return term{}, unsupported("row value", "it is compared with something else than a row of the same size", "")
	}
	var ls, rs []string
	for i := range l.List {
		x, err := b.expr(l.List[i])
		if err != nil {
			return term{}, err
		}
		y, err := b.expr(r.List[i])
		if err != nil {
			return term{}, err
		}
		p, err := b.pair(op, x, y)
		if err != nil {
			return term{}, err
		}
		if p.whole != "" || p.op != op {
			return term{}, unsupported("row value", "its members need different comparisons", "")
		}
		ls, rs = append(ls, p.l.sql), append(rs, p.r.sql)
	}
	return condTerm("("+strings.Join(ls, ", ")+") "+op+" ("+strings.Join(rs, ", ")+")", op), nil
}

// tupleIn rebuilds (a, b) IN ((c, d), ...).
func (b *builder) tupleIn(e *syntax.In, x *syntax.Tuple) (term, error) {
	items := make([]string, len(e.List))
	for i, item := range e.List {
		t, err := b.tupleCompare("=", x, item)
		if err != nil {
			return term{}, err
		}
		items[i] = "(" + t.sql + ")"
	}
	sql := strings.Join(items, " OR ")
	if e.Not {
		return condTerm("NOT ("+sql+")", "NOT"), nil
	}
	return condTerm(sql, "OR"), nil
}
