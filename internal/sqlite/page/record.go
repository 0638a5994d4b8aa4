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

// Bytes of the serial types 1 to 6, and how far an eight-byte load must be
// shifted to give them.
var (
	intSize  = [8]uint8{0, 1, 2, 3, 4, 6, 8}
	intShift = [8]uint8{0, 56, 48, 40, 32, 16, 0}
)

// decoder turns records into values. It is made for one layout and encoding.
type decoder struct {
	layout *Layout
	order  binary.ByteOrder // of UTF-16, or nil
	text   []byte           // converted texts of the present row
}

func newDecoder(l *Layout, e Encoding) decoder {
	d := decoder{layout: l}
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
	d.text = d.text[:0]
	header, pos := uint64(data[0]), 1
	if header >= 0x80 {
		header, pos = varint(data)
	}
	if header < uint64(pos) || header > uint64(size) { //nolint:gosec // both positive
		return "record header does not fit its record"
	}
	end := int(header) //nolint:gosec // at most size
	body := end
	for i := range d.layout.slots {
		if pos >= end {
			d.absent(i, vals)
			break
		}
		s := &d.layout.slots[i]
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
				return "value reaches beyond its record"
			}
			b := data[body : body+int(n) : body+int(n)] //nolint:gosec // at most size
			body += int(n)                              //nolint:gosec // at most size
			if t&1 == 0 {
				v.SetBlob(b)
			} else if d.order == nil {
				v.SetText(b)
			} else {
				v.SetText(d.utf8(b))
			}
			continue
		}
		if t == serialNull {
			v.SetNull()
			continue
		}
		n, ok := number(v, t, data[body:], s.real)
		if body += n; !ok || body > size {
			return wrongNumber(ok)
		}
	}
	if pos > end || pos == end && body != size {
		return "record header does not match its record"
	}
	return ""
}

// number decodes a number and gives its width. b reaches eight bytes beyond the
// record, so whether the number itself did is for the caller to check.
func number(v *row.Value, t uint64, b []byte, asReal bool) (width int, ok bool) {
	var n int64
	switch {
	case t <= serialInt64:
		n = int64(binary.BigEndian.Uint64(b)) >> intShift[t] //nolint:gosec // the same bits
		width = int(intSize[t])
	case t == serialReal:
		f := math.Float64frombits(binary.BigEndian.Uint64(b))
		if f != f { //nolint:gocritic // NaN, which SQLite reads as NULL
			v.SetNull()
		} else {
			v.SetReal(f)
		}
		return 8, true
	case t == serialZero, t == serialOne:
		n = int64(t - serialZero) //nolint:gosec // 0 or 1
	default:
		return 0, false
	}
	if asReal {
		v.SetReal(float64(n))
	} else {
		v.SetInt(n)
	}
	return width, true
}

func wrongNumber(known bool) string {
	if known {
		return "value reaches beyond its record"
	}
	return "reserved serial type"
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
