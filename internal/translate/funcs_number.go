package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

var numberFunctions = map[string]function{
	"abs":     {absFunction, 1, 1},
	"sign":    {signFunction, 1, 1},
	"round":   {roundFunction, 1, 2},
	"ceil":    {wholeFunction("ceil"), 1, 1},
	"ceiling": {wholeFunction("ceil"), 1, 1},
	"floor":   {wholeFunction("floor"), 1, 1},
	"trunc":   {wholeFunction("trunc"), 1, 1},
	"mod":     {modFunction, 2, 2},
	"pi":      {piFunction, 0, 0},
	"sqrt":    {mathFunction("sqrt", "%s >= 0"), 1, 1},
	"ln":      {mathFunction("ln", "%s > 0"), 1, 1},
	"log10":   {mathFunction("log", "%s > 0"), 1, 1},
	"log":     {mathFunction("log", "%s > 0"), 1, 1},
	"exp":     {mathFunction("exp", ""), 1, 1},
	"sin":     {mathFunction("sin", ""), 1, 1},
	"cos":     {mathFunction("cos", ""), 1, 1},
	"tan":     {mathFunction("tan", ""), 1, 1},
	"asin":    {mathFunction("asin", "%s BETWEEN -1 AND 1"), 1, 1},
	"acos":    {mathFunction("acos", "%s BETWEEN -1 AND 1"), 1, 1},
	"atan":    {mathFunction("atan", ""), 1, 1},
	"sinh":    {mathFunction("sinh", ""), 1, 1},
	"cosh":    {mathFunction("cosh", ""), 1, 1},
	"tanh":    {mathFunction("tanh", ""), 1, 1},
	"degrees": {mathFunction("degrees", ""), 1, 1},
	"radians": {mathFunction("radians", ""), 1, 1},
	"atan2":   {atan2Function, 2, 2},
	"log2":    {log2Function, 1, 1},
	"pow":     {powFunction, 2, 2},
	"power":   {powFunction, 2, 2},
}

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

// absFunction rebuilds abs(), 64 bits wide.
func absFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	x := wide(ts[0])
	t := keepNull(value("abs("+x.sql+")", x.typ.Kind), x)
	t.nonNeg, t.loose = true, x.loose
	return t, nil
}

// signFunction rebuilds sign(), an integer in SQLite.
func signFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	return keepNull(value("sign("+ts[0].sql+")::int", sqltype.Int4), ts[0]), nil
}

// roundFunction rebuilds round(x [, digits]): half away from zero. The
// round(double precision) of Postgres rounds half to even, so the value goes
// through numeric, by its shortest text: 2.675 is taken as written and gives
// 2.68, as in SQLite before 3.43 (later ones see the binary value below it).
func roundFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	x, digits := ts[0], "0"
	if len(ts) == 2 {
		d := ts[1].lit
		if d == nil || d.kind != constInt {
			return term{}, unsupported("function round()", "its digits are not a literal", "")
		}
		digits = constantDigits(d.i)
	}
	if x.cls == clsInt {
		return keepNull(value(x.cast("float8"), sqltype.Float8), x), nil
	}
	num := x.cast("numeric")
	if x.cls == clsReal {
		num = x.cast("text") + "::numeric"
	}
	return keepNull(value("round("+num+", "+digits+")::float8", sqltype.Float8), x), nil
}

// constantDigits bounds the digits of round() as SQLite does.
func constantDigits(n int64) string {
	c, err := intConst(min(max(n, 0), 30)).term()
	if err != nil {
		return "0"
	}
	return c.sql
}

// wholeFunction rebuilds ceil(), floor() and trunc(): integers stay as they are.
func wholeFunction(name string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		ts, err := b.numberArgs(c)
		if err != nil || ts[0].cls == clsInt {
			return append(ts, term{})[0], err
		}
		x := wide(ts[0])
		t := keepNull(value(name+"("+x.sql+")", sqltype.Float8), x)
		t.loose = x.loose
		return t, nil
	}
}

// modFunction rebuilds mod() of integers, a real in SQLite.
func modFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	if ts[0].cls != clsInt || ts[1].cls != clsInt {
		return term{}, unsupported("function mod()", "Postgres has it for integers only", "")
	}
	return value("("+ts[0].cast("bigint")+" % NULLIF("+ts[1].cast("bigint")+", 0))::float8", sqltype.Float8), nil
}

func piFunction(*builder, *syntax.Call) (term, error) {
	t := value("pi()", sqltype.Float8)
	t.notNull, t.nonNeg = true, true
	return t, nil
}

// float asks for a double precision argument.
func float(t term) term {
	if t.typ.Kind == sqltype.Float8 {
		return t
	}
	return recast(t, "float8", sqltype.Float8)
}

// mathFunction rebuilds a function of floats. SQLite gives NULL outside its
// domain, Postgres an error: domain guards it, %s being the argument.
func mathFunction(name, domain string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		ts, err := b.numberArgs(c)
		if err != nil {
			return term{}, err
		}
		x := float(ts[0])
		sql := name + "(" + x.sql + ")"
		if domain != "" {
			if x.volatile {
				return term{}, unsupported("function "+name+"()", "its argument gives another value each time", "")
			}
			sql = "CASE WHEN " + strings.ReplaceAll(domain, "%s", x.wrap()) + " THEN " + sql + " END"
		}
		return value(sql, sqltype.Float8), nil
	}
}

func atan2Function(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	return value("atan2("+float(ts[0]).sql+", "+float(ts[1]).sql+")", sqltype.Float8), nil
}

// log2Function rebuilds log2() by the numeric logarithm of base 2, which is
// exact where the result is whole.
func log2Function(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	x := float(ts[0])
	return value("CASE WHEN "+x.wrap()+" > 0 THEN log(2::numeric, "+x.cast("numeric")+")::float8 END", sqltype.Float8), nil
}

// powFunction rebuilds pow() with a literal exponent that is a whole number
// and not negative; others raise errors in Postgres where SQLite does not.
func powFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.numberArgs(c)
	if err != nil {
		return term{}, err
	}
	e := ts[1].lit
	if e == nil || e.kind != constInt || e.i < 0 {
		return term{}, unsupported("function pow()", "its exponent is not a literal whole number; Postgres raises errors where SQLite gives infinity or NULL", "")
	}
	return value("power("+float(ts[0]).sql+", "+float(ts[1]).sql+")", sqltype.Float8), nil
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

var timeFunctions = map[string]function{
	"date":      {timeFunction(formatDate), 0, -1},
	"time":      {timeFunction(formatTime), 0, -1},
	"datetime":  {timeFunction(formatDateTime), 0, -1},
	"strftime":  {strftimeFunction, 1, -1},
	"unixepoch": {unixepochFunction, 0, -1},
	"julianday": {juliandayFunction, 0, -1},

	"current_timestamp": {nowFunction(formatDateTime), 0, 0},
	"current_date":      {nowFunction(formatDate), 0, 0},
	"current_time":      {nowFunction(formatTime), 0, 0},
}

func nowFunction(format string) rule {
	return func(b *builder, c *syntax.Call) (term, error) { return b.nowAs(c.Name+"()", format) }
}
