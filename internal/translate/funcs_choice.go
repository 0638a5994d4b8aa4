package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

var choiceFunctions = map[string]function{
	"coalesce": {coalesceFunction, 2, -1},
	"ifnull":   {coalesceFunction, 2, 2},
	"nullif":   {nullifFunction, 2, 2},
	"iif":      {iifFunction, 2, 3},
	"if":       {iifFunction, 2, 3},
	"min":      {extremeFunction("least"), 2, -1},
	"max":      {extremeFunction("greatest"), 2, -1},
	"typeof":   {typeofFunction, 1, 1},
	"likely":   {firstFunction, 1, 1},
	"unlikely": {firstFunction, 1, 1},
}

// list joins arguments that were unified.
func list(ts []term) string {
	parts := make([]string, len(ts))
	for i, t := range ts {
		parts[i] = armSQL(t)
	}
	return strings.Join(parts, ", ")
}

// unified makes the result term of a choice between values.
func unified(sql string, typ sqltype.Type, ts []term) term {
	t := term{sql: sql, typ: typ, cls: classOf(typ.Kind), atom: true, loose: anyLoose(ts)}
	t.cond = typ.Kind == sqltype.Bool && allCond(ts)
	return t
}

func coalesceFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	us, typ, err := b.unify("function "+c.Name+"()", ts)
	if err != nil {
		return term{}, err
	}
	t := unified("coalesce("+list(us)+")", typ, us)
	t.nonNeg = true
	for i := range us {
		t.nonNeg = t.nonNeg && us[i].nonNeg
		t.notNull = t.notNull || us[i].notNull
	}
	return t, nil
}

// nullifFunction rebuilds nullif(a, b): a, unless both are equal.
func nullifFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	if ts[0].volatile {
		return term{}, unsupported("function nullif()", "its argument gives another value each time", "")
	}
	l, r := ts[0], ts[1]
	l.hasAff, r.hasAff = false, false // a function compares without affinity
	p, err := b.pair("=", l, r)
	if err != nil {
		return term{}, err
	}
	x, err := b.output(ts[0])
	if err != nil {
		return term{}, err
	}
	x.lit, x.mom, x.notNull, x.column, x.hasAff = nil, nil, false, false, false
	switch {
	case p.whole == "NULL::boolean":
		return x, nil
	case p.whole == "" && p.op == "=" && p.l.sql == ts[0].sql && !ts[0].cond && sameOperand(x, p.r):
		x.sql, x.atom = "NULLIF("+x.sql+", "+p.r.sql+")", true
	default:
		x.sql, x.atom = "CASE WHEN ("+p.sql()+") THEN NULL ELSE "+x.sql+" END", true
	}
	return x, nil
}

// sameOperand tells that NULLIF keeps the type of x, which Postgres otherwise
// converts to that of the comparison.
func sameOperand(x, r term) bool {
	return x.typ.Kind == r.typ.Kind || x.cls == clsInt && r.cls == clsInt || x.cls == clsText && r.cls == clsText
}

// iifFunction rebuilds iif(condition, then [, else]).
func iifFunction(b *builder, c *syntax.Call) (term, error) {
	e := &syntax.Case{Whens: []syntax.When{{Cond: c.Args[0], Result: c.Args[1]}}}
	if len(c.Args) == 3 {
		e.Else = c.Args[2]
	}
	return b.caseExpr(e)
}

// extremeFunction rebuilds min() and max() of several values, which give NULL
// when any is NULL; least() and greatest() pass over NULLs.
func extremeFunction(name string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		ts, err := b.args(c)
		if err != nil {
			return term{}, err
		}
		for _, t := range ts {
			switch {
			case t.isNull():
				return term{sql: "NULL", cls: clsNull, atom: true}, nil
			case t.volatile:
				return term{}, unsupported("function "+c.Name+"()", "its argument gives another value each time", "")
			case t.coll != collBinary:
				return term{}, unsupported("function "+c.Name+"() of NOCASE texts", "it picks one of several equal texts", "")
			}
		}
		us, typ, err := b.unify("function "+c.Name+"()", ts)
		if err != nil {
			return term{}, err
		}
		if k := classOf(typ.Kind); k == clsBlob || k == clsJSON || k == clsUUID || k == clsOther || k == clsTime && !sameTimes(ts) {
			return term{}, unsupported("function "+c.Name+"() of "+k.String(), "SQLite orders the stored forms", "")
		}
		return extreme(name, us, typ), nil
	}
}

// sameTimes tells that all values are columns of one form.
func sameTimes(ts []term) bool {
	for _, t := range ts {
		if t.unit != ts[0].unit || !t.column {
			return false
		}
	}
	return true
}

func extreme(name string, us []term, typ sqltype.Type) term {
	var nulls []string
	parts := make([]string, len(us))
	for i, u := range us {
		parts[i] = armSQL(u)
		if !u.notNull {
			nulls = append(nulls, u.wrap()+" IS NULL")
		}
	}
	if typ.IsText() {
		parts[0] = binaryOrder(us[0])
	}
	sql := name + "(" + strings.Join(parts, ", ") + ")"
	if len(nulls) > 0 {
		sql = "CASE WHEN " + strings.Join(nulls, " OR ") + " THEN NULL ELSE " + sql + " END"
	}
	t := unified(sql, typ, us)
	t.notNull = len(nulls) == 0
	return t
}

// typeofFunction rebuilds typeof() where the column's type decides it.
func typeofFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	x := ts[0]
	if x.isNull() {
		return textConst("null").term()
	}
	name := ""
	switch {
	case x.lit != nil:
		name = [...]string{constInt: "integer", constReal: "real", constText: "text", constBlob: "blob"}[x.lit.kind]
	case x.hasAff && x.aff == schema.AffText && x.cls != clsBlob:
		name = "text"
	case x.cls == clsInt && !x.loose || x.cls == clsBool:
		name = "integer"
	case definiteReal(x):
		name = "real"
	case x.cls == clsText && x.mom == nil:
		name = "text"
	case x.cls == clsBlob:
		name = "blob"
	default:
		return term{}, unsupported("function typeof() of "+x.cls.String(), "the stored form is not known from the type", "")
	}
	if x.notNull {
		return textConst(name).term()
	}
	t := value("CASE WHEN "+nullTested(x)+" IS NULL THEN 'null' ELSE '"+name+"' END", sqltype.Text)
	t.notNull = true
	return t, nil
}

// firstFunction rebuilds likely() and unlikely(): the argument itself.
func firstFunction(b *builder, c *syntax.Call) (term, error) { return b.expr(c.Args[0]) }
