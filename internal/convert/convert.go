// Package convert turns one SQLite value into one field of a Postgres binary
// COPY, by the type and form that were decided for its column.
//
// It is the only place where a value changes its clothes: the load, the trial
// before it, the key checks and the fixtures all go through Encoder.Append, so
// that what was proven before writing is what is written. It never guesses,
// and it never changes a value without a Note: what the type does not hold is
// an error, before Postgres sees it.
package convert

import (
	"fmt"
	"time"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// BlobForm tells what the blobs of a column hold.
type BlobForm uint8

// The forms of blobs.
const (
	BlobBytes      BlobForm = iota // bytes; UTF-8 where the type is text or json, RFC order where it is uuid
	BlobJSONText                   // JSON text
	BlobJSONB                      // SQLite's binary JSONB
	BlobDotNetUUID                 // 16 bytes of .NET's Guid.ToByteArray
	BlobText                       // what text would say: the digits of a number, a date
)

// Column says how the values of one column become fields of Type. The zero
// forms are the plain ones.
type Column struct {
	Type sqltype.Type
	// Int and Real are the units in which INTEGER and REAL values tell time,
	// for the temporal types.
	Int, Real form.Unit
	// Zone is where naive datetimes belong when Type is timestamptz; nil is
	// UTC.
	Zone *time.Location
	// Blob tells what blobs hold.
	Blob BlobForm
	// OnDay tells that times of day may stand on 2000-01-01, as Rails writes
	// them.
	OnDay bool
	// Skip leaves the column out: its values become nothing at all.
	Skip bool
	// EmptyNull makes empty text NULL.
	EmptyNull bool
	// Replace puts U+FFFD in the place of bytes that Postgres text cannot
	// hold.
	Replace bool
	// Existing is set where the type is not one that litehaul chose for the
	// values, but stands in the target already.
	Existing *Existing
}

// Note tells what a conversion did beyond carrying the value over.
type Note uint8

// The notes.
const (
	Exact    Note = iota
	Cut           // what was finer than a microsecond was cut
	Replaced      // invalid bytes were replaced by U+FFFD
	Emptied       // empty text became NULL
	Moved         // a wall time that Zone skips was moved over the gap
	Rounded       // binary noise of a double beyond the type's scale was rounded off
	Unzoned       // an offset from UTC was left out: the day, as written, is what counts
)

// Encoder converts values of one column. The zero Encoder with a Column is
// ready. It holds scratch memory and serves one goroutine.
type Encoder struct {
	Column
	buf  []byte
	json form.JSONScanner
	elem *Encoder // of an array's elements
	item []byte   // an element's text
}

// MisfitError is a value that the column's type does not hold.
type MisfitError struct {
	Type  sqltype.Type
	Class row.Class
}

// Error names the type and the storage class; the caller knows the cell.
func (e *MisfitError) Error() string {
	return fmt.Sprintf("%s value does not fit %s", e.Class, e.Type.SQL())
}

// Append appends the field, length and all, that v becomes. The note is Exact
// for a value that arrives as it is. On an error, always a *MisfitError, dst
// is returned as it was.
func (e *Encoder) Append(dst []byte, v *row.Value) ([]byte, Note, error) {
	if e.Skip {
		return dst, Exact, nil
	}
	if v.Class == row.Null {
		return pgcopy.AppendNull(dst), Exact, nil
	}
	if e.EmptyNull && v.Class == row.Text && len(v.Bytes) == 0 {
		return pgcopy.AppendNull(dst), Emptied, nil
	}
	out, note, ok := e.append(dst, v)
	if !ok {
		return dst, Exact, &MisfitError{e.Type, v.Class}
	}
	return out, note, nil
}

// append appends a value that is not NULL. What it returns besides ok is only
// valid when ok is true.
func (e *Encoder) append(dst []byte, v *row.Value) (out []byte, note Note, ok bool) {
	if e.Blob == BlobText && v.Class == row.Blob {
		var text row.Value
		text.SetText(v.Bytes)
		v = &text
	}
	switch e.Type.Kind {
	case sqltype.Int8, sqltype.Int4, sqltype.Int2:
		out, ok = e.appendInt(dst, v)
	case sqltype.Text, sqltype.Varchar, sqltype.Bpchar, sqltype.Citext:
		return e.appendText(dst, v)
	case sqltype.Numeric:
		return e.appendNumeric(dst, v)
	case sqltype.Float8, sqltype.Float4:
		out, ok = e.appendFloat(dst, v)
	case sqltype.Bool:
		out, ok = appendBool(dst, v)
	case sqltype.Bytea:
		out, ok = e.appendBytea(dst, v)
	case sqltype.UUID:
		out, ok = e.appendUUID(dst, v)
	case sqltype.JSON, sqltype.JSONB:
		out, ok = e.appendJSON(dst, v)
	case sqltype.Date, sqltype.Time, sqltype.Timestamp, sqltype.TimestampTZ:
		return e.appendTemporal(dst, v)
	default:
		return e.appendOther(dst, v)
	}
	return out, Exact, ok
}

// appendOther appends a value of a type that litehaul never chooses by itself.
func (e *Encoder) appendOther(dst []byte, v *row.Value) (out []byte, note Note, ok bool) {
	switch e.Type.Kind {
	case sqltype.TimeTZ:
		return e.appendTimeTZ(dst, v)
	case sqltype.Interval:
		return e.appendInterval(dst, v)
	case sqltype.Inet, sqltype.CIDR, sqltype.MacAddr:
		out, ok = e.appendAddress(dst, v)
	case sqltype.Enum:
		out, ok = e.appendEnum(dst, v)
	case sqltype.Array:
		return e.appendArray(dst, v)
	}
	return out, Exact, ok
}

// appendBytea takes the bytes of text too. Numbers have none but in a column
// that litehaul makes, where they stand as they print.
func (e *Encoder) appendBytea(dst []byte, v *row.Value) ([]byte, bool) {
	if e.Existing != nil && (v.Class == row.Integer || v.Class == row.Real) {
		return dst, false
	}
	return pgcopy.AppendBytea(dst, e.bytesOf(v)), true
}

func appendBool(dst []byte, v *row.Value) ([]byte, bool) {
	switch v.Class {
	case row.Integer:
		if n := v.Int(); n == 0 || n == 1 {
			return pgcopy.AppendBool(dst, n == 1), true
		}
	case row.Real:
		if f := v.Real(); f == 0 || f == 1 {
			return pgcopy.AppendBool(dst, f == 1), true
		}
	case row.Text:
		if b, ok := form.ParseBool(v.Bytes); ok {
			return pgcopy.AppendBool(dst, b), true
		}
	}
	return dst, false
}

func (e *Encoder) appendUUID(dst []byte, v *row.Value) ([]byte, bool) {
	switch v.Class {
	case row.Text:
		if u, _, ok := form.ParseUUID(v.Bytes); ok {
			return pgcopy.AppendUUID(dst, u), true
		}
	case row.Blob:
		switch {
		case len(v.Bytes) != 16:
		case e.Blob == BlobDotNetUUID:
			return pgcopy.AppendUUID(dst, form.DotNetUUID(v.Bytes)), true
		default:
			return pgcopy.AppendUUID(dst, [16]byte(v.Bytes)), true
		}
	}
	return dst, false
}
