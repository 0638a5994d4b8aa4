package translate

import (
	"strconv"
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

// substrFunction rebuilds substr(). A negative start counts from the end; a
// negative length, which takes what stands before, is rebuilt only where it
// gives nothing.
func substrFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	if t, ok, err := b.substrOfTime(ts); ok || err != nil {
		return t, err
	}
	x := ts[0]
	length := "char_length("
	if x.cls == clsBlob {
		length = "octet_length("
		x.sql = "NULLIF(" + x.sql + ", ''::bytea)" // of an empty blob SQLite gives NULL
	} else {
		if x, err = b.text(x); err != nil {
			return term{}, err
		}
		x = plainText(x)
		if x.lit != nil {
			x.sql, x.atom = x.cast("text"), true
		}
	}
	start, err := b.position(ts[1])
	if err != nil {
		return term{}, err
	}
	rest := ""
	if len(ts) == 3 {
		n, err := b.substrLength(ts[1], ts[2])
		if err != nil {
			return term{}, err
		}
		rest = ", " + n
	}
	k := sqltype.Text
	if x.cls == clsBlob {
		k = sqltype.Bytea
	}
	fromEnd := length + x.sql + ") + " + start.wrap() + " + 1"
	forward, backward := "substr("+x.sql+", "+start.sql+rest+")", "substr("+x.sql+", "+fromEnd+rest+")"
	if rest == "" {
		backward = "substr(" + x.sql + ", greatest(" + fromEnd + ", 1))"
	}
	switch {
	case start.nonNeg:
		return value(forward, k), nil
	case start.lit != nil:
		return value(backward, k), nil
	case x.volatile || start.volatile:
		return term{}, unsupported("function substr()", "its arguments give other values each time", "")
	}
	return value("CASE WHEN "+start.wrap()+" < 0 THEN "+backward+" ELSE "+forward+" END", k), nil
}

// position gives an integer argument as Postgres' functions take it.
func (b *builder) position(t term) (term, error) {
	n, err := b.number(t)
	if err != nil {
		return term{}, err
	}
	if n.cls != clsInt || n.lit != nil && n.typ.Kind != sqltype.Int4 {
		return term{}, unsupported("position that is no small integer", "Postgres takes 32-bit integers here", "")
	}
	if n.typ.Kind == sqltype.Int8 {
		n = recast(n, "int", sqltype.Int4)
	}
	return n, nil
}

// substrLength gives the third argument of substr.
func (b *builder) substrLength(start, t term) (string, error) {
	n, err := b.position(t)
	if err != nil {
		return "", err
	}
	if n.nonNeg {
		return n.sql, nil
	}
	if start.lit != nil && start.lit.i == 1 && n.lit == nil && !n.volatile {
		return "CASE WHEN " + n.wrap() + " < 0 THEN 0 ELSE " + n.sql + " END", nil
	}
	return "", unsupported("function substr()", "a length that may be negative takes the characters before the start", "")
}

// substrOfTime recognises the year, month, day or time cut out of a date or
// time column, whose text Postgres no longer has.
func (b *builder) substrOfTime(ts []term) (term, bool, error) {
	if ts[0].cls != clsTime || ts[0].unit != NoUnit || ts[0].typ.Kind == sqltype.Time || len(ts) != 3 {
		return term{}, false, nil
	}
	if ts[1].lit == nil || ts[2].lit == nil {
		return term{}, false, nil
	}
	format := map[[2]int64]string{
		{1, 4}: "%Y", {1, 7}: "%Y-%m", {1, 10}: "%Y-%m-%d", {6, 2}: "%m", {9, 2}: "%d", {0, 5}: "%Y",
	}[[2]int64{ts[1].lit.i, ts[2].lit.i}]
	if format == "" {
		return term{}, false, nil
	}
	t, err := b.momentText(&moment{ts: columnStamp(ts[0]), format: format})
	return keepNull(t, ts[0]), true, err
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

// formatFunction rebuilds printf() with a literal format of %s, %d, %0Nd and
// %%.
func formatFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	if ts[0].lit == nil || ts[0].lit.kind != constText {
		return term{}, unsupported("function printf()", "its format is not a literal", "")
	}
	parts, err := b.formatParts(ts[0].lit.s, ts[1:])
	if err != nil {
		return term{}, err
	}
	t := value("("+strings.Join(parts, " || ")+")", sqltype.Text)
	t.notNull = true
	return t, nil
}

// formatParts cuts a printf format into expressions to be joined.
func (b *builder) formatParts(format string, args []term) ([]string, error) {
	parts := []string{"''::text"}
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i != 0 {
			if i < 0 {
				i = len(format)
			}
			q, err := quoteText(format[:i])
			if err != nil {
				return nil, err
			}
			parts, format = append(parts, q), format[i:]
			continue
		}
		n := 1
		for n < len(format) && format[n] >= '0' && format[n] <= '9' {
			n++
		}
		if n == len(format) {
			return nil, unsupported("function printf()", "its format ends within a field", "")
		}
		if format[n] == '%' && n == 1 {
			parts, format = append(parts, "'%'"), format[2:]
			continue
		}
		if len(args) == 0 {
			return nil, unsupported("function printf()", "it has fewer arguments than its format", "")
		}
		sql, err := b.formatField(format[1:n], format[n], args[0])
		if err != nil {
			return nil, err
		}
		parts, format, args = append(parts, sql), format[n+1:], args[1:]
	}
	return parts, nil
}

// formatField rebuilds one field. NULL is an empty text for %s and 0 for %d.
func (b *builder) formatField(width string, verb byte, x term) (string, error) {
	refuse := unsupported("function printf()", "only %s, %d, %Nd, %0Nd and %% are rebuilt", "")
	switch {
	case verb == 's' && width == "":
		t, err := b.text(x)
		return "coalesce(" + plainText(t).sql + ", '')", err
	case verb == 'd':
		n, err := b.number(x)
		if err != nil || n.cls != clsInt {
			return "", refuse
		}
		num := "coalesce(" + n.sql + ", 0)"
		if width == "" {
			return num + "::text", nil
		}
		w, err := strconv.Atoi(width)
		if err != nil || w < 1 || w > 100 || x.volatile {
			return "", refuse
		}
		return paddedInt(num, w, width[0] == '0'), nil
	}
	return "", refuse
}

// paddedInt writes an integer at least w wide; zeros go behind the sign.
func paddedInt(num string, w int, zeros bool) string {
	text := num + "::text"
	width := "greatest(" + strconv.Itoa(w) + ", char_length(" + text + "))"
	if !zeros {
		return "lpad(" + text + ", " + width + ")"
	}
	digits := "ltrim(" + text + ", '-')"
	short := strconv.Itoa(w - 1)
	return "CASE WHEN " + num + " < 0 THEN '-' || lpad(" + digits + ", greatest(" + short + ", char_length(" + digits + ")), '0') ELSE lpad(" + text + ", " + width + ", '0') END"
}
