package form

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// textFlags is what reading the content of a JSON string found.
type textFlags uint8

const (
	textQuote         textFlags = 1 << iota // ended before a quote
	textEnd                                 // ended at the end of the bytes
	textEscape                              // has escapes
	textNulEscape                           // has \u0000
	textLoneSurrogate                       // has half a surrogate pair
	textBadUTF8                             // ended at invalid UTF-8
)

// jsonText reads the content of a JSON string from b[i] up to the quote or end
// of b that ends it, or up to the offence, with neither textQuote nor textEnd.
func jsonText(b []byte, i int) (at int, found textFlags) {
	for {
		i = plainText(b, i)
		if i >= len(b) {
			return i, found | textEnd
		}
		switch c := b[i]; {
		case c == '"':
			return i, found | textQuote
		case c == '\\':
			n, escape := jsonEscape(b[i:])
			if n == 0 {
				return i, found
			}
			found |= escape | textEscape
			i += n
		case c < ' ':
			return i, found
		}
		// Stay in text that is not ASCII until it ends.
		for i < len(b) && b[i] >= utf8.RuneSelf {
			n := runeLen(b[i:])
			if n == 0 {
				return i, found | textBadUTF8
			}
			i += n
		}
	}
}

// plainText gives the offset of the first byte from b[i] on that ends a run of
// plain characters: a quote, a backslash, a control character, or not ASCII.
func plainText(b []byte, i int) int {
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		// Each term has the high bit of a byte set where it stops; a borrow can
		// only reach bytes above the first one set, so the lowest is right.
		stop := (w | (w - ' '*ones) | (w ^ '"'*ones - ones) | (w ^ '\\'*ones - ones)) & highs
		if stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// jsonEscape reads the escape that b begins with: its length (a surrogate pair
// is one escape), 0 if it is none of RFC 8259.
func jsonEscape(b []byte) (n int, found textFlags) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, 0
	case 'u':
		r, n := unicodeEscape(b)
		switch {
		case n == 0:
			return 0, 0
		case r == 0:
			return n, textNulEscape
		case utf16.IsSurrogate(r):
			return n, textLoneSurrogate
		}
		return n, 0
	}
	return 0, 0
}

// unicodeEscape reads the \uXXXX, or the pair of them, that b begins with. Half
// a pair gives the surrogate itself. n is 0 if there are no four digits.
func unicodeEscape(b []byte) (r rune, n int) {
	r, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if low, ok := hex4(b[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return r, 6
}

// hex4 reads the four digits of the \uXXXX that b begins with.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 {
		return 0, false
	}
	h0, h1, h2, h3 := hexValue[b[2]], hexValue[b[3]], hexValue[b[4]], hexValue[b[5]]
	if (h0|h1|h2|h3)&notHex != 0 {
		return 0, false
	}
	return rune(h0)<<12 | rune(h1)<<8 | rune(h2)<<4 | rune(h3), true
}

// appendUnescaped appends the content of a valid JSON string, decoded. Half a
// surrogate pair becomes the three bytes that UTF-8 would have for it.
func appendUnescaped(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		if text[i+1] != 'u' {
			dst = append(dst, unescaped[text[i+1]])
			i += 2
			continue
		}
		r, n := unicodeEscape(text[i:])
		if utf16.IsSurrogate(r) {
			dst = append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F) //nolint:gosec // a surrogate has 16 bits
		} else {
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	return dst
}

// unescaped maps the letter of a short escape to its character.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escaped maps a control character to the letter of its short escape, 0 if it
// has none.
var escaped = [32]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

// appendQuoted appends text as a JSON string with the fewest escapes, those
// that both SQLite and Postgres write: \" \\ \b \f \n \r \t and \u00xx.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		n := plainText(text, i)
		for n < len(text) && text[n] >= utf8.RuneSelf {
			n = plainText(text, n+1)
		}
		dst = append(dst, text[i:n]...)
		if n < len(text) {
			dst = appendEscape(dst, text[n])
		}
		i = n + 1
	}
	return append(dst, '"')
}

// appendEscape appends the escape of a quote, backslash or control character.
func appendEscape(dst []byte, c byte) []byte {
	switch {
	case c >= ' ':
		return append(dst, '\\', c)
	case escaped[c] != 0:
		return append(dst, '\\', escaped[c])
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xF])
}

// appendRequoted appends the content of a valid JSON string as a string with
// the fewest escapes.
func appendRequoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		n := bytes.IndexByte(text[i:], '\\')
		if n < 0 {
			dst = append(dst, text[i:]...)
			break
		}
		dst = append(dst, text[i:i+n]...)
		i += n
		if text[i+1] != 'u' {
			c := unescaped[text[i+1]]
			if c == '/' {
				dst = append(dst, c)
			} else {
				dst = appendEscape(dst, c)
			}
			i += 2
			continue
		}
		r, n := unicodeEscape(text[i:])
		if r < ' ' || r == '"' || r == '\\' {
			dst = appendEscape(dst, byte(r)) //nolint:gosec // just checked
		} else {
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	return append(dst, '"')
}
