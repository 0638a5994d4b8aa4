package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// like rebuilds LIKE and GLOB; REGEXP and MATCH have no meaning of their own
// in SQLite.
func (b *builder) like(e *syntax.Like) (term, error) {
	if e.Op != "LIKE" && e.Op != "GLOB" {
		return term{}, unsupported("operator "+e.Op, "the application defines it", "")
	}
	x, err := b.expr(e.X)
	if err != nil {
		return term{}, err
	}
	p, err := b.expr(e.Pattern)
	if err != nil {
		return term{}, err
	}
	if x.isNull() || p.isNull() {
		return nullCond, nil
	}
	if x, err = b.text(x); err != nil {
		return term{}, err
	}
	if p, err = b.text(p); err != nil {
		return term{}, err
	}
	var sql string
	if e.Op == "GLOB" {
		sql, err = globSQL(x, p, e.Not)
	} else {
		sql, err = b.likeSQL(x, p, e)
	}
	t := condTerm(sql, "LIKE")
	t.notNull = x.notNull && p.notNull
	return t, err
}

// likeSQL writes LIKE, which folds ASCII letters in SQLite, as ILIKE under the
// collation "C", which folds no others either. SQLite has no default escape
// character, so it is always written.
func (b *builder) likeSQL(x, p term, e *syntax.Like) (string, error) {
	escape := ""
	if e.Escape != nil {
		t, err := b.expr(e.Escape)
		if err != nil {
			return "", err
		}
		if t.lit == nil || t.lit.kind != constText || len(t.lit.s) != 1 || !isEscape(t.lit.s[0]) {
			return "", unsupported("LIKE ... ESCAPE", "only one punctuation mark (not % or _) is rebuilt as the escape character", "")
		}
		escape = t.lit.s
		if p.lit == nil || danglingEscape(p.lit.s, escape[0]) {
			return "", unsupported("LIKE ... ESCAPE", "a pattern that may end with the escape character is an error in Postgres", "")
		}
	}
	q, err := quoteText(escape)
	if err != nil {
		return "", err
	}
	not := map[bool]string{true: "NOT "}[e.Not]
	return binaryOrder(x) + " " + not + "ILIKE " + plainText(p).wrap() + " ESCAPE " + q, nil
}

// isEscape tells a punctuation mark that has no meaning of its own in LIKE.
func isEscape(c byte) bool {
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	return c > ' ' && c < 0x7f && !letter && c != '%' && c != '_'
}

// danglingEscape tells whether a pattern ends with an escape character that
// escapes nothing.
func danglingEscape(p string, escape byte) bool {
	for i := 0; i < len(p); i++ {
		if p[i] == escape {
			i++
			if i == len(p) {
				return true
			}
		}
	}
	return false
}

// globSQL writes GLOB with a literal pattern: as LIKE when it has only * and
// ?, else as a regular expression.
func globSQL(x, p term, negated bool) (string, error) {
	if p.lit == nil {
		return "", unsupported("GLOB", "its pattern is not a literal", "")
	}
	not := map[bool]string{true: "NOT "}[negated]
	if !strings.Contains(p.lit.s, "[") {
		pattern, escape := globLike(p.lit.s)
		q, err := quoteText(pattern)
		return plainText(x).wrap() + " " + not + "LIKE " + q + " ESCAPE '" + escape + "'", err
	}
	re, err := globRegexp(p.lit.s)
	if err != nil {
		return "", err
	}
	q, err := quoteText(re)
	op := map[bool]string{true: " !~ ", false: " ~ "}[negated]
	return binaryOrder(x) + op + q, err
}

// globLike turns a pattern of * and ? into one of % and _.
func globLike(p string) (pattern, escape string) {
	if strings.ContainsAny(p, "%_") {
		escape = "!"
		p = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(p)
	}
	return strings.NewReplacer("*", "%", "?", "_").Replace(p), escape
}

// globRegexp turns a pattern with character classes into an advanced regular
// expression of Postgres, anchored at both ends.
func globRegexp(p string) (string, error) {
	var s strings.Builder
	s.WriteString("^")
	r := []rune(p)
	for i := 0; i < len(r); i++ {
		switch c := r[i]; c {
		case '*':
			s.WriteString(".*")
		case '?':
			s.WriteString(".")
		case '[':
			n, class := globClass(r[i:])
			if n == 0 {
				return "", unsupported("GLOB", "its character class has no end or is empty", "")
			}
			s.WriteString(class)
			i += n - 1
		default:
			writeRegexpRune(&s, c)
		}
	}
	s.WriteString("$")
	return s.String(), nil
}

// globClass reads [...] and writes it as a bracket expression. n is its length
// in runes, 0 when it is not well formed.
func globClass(r []rune) (n int, class string) {
	var s strings.Builder
	s.WriteString("[")
	i := 1
	if i < len(r) && r[i] == '^' {
		s.WriteString("^")
		i++
	}
	for first := true; i < len(r); first = false {
		if r[i] == ']' && !first {
			return i + 1, s.String() + "]"
		}
		writeRegexpRune(&s, r[i])
		if i+2 < len(r) && r[i+1] == '-' && r[i+2] != ']' {
			if r[i+2] < r[i] {
				return 0, ""
			}
			s.WriteString("-")
			writeRegexpRune(&s, r[i+2])
			i += 2
		}
		i++
	}
	return 0, ""
}

// writeRegexpRune writes a character that stands for itself.
func writeRegexpRune(s *strings.Builder, c rune) {
	if strings.ContainsRune(`\^$.|?*+()[]{}-`, c) {
		s.WriteByte('\\')
	}
	s.WriteRune(c)
}

// likeFunction rebuilds like(p, x) and glob(p, x), the operators' functions.
func likeFunction(b *builder, c *syntax.Call) (term, error) {
	e := &syntax.Like{Pattern: c.Args[0], X: c.Args[1], Op: strings.ToUpper(c.Name)}
	if len(c.Args) == 3 {
		e.Escape = c.Args[2]
	}
	return b.like(e)
}
