package translate

import (
	"strings"
)

// piece is one field of strftime: as a to_char pattern, and as an immutable
// expression over the timestamp, because to_char itself is only stable.
type piece struct {
	char      string
	immutable func(ts string) string
}

// padded writes a field of a timestamp with leading zeros.
func padded(field, width string) func(string) string {
	return func(ts string) string {
		return "lpad(extract(" + field + " FROM " + ts + ")::text, " + width + ", '0')"
	}
}

func plainField(field string) func(string) string {
	return func(ts string) string { return "extract(" + field + " FROM " + ts + ")::text" }
}

// pieces are the fields of strftime that are rebuilt. %f is not among the
// patterns of to_char, which cuts where SQLite rounds.
var pieces = map[byte]piece{
	'Y': {"YYYY", padded("year", "4")},
	'm': {"MM", padded("month", "2")},
	'd': {"DD", padded("day", "2")},
	'H': {"HH24", padded("hour", "2")},
	'M': {"MI", padded("minute", "2")},
	'S': {"SS", func(ts string) string { return "lpad(floor(extract(second FROM " + ts + "))::text, 2, '0')" }},
	'j': {"DDD", padded("doy", "3")},
	'w': {"", plainField("dow")},
	'u': {"ID", plainField("isodow")},
	's': {"", func(ts string) string { return "floor(extract(epoch FROM " + ts + "))::bigint::text" }},
	'f': {"", secondsWithMillis},
}

// secondsWithMillis writes SS.SSS, rounded, but never up to 60, as SQLite does.
func secondsWithMillis(ts string) string {
	return "lpad(least(round(extract(second FROM " + ts + ")::numeric, 3), 59.999)::text, 6, '0')"
}

// combined are the fields that stand for several.
var combined = strings.NewReplacer("%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%R", "%H:%M")

// formatted writes a moment as text in its format.
func (b *builder) formatted(m *moment) (string, error) {
	format := combined.Replace(m.format)
	if sql, ok := constantStamp(m.ts, format); ok {
		return sql, nil
	}
	if !b.ctx.immutable() {
		if pattern, ok := charPattern(format, m.now); ok {
			q, err := quoteText(pattern)
			return "to_char(" + m.ts + ", " + q + ")", err
		}
	}
	parts, err := immutableParts(format, m.ts)
	switch {
	case err != nil:
		return "", err
	case len(parts) == 0:
		return "''::text", nil
	case len(parts) == 1:
		return parts[0], nil
	}
	return "(" + strings.Join(parts, " || ") + ")", nil
}

// charPattern turns a format into a pattern of to_char; ok is false when a
// field has none. The milliseconds of the current time need no rounding.
func charPattern(format string, now bool) (string, bool) {
	var out, text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text.String()) + `"`)
			text.Reset()
		}
	}
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c == '%' && i+1 == len(format) {
			return "", false
		}
		if c != '%' {
			if strings.IndexByte("-:. /,;", c) >= 0 && text.Len() == 0 {
				out.WriteByte(c)
			} else {
				text.WriteByte(c)
			}
			continue
		}
		i++
		if format[i] == '%' {
			text.WriteByte('%')
			continue
		}
		p := pieces[format[i]].char
		if format[i] == 'f' && now {
			p = "SS.MS"
		}
		if p == "" {
			return "", false
		}
		flush()
		out.WriteString(p)
	}
	flush()
	return out.String(), out.Len() > 0
}

// immutableParts turns a format into expressions to be joined.
func immutableParts(format, ts string) ([]string, error) {
	var parts []string
	var text strings.Builder
	flush := func() error {
		if text.Len() == 0 {
			return nil
		}
		q, err := quoteText(text.String())
		parts = append(parts, q+"::text")
		text.Reset()
		return err
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			text.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return nil, unsupported("strftime", "its format ends within a field", "")
		}
		if format[i] == '%' {
			text.WriteByte('%')
			continue
		}
		p, ok := pieces[format[i]]
		if !ok {
			return nil, unsupported("strftime %"+string(rune(format[i])), "this field has no exact form in Postgres", "")
		}
		if err := flush(); err != nil {
			return nil, err
		}
		parts = append(parts, p.immutable(ts))
	}
	return parts, flush()
}
