package page

import "encoding/binary"

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
		if c >= surrogateMin && c < surrogateEnd && len(src) >= 2 {
			d := uint32(order.Uint16(src))
			src = src[2:]
			c = d&0x3ff + c&0x3f<<10 + (c&0x3c0+0x40)<<10
		}
		dst = appendRune(dst, c)
	}
	return dst
}

// appendRune encodes any number below 2^21, surrogates too.
func appendRune(dst []byte, c uint32) []byte {
	switch {
	case c < 0x80:
		return append(dst, byte(c))
	case c < 0x800:
		return append(dst, byte(0xc0|c>>6), byte(0x80|c&0x3f))
	case c < 0x10000:
		return append(dst, byte(0xe0|c>>12), byte(0x80|c>>6&0x3f), byte(0x80|c&0x3f))
	}
	return append(dst, byte(0xf0|c>>18&0x07), byte(0x80|c>>12&0x3f), byte(0x80|c>>6&0x3f), byte(0x80|c&0x3f))
}
