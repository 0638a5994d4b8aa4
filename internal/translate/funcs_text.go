package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

var textFunctions = map[string]function{
	"length":       {lengthFunction, 1, 1},
	"octet_length": {octetLengthFunction, 1, 1},
	"lower":        {caseFunction("lower"), 1, 1},
	"upper":        {caseFunction("upper"), 1, 1},
	"trim":         {trimFunction("btrim"), 1, 2},
	"ltrim":        {trimFunction("ltrim"), 1, 2},
	"rtrim":        {trimFunction("rtrim"), 1, 2},
	"substr":       {substrFunction, 2, 3},
	"substring":    {substrFunction, 2, 3},
	"replace":      {replaceFunction, 3, 3},
	"instr":        {instrFunction, 2, 2},
	"hex":          {hexFunction, 1, 1},
	"unicode":      {unicodeFunction, 1, 1},
	"char":         {charFunction, 0, -1},
	"printf":       {formatFunction, 1, -1},
	"format":       {formatFunction, 1, -1},
	"concat":       {concatFunction, 1, -1},
	"concat_ws":    {concatWSFunction, 2, -1},
	"like":         {likeFunction, 2, 3},
	"glob":         {likeFunction, 2, 2},
}

// lengthFunction rebuilds length(): characters of a text, bytes of a blob.
func lengthFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	x, sql := ts[0], ""
	switch {
	case x.cls == clsBlob:
		sql = "octet_length(" + x.sql + ")"
	default:
		t, err := b.text(x)
		if err != nil {
			return term{}, err
		}
		sql = "char_length(" + plainText(t).sql + ")"
	}
	t := keepNull(value(sql, sqltype.Int4), x)
	t.nonNeg = true
	return t, nil
}

// octetLengthFunction rebuilds octet_length(), for UTF-8 databases.
func octetLengthFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	x := ts[0]
	if x.cls != clsBlob {
		if x, err = b.text(x); err != nil {
			return term{}, err
		}
	}
	t := keepNull(value("octet_length("+plainText(x).sql+")", sqltype.Int4), x)
	t.nonNeg = true
	return t, nil
}

// caseFunction rebuilds lower() and upper(), which change ASCII letters only.
// The collation "C" does the same in Postgres; a plain index follows what
// queries will ask for.
func caseFunction(name string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		ts, err := b.textArgs(c)
		if err != nil {
			return term{}, err
		}
		if l := ts[0].lit; l != nil {
			if name == "upper" {
				return textConst(upperASCII(l.s)).term()
			}
			return textConst(foldASCII(l.s)).term()
		}
		sql := name + "(" + binaryOrder(ts[0]) + ")"
		if b.ctx == Index {
			sql = name + "(" + ts[0].sql + ")"
		}
		return keepNull(value(sql, sqltype.Text), ts[0]), nil
	}
}

// trimFunction rebuilds trim(x [, characters]); the default is the space only.
func trimFunction(name string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		ts, err := b.textArgs(c)
		if err != nil {
			return term{}, err
		}
		chars := "' '"
		if len(ts) == 2 {
			chars = ts[1].sql
		}
		return value(name+"("+ts[0].sql+", "+chars+")", sqltype.Text), nil
	}
}

// replaceFunction rebuilds replace(). Both leave the text alone for an empty
// pattern, SQLite even when the replacement is NULL.
func replaceFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.textArgs(c)
	if err != nil {
		return term{}, err
	}
	x, pattern, by := ts[0], ts[1], ts[2]
	sql := "replace(" + x.sql + ", " + pattern.sql + ", " + by.sql + ")"
	if !by.notNull && (pattern.lit == nil || pattern.lit.s == "") {
		if x.volatile || pattern.volatile {
			return term{}, unsupported("function replace()", "its arguments give other values each time", "")
		}
		sql = "CASE WHEN " + pattern.wrap() + " = '' THEN " + x.sql + " ELSE " + sql + " END"
	}
	t := value(sql, sqltype.Text)
	t.notNull = x.notNull && pattern.notNull && by.notNull
	return t, nil
}

// instrFunction rebuilds instr().
func instrFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	sql := ""
	if ts[0].cls == clsBlob && ts[1].cls == clsBlob {
		sql = "position(" + ts[1].wrap() + " IN " + ts[0].wrap() + ")"
	} else {
		if ts, err = b.textArgs(c); err != nil {
			return term{}, err
		}
		sql = "strpos(" + ts[0].sql + ", " + ts[1].sql + ")"
	}
	t := value(sql, sqltype.Int4)
	t.nonNeg, t.notNull = true, ts[0].notNull && ts[1].notNull
	return t, nil
}

// hexFunction rebuilds hex(), which gives an empty text for NULL.
func hexFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	bytes := ts[0].sql
	if ts[0].cls != clsBlob {
		t, err := b.text(ts[0])
		if err != nil {
			return term{}, err
		}
		bytes = b.bytes(t).sql
	}
	sql := "upper(encode(" + bytes + ", 'hex'))"
	if !ts[0].notNull {
		sql = "coalesce(" + sql + ", '')"
	}
	t := value(sql, sqltype.Text)
	t.notNull = true
	return t, nil
}

// unicodeFunction rebuilds unicode(): NULL for an empty text.
func unicodeFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.textArgs(c)
	if err != nil {
		return term{}, err
	}
	t := value("NULLIF(ascii("+ts[0].sql+"), 0)", sqltype.Int4)
	t.nonNeg = true
	return t, nil
}

// charFunction folds char() of literals.
func charFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	var s strings.Builder
	for _, t := range ts {
		if t.lit == nil || t.lit.kind != constInt || t.lit.i <= 0 || t.lit.i > 0x10ffff {
			return term{}, unsupported("function char()", "its argument is not a literal code point", "")
		}
		s.WriteRune(rune(t.lit.i))
	}
	return textConst(s.String()).term()
}

// concatFunction rebuilds concat(), which takes NULL for an empty text. The
// concat() of Postgres is not immutable.
func concatFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.textArgs(c)
	if err != nil {
		return term{}, err
	}
	parts := make([]string, len(ts))
	for i, t := range ts {
		parts[i] = "coalesce(" + t.sql + ", '')"
		if t.notNull {
			parts[i] = t.wrap()
		}
	}
	t := value("("+strings.Join(parts, " || ")+")", sqltype.Text)
	if len(parts) == 1 {
		t.sql = "(" + parts[0] + ")::text"
	}
	t.notNull = true
	return t, nil
}

// concatWSFunction rebuilds concat_ws(), the same in Postgres but not
// immutable.
func concatWSFunction(b *builder, c *syntax.Call) (term, error) {
	if b.ctx.immutable() {
		return term{}, unsupported("function concat_ws()", "it is not immutable in Postgres", "use ||")
	}
	ts, err := b.textArgs(c)
	if err != nil {
		return term{}, err
	}
	parts := make([]string, len(ts))
	for i, t := range ts {
		parts[i] = t.sql
	}
	return value("concat_ws("+strings.Join(parts, ", ")+")", sqltype.Text), nil
}
