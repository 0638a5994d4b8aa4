package convert

import "unicode/utf8"

// appendReplaced copies b with U+FFFD for each byte that is not part of valid
// UTF-8 and for each NUL.
func appendReplaced(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == 0 || (r == utf8.RuneError && n == 1) {
			dst = utf8.AppendRune(dst, utf8.RuneError)
		} else {
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	return dst
}
