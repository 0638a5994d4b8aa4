package page

import (
	"encoding/binary"
	"math"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Serial types (file format, section 2.1).
const (
	serialNull  = 0
	serialInt64 = 6
	serialReal  = 7
	serialZero  = 8
	serialOne   = 9
	serialBytes = 12 // the first of the blobs and texts; those below are reserved
)

// Bytes of the serial types below serialBytes, and how far an eight-byte load
// must be shifted to give an integer.
var (
	numberSize = [serialBytes]uint8{0, 1, 2, 3, 4, 6, 8, 8}
	intShift   = [8]uint8{0, 56, 48, 40, 32, 16}
)

// decoder turns records into values. It is made for one layout and encoding.
type decoder struct {
	layout *Layout
	order  binary.ByteOrder // of UTF-16, or nil
	text   []byte           // converted texts of the present row
	// shuffled is room for the fields of a record that are not the columns in
	// order; nil where they are.
	shuffled []row.Value
}

func newDecoder(l *Layout, e Encoding) decoder {
	d := decoder{layout: l}
	if !l.inOrder {
		d.shuffled = make([]row.Value, len(l.slots))
	}
	switch e {
	case UTF16LE:
		d.order = binary.LittleEndian
	case UTF16BE:
		d.order = binary.BigEndian
	case UTF8:
	}
	return d
}

// record decodes the record in the first size bytes of data; data must reach
// padding bytes further. Texts and blobs point into data, converted texts into
// the decoder. It says what is wrong with the record, or "".
func (d *decoder) record(data []byte, size int, vals []row.Value) (wrong string) {
	if size < 1 {
		return "empty record"
	}
	if d.short(data, size, vals) {
		return ""
	}
	return d.long(data, size, vals)
}

// short decodes what fields can read, which is nearly everything.
func (d *decoder) short(data []byte, size int, vals []row.Value) bool {
	read := vals
	if d.shuffled != nil {
		read = d.shuffled
	}
	n := fields(data, size, read)
	if n < 0 {
		return false
	}
	if d.order != nil {
		d.convert(read[:n])
	}
	if d.shuffled != nil {
		for i, s := range d.layout.slots[:n] {
			vals[s.column] = read[i]
		}
	}
	if n < len(read) {
		d.absent(n, vals)
	}
	for _, i := range d.layout.reals {
		if v := &vals[i]; v.Class == row.Integer {
			v.SetReal(float64(v.Int()))
		}
	}
	return true
}

// convert makes UTF-8 of texts.
func (d *decoder) convert(vals []row.Value) {
	d.text = d.text[:0]
	for i := range vals {
		if v := &vals[i]; v.Class == row.Text {
			v.SetText(d.utf8(v.Bytes))
		}
	}
}

// long decodes any record, field by field.
func (d *decoder) long(data []byte, size int, vals []row.Value) (wrong string) {
	d.text = d.text[:0]
	header, pos := uint64(data[0]), 1
	if header >= 0x80 {
		header, pos = varint(data)
	}
	if header < uint64(pos) || header > uint64(size) { //nolint:gosec // size is at least 1
		return "record header does not fit its record"
	}
	end := int(header) //nolint:gosec // at most size
	body := end
	slots := d.layout.slots
	for i := range slots {
		if pos >= end {
			d.absent(i, vals)
			break
		}
		s := &slots[i]
		v := &vals[s.column]
		t := uint64(data[pos])
		pos++
		if t >= 0x80 {
			var w int
			t, w = varint(data[pos-1:])
			pos += w - 1
		}
		if t >= serialBytes {
			n := (t - serialBytes) >> 1
			if n > uint64(size-body) { //nolint:gosec // body never exceeds size
				return beyond
			}
			b := data[body : body+int(n) : body+int(n)]
			body += int(n)
			switch {
			case t&1 == 0:
				v.SetBlob(b)
			case d.order == nil:
				v.SetText(b)
			default:
				v.SetText(d.utf8(b))
			}
			continue
		}
		// What lies at body can be loaded even where it is beyond the record.
		bits := binary.BigEndian.Uint64(data[body:])
		if body += int(numberSize[t]); body > size {
			return beyond
		}
		if t > serialInt64 || t == serialNull || s.real {
			if wrong := s.number(v, t, bits); wrong != "" {
				return wrong
			}
			continue
		}
		v.SetInt(int64(bits) >> (intShift[t&7] & 63)) //nolint:gosec // the same bits
	}
	if pos > end || pos == end && body != size {
		return "record header does not match its record"
	}
	return ""
}

// beyond is what is wrong with most damaged records.
const beyond = "value reaches beyond its record"

// number sets a value of a type below serialBytes from the eight bytes that begin
// where it does.
func (s *slot) number(v *row.Value, t, bits uint64) (wrong string) {
	switch {
	case t == serialNull:
		v.SetNull()
	case t <= serialInt64:
		if n := int64(bits) >> (intShift[t&7] & 63); s.real { //nolint:gosec // the same bits
			v.SetReal(float64(n))
		} else {
			v.SetInt(n)
		}
	case t == serialReal:
		if f := math.Float64frombits(bits); !math.IsNaN(f) {
			v.SetReal(f)
		} else {
			v.SetNull()
		}
	case t <= serialOne:
		if n := int64(t - serialZero); s.real {
			v.SetReal(float64(n))
		} else {
			v.SetInt(n)
		}
	default:
		return "reserved serial type"
	}
	return ""
}

// absent fills the columns from slot i on, which the record does not have.
func (d *decoder) absent(i int, vals []row.Value) {
	for _, s := range d.layout.slots[i:] {
		vals[s.column] = d.layout.absent[s.column]
	}
}

// utf8 converts a text of this row. What was converted before stays valid when
// the buffer moves.
func (d *decoder) utf8(b []byte) []byte {
	const worst = 3 // bytes for two
	from := len(d.text)
	if need := from + len(b)/2*worst; need > cap(d.text) {
		d.text = make([]byte, 0, max(need, 2*cap(d.text)))
		from = 0
	}
	d.text = appendUTF8(d.text, b, d.order)
	return d.text[from:len(d.text):len(d.text)]
}
