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
	if Plain(b) {
		return true, -1, false
	}
	return validText(b)
}

// Plain reports whether b is valid text that is all ASCII, as nearly all is: it
// then has as many characters as bytes. It looks at eight bytes at once, and
// rather at some twice than at the last ones one by one.
func Plain(b []byte) bool {
	n := len(b)
	if n < 8 {
		return plainShort(b)
	}
	last := binary.LittleEndian.Uint64(b[n-8:])
	stop := last | (last - ones)
	for ; len(b) >= 16; b = b[16:] {
		v, w := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		stop |= v | w | (v - ones) | (w - ones)
		if stop&highs != 0 {
			return false
		}
	}
	if len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		stop |= v | (v - ones)
	}
	return stop&highs == 0
}

// plainShort is Plain for less than 8 bytes. It makes one word of them, some of
// them twice.
func plainShort(b []byte) bool {
	var w uint64
	switch n := len(b); {
	case n >= 4:
		w = uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
	case n > 0:
		w = uint64(b[0]) | uint64(b[n>>1])<<8 | uint64(b[n-1])<<16 | ones&^0xffffff
	default:
		return true
	}
	return (w|(w-ones))&highs == 0
}

// validText is ValidText for text that is not plain.
func validText(b []byte) (ok bool, bad int, nul bool) {
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
	for ; len(b)-i >= 8; i += 8 {
		// A byte of w-ones has its high bit set when w's byte is 0 or above 0x80;
		// together with w itself that is every byte to stop at, and the lowest
		// one set is right: a borrow only reaches bytes above it.
		w := binary.LittleEndian.Uint64(b[i:])
		if stop := (w | (w - ones)) & highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
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
