package page

import (
	"encoding/binary"
	"unicode/utf8"
)

// Surrogates of UTF-16.
const (
	surrogateMin = 0xd800
	surrogateEnd = 0xe000
)

// appendUTF8 converts UTF-16 text as SQLite does (sqlite3VdbeMemTranslate): any
// surrogate is taken together with whatever unit follows it, one at the very end
// is encoded as if it were a character, an odd last byte is dropped.
func appendUTF8(dst, src []byte, order binary.ByteOrder) []byte {
	for len(src) >= 2 {
		c := uint32(order.Uint16(src))
		src = src[2:]
		if c < 0x80 {
			dst = append(dst, byte(c))
			continue
		}
		if c < surrogateMin || c >= surrogateEnd {
			dst = utf8.AppendRune(dst, rune(c)) //nolint:gosec // 16 bits
			continue
		}
		if len(src) < 2 { // three bytes, as of any other unit
			return append(dst, 0xed, byte(c>>6&0x3f)|0x80, byte(c&0x3f)|0x80)
		}
		d := uint32(order.Uint16(src))
		src = src[2:]
		dst = utf8.AppendRune(dst, rune(d&0x3ff+c&0x3f<<10+(c&0x3c0+0x40)<<10)) // 10000 to 10ffff, hexadecimal
	}
	return dst
}
