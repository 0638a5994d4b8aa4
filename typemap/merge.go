package typemap

import (
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// merge adds the profile of another part of the same column.
func (c *Column) merge(o *Column) {
	if o.has(row.Integer) {
		if c.has(row.Integer) {
			c.MinInt, c.MaxInt = min(c.MinInt, o.MinInt), max(c.MaxInt, o.MaxInt)
		} else {
			c.MinInt, c.MaxInt = o.MinInt, o.MaxInt
		}
	}
	if o.has(row.Real) {
		if c.has(row.Real) {
			c.MinReal, c.MaxReal = min(c.MinReal, o.MinReal), max(c.MaxReal, o.MaxReal)
		} else {
			c.MinReal, c.MaxReal = o.MinReal, o.MaxReal
		}
	}
	for i := range c.Count {
		c.Count[i] += o.Count[i]
	}
	for i := range form.UnitN {
		c.IntBands[i] += o.IntBands[i]
		c.RealBands[i] += o.RealBands[i]
	}
	c.MaxBytes = max(c.MaxBytes, o.MaxBytes)
	c.MaxRunes = max(c.MaxRunes, o.MaxRunes)
	c.IntDigits, c.FracDigits = max(c.IntDigits, o.IntDigits), max(c.FracDigits, o.FracDigits)
	c.seen |= o.seen
	for _, p := range [...]struct {
		dst *int64
		n   int64
	}{
		{&c.Int01, o.Int01}, {&c.IntInexact, o.IntInexact}, {&c.IntZero, o.IntZero},
		{&c.RealInf, o.RealInf}, {&c.Real01, o.Real01},
		{&c.EmptyText, o.EmptyText}, {&c.BadText, o.BadText}, {&c.BoolWords, o.BoolWords},
		{&c.UUIDText, o.UUIDText}, {&c.UUIDBlob, o.UUIDBlob}, {&c.UUIDReal, o.UUIDReal},
		{&c.JSONText, o.JSONText}, {&c.JSONBText, o.JSONBText},
		{&c.BlobJSON, o.BlobJSON}, {&c.BlobJSONB, o.BlobJSONB}, {&c.BlobText, o.BlobText},
		{&c.Times, o.Times}, {&c.TimesOnDay, o.TimesOnDay},
		{&c.Naive, o.Naive}, {&c.Zoned, o.Zoned}, {&c.DateOnly, o.DateOnly}, {&c.Midnight, o.Midnight},
		{&c.Cut, o.Cut}, {&c.Decimals, o.Decimals}, {&c.Ints, o.Ints},
	} {
		*p.dst += p.n
	}
}
