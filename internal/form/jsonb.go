package form

import (
	"encoding/binary"
	"unicode/utf8"
)

// The element types of SQLite's JSONB, the low four bits of the first byte
// (sqlite.org/jsonb.html, section 3.1). 13 to 15 are reserved.
const (
	jsonbNull = iota
	jsonbTrue
	jsonbFalse
	jsonbInt     // RFC 8259 integer
	jsonbInt5    // JSON5 hexadecimal integer
	jsonbFloat   // RFC 8259 number with a point or an exponent
	jsonbFloat5  // with nothing before or after the point
	jsonbText    // string without escapes that needs none
	jsonbTextJ   // string with RFC 8259 escapes
	jsonbText5   // string with JSON5 escapes
	jsonbTextRaw // string that is not escaped at all
	jsonbArray
	jsonbObject
)

// maxJSONBDepth is SQLite's own limit of nesting (JSON_MAX_DEPTH).
const maxJSONBDepth = 1000

// DecodeJSONB appends the JSON text of a blob in SQLite's binary JSONB
// (SQLite 3.45 and later) to dst, as SQLite's json() prints it: without white
// space, JSON5 spellings made strict, hexadecimal integers beyond 64 bits as
// 9.0e999, members in stored order.
//
// It is strict: the whole blob is one element, every size is exact, every
// payload is what its type says and valid UTF-8, so that the result is always
// valid RFC 8259. ok is false and dst is as it was if anything is off. It
// accepts every blob that SQLite's jsonb() makes of valid UTF-8, and nothing
// that SQLite's json_valid(blob, 8) refuses but scalars inside of 1000 arrays.
func DecodeJSONB(dst, blob []byte) (json []byte, ok bool) {
	d := jsonbDecoder{blob: blob, dst: dst}
	if !d.whole() {
		return dst, false
	}
	return d.dst, true
}

// ValidJSONB reports whether DecodeJSONB would decode the blob.
func ValidJSONB(blob []byte) bool {
	d := jsonbDecoder{blob: blob, quiet: true}
	return d.whole()
}

// jsonbDecoder walks one blob. Decoding and validating are the same walk: a
// quiet one appends nothing.
type jsonbDecoder struct {
	blob  []byte
	dst   []byte
	quiet bool
}

func (d *jsonbDecoder) put(text []byte) {
	if !d.quiet {
		d.dst = append(d.dst, text...)
	}
}

func (d *jsonbDecoder) putString(text string) {
	if !d.quiet {
		d.dst = append(d.dst, text...)
	}
}

func (d *jsonbDecoder) putByte(c byte) {
	if !d.quiet {
		d.dst = append(d.dst, c)
	}
}

// whole decodes the blob as one element.
func (d *jsonbDecoder) whole() bool {
	kind, from, to, ok := d.header(0, len(d.blob))
	return ok && to == len(d.blob) && d.element(kind, from, to, 0)
}

// header reads the header at i of an element that must end at or before limit:
// its type and where its payload stands. The payload's size is in the high four
// bits of the first byte, or for 12 to 15 in the 1, 2, 4 or 8 bytes after it;
// it need not have the shortest form.
func (d *jsonbDecoder) header(i, limit int) (kind byte, from, to int, ok bool) {
	if i >= limit {
		return 0, 0, 0, false
	}
	kind = d.blob[i] & 0x0F
	size := uint64(d.blob[i] >> 4)
	i++
	if kind <= jsonbFalse {
		// The header is the whole element: one byte, as SQLite wants it.
		return kind, i, i, size == 0
	}
	if size >= 12 {
		n := 1 << (size - 12)
		if limit-i < n {
			return 0, 0, 0, false
		}
		switch n {
		case 1:
			size = uint64(d.blob[i])
		case 2:
			size = uint64(binary.BigEndian.Uint16(d.blob[i:]))
		case 4:
			size = uint64(binary.BigEndian.Uint32(d.blob[i:]))
		default:
			size = binary.BigEndian.Uint64(d.blob[i:])
		}
		i += n
	}
	if size > uint64(limit-i) { //nolint:gosec // i <= limit
		return 0, 0, 0, false
	}
	return kind, i, i + int(size), true
}

// element decodes the payload blob[from:to] of an element inside of depth
// containers.
func (d *jsonbDecoder) element(kind byte, from, to, depth int) bool {
	payload := d.blob[from:to]
	switch kind {
	case jsonbNull, jsonbTrue, jsonbFalse:
		d.putString([...]string{"null", "true", "false"}[kind])
		return true
	case jsonbInt:
		end, _, ok := jsonNumberEnd(payload, 0)
		d.put(payload)
		return ok && end == len(payload) && !fractional(payload)
	case jsonbInt5:
		return d.hexInt(payload)
	case jsonbFloat:
		end, _, ok := jsonNumberEnd(payload, 0)
		d.put(payload)
		return ok && end == len(payload) && fractional(payload)
	case jsonbFloat5:
		return d.float5(payload)
	case jsonbArray:
		return d.array(from, to, depth)
	case jsonbObject:
		return d.object(from, to, depth)
	}
	return d.text(kind, payload)
}

func (d *jsonbDecoder) array(from, to, depth int) bool {
	if depth == maxJSONBDepth {
		return false
	}
	d.putByte('[')
	for i := from; i < to; {
		kind, start, end, ok := d.header(i, to)
		if !ok {
			return false
		}
		if i > from {
			d.putByte(',')
		}
		if !d.element(kind, start, end, depth+1) {
			return false
		}
		i = end
	}
	d.putByte(']')
	return true
}

func (d *jsonbDecoder) object(from, to, depth int) bool {
	if depth == maxJSONBDepth {
		return false
	}
	d.putByte('{')
	label := true
	for i := from; i < to; label = !label {
		kind, start, end, ok := d.header(i, to)
		if !ok || label && (kind < jsonbText || kind > jsonbTextRaw) {
			return false
		}
		switch {
		case !label:
			d.putByte(':')
		case i > from:
			d.putByte(',')
		}
		if !d.element(kind, start, end, depth+1) {
			return false
		}
		i = end
	}
	d.putByte('}')
	return label // an even number of elements
}

// text decodes a string; other types are reserved.
func (d *jsonbDecoder) text(kind byte, text []byte) bool {
	switch kind {
	case jsonbText, jsonbTextJ:
		_, found := jsonText(text, 0)
		if found&textEnd == 0 || kind == jsonbText && found&textEscape != 0 {
			return false
		}
		d.putByte('"')
		d.put(text)
		d.putByte('"')
		return true
	case jsonbText5:
		return d.text5(text)
	case jsonbTextRaw:
		if !utf8.Valid(text) {
			return false
		}
		if !d.quiet {
			d.dst = appendQuoted(d.dst, text)
		}
		return true
	}
	return false
}
