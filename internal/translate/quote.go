package translate

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// maxIdent is the longest identifier that Postgres keeps (NAMEDATALEN - 1).
const maxIdent = 63

// ident quotes an identifier.
func ident(name string) (string, error) {
	switch {
	case name == "":
		return "", unsupported("empty name", "Postgres has no empty identifiers", "")
	case strings.IndexByte(name, 0) >= 0 || !utf8.ValidString(name):
		return "", unsupported("name "+name, "it is not text that Postgres can hold", "")
	case len(name) > maxIdent:
		return "", unsupported("name "+name, "it is longer than 63 bytes", "")
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`, nil
}

// quoteText quotes a string literal. One with a backslash is written as E'...',
// which means the same whatever standard_conforming_strings says.
func quoteText(s string) (string, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return "", unsupported("text literal", "it holds a NUL character, which Postgres text cannot", "")
	}
	if !utf8.ValidString(s) {
		return "", unsupported("text literal", "it is not valid UTF-8", "")
	}
	if len(s) > maxSQL {
		return "", unsupported("text literal", "it is too long", "")
	}
	q := strings.ReplaceAll(s, "'", "''")
	if strings.IndexByte(q, '\\') >= 0 {
		return "E'" + strings.ReplaceAll(q, `\`, `\\`) + "'", nil
	}
	return "'" + q + "'", nil
}

// quoteBytes writes a bytea literal.
func quoteBytes(s string) string {
	return `E'\\x` + hex.EncodeToString([]byte(s)) + "'::bytea"
}

// cutIdent shortens a name to n bytes without splitting a character.
func cutIdent(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// foldASCII folds case as SQLite does for names and NOCASE.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// upperASCII is upper() of SQLite.
func upperASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
