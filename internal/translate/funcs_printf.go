package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

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
