package typemap

import (
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func (d *decider) tryBool() bool {
	if d.p.allBool() {
		d.set(sqltype.Bool)
		return true
	}
	d.out.Why = d.missed("not all values are booleans", MissBool)
	return d.decl.Tiny && d.tryInt(FamilyInt2)
}

func (c *Column) allBool() bool {
	return c.Int01 == c.Count[row.Integer] && c.Real01 == c.Count[row.Real] &&
		c.boolWords() == c.Count[row.Text] && !c.has(row.Blob)
}

// intRange gives the range of an integer type.
func intRange(k sqltype.Kind) (lo, hi int64) {
	switch k {
	case sqltype.Int2:
		return -1 << 15, 1<<15 - 1
	case sqltype.Int4:
		return -1 << 31, 1<<31 - 1
	}
	return -1 << 63, 1<<63 - 1
}

func (d *decider) tryInt(f Family) bool {
	p := d.p
	if p.has(row.Real) || p.has(row.Blob) || p.Count[row.Text] != p.Ints {
		return false
	}
	kind := sqltype.Int8
	switch f {
	case FamilyInt2:
		kind = sqltype.Int2
	case FamilyInt4:
		kind = sqltype.Int4
	}
	lo, hi := intRange(kind)
	switch {
	case kind != sqltype.Int8 && p.has(row.Text):
		kind = sqltype.Int8 // the profile has no range of integers in text
	case p.has(row.Integer) && (p.MinInt < lo || p.MaxInt > hi):
		d.because("values from " + showInt(p.MinInt) + " to " + showInt(p.MaxInt) + " do not fit " + kind.String())
		kind = sqltype.Int8
	}
	d.set(kind)
	if p.has(row.Text) {
		d.because(d.mixed())
	}
	return true
}

func (d *decider) tryFloat() bool {
	if d.p.has(row.Text) || d.p.has(row.Blob) || d.p.IntInexact > 0 {
		return false
	}
	d.set(sqltype.Float8)
	return true
}

// maxNumeric is the largest precision that Postgres lets a column declare.
const maxNumeric = 1000

func (d *decider) tryDecimal() bool {
	p := d.p
	if p.has(row.Blob) || p.RealInf > 0 || p.Count[row.Text] != p.Decimals {
		d.out.Why = d.missed("not all values are finite decimals", MissDecimal)
		return false
	}
	d.set(sqltype.Numeric)
	typ := sqltype.Type{Kind: sqltype.Numeric, Precision: d.decl.A, Scale: d.decl.B}
	if typ.Precision == 0 || typ.Precision > maxNumeric || typ.Scale > typ.Precision {
		return true
	}
	if p.fitsScale(typ) {
		d.out.Type = typ
		return true
	}
	d.out.Why = "values of " + count(int64(p.wholeDigits()), "digit") + " before and " +
		count(int64(p.FracDigits), "digit") + " after the point do not fit " + typ.SQL()
	return true
}

// wholeDigits gives the most digits before the point, over all numbers.
func (c *Column) wholeDigits() int {
	return max(c.IntDigits, convert.IntDigits(c.MinInt), convert.IntDigits(c.MaxInt))
}

// fitsScale tells whether a numeric(p,s) holds the digits of all decimals.
func (c *Column) fitsScale(t sqltype.Type) bool {
	return c.wholeDigits() <= t.Precision-t.Scale && c.FracDigits <= t.Scale
}
