package pgcopy

import (
	"encoding/binary"
	"math"
)

// AppendNull appends a NULL of any type.
func AppendNull(dst []byte) []byte {
	return append(dst, 0xff, 0xff, 0xff, 0xff)
}

// AppendBool appends a boolean.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 0, 0, 0, 1, 1)
	}
	return append(dst, 0, 0, 0, 1, 0)
}

// AppendInt2 appends a smallint.
func AppendInt2(dst []byte, n int16) []byte {
	return append(dst, 0, 0, 0, 2, byte(n>>8), byte(n)) //nolint:gosec // taken apart into bytes
}

// AppendInt4 appends an integer.
func AppendInt4(dst []byte, n int32) []byte {
	return binary.BigEndian.AppendUint64(dst, 4<<32|be(int64(n))&math.MaxUint32)
}

// AppendInt8 appends a bigint.
func AppendInt8(dst []byte, n int64) []byte {
	return append8(dst, be(n))
}

// AppendFloat4 appends a real. Negative zero, the infinities and the bits of
// a NaN are kept.
func AppendFloat4(dst []byte, f float32) []byte {
	return binary.BigEndian.AppendUint64(dst, 4<<32|uint64(math.Float32bits(f)))
}

// AppendFloat8 appends a double precision. Negative zero, the infinities and
// the bits of a NaN are kept.
func AppendFloat8(dst []byte, f float64) []byte {
	return append8(dst, math.Float64bits(f))
}

// append8 appends a field of 8 bytes. One append of 12 bytes checks the
// capacity once.
func append8(dst []byte, v uint64) []byte {
	//nolint:gosec // taken apart into bytes
	return append(dst, 0, 0, 0, 8,
		byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32),
		byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}
