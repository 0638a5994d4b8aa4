package syntax

import (
	"encoding/hex"
	"strings"
)

// unquote gives the content of a quoted identifier or string. Doubled quotes
// become single ones; between [ and ] there is nothing to double.
func unquote(s string) string {
	body := s[1 : len(s)-1]
	if s[0] == '[' {
		return body
	}
	q := s[:1]
	if strings.Contains(body, q) {
		return strings.ReplaceAll(body, q+q, q)
	}
	return body
}

// blobBytes decodes x'0123', which the lexer has checked.
func blobBytes(s string) string {
	b, err := hex.DecodeString(s[2 : len(s)-1])
	if err != nil {
		return "" // the lexer lets only pairs of hexadecimal digits through
	}
	return string(b)
}

// joinDigits takes the separators out of a number; each must stand between
// two digits.
func joinDigits(s string) (text string, k LiteralKind, ok bool) {
	isHexNumber := len(s) > 1 && s[1]|0x20 == 'x'
	digit := isDigit
	if isHexNumber {
		digit = isHex
	}
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || !digit(s[i-1]) || !digit(s[i+1])) {
			return "", 0, false
		}
	}
	k = LitInt
	if !isHexNumber && strings.ContainsAny(s, ".eE") {
		k = LitFloat
	}
	return strings.ReplaceAll(s, "_", ""), k, true
}

// lowerASCII folds letters as SQLite does: only those of ASCII.
func lowerASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return mapASCII(s, 'A', 'Z')
		}
	}
	return s
}

// upperASCII is the reverse of lowerASCII.
func upperASCII(s string) string {
	for i := range len(s) {
		if 'a' <= s[i] && s[i] <= 'z' {
			return mapASCII(s, 'a', 'z')
		}
	}
	return s
}

// mapASCII flips the case of the bytes between lo and hi.
func mapASCII(s string, lo, hi byte) string {
	b := []byte(s)
	for i, c := range b {
		if lo <= c && c <= hi {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

// equalFold compares as SQLite compares identifiers.
func equalFold(a, b string) bool {
	return len(a) == len(b) && lowerASCII(a) == lowerASCII(b)
}
