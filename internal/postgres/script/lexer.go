package script

import (
	"fmt"
	"strings"
)

// class is what a token is.
type class uint8

const (
	word   class = iota // a keyword, or a name without quotes: text in small letters
	quoted              // a name in double quotes: text without them
	text                // a string constant: text is its value
	dollar              // a string constant in dollar quotes: text is its value
	symbol              // any other character, or a number's
	number              // digits
)

// token is a part of a statement, with its place in the script.
type token struct {
	class      class
	text       string
	begin, end int
}

func (t token) is(c class, s string) bool { return t.class == c && t.text == s }

// lexer takes a script apart as PostgreSQL does under standard_conforming_strings.
// Where the two could differ about where a constant ends, it gives an error: what
// stands in a constant for one must be no statement for the other.
type lexer struct {
	sql string
	at  int
	// string tells that the last token was a string constant in single quotes.
	string bool
}

// next gives the next token; ok is false at the end.
func (l *lexer) next() (t token, ok bool, err error) {
	if err := l.space(); err != nil {
		return t, false, err
	}
	if l.at == len(l.sql) {
		return t, false, nil
	}
	t.begin = l.at
	if err := l.token(&t); err != nil {
		return t, false, err
	}
	t.end = l.at
	// The second of two constants goes on under the rules of the first: E'' '' is
	// read in another way than ''. Nobody writes it.
	constant := l.sql[l.at-1] == '\'' && t.class != quoted && t.class != dollar
	if constant && l.string {
		return t, false, fmt.Errorf("line %d: a string constant in two parts", 1+strings.Count(l.sql[:t.begin], "\n"))
	}
	l.string = constant
	return t, true, nil
}

// space steps over blanks and comments.
func (l *lexer) space() error {
	for l.at < len(l.sql) {
		rest := l.sql[l.at:]
		switch {
		case strings.ContainsRune(" \t\n\r\f\v", rune(rest[0])):
			l.at++
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				n = len(rest)
			}
			l.at += n
		case strings.HasPrefix(rest, "/*"):
			if err := l.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// comment steps over a comment, in which others may stand.
func (l *lexer) comment() error {
	begin, depth := l.at, 0
	for l.at < len(l.sql) {
		switch rest := l.sql[l.at:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.at += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.at += 2
			if depth == 0 {
				return nil
			}
		default:
			l.at++
		}
	}
	return l.unended("comment", begin)
}

func (l *lexer) unended(what string, begin int) error {
	return fmt.Errorf("line %d: a %s does not end", 1+strings.Count(l.sql[:begin], "\n"), what)
}

func (l *lexer) token(t *token) error {
	rest := l.sql[l.at:]
	c := rest[0]
	switch {
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		l.at++
		return l.escaped(t)
	case (c == 'u' || c == 'U') && (strings.HasPrefix(rest[1:], "&'") || strings.HasPrefix(rest[1:], `&"`)):
		// Their meaning depends on an UESCAPE that may follow.
		return fmt.Errorf("line %d: constants and names with U& are not read", 1+strings.Count(l.sql[:l.at], "\n"))
	case (c == 'b' || c == 'B' || c == 'x' || c == 'X' || c == 'n' || c == 'N') && strings.HasPrefix(rest[1:], "'"):
		l.at++
		err := l.between(t, '\'', "string")
		t.class = symbol
		return err
	case c == '\'':
		t.class = text
		return l.between(t, '\'', "string")
	case c == '"':
		t.class = quoted
		return l.between(t, '"', "name")
	case c == '$':
		return l.dollar(t)
	case nameBegins(c):
		n := 1
		for n < len(rest) && nameGoesOn(rest[n]) {
			n++
		}
		t.class, t.text = word, lower(rest[:n])
		l.at += n
	case c >= '0' && c <= '9':
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		t.class, t.text = number, rest[:n]
		l.at += n
	default:
		t.class, t.text = symbol, rest[:1]
		l.at++
	}
	return nil
}

// between reads up to the closing quote; two of them stand for one.
func (l *lexer) between(t *token, quote byte, what string) error {
	begin := l.at
	var out strings.Builder
	for l.at++; l.at < len(l.sql); l.at++ {
		c := l.sql[l.at]
		if c == quote {
			if l.at++; l.at == len(l.sql) || l.sql[l.at] != quote {
				t.text = out.String()
				return nil
			}
		}
		out.WriteByte(c)
	}
	return l.unended(what, begin)
}

// escaped reads a string in which a backslash protects what follows. Of the
// escapes, those that postgres.Literal writes get their value.
func (l *lexer) escaped(t *token) error {
	begin := l.at
	t.class = text
	var out strings.Builder
	for l.at++; l.at < len(l.sql); l.at++ {
		switch c := l.sql[l.at]; {
		case c == '\\':
			if l.at++; l.at == len(l.sql) {
				return l.unended("string", begin)
			}
			if c := l.sql[l.at]; c != '\\' && c != '\'' {
				t.class = symbol // some other value
			}
			out.WriteByte(l.sql[l.at])
		case c == '\'':
			if l.at++; l.at == len(l.sql) || l.sql[l.at] != '\'' {
				t.text = out.String()
				return nil
			}
			out.WriteByte(c)
		default:
			out.WriteByte(c)
		}
	}
	return l.unended("string", begin)
}

// dollar reads a string in dollar quotes, or a lone dollar sign.
func (l *lexer) dollar(t *token) error {
	rest := l.sql[l.at:]
	n := 1
	for n < len(rest) && nameGoesOn(rest[n]) && rest[n] != '$' {
		n++
	}
	if n == len(rest) || rest[n] != '$' || n > 1 && !nameBegins(rest[1]) {
		t.class, t.text = symbol, "$"
		l.at++
		return nil
	}
	tag := rest[:n+1]
	body, _, ok := strings.Cut(rest[len(tag):], tag)
	if !ok {
		return l.unended("string", l.at)
	}
	t.class, t.text = dollar, body
	l.at += 2*len(tag) + len(body)
	return nil
}

// nameBegins and nameGoesOn are the rules for names without quotes; bytes above
// ASCII count as letters.
func nameBegins(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func nameGoesOn(c byte) bool { return nameBegins(c) || c >= '0' && c <= '9' || c == '$' }

// lower folds ASCII letters, as the server does with names in UTF-8.
func lower(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
