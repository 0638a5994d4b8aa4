package form

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Masks for looking at eight bytes at once.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// ValidText reports whether b can be a Postgres text in a UTF8 database: valid
// UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF)
// without a NUL byte. bad is the offset of the first offence, -1 if there is
// none; nul tells that the offence is a NUL byte.
func ValidText(b []byte) (ok bool, bad int, nul bool) {
	i := 0
	for {
		i += plainASCII(b[i:])
		if i == len(b) {
			return true, -1, false
		}
		if b[i] == 0 {
			return false, i, true
		}
		// Text that is not ASCII seldom goes back to it for long: stay here
		// until the next ASCII byte.
		for i < len(b) && b[i] >= utf8.RuneSelf {
			n := runeLen(b[i:])
			if n == 0 {
				return false, i, false
			}
			i += n
		}
	}
}

// RuneCount gives the number of characters of b as Postgres counts them for
// varchar(n) and char(n). b must be valid (see ValidText): it counts the bytes
// that begin a character. (utf8.RuneCount copies b when inlined, Go 1.26.)
func RuneCount(b []byte) int {
	n := len(b)
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		n -= bits.OnesCount64(w >> 7 &^ (w >> 6) & ones) // 10xxxxxx
	}
	for _, c := range b {
		if c&0xC0 == 0x80 {
			n--
		}
	}
	return n
}

// plainASCII gives the number of leading bytes of b in 0x01..0x7f.
func plainASCII(b []byte) int {
	i := 0
	for ; len(b)-i >= 16; i += 16 {
		v := binary.LittleEndian.Uint64(b[i:])
		w := binary.LittleEndian.Uint64(b[i+8:])
		// A byte of v-ones has its high bit set when v's byte is 0 or above
		// 0x80; together with v itself that is every byte to stop at.
		if (v|w|(v-ones)|(w-ones))&highs != 0 {
			break
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == 0 || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// runeLen gives the length of the UTF-8 sequence that b begins with, 0 if it
// is not valid. b must not be empty.
func runeLen(b []byte) int {
	switch c := b[0]; {
	case c < utf8.RuneSelf:
		return 1
	case c < 0xC2:
		return 0
	case c < 0xE0:
		if len(b) >= 2 && b[1]&0xC0 == 0x80 {
			return 2
		}
		return 0
	case c < 0xF0:
		if len(b) < 3 || b[1]&0xC0 != 0x80 || b[2]&0xC0 != 0x80 ||
			c == 0xE0 && b[1] < 0xA0 || // overlong
			c == 0xED && b[1] > 0x9F { // surrogate
			return 0
		}
		return 3
	default:
		if c > 0xF4 || len(b) < 4 || b[1]&0xC0 != 0x80 || b[2]&0xC0 != 0x80 || b[3]&0xC0 != 0x80 ||
			c == 0xF0 && b[1] < 0x90 || // overlong
			c == 0xF4 && b[1] > 0x8F { // above U+10FFFF
			return 0
		}
		return 4
	}
}
