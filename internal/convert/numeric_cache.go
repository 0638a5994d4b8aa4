package convert

import (
	"math"
	"slices"
)

// numericCache keeps the fields that the numbers of one column became. Quantities,
// rates and percentages are few different values, as in three of the four numeric
// columns of TPC-H's lineitem.
// It is direct-mapped, and switches itself off where the values of the column are
// too many. Reading and encoding lineitem takes 270 ns a row with it and 298
// without, orders, where no number comes twice, 162 and 165 (AMD EPYC).
type numericCache struct {
	entries       *[cacheSize]numericEntry // nil: off
	lookupN, hitN int
}

// numericEntry is the field of one number.
type numericEntry struct {
	bits  uint64 // of the number as a double
	width int    // of the field, 0 where there is none
	field [maxKept]byte
}

const (
	cacheBits = 8
	cacheSize = 1 << cacheBits
	maxKept   = 24 // bytes of a field; that of 8 digits before the point and 4 after it has 18
	// cacheTrial is how many lookups decide whether a cache stays: half of them
	// must hit. A miss costs nearly as much, 9 ns, as a hit saves.
	cacheTrial = 512
)

func newNumericCache() numericCache {
	return numericCache{entries: new([cacheSize]numericEntry)}
}

// entry gives the place of a number, and whether its field is there. It must not
// be called when the cache is off.
func (c *numericCache) entry(f float64) (e *numericEntry, ok bool) {
	const spread = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio
	bits := math.Float64bits(f)
	e = &c.entries[bits*spread>>(64-cacheBits)]
	if c.lookupN++; c.lookupN == cacheTrial {
		c.judge()
	}
	if e.bits != bits || e.width == 0 {
		e.bits, e.width = bits, 0
		return e, false
	}
	c.hitN++
	return e, true
}

// judge switches the cache off when it is of little use.
func (c *numericCache) judge() {
	if c.hitN < cacheTrial/2 {
		c.entries = nil
	}
	c.lookupN, c.hitN = 0, 0
}

// append appends the field.
func (e *numericEntry) append(dst []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, maxKept)
	*(*[maxKept]byte)(dst[at : at+maxKept]) = e.field // all of it: one store or two
	return dst[:at+e.width]
}

// keep keeps the field of the number that the entry was given for.
func (e *numericEntry) keep(field []byte) {
	if len(field) <= maxKept {
		e.width = copy(e.field[:], field)
	}
}
