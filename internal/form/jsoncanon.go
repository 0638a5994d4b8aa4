package form

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// JSONError says why a text has no canonical form.
type JSONError struct {
	// Reason is a clause such as "not valid JSON".
	Reason string
	// Offset is where the pass ended, -1 if the text is valid.
	Offset int
}

// Error gives the reason and, if known, the offset.
func (e *JSONError) Error() string {
	if e.Offset < 0 {
		return "canonical JSON: " + e.Reason
	}
	return fmt.Sprintf("canonical JSON: %s at byte %d", e.Reason, e.Offset)
}

// AppendCanonicalJSON is JSONScanner.AppendCanonicalJSON for a single text;
// loops should keep a JSONScanner.
func AppendCanonicalJSON(dst, src []byte) ([]byte, error) {
	var s JSONScanner
	return s.AppendCanonicalJSON(dst, src)
}

// AppendCanonicalJSON appends the one spelling of src's jsonb value to dst, for
// comparing what SQLite holds with what Postgres sends: no white space; keys
// sorted by length, then bytes, the last of duplicates kept, as jsonb does;
// strings with the fewest escapes; numbers by value, so that 1, 1.0 and 1e0 are
// the same, and -0 is 0. The result is valid JSON.
//
// A text that is not valid or that jsonb cannot hold (see JSONFacts.FitsJSONB)
// gives a *JSONError, and dst as it was. Time is linear in len(src), apart from
// sorting keys.
func (s *JSONScanner) AppendCanonicalJSON(dst, src []byte) ([]byte, error) {
	s.sorting = true
	s.layout.reset()
	defer s.trim()
	at, ok := s.run(src)
	switch {
	case s.facts.BadUTF8:
		return dst, &JSONError{Reason: "not valid UTF-8", Offset: at}
	case s.facts.Depth > MaxJSONDepth:
		return dst, &JSONError{Reason: "nested too deeply", Offset: at}
	case !ok:
		return dst, &JSONError{Reason: "not valid JSON", Offset: at}
	case s.facts.NulEscape:
		return dst, &JSONError{Reason: `a string holds \u0000, which jsonb cannot`, Offset: -1}
	case s.facts.LoneSurrogate:
		return dst, &JSONError{Reason: "a string holds half a surrogate pair, which jsonb cannot", Offset: -1}
	case s.facts.HugeNumber:
		return dst, &JSONError{Reason: "a number is beyond numeric", Offset: -1}
	}
	return s.write(dst, src), nil
}

// jsonLayout is what the scan leaves for writing in sorted order: the objects
// in the order in which they open, and their members.
type jsonLayout struct {
	objects []jsonObject
	members []jsonKey
	stack   []jsonFrame
}

// jsonObject is an object of the text.
type jsonObject struct {
	first, last int // its members: jsonLayout.members[first:last], sorted
	end         int // offset after its bracket
	next        int // number of objects that open before end
}

// jsonFrame is a container that is being written.
type jsonFrame struct {
	object int // its number, -1 for an array
	member int // the next member to write
}

func (l *jsonLayout) reset() {
	l.objects, l.members, l.stack = l.objects[:0], l.members[:0], l.stack[:0]
}

func (l *jsonLayout) trim() {
	if cap(l.members) > keepJSONKeys {
		l.members = nil
	}
	if cap(l.objects) > keepJSONKeys {
		l.objects = nil
	}
}

// open gives the next object its number.
func (l *jsonLayout) open() int {
	l.objects = append(l.objects, jsonObject{})
	return len(l.objects) - 1
}

// sortObject moves the keys of the object o to the layout, sorted and without
// duplicates.
func (s *JSONScanner) sortObject(b []byte, o openJSON, end int) {
	keys := s.keys[o.keys:]
	slices.SortFunc(keys, func(x, y jsonKey) int {
		if n := s.compareKeys(b, &x, &y); n != 0 {
			return n
		}
		return cmp.Compare(x.value, y.value)
	})
	l := &s.layout
	first := len(l.members)
	for i := range keys {
		if i+1 < len(keys) && s.sameKey(b, &keys[i], &keys[i+1]) {
			continue // a later one follows
		}
		l.members = append(l.members, keys[i])
	}
	l.objects[o.number] = jsonObject{first: first, last: len(l.members), end: end, next: len(l.objects)}
}

// compareKeys orders keys as jsonb does: by length, then by bytes.
func (s *JSONScanner) compareKeys(b []byte, x, y *jsonKey) int {
	if n := cmp.Compare(x.to-x.from, y.to-y.from); n != 0 {
		return n
	}
	return bytes.Compare(s.bytesOf(b, x), s.bytesOf(b, y))
}

// write appends the scanned text b in canonical form.
func (s *JSONScanner) write(dst, b []byte) []byte {
	l := &s.layout
	at, objects := skipSpace(b, 0), 0
	for {
		switch b[at] {
		case '{':
			dst = append(dst, '{')
			l.stack = append(l.stack, jsonFrame{object: objects, member: l.objects[objects].first})
		case '[':
			dst = append(dst, '[')
			l.stack = append(l.stack, jsonFrame{object: -1})
			if at = skipSpace(b, at+1); b[at] != ']' {
				continue
			}
		default:
			dst, at = appendScalar(dst, b, at)
		}
		var more bool
		if dst, at, objects, more = s.next(dst, b, at, objects); !more {
			return dst
		}
	}
}

// next appends what stands between a value and the next one, and gives the next
// one's offset and the number of objects before it.
func (s *JSONScanner) next(dst, b []byte, at, objects int) (out []byte, value, before int, more bool) {
	l := &s.layout
	for len(l.stack) > 0 {
		f := &l.stack[len(l.stack)-1]
		if f.object < 0 {
			at = skipSpace(b, at)
			if b[at] == ',' {
				return append(dst, ','), skipSpace(b, at+1), objects, true
			}
			dst = append(dst, ']')
			at++
			l.stack = l.stack[:len(l.stack)-1]
			continue
		}
		o := &l.objects[f.object]
		if f.member < o.last {
			if f.member > o.first {
				dst = append(dst, ',')
			}
			m := &l.members[f.member]
			f.member++
			dst = append(s.appendKey(dst, b, m), ':')
			return dst, int(m.value), int(m.object), true
		}
		dst = append(dst, '}')
		at, objects = o.end, o.next
		l.stack = l.stack[:len(l.stack)-1]
	}
	return dst, at, objects, false
}

// appendKey appends a key as a string with the fewest escapes.
func (s *JSONScanner) appendKey(dst, b []byte, k *jsonKey) []byte {
	if k.from&inKeyBuf != 0 {
		return appendQuoted(dst, s.bytesOf(b, k))
	}
	return append(dst, b[k.from-1:k.to+1]...) // no escapes: as it stands
}

// appendScalar appends the string, number or name at b[at].
func appendScalar(dst, b []byte, at int) (out []byte, end int) {
	switch b[at] {
	case '"':
		quote, found := jsonText(b, at+1)
		if found&textEscape == 0 {
			return append(dst, b[at:quote+1]...), quote + 1
		}
		return appendRequoted(dst, b[at+1:quote]), quote + 1
	case 't', 'n':
		return append(dst, b[at:at+4]...), at + 4
	case 'f':
		return append(dst, b[at:at+5]...), at + 5
	}
	end, _, _ = jsonNumberEnd(b, at)
	return appendCanonicalNumber(dst, b[at:end]), end
}
