package convert

import (
	"math"
	"strconv"
	"unicode/utf8"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func (e *Encoder) appendText(dst []byte, v *row.Value) ([]byte, Note, bool) {
	b := e.bytesOf(v)
	note := Exact
	if v.Class == row.Text || v.Class == row.Blob {
		if ok, _, _ := form.ValidText(b); !ok {
			if !e.Replace {
				return dst, Exact, false
			}
			e.buf = appendReplaced(e.buf[:0], b)
			b, note = e.buf, Replaced
		}
	}
	// Postgres cuts spaces beyond n without a word, so they count too.
	if e.Type.Length > 0 && len(b) > e.Type.Length && form.RuneCount(b) > e.Type.Length {
		return dst, Exact, false
	}
	if e.Type.Kind == sqltype.Bpchar {
		return pgcopy.AppendBpchar(dst, b, e.Type.Length), note, true
	}
	return pgcopy.AppendText(dst, b), note, true
}

// bytesOf gives a value's bytes; numbers as they print. The result is valid
// until the next call.
func (e *Encoder) bytesOf(v *row.Value) []byte {
	switch v.Class {
	case row.Integer:
		e.buf = strconv.AppendInt(e.buf[:0], v.Int(), 10)
	case row.Real:
		e.buf = AppendReal(e.buf[:0], v.Real())
	default:
		return v.Bytes
	}
	return e.buf
}

// AppendReal writes a double as text: its shortest round-trip digits, always
// with a point or an exponent so that it cannot be taken for an integer.
func AppendReal(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' || c == 'e' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

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
