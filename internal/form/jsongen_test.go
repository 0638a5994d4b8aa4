package form_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// jsonGen makes random JSON values and spells them in random ways.
type jsonGen struct{ rng *rand.Rand }

// jsonNumber is a decimal: digits times a power of ten.
type jsonNumber struct {
	neg    bool
	digits string // without zeros around; empty for 0
	exp    int
}

// jsonMember is one member of an object, which is a []jsonMember.
type jsonMember struct {
	key   string
	value any
}

var jsonStrings = []string{
	"", "a", "b", "ab", "key", "long key number one", "long key number two", "é", "日本", "😀", "\"", "\\", "/", "\b\f\n\r\t", "\x01\x1f", "\x7f", "'", "z z",
}

// value gives nil, a bool, a string, a jsonNumber, []any or []jsonMember.
func (g jsonGen) value(depth int) any {
	n := 9
	if depth == 0 {
		n = 6
	}
	switch g.rng.IntN(n) {
	case 0:
		return nil
	case 1:
		return g.rng.IntN(2) == 0
	case 2, 3:
		return jsonStrings[g.rng.IntN(len(jsonStrings))]
	case 4, 5:
		d := strings.Trim(fmt.Sprint(g.rng.Uint64()>>g.rng.IntN(64)), "0")
		if d == "" {
			return jsonNumber{}
		}
		return jsonNumber{g.rng.IntN(2) == 0, d, g.rng.IntN(60) - 30}
	case 6:
		list := make([]any, g.rng.IntN(4))
		for i := range list {
			list[i] = g.value(depth - 1)
		}
		return list
	}
	var members []jsonMember
	for _, i := range g.rng.Perm(len(jsonStrings))[:g.rng.IntN(5)] {
		members = append(members, jsonMember{jsonStrings[i], g.value(depth - 1)})
	}
	if members == nil {
		return []jsonMember{}
	}
	return members
}

// spell writes a value: white space, escapes, forms of numbers, the order of
// members and overwritten duplicates of keys are random.
func (g jsonGen) spell(v any) string {
	return g.space() + g.bare(v) + g.space()
}

func (g jsonGen) bare(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case string:
		return g.str(v)
	case jsonNumber:
		return g.number(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = g.spell(e)
		}
		return "[" + g.list(parts) + "]"
	case []jsonMember:
		var parts []string
		for _, i := range g.rng.Perm(len(v)) {
			part := func(value any) string {
				return g.space() + g.str(v[i].key) + g.space() + ":" + g.spell(value)
			}
			if g.rng.IntN(10) == 0 {
				parts = append([]string{part(g.value(1))}, parts...) // the last one counts
			}
			parts = append(parts, part(v[i].value))
		}
		return "{" + g.list(parts) + "}"
	}
	panic("no JSON value")
}

func (g jsonGen) list(parts []string) string {
	if len(parts) == 0 {
		return g.space()
	}
	return strings.Join(parts, ",")
}

func (g jsonGen) space() string {
	if g.rng.IntN(4) > 0 {
		return ""
	}
	return []string{" ", "\n\t", "          ", "\r\n"}[g.rng.IntN(4)]
}

func (g jsonGen) str(s string) string {
	var sb strings.Builder
	sb.WriteByte('"')
	for _, r := range s {
		short := strings.IndexRune("\"\\/\b\f\n\r\t", r)
		switch {
		case short >= 0 && (r != '/' && g.rng.IntN(2) == 0 || g.rng.IntN(4) == 0):
			sb.WriteString(`\` + `"\/bfnrt`[short:short+1])
		case r < ' ' || r == '"' || r == '\\' || g.rng.IntN(6) == 0:
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&sb, []string{`\u%04x`, `\u%04X`}[g.rng.IntN(2)], u)
			}
		default:
			sb.WriteRune(r)
		}
	}
	return sb.String() + `"`
}

func (g jsonGen) number(n jsonNumber) string {
	digits, exp := n.digits+strings.Repeat("0", g.rng.IntN(3)), n.exp
	exp -= len(digits) - len(n.digits)
	sign := ""
	if n.neg || n.digits == "" && g.rng.IntN(2) == 0 {
		sign = "-"
	}
	if n.digits == "" {
		return sign + []string{"0", "0.00", "0e5", "0E-7", "0.0e+3"}[g.rng.IntN(5)]
	}
	if exp >= 0 && exp < 20 && g.rng.IntN(2) == 0 {
		return sign + digits + strings.Repeat("0", exp) + []string{"", ".0", "e0", "E-0"}[g.rng.IntN(4)]
	}
	// Put a point somewhere.
	whole := g.rng.IntN(len(digits) + 1)
	exp += len(digits) - whole
	text := digits[:whole]
	if text == "" {
		text = "0"
	}
	if whole < len(digits) {
		text += "." + digits[whole:]
	}
	verb := []string{"%s%se%d", "%s%sE%d", "%s%se%+d"}[g.rng.IntN(3)]
	return fmt.Sprintf(verb, sign, text, exp)
}
