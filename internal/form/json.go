package form

import (
	"encoding/binary"
	"math"
)

// JSONKind is the type of a JSON value.
type JSONKind uint8

// The types of RFC 8259, with the two booleans apart.
const (
	JSONInvalid JSONKind = iota
	JSONObject
	JSONArray
	JSONString
	JSONNumber
	JSONTrue
	JSONFalse
	JSONNull
)

// JSONKindN is the number of kinds, for arrays indexed by JSONKind.
const JSONKindN = 8

var jsonKindNames = [JSONKindN]string{
	"invalid", "object", "array", "string", "number", "true", "false", "null",
}

// String names the kind for reports.
func (k JSONKind) String() string {
	if k >= JSONKindN {
		return jsonKindNames[JSONInvalid]
	}
	return jsonKindNames[k]
}

// MaxJSONDepth is the deepest nesting that counts as valid. Postgres recurses
// until max_stack_depth (2 MB by default) and took 13,089 levels when measured
// (PostgreSQL 15, x86-64); this leaves room for smaller settings and larger
// frames.
const MaxJSONDepth = 5000

// JSONFacts is what one pass over a JSON text finds.
type JSONFacts struct {
	// Depth is the greatest nesting of arrays and objects: 0 for a scalar,
	// MaxJSONDepth+1 when the pass ended there.
	Depth int
	// Kind is the type of the whole value, JSONInvalid if it is not valid.
	Kind JSONKind
	// Valid tells that Postgres' json takes the text: RFC 8259, not nested
	// deeper than MaxJSONDepth.
	Valid bool
	// NulEscape tells that a string or key has \u0000: json takes it, jsonb does
	// not, and json fails later when the string is taken out.
	NulEscape bool
	// LoneSurrogate tells that a string or key has half a surrogate pair: json
	// takes it, jsonb does not.
	LoneSurrogate bool
	// DuplicateKey tells that an object has a key twice: jsonb keeps the last.
	DuplicateKey bool
	// HugeNumber tells that a number is beyond Postgres' numeric: json takes it,
	// jsonb does not.
	HugeNumber bool
	// BadUTF8 and NulByte tell that the offence that ended the pass was invalid
	// UTF-8 in a string, or a NUL byte anywhere. No Postgres text takes either.
	BadUTF8, NulByte bool
}

// FitsJSONB reports whether Postgres' jsonb takes the text. Values beyond its
// size limits (strings and containers of 256 MB) are not looked for.
func (f JSONFacts) FitsJSONB() bool {
	return f.Valid && !f.NulEscape && !f.LoneSurrogate && !f.HugeNumber
}

// JSONScanner scans JSON texts one after the other, keeping its scratch memory.
// The zero value is ready. It is not safe for concurrent use. Between calls it
// holds at most a few MB.
type JSONScanner struct {
	facts JSONFacts
	// kinds has one bit for each open container: 1 for an object.
	kinds [MaxJSONDepth/64 + 1]uint64
	depth int

	keys   []jsonKey  // the keys of the open objects, innermost last
	opened []openJSON // the open objects
	keyBuf []byte     // decoded keys that have escapes

	sorting bool // for AppendCanonicalJSON: fill layout
	layout  jsonLayout
}

// jsonKey is one key of an object. Offsets fit 32 bits because no SQLite value
// has more than 2^31-1 bytes.
type jsonKey struct {
	hash     uint32
	from, to uint32 // in the text, or in keyBuf with the inKeyBuf bit on both
	value    uint32 // offset of the value in the text
	object   uint32 // number of objects opened before the value
}

// inKeyBuf marks the offsets of a key that has been decoded into keyBuf.
const inKeyBuf = 1 << 31

// openJSON is an open object: where its keys begin.
type openJSON struct {
	keys, keyBuf int
	number       int // of the object in jsonLayout
}

// ScanJSON is JSONScanner.ScanJSON for a single text; loops should keep a
// JSONScanner.
func ScanJSON(b []byte) JSONFacts {
	var s JSONScanner
	return s.ScanJSON(b)
}

// ScanJSON finds in one pass what a JSON text holds, as far as Postgres' json
// and jsonb care. Space, tab, line feed and carriage return may surround it.
func (s *JSONScanner) ScanJSON(b []byte) JSONFacts {
	s.sorting = false
	s.run(b)
	s.trim()
	return s.facts
}

// run scans b and completes the facts.
func (s *JSONScanner) run(b []byte) (at int, ok bool) {
	s.facts = JSONFacts{}
	s.depth = 0
	s.keys, s.opened, s.keyBuf = s.keys[:0], s.opened[:0], s.keyBuf[:0]
	at, ok = s.scan(b)
	s.facts.Valid = ok
	if ok {
		s.facts.Kind = jsonKind(b[skipSpace(b, 0)])
	} else {
		s.facts.NulByte = at < len(b) && b[at] == 0
	}
	return at, ok
}

// Above these sizes scratch memory is let go after a scan.
const (
	keepJSONKeys  = 1 << 16
	keepJSONBytes = 1 << 20
)

func (s *JSONScanner) trim() {
	if cap(s.keys) > keepJSONKeys {
		s.keys = nil
	}
	if cap(s.keyBuf) > keepJSONBytes {
		s.keyBuf = nil
	}
	s.layout.trim()
}

// jsonKind gives the type of the valid value that begins with c.
func jsonKind(c byte) JSONKind {
	switch c {
	case '{':
		return JSONObject
	case '[':
		return JSONArray
	case '"':
		return JSONString
	case 't':
		return JSONTrue
	case 'f':
		return JSONFalse
	case 'n':
		return JSONNull
	}
	return JSONNumber
}

// scan reads the whole text; at is where it ended, the offence if not ok.
func (s *JSONScanner) scan(b []byte) (at int, ok bool) {
	if len(b) > math.MaxInt32 {
		return 0, false
	}
	at = skipSpace(b, 0)
	for {
		var inside, more bool
		if at, inside, ok = s.value(b, at); !ok {
			return at, false
		}
		if inside {
			continue
		}
		if at, more, ok = s.after(b, at); !ok {
			return at, false
		}
		if !more {
			break
		}
	}
	at = skipSpace(b, at)
	return at, at == len(b)
}

// value reads a scalar or an empty container; of a container with content it
// reads up to its first value, and inside is true.
func (s *JSONScanner) value(b []byte, i int) (at int, inside, ok bool) {
	if i >= len(b) {
		return i, false, false
	}
	switch c := b[i]; c {
	case '"':
		at, ok = s.stringValue(b, i+1)
	case '{', '[':
		return s.open(b, i)
	case 't':
		at, ok = word(b, i, "true")
	case 'f':
		at, ok = word(b, i, "false")
	case 'n':
		at, ok = word(b, i, "null")
	default:
		if c != '-' && (c < '0' || c > '9') {
			return i, false, false
		}
		var exponent bool
		at, exponent, ok = jsonNumberEnd(b, i)
		// Short numbers without an exponent, nearly all, cannot be huge.
		if ok && (exponent || at-i > maxFractionDigits) && hugeNumber(b[i:at]) {
			s.facts.HugeNumber = true
		}
	}
	return at, false, ok
}

// open enters the container that begins at b[i].
func (s *JSONScanner) open(b []byte, i int) (at int, inside, ok bool) {
	if s.depth == MaxJSONDepth {
		s.facts.Depth = MaxJSONDepth + 1
		return i, false, false
	}
	object := b[i] == '{'
	bit := uint64(1) << (s.depth & 63)
	if object {
		s.kinds[s.depth>>6] |= bit
		s.openObject()
	} else {
		s.kinds[s.depth>>6] &^= bit
	}
	s.depth++
	s.facts.Depth = max(s.facts.Depth, s.depth)
	at = skipSpace(b, i+1)
	if at < len(b) && b[at] == b[i]+2 { // ']' and '}' come two after '[' and '{'
		s.close(b, at)
		return at + 1, false, true
	}
	if object {
		at, ok = s.key(b, at)
		return at, true, ok
	}
	return at, true, true
}

// after reads what follows a value: closing brackets, then a comma and in an
// object the next key. more tells that a value follows.
func (s *JSONScanner) after(b []byte, i int) (at int, more, ok bool) {
	for s.depth > 0 {
		if i = skipSpace(b, i); i >= len(b) {
			return i, false, false
		}
		object := s.kinds[(s.depth-1)>>6]>>((s.depth-1)&63)&1 == 1
		switch c := b[i]; {
		case c == ',' && object:
			at, ok = s.key(b, skipSpace(b, i+1))
			return at, true, ok
		case c == ',':
			return skipSpace(b, i+1), true, true
		case c == '}' && object, c == ']' && !object:
			s.close(b, i)
			i++
		default:
			return i, false, false
		}
	}
	return i, false, true
}

// close leaves the innermost container, whose bracket is b[i].
func (s *JSONScanner) close(b []byte, i int) {
	s.depth--
	if s.kinds[s.depth>>6]>>(s.depth&63)&1 == 1 {
		s.closeObject(b, i+1)
	}
}

// stringValue reads the string whose content begins at b[i].
func (s *JSONScanner) stringValue(b []byte, i int) (at int, ok bool) {
	at, found := jsonText(b, i)
	s.note(found)
	if found&textQuote == 0 {
		return at, false
	}
	return at + 1, true
}

// note keeps what was found in a string.
func (s *JSONScanner) note(found textFlags) {
	if found&^(textQuote|textEscape) == 0 {
		return
	}
	if found&textNulEscape != 0 {
		s.facts.NulEscape = true
	}
	if found&textLoneSurrogate != 0 {
		s.facts.LoneSurrogate = true
	}
	if found&textBadUTF8 != 0 {
		s.facts.BadUTF8 = true
	}
}

// skipSpace gives the offset of the first byte from b[i] on that is no JSON
// white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
		// Indented text has long runs of spaces.
		for len(b)-i >= 8 && binary.LittleEndian.Uint64(b[i:]) == ' '*ones {
			i += 8
		}
	}
	return i
}

// word reads one of the literal names.
func word(b []byte, i int, name string) (at int, ok bool) {
	if len(b)-i < len(name) {
		return i, false
	}
	return i + len(name), string(b[i:i+len(name)]) == name
}
