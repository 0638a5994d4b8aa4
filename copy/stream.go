package pgcopy

import "encoding/binary"

// Signature opens every binary COPY stream. Its odd bytes show whether
// something on the way changed line ends, cut the eighth bit or dropped NULs.
const Signature = "PGCOPY\n\xff\r\n\x00"

// The header of a stream is the signature, 32 bits of flags and the length of
// an extension area, which is empty in all versions of the format so far.
const (
	// HeaderLen is the size in bytes of the header that AppendHeader writes.
	HeaderLen = len(Signature) + 8
	// TupleHeaderLen is the size in bytes of the field count before a tuple.
	TupleHeaderLen = 2
)

// trailerCount stands in place of a field count and ends the stream.
const trailerCount = -1

// AppendHeader appends the header of a stream.
func AppendHeader(dst []byte) []byte {
	return append(append(dst, Signature...), 0, 0, 0, 0, 0, 0, 0, 0)
}

// AppendTupleHeader begins a tuple of fieldN fields, which the caller appends
// next. A server accepts only as many as the COPY names columns (at most 1600).
func AppendTupleHeader(dst []byte, fieldN int) []byte {
	return binary.BigEndian.AppendUint16(dst, uint16(fieldN)) //nolint:gosec // at most 1600 columns
}

// AppendTrailer ends the stream.
func AppendTrailer(dst []byte) []byte {
	return append(dst, 0xff, 0xff)
}
