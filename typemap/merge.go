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
	for _, p := range [...]struct {
		dst *int64
		n   int64
	}{
		{&c.Int01, o.Int01},
		{&c.IntZero, o.IntZero},
		{&c.IntInexact, o.IntInexact},
		{&c.IntFar, o.IntFar},
		{&c.IntDates, o.IntDates},
		{&c.RealInf, o.RealInf},
		{&c.Real01, o.Real01},
		{&c.RealZero, o.RealZero},
		{&c.EmptyText, o.EmptyText},
		{&c.BadText, o.BadText},
		{&c.HexReal, o.HexReal},
		{&c.HexBlank, o.HexBlank},
		{&c.BlobUUID, o.BlobUUID},
		{&c.BlobReal, o.BlobReal},
		{&c.BlobDotNet, o.BlobDotNet},
		{&c.BlobBlank, o.BlobBlank},
		{&c.JSONText, o.JSONText},
		{&c.JSONBText, o.JSONBText},
		{&c.BlobJSON, o.BlobJSON},
		{&c.BlobJSONB, o.BlobJSONB},
		{&c.BlobText, o.BlobText},
		{&c.Times, o.Times},
		{&c.TimesOnDay, o.TimesOnDay},
		{&c.Naive, o.Naive},
		{&c.Zoned, o.Zoned},
		{&c.DateOnly, o.DateOnly},
		{&c.Midnight, o.Midnight},
		{&c.Cut, o.Cut},
		{&c.Decimals, o.Decimals},
		{&c.Ints, o.Ints},
	} {
		*p.dst += p.n
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
