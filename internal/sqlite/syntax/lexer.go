package syntax

import "strings"

// lexer cuts SQL text into tokens as SQLite's tokenize.c does.
type lexer struct {
	src string
	pos int
}

// spaces are the bytes that SQLite trims as white space.
const spaces = " \t\n\v\f\r"

// byteOrderMark is white space where a token could begin.
const byteOrderMark = "\xef\xbb\xbf"

// idChar tells the bytes that continue an identifier: letters, digits, _, $
// and every byte of a character beyond ASCII.
var idChar = func() (t [256]bool) {
	for c := range t {
		b := byte(c)
		t[c] = isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'z' || b == '_' || b == '$' || b >= 0x80
	}
	return t
}()

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// next gives the next token; at the end it gives tkEOF for ever.
func (l *lexer) next() token {
	l.skipSpace()
	start := l.pos
	if start == len(l.src) {
		return token{start: start, end: start, kind: tkEOF}
	}
	k, n := scan(l.src[start:])
	l.pos = start + n
	return token{start: start, end: l.pos, kind: k}
}

// skipSpace steps over white space, comments and byte order marks. A comment
// that is not closed ends with the text.
func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		switch {
		case rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\f':
			l.pos++
			// A vertical tab is space only behind other space.
			for l.pos < len(l.src) && l.src[l.pos] == '\v' {
				l.pos++
			}
		case rest[0] == '-' && strings.HasPrefix(rest, "--"):
			l.closeComment(rest, "\n")
		case rest[0] == '/' && len(rest) > 2 && rest[1] == '*':
			l.closeComment(rest, "*/")
		case rest[0] == byteOrderMark[0] && strings.HasPrefix(rest, byteOrderMark):
			l.pos += len(byteOrderMark)
		default:
			return
		}
	}
}

// closeComment moves behind the mark that ends the comment, or to the end. The
// mark itself is looked for behind the two bytes that open the comment.
func (l *lexer) closeComment(rest, mark string) {
	const open = 2
	if i := strings.Index(rest[open:], mark); i >= 0 {
		l.pos += open + i + len(mark)
		return
	}
	l.pos = len(l.src)
}

// scan gives the kind and length of the token at the beginning of s, which is
// not empty and does not begin with space.
func scan(s string) (kind, int) {
	switch c := s[0]; {
	case (c == 'x' || c == 'X') && len(s) > 1 && s[1] == '\'':
		return scanBlob(s)
	case isDigit(c) || c == '.' && len(s) > 1 && isDigit(s[1]):
		return scanNumber(s)
	case c == '\'' || c == '"' || c == '`':
		return scanQuoted(s)
	case c == '[':
		if i := strings.IndexByte(s, ']'); i > 0 {
			return tkQuoted, i + 1
		}
		return tkIllegal, len(s)
	case c == '?':
		n := 1
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		return tkVariable, n
	case c == '$' || c == '@' || c == ':' || c == '#':
		return scanVariable(s)
	case idChar[c]:
		n := 1
		for n < len(s) && idChar[s[n]] {
			n++
		}
		return keywordKind(s[:n]), n
	}
	return scanPunct(s)
}

func scanBlob(s string) (kind, int) {
	n := 2
	for n < len(s) && isHex(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '\'' && n%2 == 0 {
		return tkBlob, n + 1
	}
	return tkIllegal, n
}

func scanQuoted(s string) (kind, int) {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 < len(s) && s[i+1] == s[0] {
			i++ // a doubled quote is part of the content
			continue
		}
		if s[0] == '\'' {
			return tkString, i + 1
		}
		return tkQuoted, i + 1
	}
	return tkIllegal, len(s)
}

func scanNumber(s string) (kind, int) {
	n, k, separated := 0, tkInt, false
	digits := func(is func(byte) bool) {
		for n < len(s) && (is(s[n]) || s[n] == '_') {
			separated = separated || s[n] == '_'
			n++
		}
	}
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && isHex(s[2]) {
		n = 2
		digits(isHex)
	} else {
		digits(isDigit)
		if n < len(s) && s[n] == '.' {
			k = tkFloat
			n++
			digits(isDigit)
		}
		if e := exponent(s[n:]); e > 0 {
			k = tkFloat
			n += e
			digits(isDigit)
		}
	}
	if separated {
		k = tkSeparated
	}
	for n < len(s) && idChar[s[n]] {
		k = tkIllegal
		n++
	}
	return k, n
}

// exponent gives the length of e, its sign and its first digit, or 0.
func exponent(s string) int {
	if len(s) < 2 || s[0]|0x20 != 'e' {
		return 0
	}
	if isDigit(s[1]) {
		return 2
	}
	if len(s) > 2 && (s[1] == '+' || s[1] == '-') && isDigit(s[2]) {
		return 3
	}
	return 0
}

// scanVariable reads :a, @a, $a and #a, with the a::b(c) forms of Tcl that
// SQLite knows. #1 names a register of SQLite's machine: it never is legal in
// a text.
func scanVariable(s string) (kind, int) {
	if len(s) > 1 && s[0] == '#' && isDigit(s[1]) {
		return tkIllegal, 2
	}
	chars, n := 0, 1
	for ; n < len(s); n++ {
		switch {
		case idChar[s[n]]:
			chars++
			continue
		case s[n] == ':' && n+1 < len(s) && s[n+1] == ':':
			n++
			continue
		case s[n] == '(' && chars > 0:
			i := strings.IndexAny(s[n:], ")"+spaces)
			if i < 0 || s[n+i] != ')' {
				return tkIllegal, n
			}
			return tkVariable, n + i + 1
		}
		break
	}
	if chars == 0 {
		return tkIllegal, n
	}
	return tkVariable, n
}

// punct2 holds the operators of two bytes.
var punct2 = map[[2]byte]kind{
	{'=', '='}: tkEq, {'<', '='}: tkLe, {'<', '>'}: tkNe, {'<', '<'}: tkShl,
	{'>', '='}: tkGe, {'>', '>'}: tkShr, {'!', '='}: tkNe, {'|', '|'}: tkConcat,
	{'-', '>'}: tkArrow,
}

// punct1 holds the operators and marks of one byte.
var punct1 = [128]kind{
	'(': tkLP, ')': tkRP, ';': tkSemi, ',': tkComma, '.': tkDot, '+': tkPlus,
	'-': tkMinus, '*': tkStar, '/': tkSlash, '%': tkPercent, '=': tkEq,
	'<': tkLt, '>': tkGt, '&': tkAmp, '|': tkPipe, '~': tkTilde,
}

func scanPunct(s string) (kind, int) {
	if len(s) > 1 && strings.IndexByte("=<>!|-", s[0]) >= 0 {
		if k := punct2[[2]byte{s[0], s[1]}]; k == tkArrow && len(s) > 2 && s[2] == '>' {
			return tkArrow2, 3
		} else if k != tkEOF {
			return k, 2
		}
	}
	if k := punct1[s[0]&0x7f]; k != tkEOF {
		return k, 1
	}
	return tkIllegal, 1
}
