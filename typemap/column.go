package typemap

import (
	"math"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Miss is a reason why a value does not fit a candidate; the first value of
// each kind is kept as an example.
type Miss uint8

// The misses.
const (
	MissUTF8 Miss = iota // text that is not UTF-8
	MissNUL              // text with a NUL byte
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
	MissCut   // text of a time with digits beyond microseconds
	MissClass // a storage class that the declared type does not expect
	MissNull  // a NULL in a column that promises none
	MissBytes // a blob that is not clean UTF-8
	missN
)

// Column is the profile of one column: what its values are, all of them.
// The zero value is empty; the profiles of parts of a column are merged.
// Counters of a form are only kept with its probe.
type Column struct {
	Probes Probe
	Count  [row.ClassN]int64

	MinInt, MaxInt int64 // over INTEGER values; valid when Count[Integer] > 0
	Int01, IntZero int64 // INTEGER values that are 0 or 1; that are 0
	IntInexact     int64 // INTEGER values that no double holds
	IntFar         int64 // INTEGER values of the year 9999 in s or ms, see far
	IntDates       int64 // INTEGER values that are a date as YYYYMMDD

	MinReal, MaxReal          float64 // valid when Count[Real] > 0
	RealInf, Real01, RealZero int64

	Bytes     int64 // of all texts and blobs
	MaxBytes  int64 // longest text or blob
	MaxRunes  int64 // longest text in characters, with ProbeLength
	EmptyText int64
	BadText   int64 // text that Postgres cannot hold: not UTF-8, or NUL
	WideText  int64 // other text that is not all ASCII

	BoolWords [form.BoolWordN]int64
	UUIDs     [form.UUIDFormN]int64 // text, by layout
	// Of Hex32 text and of blobs of 16 bytes: those with the bits of a real
	// UUID, and the nil and max UUIDs, which have none. DotNet counts blobs
	// with these bits in the byte order of .NET.
	HexReal, HexBlank                         int64
	BlobUUID, BlobReal, BlobDotNet, BlobBlank int64

	JSONText, JSONBText int64 // text that fits json, and jsonb
	BlobJSON, BlobJSONB int64 // blobs that are JSON text, and binary JSONB
	BlobText            int64

	Times, TimesOnDay  int64 // texts: times of day; the same on 2000-01-01
	Naive, Zoned       int64 // texts: dates and datetimes without a zone, and with
	DateOnly, Midnight int64 // of Naive: without time; with time 00:00:00
	Cut                int64 // of all these texts
	MinTime, MaxTime   int64 // over Naive and Zoned, in microseconds since 2000

	Decimals, Ints        int64 // texts that are finite decimals, canonical integers
	IntDigits, FracDigits int   // of decimals: most digits before and after the point

	IntBands, RealBands [form.UnitN]int64

	forgot Probe // see Forget

	odd   uint8  // storage classes that the declared type does not expect, as bits
	seen  uint32 // misses that have an example already, as bits
	fresh uint32 // misses of the value at hand that want it as an example
}

// scratch is what a profile needs once per worker, not per column.
type scratch struct {
	json form.JSONScanner
	buf  []byte
}

// addOdd takes a value as an example of a class that the declared type does
// not expect. The first such value of any class is enough; NULLs have their own
// examples.
func (c *Column) addOdd(k row.Class) {
	if k == row.Null {
		if c.Count[row.Null] <= MaxExamples {
			c.fresh |= 1 << MissNull
		}
		return
	}
	c.first(MissClass)
	c.odd &= 1 << row.Null
}

// first takes the value as an example of a miss that has none.
func (c *Column) first(m Miss) {
	c.fresh |= 1 << m &^ c.seen
	c.seen |= 1 << m
}

func (c *Column) addInt(n int64) {
	if n < c.MinInt || n > c.MaxInt {
		c.widenInt(n)
	}
	if n>>1 == 0 {
		c.Int01++
		c.IntZero += 1 - n
	} else if c.Probes&ProbeBool != 0 {
		c.first(MissBool)
	}
	const exact53 = 1 << 53                                       // up to here every integer is a double
	if uint64(n+exact53) > 2*exact53 && !convert.ExactDouble(n) { //nolint:gosec // beyond on either side
		c.IntInexact++
	}
	if c.Probes&ProbeTimestamp != 0 {
		c.tryEpoch(n)
	}
}

// widenInt takes n into the range, which is 0 to 0 while there is none.
func (c *Column) widenInt(n int64) {
	if c.Count[row.Integer] == 1 {
		c.MinInt, c.MaxInt = n, n
	}
	c.MinInt, c.MaxInt = min(c.MinInt, n), max(c.MaxInt, n)
}

// tryEpoch counts n as a time.
func (c *Column) tryEpoch(n int64) {
	if far(n) {
		c.IntFar++
	} else {
		c.IntBands[form.Band(n)]++
	}
	if _, _, ok := form.YYYYMMDD.FromInt(n); ok {
		c.IntDates++
	}
}

// far tells whether n may be a "never" in the year 9999, counted in seconds
// or milliseconds. The same number is a time of 11 January 1978 in a unit a
// thousand times finer, so such a number says nothing about the unit.
func far(n int64) bool {
	const from, to = 253_370_764_800, 253_402_300_800 // the year 9999 in Unix seconds
	return n >= from && n < to || n >= from*1000 && n < to*1000
}

func (c *Column) addReal(f float64) {
	if f < c.MinReal || f > c.MaxReal || f == 0 {
		c.widenReal(f)
	}
	switch {
	case f == 0:
		c.RealZero++
		c.Real01++
	case f == 1:
		c.Real01++
	default:
		if c.Probes&ProbeBool != 0 {
			c.first(MissBool)
		}
	}
	if math.IsInf(f, 0) {
		c.RealInf++
		c.first(MissDecimal)
		return
	}
	if c.Probes&ProbeDecimal != 0 {
		c.noteReal(f)
	}
	if c.Probes&ProbeTimestamp != 0 {
		c.RealBands[form.BandReal(f)]++
	}
}

// widenReal takes f into the range, which is 0 to 0 while there is none. Zeros
// come here because -0.0 is the smaller one.
func (c *Column) widenReal(f float64) {
	if c.Count[row.Real] == 1 {
		c.MinReal, c.MaxReal = f, f
	}
	c.MinReal, c.MaxReal = min(c.MinReal, f), max(c.MaxReal, f)
}

// noteReal notes the digits of f's shortest decimal. Most values have no more
// than those before them, and that is quickly shown: a whole number of at most
// 15 digits, divided by a power of ten that is an exact double, rounds to f,
// so that quotient is f's shortest decimal (see pgcopy.AppendNumericFloat).
func (c *Column) noteReal(f float64) {
	a := math.Abs(f)
	if c.IntDigits < len(convert.Pow10) && c.FracDigits < len(convert.Pow10) && a < convert.Pow10[c.IntDigits] {
		scale := convert.Pow10[c.FracDigits]
		if product := a * scale; product < 1e15 {
			if whole := int64(product + 0.5); whole < 1e15 && float64(whole)/scale == a {
				return
			}
		}
	}
	c.noteDigits(form.FloatDecimal(f))
}

func (c *Column) noteDigits(d form.Decimal) {
	whole, frac := d.Digits()
	c.IntDigits, c.FracDigits = max(c.IntDigits, whole), max(c.FracDigits, frac)
}

// Values gives the number of values that are not NULL.
func (c *Column) Values() int64 {
	return c.Count[row.Integer] + c.Count[row.Real] + c.Count[row.Text] + c.Count[row.Blob]
}

// ASCII tells that all texts are ASCII without a NUL byte.
func (c *Column) ASCII() bool { return c.BadText+c.WideText == 0 }

// Rows gives the number of values, NULLs included.
func (c *Column) Rows() int64 { return c.Values() + c.Count[row.Null] }

// has tells whether values of a class occur.
func (c *Column) has(k row.Class) bool { return c.Count[k] > 0 }

// boolWords gives the number of texts that are booleans.
func (c *Column) boolWords() int64 { return sum(c.BoolWords[form.NotBool+1:]) }

// uuidText gives the number of texts that are UUIDs.
func (c *Column) uuidText() int64 { return sum(c.UUIDs[form.NotUUID+1:]) }

func sum(list []int64) int64 {
	n := int64(0)
	for _, x := range list {
		n += x
	}
	return n
}
