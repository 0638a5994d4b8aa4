package page

import (
	"encoding/binary"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// number is how a field of a serial type below serialBytes is read from the eight
// bytes that begin where it does: shifted, masked, and with a constant added.
type number struct {
	mask, add uint64
	shift     uint8
	size      uint8
	class     row.Class
}

// numbers are those of all serial types that a record may have. A table instead
// of branches: what comes next is hard to guess in columns that mix NULL, small
// integers and REAL.
var numbers = [16]number{
	0: {class: row.Null},
	1: {mask: 1<<64 - 1, shift: 56, size: 1, class: row.Integer},
	2: {mask: 1<<64 - 1, shift: 48, size: 2, class: row.Integer},
	3: {mask: 1<<64 - 1, shift: 40, size: 3, class: row.Integer},
	4: {mask: 1<<64 - 1, shift: 32, size: 4, class: row.Integer},
	5: {mask: 1<<64 - 1, shift: 16, size: 6, class: row.Integer},
	6: {mask: 1<<64 - 1, size: 8, class: row.Integer},
	7: {mask: 1<<64 - 1, size: 8, class: row.Real},
	8: {class: row.Integer},
	9: {add: 1, class: row.Integer},
}

// fields decodes a record whose fields are the values, in order, where all its
// serial types have at most two bytes, as in most records. It gives the number of
// fields, and -1 for other records and for wrong ones: decoder.record has the last
// word about those. Texts of UTF-16 and integers of REAL columns are left as they
// are stored. data must reach padding bytes beyond size.
func fields(data []byte, size int, vals []row.Value) int {
	const other = -1
	end := int(data[0])
	if end == 0 || end >= 0x80 || end > size {
		return other
	}
	pos, body := 1, end
	for i := range vals {
		if pos >= end {
			if pos != end || body != size {
				return other
			}
			return i
		}
		t := uint(data[pos])
		pos++
		if t >= 0x80 {
			low := uint(data[pos])
			if low >= 0x80 {
				return other
			}
			t = t&0x7f<<7 | low
			pos++
		}
		v := &vals[i]
		if t >= serialBytes {
			next := body + int((t-serialBytes)>>1)
			if next > size {
				return other
			}
			v.Class = row.Blob - row.Class(t&1)
			v.Bytes = data[body:next:next]
			body = next
			continue
		}
		n := &numbers[t&15]
		bits := binary.BigEndian.Uint64(data[body:])
		if body += int(n.size); body > size || t > serialOne {
			return other
		}
		if bits<<1 > infinity<<1 && t == serialReal { // NaN
			return other
		}
		v.SetBits(n.class, uint64(int64(bits)>>(n.shift&63))&n.mask|n.add) //nolint:gosec // the same bits
	}
	if pos != end || body != size {
		return other
	}
	return len(vals)
}

// infinity is the largest positive REAL. What lies above it, the sign left out, is
// no number.
const infinity = 0x7ff0000000000000
