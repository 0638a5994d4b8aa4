// Package row holds one SQLite row as the readers hand it over: values with
// their storage class, and the interface that every row reader implements.
//
// It knows nothing about files, pages or Postgres and never allocates per row.
package row

import "math"

// Class is the storage class of one value (SQLite file format, section 2.1;
// "Datatypes in SQLite", section 2).
type Class uint8

// The five storage classes. The zero Value is NULL.
const (
	Null Class = iota
	Integer
	Real
	Text
	Blob
)

// ClassN is the number of storage classes, for arrays indexed by Class.
const ClassN = 5

// String gives the name that SQLite's typeof() uses.
func (c Class) String() string {
	switch c {
	case Null:
		return "null"
	case Integer:
		return "integer"
	case Real:
		return "real"
	case Text:
		return "text"
	case Blob:
		return "blob"
	}
	return "invalid"
}

// Value is one cell of a row. Bytes holds the content of a text (UTF-8, not
// checked) or blob and is valid only until the reader's next call.
type Value struct {
	Bytes []byte
	bits  uint64
	Class Class
}

// Int gives the number of an INTEGER value.
func (v *Value) Int() int64 { return int64(v.bits) } //nolint:gosec // the same 64 bits, kept as stored

// Real gives the number of a REAL value. It is never NaN: SQLite stores NaN as NULL.
func (v *Value) Real() float64 { return math.Float64frombits(v.bits) }

// SetNull makes v a NULL.
func (v *Value) SetNull() { v.Class = Null; v.Bytes = nil }

// SetInt makes v an INTEGER.
func (v *Value) SetInt(n int64) {
	v.Class = Integer
	v.bits = uint64(n) //nolint:gosec // the same 64 bits, kept as stored
	v.Bytes = nil
}

// SetReal makes v a REAL.
func (v *Value) SetReal(f float64) { v.Class = Real; v.bits = math.Float64bits(f); v.Bytes = nil }

// SetBits makes v a value of a class that has no bytes, of the 64 bits that Int or
// Real read; for readers that have both at hand and no time.
func (v *Value) SetBits(c Class, bits uint64) {
	v.Class, v.bits = c, bits
	if v.Bytes != nil { // seldom: the values of a column are alike
		v.Bytes = nil
	}
}

// SetText makes v a TEXT that borrows b.
func (v *Value) SetText(b []byte) { v.Class = Text; v.Bytes = b }

// SetBlob makes v a BLOB that borrows b.
func (v *Value) SetBlob(b []byte) { v.Class = Blob; v.Bytes = b }

// Reader yields the rows of one unit (a range of one table), in storage order.
type Reader interface {
	// Next fills vals, one per column of the table in declaration order
	// (generated columns included), and reports whether there was a row.
	// Text and blob bytes are valid until the next call of Next or Close.
	// rowid is the row's rowid, or its ordinal in the unit for WITHOUT ROWID
	// tables and views.
	Next(vals []Value) (rowid int64, ok bool, err error)
	// Close releases the reader. It may be called more than once.
	Close() error
}
