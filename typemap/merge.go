package typemap

import "github.com/litehaul/litehaul/internal/sqlite/row"

// merge adds the profile of another part of the same column.
func (c *Column) merge(o *Column) {
	c.mergeRanges(o)
	c.seen |= o.seen
	addAll(c.Count[:], o.Count[:])
	addAll(c.BoolWords[:], o.BoolWords[:])
	addAll(c.UUIDs[:], o.UUIDs[:])
	addAll(c.IntBands[:], o.IntBands[:])
	addAll(c.RealBands[:], o.RealBands[:])
	dst, src := c.counters(), o.counters()
	for i := range dst {
		*dst[i] += *src[i]
	}
}

// counters lists all counters that stand alone.
func (c *Column) counters() []*int64 {
	return []*int64{
		&c.Int01, &c.IntZero, &c.IntInexact, &c.IntFar, &c.IntDates,
		&c.RealInf, &c.Real01, &c.RealZero,
		&c.Bytes, &c.EmptyText, &c.BadText, &c.WideText,
		&c.HexReal, &c.HexBlank, &c.BlobUUID, &c.BlobReal, &c.BlobDotNet, &c.BlobBlank,
		&c.JSONText, &c.JSONBText, &c.BlobJSON, &c.BlobJSONB, &c.BlobText,
		&c.Times, &c.TimesOnDay, &c.Naive, &c.Zoned, &c.DateOnly, &c.Midnight, &c.Cut,
		&c.Decimals, &c.Ints,
	}
}

// mergeRanges joins the smallest and largest values. It comes before the
// counts, which tell whether there are any.
func (c *Column) mergeRanges(o *Column) {
	if o.has(row.Integer) {
		if !c.has(row.Integer) {
			c.MinInt, c.MaxInt = o.MinInt, o.MaxInt
		}
		c.MinInt, c.MaxInt = min(c.MinInt, o.MinInt), max(c.MaxInt, o.MaxInt)
	}
	if o.has(row.Real) {
		if !c.has(row.Real) {
			c.MinReal, c.MaxReal = o.MinReal, o.MaxReal
		}
		c.MinReal, c.MaxReal = min(c.MinReal, o.MinReal), max(c.MaxReal, o.MaxReal)
	}
	if o.Naive+o.Zoned > 0 {
		if c.Naive+c.Zoned == 0 {
			c.MinTime, c.MaxTime = o.MinTime, o.MaxTime
		}
		c.MinTime, c.MaxTime = min(c.MinTime, o.MinTime), max(c.MaxTime, o.MaxTime)
	}
	c.MaxBytes = max(c.MaxBytes, o.MaxBytes)
	c.MaxRunes = max(c.MaxRunes, o.MaxRunes)
	c.IntDigits, c.FracDigits = max(c.IntDigits, o.IntDigits), max(c.FracDigits, o.FracDigits)
}

func addAll(dst, src []int64) {
	for i, n := range src {
		dst[i] += n
	}
}
