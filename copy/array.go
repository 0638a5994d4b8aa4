package pgcopy

import "encoding/binary"

// BeginArray begins a one-dimensional array of n elements of the type elemOID.
// The caller then appends exactly n fields with the other encoders and calls
// EndArray with the mark. hasNull tells whether one of them will be NULL; the
// server sends back what is true, whatever it was told.
//
// An array of no elements has no dimensions, as the server stores it.
func BeginArray(dst []byte, elemOID uint32, hasNull bool, n int) (out []byte, mark int) {
	mark = len(dst)
	var dimN, flags uint32
	if n > 0 {
		dimN = 1
	}
	if hasNull && n > 0 {
		flags = 1
	}
	dst = append(dst, 0, 0, 0, 0) // the length, known at the end
	dst = binary.BigEndian.AppendUint32(dst, dimN)
	dst = binary.BigEndian.AppendUint32(dst, flags)
	dst = binary.BigEndian.AppendUint32(dst, elemOID)
	if n > 0 {
		dst = binary.BigEndian.AppendUint32(dst, uint32(n)) //nolint:gosec // no more than fit a field
		dst = binary.BigEndian.AppendUint32(dst, 1)         // the lower bound
	}
	return dst, mark
}

// EndArray ends the array that BeginArray began at mark: it writes the length.
func EndArray(dst []byte, mark int) []byte {
	n := len(dst) - mark - lenSize
	binary.BigEndian.PutUint32(dst[mark:], uint32(n)) //nolint:gosec // at most MaxFieldLen
	return dst
}
