package page

import (
	"bytes"
	"fmt"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Varint gives tests the decoder of variable-length integers; b is padded here.
func Varint(b []byte) (v uint64, width int) {
	return varint(append(append([]byte(nil), b...), make([]byte, padding)...))
}

// DecodeRecord decodes one record of untyped columns; realColumn is a REAL one,
// or -1. The second result says what is wrong, or "".
func DecodeRecord(record []byte, columnN, realColumn int, e Encoding) ([]row.Value, string) {
	l := &Layout{columnN: columnN, alias: -1, absent: make([]row.Value, columnN)}
	for i := range columnN {
		l.slots = append(l.slots, slot{column: int32(i), real: i == realColumn})
		l.absent[i].SetText([]byte("absent"))
		if i == realColumn {
			l.reals = append(l.reals, i)
		}
	}
	padded := append(append([]byte(nil), record...), make([]byte, padding)...)
	d := newDecoder(l, e)
	vals := make([]row.Value, columnN)
	wrong := d.record(padded, len(record), vals)
	// Whatever way a record is decoded, the values are the same.
	ordered := *l
	ordered.inOrder = true
	for _, way := range []func([]row.Value) string{
		func(v []row.Value) string { d := newDecoder(&ordered, e); return d.record(padded, len(record), v) },
		func(v []row.Value) string { d := newDecoder(l, e); return d.long(padded, len(record), v) },
	} {
		if len(record) == 0 {
			break
		}
		again := make([]row.Value, columnN)
		if w := way(again); w != wrong {
			return nil, fmt.Sprintf("%s: %q and %q", Differs, wrong, w)
		}
		for i := range vals {
			if wrong == "" && !same(&vals[i], &again[i]) {
				return nil, fmt.Sprintf("%s: field %d", Differs, i)
			}
		}
	}
	return vals, wrong
}

// Differs begins what DecodeRecord says when two ways to decode do not agree.
const Differs = "decoders differ"

func same(a, b *row.Value) bool {
	switch a.Class {
	case row.Integer, row.Real:
		return a.Class == b.Class && a.Int() == b.Int()
	case row.Null, row.Text, row.Blob:
	}
	return a.Class == b.Class && bytes.Equal(a.Bytes, b.Bytes)
}

// UTF16 converts a text.
func UTF16(b []byte, e Encoding) []byte { return appendUTF8(nil, b, newDecoder(&Layout{}, e).order) }

// ReadAny reads the tree at root as a table of columnN columns.
func ReadAny(root uint32, keyed bool, columnN int) *Layout {
	l := schemaLayout()
	l.Name, l.Root, l.Keyed, l.columnN, l.inOrder = "any", root, keyed, columnN, !keyed
	l.absent, l.slots = make([]row.Value, columnN), l.slots[:0]
	for i := range columnN {
		l.slots = append(l.slots, slot{column: int32(i)})
	}
	return l
}

// ColumnN gives the number of values that readers fill.
func (l *Layout) ColumnN() int { return l.columnN }
