package pgcopy

import (
	"encoding/binary"
	"errors"
)

// ErrFields says that bytes are not a sequence of COPY fields.
var ErrFields = errors.New("malformed COPY fields")

// Fields walks over the fields of one tuple without copying or allocating:
//
//	for it := pgcopy.NewFields(tuple); it.Next(); {
//		use(it.Value())
//	}
type Fields struct {
	rest  []byte
	value []byte
	err   error
}

// NewFields begins a walk over fields, a sequence of fields as the encoders
// append them and as Scanner hands them over. The bytes are borrowed.
func NewFields(fields []byte) Fields {
	return Fields{rest: fields}
}

// Next goes to the next field. It is false at the end and at bytes that are
// not a field: Err tells which.
func (f *Fields) Next() bool {
	f.value = nil
	if len(f.rest) == 0 {
		return false
	}
	if len(f.rest) < lenSize {
		return f.fail()
	}
	n := fieldLen(f.rest)
	f.rest = f.rest[lenSize:]
	switch {
	case n == nullLen:
		return true
	case n < 0 || n > len(f.rest):
		return f.fail()
	}
	f.value, f.rest = f.rest[:n:n], f.rest[n:]
	return true
}

func (f *Fields) fail() bool {
	f.rest, f.err = nil, ErrFields
	return false
}

// Value gives the value of the field without its length: nil for NULL, not nil
// but empty for an empty value. It is a part of the bytes given to NewFields.
func (f *Fields) Value() []byte { return f.value }

// Err gives ErrFields when the walk ended before the end of the bytes.
func (f *Fields) Err() error { return f.err }

// fieldLen reads the length at the start of b.
func fieldLen(b []byte) int {
	return int(int32(binary.BigEndian.Uint32(b))) //nolint:gosec // signed on the wire
}
