// Package convert turns one SQLite value into one field of a Postgres binary
// COPY, by the type and form that were decided for its column.
//
// It is the only place where a value changes its clothes: the load, the trial
// before it, the key checks and the fixtures all go through Column.Append, so
// that what was proven before writing is what is written. It never rounds and
// never guesses: a value that the type does not hold is an error.
package convert

import (
	"fmt"
	"math"
	"strconv"
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
	BlobBytes    BlobForm = iota // bytes, or UTF-8 where the type is text
	BlobJSONText                 // JSON text
	BlobJSONB                    // SQLite's binary JSONB
)

// Column says how the values of one column become fields of Type.
type Column struct {
	Type sqltype.Type
	// Int and Real are the units in which INTEGER and REAL values tell time,
	// for the temporal types.
	Int, Real form.Unit
	// Zone is where naive datetime text belongs when Type is timestamptz;
	// nil is UTC.
	Zone *time.Location
	// Blob tells what blobs hold.
	Blob BlobForm
	// OnDay tells that times of day stand on 2000-01-01, as Rails writes them.
	OnDay bool
	// EmptyNull makes empty text NULL.
	EmptyNull bool
	// Replace puts U+FFFD in the place of bytes that Postgres text cannot
	// hold.
	Replace bool
}

// Note tells what a conversion did beyond carrying the value over.
type Note uint8

// The notes.
const (
	Exact    Note = iota
	Cut           // digits beyond microseconds were cut
	Replaced      // invalid bytes were replaced by U+FFFD
	Emptied       // empty text became NULL
)

// Encoder converts values of one column. It holds scratch memory and serves
// one goroutine.
type Encoder struct {
	Column
	buf []byte
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
// for a value that arrives as it is. On error dst is returned as it was.
func (e *Encoder) Append(dst []byte, v *row.Value) ([]byte, Note, error) {
	if v.Class == row.Null {
		return pgcopy.AppendNull(dst), Exact, nil
	}
	if e.EmptyNull && v.Class == row.Text && len(v.Bytes) == 0 {
		return pgcopy.AppendNull(dst), Emptied, nil
	}
	var (
		ok   bool
		note Note
		out  []byte
	)
	switch e.Type.Kind {
	case sqltype.Int8, sqltype.Int4, sqltype.Int2:
		out, ok = e.appendInt(dst, v)
	case sqltype.Text, sqltype.Varchar, sqltype.Bpchar, sqltype.Citext:
		out, note, ok = e.appendText(dst, v)
	case sqltype.Numeric:
		out, ok = e.appendNumeric(dst, v)
	case sqltype.Float8, sqltype.Float4:
		out, ok = e.appendFloat(dst, v)
	case sqltype.Bool:
		out, ok = appendBool(dst, v)
	case sqltype.Bytea:
		out, ok = pgcopy.AppendBytea(dst, e.bytesOf(v)), true
	case sqltype.UUID:
		out, ok = appendUUID(dst, v)
	case sqltype.JSON, sqltype.JSONB:
		out, ok = e.appendJSON(dst, v)
	case sqltype.Date, sqltype.Time, sqltype.Timestamp, sqltype.TimestampTZ:
		out, note, ok = e.appendTemporal(dst, v)
	}
	if !ok {
		return dst, Exact, &MisfitError{e.Type, v.Class}
	}
	return out, note, nil
}

func (e *Encoder) appendInt(dst []byte, v *row.Value) ([]byte, bool) {
	n, ok := integer(v)
	if !ok {
		return dst, false
	}
	switch e.Type.Kind {
	case sqltype.Int2:
		if n < math.MinInt16 || n > math.MaxInt16 {
			return dst, false
		}
		return pgcopy.AppendInt2(dst, int16(n)), true
	case sqltype.Int4:
		if n < math.MinInt32 || n > math.MaxInt32 {
			return dst, false
		}
		return pgcopy.AppendInt4(dst, int32(n)), true
	}
	return pgcopy.AppendInt8(dst, n), true
}

// integer gives the integer that a value is, exactly.
func integer(v *row.Value) (int64, bool) {
	switch v.Class {
	case row.Integer:
		return v.Int(), true
	case row.Text:
		return form.CanonicalInt(v.Bytes)
	case row.Real:
		f := v.Real()
		// The upper bound is 2^63, the first double beyond int64.
		if f != math.Trunc(f) || f < math.MinInt64 || f >= -math.MinInt64 || (f == 0 && math.Signbit(f)) {
			return 0, false
		}
		return int64(f), true
	}
	return 0, false
}

func (e *Encoder) appendText(dst []byte, v *row.Value) ([]byte, Note, bool) {
	b := e.bytesOf(v)
	note := Exact
	if v.Class == row.Text || v.Class == row.Blob {
		if ok, _, _ := form.ValidText(b); !ok {
			if !e.Replace {
				return dst, Exact, false
			}
			e.buf = appendReplaced(e.buf[:0], b)
			b, note = e.buf, Replaced
		}
	}
	if e.Type.Length > 0 && len(b) > e.Type.Length && form.RuneCount(b) > e.Type.Length {
		return dst, Exact, false
	}
	return pgcopy.AppendText(dst, b), note, true
}

// bytesOf gives a value's bytes; numbers in their shortest exact decimal form.
// The result is valid until the next call.
func (e *Encoder) bytesOf(v *row.Value) []byte {
	switch v.Class {
	case row.Integer:
		e.buf = strconv.AppendInt(e.buf[:0], v.Int(), 10)
	case row.Real:
		e.buf = AppendReal(e.buf[:0], v.Real())
	default:
		return v.Bytes
	}
	return e.buf
}

// AppendReal writes a double as text: its shortest round-trip digits, always
// with a point or an exponent so that it cannot be taken for an integer.
func AppendReal(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' || c == 'e' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

func (e *Encoder) appendNumeric(dst []byte, v *row.Value) ([]byte, bool) {
	scale := -1
	if e.Type.Precision > 0 {
		scale = e.Type.Scale
	}
	fits := func(d form.Decimal) bool {
		return d.Special == form.Finite && d.Fits(e.Type.Precision, e.Type.Scale)
	}
	switch v.Class {
	case row.Integer:
		if e.Type.Precision > 0 && IntDigits(v.Int()) > e.Type.Precision-e.Type.Scale {
			return dst, false
		}
		return pgcopy.AppendNumericInt(dst, v.Int(), max(scale, 0)), true
	case row.Real:
		f := v.Real()
		if math.IsInf(f, 0) || !fits(form.FloatDecimal(f)) {
			return dst, false
		}
		out, err := pgcopy.AppendNumericFloat(dst, f, scale)
		return out, err == nil
	case row.Text:
		d, ok := form.ParseDecimal(v.Bytes)
		if !ok || !fits(d) {
			return dst, false
		}
		out, err := pgcopy.AppendNumericText(dst, v.Bytes, scale)
		return out, err == nil
	}
	return dst, false
}

// IntDigits counts the decimal digits of n, 0 for 0: what numeric(p,s) has
// p-s of.
func IntDigits(n int64) int {
	digits := 0
	for ; n != 0; n /= 10 {
		digits++
	}
	return digits
}

func (e *Encoder) appendFloat(dst []byte, v *row.Value) ([]byte, bool) {
	var f float64
	switch v.Class {
	case row.Real:
		f = v.Real()
	case row.Integer:
		f = float64(v.Int())
		if f >= -math.MinInt64 || int64(f) != v.Int() {
			return dst, false // beyond 2^53, and no double is this integer
		}
	default:
		return dst, false
	}
	if e.Type.Kind == sqltype.Float8 {
		return pgcopy.AppendFloat8(dst, f), true
	}
	if float64(float32(f)) != f {
		return dst, false
	}
	return pgcopy.AppendFloat4(dst, float32(f)), true
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

func appendUUID(dst []byte, v *row.Value) ([]byte, bool) {
	switch v.Class {
	case row.Text:
		if u, _, ok := form.ParseUUID(v.Bytes); ok {
			return pgcopy.AppendUUID(dst, u), true
		}
	case row.Blob:
		if len(v.Bytes) == 16 {
			return pgcopy.AppendUUID(dst, [16]byte(v.Bytes)), true
		}
	}
	return dst, false
}

func (e *Encoder) appendJSON(dst []byte, v *row.Value) ([]byte, bool) {
	b := v.Bytes
	switch v.Class {
	case row.Integer, row.Real:
		if v.Class == row.Real && math.IsInf(v.Real(), 0) {
			return dst, false
		}
		b = e.bytesOf(v)
	case row.Blob:
		if e.Blob == BlobJSONB {
			var ok bool
			if e.buf, ok = form.DecodeJSONB(e.buf[:0], b); !ok {
				return dst, false
			}
			b = e.buf
		}
	}
	// Postgres checks JSON itself; what it would refuse was found by the
	// profile, with the cell's name.
	if e.Type.Kind == sqltype.JSON {
		return pgcopy.AppendText(dst, b), true
	}
	return pgcopy.AppendJSONB(dst, b), true
}
