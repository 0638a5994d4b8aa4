package typemap

import (
	"math"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Probe says which candidate forms a column's values are tried against. Plain
// columns need none: storage classes, ranges, lengths and UTF-8 are always
// watched.
type Probe uint16

// The probes. Which ones a column gets follows from its declaration.
const (
	ProbeLength    Probe = 1 << iota // characters of text
	ProbeBool                        // boolean words, 0 and 1
	ProbeUUID                        // text and 16-byte blobs
	ProbeJSON                        // text, blobs with JSON text, binary JSONB
	ProbeTime                        // times of day
	ProbeTimestamp                   // dates and datetimes in text; epochs in numbers
	ProbeDecimal                     // digits before and after the point
	ProbeInt                         // text that is exactly an integer
	ProbeBlobText                    // blobs that hold clean UTF-8
)

// exact53 is the largest magnitude up to which every integer is a double.
const exact53 = 1 << 53

// maxJSONDepth is the nesting that a jsonb of a default server surely bears:
// its parser recurses, and max_stack_depth is 2 MB (about 6,000 levels).
const maxJSONDepth = 1000

// maxJSONBBytes keeps well under jsonb's limit of 255 MB for all the strings
// of one array or object.
const maxJSONBBytes = 200 << 20

// dayMicros is a day in microseconds.
const dayMicros = 24 * 60 * 60 * 1e6

// Miss is a reason why a value does not fit a candidate; the first value of
// each kind is kept as an example.
type Miss uint8

// The misses.
const (
	MissNone Miss = iota
	MissUTF8      // text that is not UTF-8
	MissNUL       // text with a NUL byte
	MissBool
	MissUUID
	MissVariant // a UUID whose version or variant bits are those of no UUID
	MissJSON
	MissJSONB // JSON that jsonb would change or refuse
	MissTime
	MissTimestamp
	MissDateOnly // a datetime that is not midnight
	MissDecimal
	MissInt
	MissCut   // a time with digits beyond microseconds
	MissClass // a storage class that the declared type does not expect
	MissNull  // a NULL in a column that promises none
	missN
)

// Column is the profile of one column: what its values are, all of them.
// The zero value is empty; two profiles of parts of a column are merged.
type Column struct {
	Probes Probe
	Count  [row.ClassN]int64

	MinInt, MaxInt int64 // over INTEGER values; valid when Count[Integer] > 0
	Int01          int64 // INTEGER values that are 0 or 1
	IntInexact     int64 // INTEGER values that no double holds
	IntZero        int64

	RealInf, Real01 int64
	MinReal         float64
	MaxReal         float64

	MaxBytes  int64 // longest text or blob
	MaxRunes  int64 // longest text, with ProbeLength
	EmptyText int64
	BadText   int64 // text that Postgres cannot hold: not UTF-8, or NUL

	BoolWords int64
	UUIDText  int64
	UUIDBlob  int64 // blobs of 16 bytes
	UUIDReal  int64 // of both, those with the bits of a real UUID

	JSONText, JSONBText   int64 // text valid for json, and for jsonb without loss
	BlobJSON, BlobJSONB   int64 // blobs that are JSON text, and binary JSONB
	BlobText              int64
	Times, TimesOnDay     int64
	Naive, Zoned          int64
	DateOnly, Midnight    int64 // of Naive: without time; with time 00:00:00
	Cut                   int64 // over all temporal forms
	Decimals, Ints        int64
	IntDigits, FracDigits int // widest number before and after the point

	IntBands, RealBands [form.UnitN]int64

	odd  uint8  // storage classes that the declared type does not expect, as bits
	seen uint32 // misses that have an example already
}

// scratch is what a profile needs once per worker, not per column.
type scratch struct {
	json form.JSONScanner
	buf  []byte
}

// add takes one value and tells the first miss that has no example yet.
func (c *Column) add(v *row.Value, s *scratch) Miss {
	c.Count[v.Class]++
	miss := MissNone
	switch v.Class {
	case row.Integer:
		miss = c.addInt(v.Int())
	case row.Real:
		miss = c.addReal(v.Real())
	case row.Text:
		miss = c.addText(v.Bytes, s)
	case row.Blob:
		miss = c.addBlob(v.Bytes, s)
	}
	if c.odd&(1<<v.Class) == 0 || miss != MissNone {
		return miss
	}
	if v.Class == row.Null {
		if c.Count[row.Null] <= MaxExamples {
			return MissNull
		}
		return MissNone
	}
	return c.first(MissClass)
}

// first reports m once.
func (c *Column) first(m Miss) Miss {
	if c.seen&(1<<m) != 0 {
		return MissNone
	}
	c.seen |= 1 << m
	return m
}

func (c *Column) addInt(n int64) Miss {
	if c.Count[row.Integer] == 1 {
		c.MinInt, c.MaxInt = n, n
	} else if n < c.MinInt {
		c.MinInt = n
	} else if n > c.MaxInt {
		c.MaxInt = n
	}
	if n == 0 || n == 1 {
		c.Int01++
		if n == 0 {
			c.IntZero++
		}
	} else if c.Probes&ProbeBool != 0 {
		return c.first(MissBool)
	}
	if n > exact53 || n < -exact53 {
		if int64(float64(n)) != n || n == math.MaxInt64 {
			c.IntInexact++
		}
	}
	if c.Probes&ProbeTimestamp != 0 {
		c.IntBands[form.Band(n)]++
	}
	return MissNone
}

func (c *Column) addReal(f float64) Miss {
	if c.Count[row.Real] == 1 {
		c.MinReal, c.MaxReal = f, f
	} else {
		c.MinReal, c.MaxReal = min(c.MinReal, f), max(c.MaxReal, f)
	}
	if math.IsInf(f, 0) {
		c.RealInf++
		return c.first(MissDecimal)
	}
	if f == 0 || f == 1 {
		c.Real01++
	}
	if c.Probes&ProbeDecimal != 0 {
		c.noteDigits(form.FloatDecimal(f))
	}
	if c.Probes&ProbeTimestamp != 0 {
		c.RealBands[form.BandReal(f)]++
	}
	if c.Probes&ProbeBool != 0 && f != 0 && f != 1 {
		return c.first(MissBool)
	}
	return MissNone
}

func (c *Column) addText(b []byte, s *scratch) Miss {
	c.MaxBytes = max(c.MaxBytes, int64(len(b)))
	if len(b) == 0 {
		c.EmptyText++
	}
	ok, _, nul := form.ValidText(b)
	if !ok {
		c.BadText++
		if nul {
			return c.first(MissNUL)
		}
		return c.first(MissUTF8)
	}
	if c.Probes == 0 {
		return MissNone
	}
	if c.Probes&ProbeLength != 0 {
		c.MaxRunes = max(c.MaxRunes, int64(form.RuneCount(b)))
	}
	miss := MissNone
	note := func(m Miss) {
		if m != MissNone && miss == MissNone {
			miss = m
		}
	}
	if c.Probes&ProbeBool != 0 {
		if _, ok := form.ParseBool(b); ok {
			c.BoolWords++
		} else {
			note(c.first(MissBool))
		}
	}
	if c.Probes&ProbeUUID != 0 {
		note(c.tryUUID(b))
	}
	if c.Probes&ProbeJSON != 0 {
		note(c.tryJSON(b, s))
	}
	if c.Probes&(ProbeTimestamp|ProbeTime) != 0 {
		note(c.tryTemporal(b))
	}
	if c.Probes&(ProbeDecimal|ProbeInt) != 0 {
		note(c.tryNumber(b))
	}
	return miss
}

func (c *Column) tryUUID(b []byte) Miss {
	u, _, ok := form.ParseUUID(b)
	if !ok {
		return c.first(MissUUID)
	}
	c.UUIDText++
	if !form.UUIDVariant(u) {
		return c.first(MissVariant)
	}
	c.UUIDReal++
	return MissNone
}

func (c *Column) tryJSON(b []byte, s *scratch) Miss {
	f := s.json.ScanJSON(b)
	if !f.Valid || f.NulEscape || f.LoneSurrogate || f.Depth > maxJSONDepth {
		return c.first(MissJSON)
	}
	c.JSONText++
	if f.DuplicateKey || f.HugeNumber || len(b) > maxJSONBBytes {
		return c.first(MissJSONB)
	}
	c.JSONBText++
	return MissNone
}

func (c *Column) tryTemporal(b []byte) Miss {
	if c.Probes&ProbeTime != 0 {
		if _, cut, ok := form.ParseTime(b); ok {
			c.Times++
			return c.noteCut(cut)
		}
	}
	t, ok := form.ParseTimestamp(b)
	if !ok {
		if c.Probes&ProbeTime != 0 {
			return c.first(MissTime)
		}
		return c.first(MissTimestamp)
	}
	if t.Zoned {
		c.Zoned++
		return c.noteCut(t.Cut)
	}
	c.Naive++
	if _, _, ok := form.ParseTimeOnDay(b); ok && c.Probes&ProbeTime != 0 {
		c.TimesOnDay++
	}
	switch {
	case t.DateOnly:
		c.DateOnly++
	case t.Micros%dayMicros == 0 && !t.Cut:
		c.Midnight++
	default:
		if m := c.first(MissDateOnly); m != MissNone {
			return m
		}
	}
	return c.noteCut(t.Cut)
}

func (c *Column) noteCut(cut bool) Miss {
	if !cut {
		return MissNone
	}
	c.Cut++
	return c.first(MissCut)
}

func (c *Column) tryNumber(b []byte) Miss {
	if _, ok := form.CanonicalInt(b); ok {
		c.Ints++
	} else if c.Probes&ProbeInt != 0 && c.Probes&ProbeDecimal == 0 {
		return c.first(MissInt)
	}
	if c.Probes&ProbeDecimal != 0 {
		d, ok := form.ParseDecimal(b)
		if !ok || d.Special != form.Finite || !d.Fits(0, 0) {
			return c.first(MissDecimal)
		}
		c.Decimals++
		c.noteDigits(d)
	}
	return MissNone
}

func (c *Column) noteDigits(d form.Decimal) {
	whole, frac := d.Digits()
	c.IntDigits, c.FracDigits = max(c.IntDigits, whole), max(c.FracDigits, frac)
}

func (c *Column) addBlob(b []byte, s *scratch) Miss {
	c.MaxBytes = max(c.MaxBytes, int64(len(b)))
	miss := MissNone
	if c.Probes&ProbeUUID != 0 {
		if len(b) == 16 {
			c.UUIDBlob++
			if form.UUIDVariant([16]byte(b)) {
				c.UUIDReal++
			} else {
				miss = c.first(MissVariant)
			}
		} else {
			miss = c.first(MissUUID)
		}
	}
	if c.Probes&ProbeBlobText != 0 {
		if ok, _, _ := form.ValidText(b); ok {
			c.BlobText++
		} else if m := c.first(MissUTF8); miss == MissNone {
			miss = m
		}
	}
	if c.Probes&ProbeJSON != 0 {
		if m := c.tryBlobJSON(b, s); miss == MissNone {
			miss = m
		}
	}
	return miss
}

// tryBlobJSON counts a blob as JSON text, as SQLite's binary JSONB, or both:
// the column's totals decide which of the two its blobs are.
func (c *Column) tryBlobJSON(b []byte, s *scratch) Miss {
	fits := func(j []byte) bool {
		f := s.json.ScanJSON(j)
		return f.Valid && !f.NulEscape && !f.LoneSurrogate && f.Depth <= maxJSONDepth &&
			!f.DuplicateKey && !f.HugeNumber
	}
	hit := false
	if fits(b) {
		c.BlobJSON++
		hit = true
	}
	var ok bool
	if s.buf, ok = form.DecodeJSONB(s.buf[:0], b); ok && fits(s.buf) {
		c.BlobJSONB++
		hit = true
	}
	if !hit {
		return c.first(MissJSON)
	}
	return MissNone
}

// Values gives the number of values that are not NULL.
func (c *Column) Values() int64 {
	return c.Count[row.Integer] + c.Count[row.Real] + c.Count[row.Text] + c.Count[row.Blob]
}

// Rows gives the number of values, NULLs included.
func (c *Column) Rows() int64 { return c.Values() + c.Count[row.Null] }

// has tells whether values of a class occur.
func (c *Column) has(k row.Class) bool { return c.Count[k] > 0 }
