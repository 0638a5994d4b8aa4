package planfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// plainScalar matches what needs no quotes in YAML, whatever is around it.
var plainScalar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*( ?[A-Za-z0-9_().-]+)*$`)

// reserved are plain words that some YAML reader takes for something else than
// text.
var reserved = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true, "null": true,
}

// scalar writes a text as a YAML scalar, plain where that is safe.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !reserved[strings.ToLower(s)] {
		return s
	}
	if strings.Contains(s, `"`) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'" // easier to read than backslashes
	}
	return quoted(s)
}

// quoted writes a text in double quotes.
func quoted(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			out.WriteString(escape(r))
		}
	}
	out.WriteByte('"')
	return out.String()
}

// escape writes a character that does not print.
func escape(r rune) string {
	if r > 0xFFFF {
		return fmt.Sprintf(`\U%08X`, r)
	}
	return fmt.Sprintf(`\u%04X`, r)
}

// printable makes a text fit for one line of comment.
func printable(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&out, `\x%02X`, s[i])
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			out.WriteString(escape(r))
		}
	}
	return out.String()
}
