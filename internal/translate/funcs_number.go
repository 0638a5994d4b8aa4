package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
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
