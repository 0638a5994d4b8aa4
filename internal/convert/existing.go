package convert

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// Existing says what a column is that stands in the target already, beyond its
// Type, and which forms of values it takes. An application reads the column by
// its type, so values count as what the type makes of them: text as the number
// that it writes, a count of microseconds as an interval. What the type cannot
// hold is a misfit as ever. Columns may share one; nothing changes it.
type Existing struct {
	// Grain is the number of microseconds in which the type counts time: 1000
	// for timestamp(3); 0 and 1 are every microsecond. What is finer is cut
	// toward the past, with the note Cut.
	Grain int64
	// Days splits an interval that is given as one number, or as a datetime
	// counted from 1970, into days and a rest of less than a day that is not
	// negative, as Python's timedelta does. Postgres holds both for equal.
	Days bool
	// Labels are those of an Enum.
	Labels map[string]struct{}
	// Elem is what an Array's elements are, ElemOID the OID of their type, which
	// may be a domain's.
	Elem    *Column
	ElemOID uint32
	// Comma takes text for an Array's elements with commas between.
	Comma bool
}

// grain gives the number of microseconds in which the type counts time.
func (c *Column) grain() int64 {
	if c.Existing == nil || c.Existing.Grain < 1 {
		return 1
	}
	return c.Existing.Grain
}

// coarsen cuts microseconds to the grain of the type, toward the past.
func (c *Column) coarsen(micros int64) (out int64, cut bool) {
	g := c.grain()
	if g == 1 {
		return micros, false
	}
	rest := micros % g
	if rest < 0 {
		rest += g
	}
	return micros - rest, rest != 0
}

// Grain gives the microseconds that a time with so many digits of a second's
// fraction counts in: Existing.Grain of timestamp(digits).
func Grain(digits int) int64 {
	g := int64(1)
	for ; digits < maxFraction; digits++ {
		g *= 10
	}
	return g
}

// maxFraction is the number of digits that Postgres keeps of a second.
const maxFraction = 6

// Labels makes the set of an enum's labels.
func Labels(list []string) map[string]struct{} {
	set := make(map[string]struct{}, len(list))
	for _, l := range list {
		set[l] = struct{}{}
	}
	return set
}

// ArrayOf makes the column of an array whose elements are elem, of the type
// with that OID.
func ArrayOf(elem Column, oid uint32) Column {
	return Column{
		Type:     sqltype.Type{Kind: sqltype.Array, Elem: elem.Type.Kind, Name: elem.Type.SQL() + "[]"},
		Existing: &Existing{Elem: &elem, ElemOID: oid},
	}
}
