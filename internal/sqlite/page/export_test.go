package page

import "github.com/litehaul/litehaul/internal/sqlite/row"

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
	}
	d := newDecoder(l, e)
	vals := make([]row.Value, columnN)
	return vals, d.record(append(append([]byte(nil), record...), make([]byte, padding)...), len(record), vals)
}

// UTF16 converts a text.
func UTF16(b []byte, e Encoding) []byte { return appendUTF8(nil, b, newDecoder(&Layout{}, e).order) }

// ReadAny reads the tree at root as a table of columnN columns.
func ReadAny(root uint32, keyed bool, columnN int) *Layout {
	l := schemaLayout()
	l.Name, l.Root, l.Keyed, l.columnN = "any", root, keyed, columnN
	l.absent, l.slots = make([]row.Value, columnN), l.slots[:0]
	for i := range columnN {
		l.slots = append(l.slots, slot{column: int32(i)})
	}
	return l
}

// ColumnN gives the number of values that readers fill.
func (l *Layout) ColumnN() int { return l.columnN }
