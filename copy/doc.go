// Package pgcopy is the byte layer of PostgreSQL's binary COPY: it encodes
// values as COPY fields, frames them as tuples and streams, and takes a stream
// that COPY TO sends apart again.
//
// The folder is named copy after the command. The package is not, because a
// package named copy would hide Go's builtin wherever it is imported.
//
// Every encoder takes a buffer, appends one whole field to it (the 4-byte
// big-endian length, then the value) and returns the buffer, as append does.
// None allocates when the buffer has room. The bytes are exactly those that
// COPY TO sends for the value once it is stored: that is what makes a digest
// taken while loading comparable with one taken while reading back. Where a
// type lets one value be written in several ways (numeric, character(n), the
// empty array), the encoder writes the one that the server keeps.
//
// The package never decides what a value means, never rounds, never opens a
// connection and does no I/O. A value that the server would refuse (text with
// a NUL byte, a time beyond the day) is encoded as given: the server checks
// every field, and a COPY that meets a bad one loads nothing.
//
// The format is described in the PostgreSQL documentation at COPY, section
// "Binary Format"; the form of each value is that of the type's send function.
package pgcopy

import "encoding/binary"

// MaxFieldLen is the longest field in bytes that a server accepts: one byte
// less than its largest single allocation (MaxAllocSize, 1 GiB - 1). Longer
// values must not be given to an encoder.
const MaxFieldLen = 1<<30 - 2

// nullLen stands in place of a length and means NULL.
const nullLen = -1

// lenSize is the size of the length in front of every field.
const lenSize = 4

// appendLen appends the length of a field.
func appendLen(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(n)) //nolint:gosec // at most MaxFieldLen
}

// be gives the bits of a signed number as the append functions of
// encoding/binary take them.
func be(n int64) uint64 {
	return uint64(n) //nolint:gosec // the same 64 bits, two's complement on the wire
}
