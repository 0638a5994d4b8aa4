package form

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

func (s *JSONScanner) openObject() {
	o := openJSON{keys: len(s.keys), keyBuf: len(s.keyBuf)}
	if s.sorting {
		o.number = s.layout.open()
	}
	s.opened = append(s.opened, o)
}

// key reads a key and its colon, up to the value.
func (s *JSONScanner) key(b []byte, i int) (at int, ok bool) {
	if i >= len(b) || b[i] != '"' {
		return i, false
	}
	from := i + 1
	to, found := jsonText(b, from)
	s.note(found)
	if found&textQuote == 0 {
		return to, false
	}
	if at = skipSpace(b, to+1); at >= len(b) || b[at] != ':' {
		return at, false
	}
	at = skipSpace(b, at+1)
	// Once a duplicate is known there is nothing more to learn from keys.
	if s.sorting || !s.facts.DuplicateKey {
		s.keep(b, from, to, at, found&textEscape != 0)
	}
	return at, true
}

// keep remembers the key b[from:to] until its object is closed. The offsets
// are below 2^31: scan refuses longer texts.
func (s *JSONScanner) keep(b []byte, from, to, value int, escaped bool) {
	k := jsonKey{value: uint32(value)} //nolint:gosec // below 2^31
	if escaped {
		start := len(s.keyBuf)
		s.keyBuf = appendUnescaped(s.keyBuf, b[from:to])
		k.from = uint32(start) | inKeyBuf       //nolint:gosec // not longer than the text
		k.to = uint32(len(s.keyBuf)) | inKeyBuf //nolint:gosec // not longer than the text
		k.hash = hashKey(s.keyBuf[start:])      // of the decoded key: "\u0061" is "a"
	} else {
		k.from, k.to = uint32(from), uint32(to) //nolint:gosec // below 2^31
		k.hash = hashKey(b[from:to])
	}
	if s.sorting {
		k.object = uint32(len(s.layout.objects)) //nolint:gosec // fewer than bytes
	}
	s.keys = append(s.keys, k)
}

// bytesOf gives the content of a key, decoded.
func (s *JSONScanner) bytesOf(b []byte, k *jsonKey) []byte {
	if k.from&inKeyBuf != 0 {
		return s.keyBuf[k.from&^inKeyBuf : k.to&^inKeyBuf]
	}
	return b[k.from:k.to]
}

// closeObject takes the keys of the innermost object, which ends before b[end].
func (s *JSONScanner) closeObject(b []byte, end int) {
	o := s.opened[len(s.opened)-1]
	s.opened = s.opened[:len(s.opened)-1]
	keys := s.keys[o.keys:]
	if s.sorting {
		s.sortObject(b, o, end)
		s.keys = s.keys[:o.keys]
		return
	}
	if len(keys) > 1 && !s.facts.DuplicateKey {
		s.facts.DuplicateKey = s.duplicate(b, keys)
	}
	s.keys = s.keys[:o.keys]
	s.keyBuf = s.keyBuf[:o.keyBuf]
}

// smallObject is the number of keys up to which comparing each pair of hashes
// is faster than sorting.
const smallObject = 16

// duplicate reports whether two of the keys are the same.
func (s *JSONScanner) duplicate(b []byte, keys []jsonKey) bool {
	if len(keys) > smallObject {
		slices.SortFunc(keys, func(x, y jsonKey) int {
			if x.hash != y.hash {
				return cmp.Compare(x.hash, y.hash)
			}
			return bytes.Compare(s.bytesOf(b, &x), s.bytesOf(b, &y))
		})
		for i := 1; i < len(keys); i++ {
			if s.sameKey(b, &keys[i-1], &keys[i]) {
				return true
			}
		}
		return false
	}
	for i := 1; i < len(keys); i++ {
		for j := range i {
			if s.sameKey(b, &keys[i], &keys[j]) {
				return true
			}
		}
	}
	return false
}

func (s *JSONScanner) sameKey(b []byte, x, y *jsonKey) bool {
	return x.hash == y.hash && bytes.Equal(s.bytesOf(b, x), s.bytesOf(b, y))
}

// hashKey mixes the length with the first and the last bytes of a key. It need
// not be strong: equal hashes only cost a comparison, and larger objects are
// sorted.
func hashKey(k []byte) uint32 {
	// 2^64 divided by the golden ratio, the multiplier of Fibonacci hashing.
	const mix = 0x9E3779B97F4A7C15
	n := len(k)
	h := uint64(n)
	switch {
	case n >= 8:
		h ^= binary.LittleEndian.Uint64(k) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(k[n-8:]), 29)
	case n >= 4:
		h ^= uint64(binary.LittleEndian.Uint32(k))<<8 ^ uint64(binary.LittleEndian.Uint32(k[n-4:]))<<32
	default:
		for _, c := range k {
			h = h<<8 | uint64(c)
		}
	}
	return uint32(h * mix >> 32)
}
