package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// aggregates are the aggregate functions that have a rule, with the number of
// arguments that makes them aggregates (-1: any).
var aggregates = map[string]int{
	"count": -1, "sum": 1, "total": 1, "avg": 1, "min": 1, "max": 1,
	"group_concat": -1, "string_agg": 2, "json_group_array": 1, "json_group_object": 2,
}

// isAggregate tells whether a call is an aggregate.
func isAggregate(c *syntax.Call) bool {
	n, ok := aggregates[c.Name]
	return ok && (n < 0 || n == len(c.Args))
}

// aggregate rebuilds an aggregate, as such or over a window.
func (b *builder) aggregate(c *syntax.Call) (term, error) {
	what := "function " + c.Name + "()"
	f := b.frame
	if b.ctx != view || f == nil {
		return term{}, unsupported(what, "an aggregate may stand only in a view", "")
	}
	switch {
	case f.aggDepth > 0:
		return term{}, unsupported(what, "it stands within another aggregate", "")
	case c.Over == nil && f.stage < inHaving:
		return term{}, unsupported(what, "it stands where rows are not grouped yet", "")
	case c.Distinct && len(c.OrderBy) > 0:
		return term{}, unsupported(what, "Postgres sorts DISTINCT values by themselves only", "")
	}
	if c.Over == nil {
		f.inAgg++
		f.aggDepth++
		defer func() { f.inAgg--; f.aggDepth-- }()
	}
	if c.Distinct && len(c.Args) != 1 {
		return term{}, unsupported(what, "SQLite allows DISTINCT with one argument only", "")
	}
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	for _, t := range ts {
		if c.Distinct && t.coll != collBinary {
			return term{}, unsupported(what, "DISTINCT under NOCASE keeps one of several texts", "")
		}
	}
	tail, err := b.aggregateTail(c)
	if err != nil {
		return term{}, err
	}
	a := aggregateCall{b: b, c: c, ts: ts, tail: tail, what: what}
	return a.build()
}

// aggregateCall is an aggregate with its parts rebuilt.
type aggregateCall struct {
	b    *builder
	c    *syntax.Call
	ts   []term
	tail aggregateTail
	what string
}

// aggregateTail is what follows the arguments.
type aggregateTail struct{ orderBy, filter, over string }

// aggregateTail rebuilds ORDER BY, FILTER and OVER.
func (b *builder) aggregateTail(c *syntax.Call) (aggregateTail, error) {
	var t aggregateTail
	var err error
	if len(c.OrderBy) > 0 {
		if t.orderBy, err = b.orderings(c.OrderBy); err != nil {
			return t, err
		}
		t.orderBy = " ORDER BY " + t.orderBy
	}
	if c.Filter != nil {
		x, err := b.expr(c.Filter)
		if err != nil {
			return t, err
		}
		if x, err = b.condition(x); err != nil {
			return t, err
		}
		t.filter = " FILTER (WHERE " + x.sql + ")"
	}
	if c.Over != nil {
		t.over, err = b.over(c.Over)
	}
	return t, err
}

// sql writes name(args) with what follows.
func (a aggregateCall) sql(name string, args ...string) string {
	distinct := map[bool]string{true: "DISTINCT "}[a.c.Distinct]
	return name + "(" + distinct + strings.Join(args, ", ") + a.tail.orderBy + ")" + a.tail.filter + a.tail.over
}

// build picks the rule of an aggregate.
func (a aggregateCall) build() (term, error) {
	switch a.c.Name {
	case "count":
		return a.count()
	case "sum", "total", "avg":
		return a.sum()
	case "min", "max":
		return a.extreme()
	case "group_concat", "string_agg":
		return a.concat()
	}
	return a.json()
}

func (a aggregateCall) count() (term, error) {
	arg := "*"
	switch {
	case len(a.ts) > 1:
		return term{}, unsupported(a.what, "it has more than one argument", "")
	case len(a.ts) == 1 && a.c.Distinct && a.ts[0].cls == clsJSON && a.ts[0].typ.Kind == sqltype.JSON:
		return term{}, unsupported(a.what, "the type json has no equality", "use jsonb")
	case len(a.ts) == 1:
		arg = nullTested(a.ts[0])
	}
	t := value(a.sql("count", arg), sqltype.Int8)
	t.nonNeg, t.notNull = true, true
	return t, nil
}

// sum rebuilds sum(), total() and avg(). The sum of bigint is numeric in
// Postgres, an integer in SQLite.
func (a aggregateCall) sum() (term, error) {
	x := a.ts[0]
	if x.cls == clsText && x.mom == nil || x.cls == clsBlob {
		return term{}, unsupported(a.what+" of "+x.cls.String(), "SQLite takes the numeric prefix of each value", "")
	}
	n, err := a.b.number(x)
	if err != nil {
		return term{}, err
	}
	switch a.c.Name {
	case "total":
		t := value("coalesce("+a.sql("sum", n.sql)+", 0)::float8", sqltype.Float8)
		t.notNull = true
		return t, nil
	case "avg":
		return value(a.sql("avg", n.sql)+"::float8", sqltype.Float8), nil
	}
	switch {
	case n.cls == clsInt && n.typ.Kind == sqltype.Int8:
		t := value(a.sql("sum", n.sql)+"::bigint", sqltype.Int8)
		t.loose = n.loose
		return t, nil
	case n.cls == clsInt:
		t := value(a.sql("sum", n.sql), sqltype.Int8)
		t.loose = n.loose
		return t, nil
	case n.cls == clsNumeric:
		t := value(a.sql("sum", n.sql), sqltype.Numeric)
		t.loose = true
		return t, nil
	}
	t := value(a.sql("sum", float(n).sql), sqltype.Float8)
	t.loose = n.loose
	return t, nil
}

// extreme rebuilds min() and max() of one argument.
func (a aggregateCall) extreme() (term, error) {
	x := a.ts[0]
	switch {
	case x.cls == clsBool:
		n, err := a.b.number(x)
		if err != nil {
			return term{}, err
		}
		x = n
	case x.coll == collNoCase || x.coll == collRTrim:
		return term{}, unsupported(a.what+" of NOCASE texts", "it picks one of several equal texts", "")
	case x.isNull():
		return term{}, unsupported(a.what, "its argument is NULL", "")
	case !x.cls.isNumber() && x.cls != clsText && x.cls != clsTime:
		return term{}, unsupported(a.what+" of "+x.cls.String(), "Postgres has no such aggregate for the type", "")
	}
	name, arg := a.c.Name, armSQL(x)
	t := value("", sqltype.Text)
	if x.cls == clsText {
		arg = binaryOrder(x)
	} else {
		t = x
		t.column = false
	}
	t.sql, t.atom, t.notNull, t.lit, t.mom, t.cond = a.sql(name, arg), true, false, nil, nil, false
	if x.cls == clsTime {
		t.hasAff = false
	}
	return t, nil
}

// concat rebuilds group_concat(); without ORDER BY the order is open in both.
func (a aggregateCall) concat() (term, error) {
	x, err := a.b.text(a.ts[0])
	if err != nil {
		return term{}, err
	}
	sep := "','"
	switch {
	case len(a.ts) > 2:
		return term{}, unsupported(a.what, "it has more than two arguments", "")
	case len(a.ts) == 2:
		s, err := a.b.text(a.ts[1])
		if err != nil {
			return term{}, err
		}
		sep = "coalesce(" + s.sql + ", '')"
		if s.notNull {
			sep = s.sql
		}
	}
	return value(a.sql("string_agg", armSQL(plainText(x)), sep), sqltype.Text), nil
}

// json rebuilds json_group_array() and json_group_object(), which give an
// empty array or object for no rows.
func (a aggregateCall) json() (term, error) {
	parts := make([]string, len(a.ts))
	for i, t := range a.ts {
		m, err := jsonMember(a.b, t)
		if err != nil {
			return term{}, err
		}
		if i == 0 && len(a.ts) == 2 && m.cls != clsText {
			return term{}, unsupported(a.what, "a name is not a text", "")
		}
		parts[i] = m.sql
	}
	name, empty := "json_agg", "'[]'::json"
	if a.c.Name == "json_group_object" {
		name, empty = "json_object_agg", "'{}'::json"
	}
	t := value("coalesce("+a.sql(name, parts...)+", "+empty+")", sqltype.JSON)
	t.notNull = true
	return t, nil
}

// hasAggregate tells whether an expression calls an aggregate of its own
// SELECT. Subqueries have their own.
func hasAggregate(e syntax.Expr) bool {
	found := false
	walkExpr(e, 0, func(e syntax.Expr) {
		if c, ok := e.(*syntax.Call); ok && c.Over == nil && isAggregate(c) {
			found = true
		}
	})
	return found
}

// walkExpr visits a tree's nodes down to a depth that the parser's limits
// exceed by far; subqueries are left out.
func walkExpr(e syntax.Expr, depth int, visit func(syntax.Expr)) {
	if e == nil || depth > 2*maxDepth {
		return
	}
	visit(e)
	for _, c := range children(e) {
		walkExpr(c, depth+1, visit)
	}
}

// children lists a node's operands, perhaps with nils.
func children(e syntax.Expr) []syntax.Expr {
	switch e := e.(type) {
	case *syntax.Unary:
		return []syntax.Expr{e.X}
	case *syntax.Binary:
		return []syntax.Expr{e.L, e.R}
	case *syntax.Is:
		return []syntax.Expr{e.L, e.R}
	case *syntax.Like:
		return []syntax.Expr{e.X, e.Pattern, e.Escape}
	case *syntax.Between:
		return []syntax.Expr{e.X, e.Lo, e.Hi}
	case *syntax.In:
		return append([]syntax.Expr{e.X}, e.List...)
	case *syntax.Collate:
		return []syntax.Expr{e.X}
	case *syntax.Cast:
		return []syntax.Expr{e.X}
	case *syntax.Tuple:
		return e.List
	case *syntax.Case:
		out := []syntax.Expr{e.Operand, e.Else}
		for _, w := range e.Whens {
			out = append(out, w.Cond, w.Result)
		}
		return out
	case *syntax.Call:
		out := append([]syntax.Expr{e.Filter}, e.Args...)
		for _, o := range e.OrderBy {
			out = append(out, o.X)
		}
		if e.Over != nil {
			out = append(out, e.Over.PartitionBy...)
			for _, o := range e.Over.OrderBy {
				out = append(out, o.X)
			}
		}
		return out
	}
	return nil
}
