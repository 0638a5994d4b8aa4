package typemap

import (
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func (d *decider) tryTime() bool {
	p := d.p
	if p.Times+p.TimesOnDay == p.Count[row.Text] && p.Count[row.Text] == p.Values() {
		d.set(sqltype.Time)
		if p.TimesOnDay > 0 {
			d.out.OnDay = true
			d.out.Why = "times stand on 2000-01-01"
		}
		return true
	}
	if p.Times == 0 && d.tryTimestamp() {
		d.because("values are full datetimes")
		return true
	}
	d.out.Why = d.missed("not all values are times of day", MissTime)
	return false
}

// tryTimestamp judges dates and datetimes: text value by value, numbers by
// one unit for the whole column.
func (d *decider) tryTimestamp() bool {
	p := d.p
	if p.has(row.Blob) || p.Naive+p.Zoned != p.Count[row.Text] {
		d.out.Why = d.missed("not all values are dates or times", MissTimestamp)
		return false
	}
	if !d.units() {
		return false
	}
	epochs, digits := d.numbers()
	days := p.DateOnly+p.Midnight == p.Naive && p.Zoned == 0 && epochs == 0
	isDate := d.decl.Family == FamilyDate
	switch {
	case isDate && days:
		d.set(sqltype.Date)
	case p.Zoned > 0, epochs > 0, d.opt.NaiveZone != nil,
		d.decl.Family == FamilyTimestampTZ && p.Naive+digits == 0:
		d.set(sqltype.TimestampTZ)
		d.out.Zone = d.opt.NaiveZone
		d.out.Why = d.zonedWhy(epochs, p.Naive+digits)
	default:
		d.set(sqltype.Timestamp)
		if d.decl.Family == FamilyTimestampTZ {
			d.out.Why = "no value names a zone"
		}
	}
	if isDate && !days && p.DateOnly+p.Midnight != p.Naive {
		d.because(d.missed("values have a time of day", MissDateOnly))
	}
	return true
}

// numbers counts the values that are epochs, instants in UTC, and those that
// are the digits of a date, which belong to no zone.
func (d *decider) numbers() (epochs, digits int64) {
	for _, x := range [...]struct {
		unit form.Unit
		n    int64
	}{{d.out.Int, d.p.Count[row.Integer]}, {d.out.Real, d.p.Count[row.Real]}} {
		if x.unit == form.YYYYMMDD {
			digits += x.n
		} else {
			epochs += x.n
		}
	}
	return epochs, digits
}

func (d *decider) zonedWhy(epochs, naive int64) string {
	zone := d.opt.zoneName(d.opt.NaiveZone)
	why := ""
	switch {
	case epochs > 0 && d.p.Zoned > 0:
		why = "values with a zone, and " + d.unitName()
	case epochs > 0:
		why = d.unitName()
	case d.p.Zoned > 0:
		why = "values with a zone"
	}
	if naive > 0 {
		if why != "" {
			why += "; "
		}
		why += count(naive, "naive value") + " taken as " + zone
	}
	if why == "" && d.opt.ZoneWhy != "" {
		why = "datetimes belong to " + zone
	}
	return why
}

// units judges in which unit INTEGER and REAL values tell time. It is false
// when that cannot be said for all of them.
func (d *decider) units() bool {
	p := d.p
	if p.has(row.Integer) {
		d.out.Int = p.intUnit()
		if d.out.Int == form.NoUnit {
			d.out.Why = "integers from " + showInt(p.MinInt) + " to " + showInt(p.MaxInt) +
				" may be times, but the unit cannot be told; --form names it"
			return false
		}
	}
	if p.has(row.Real) {
		d.out.Real = p.realUnit()
		if d.out.Real == form.NoUnit {
			d.out.Why = "reals from " + showReal(p.MinReal) + " to " + showReal(p.MaxReal) +
				" may be times, but the unit cannot be told; --form names it"
			return false
		}
	}
	return true
}

// intUnit gives the one unit of a column's integers, or NoUnit.
func (c *Column) intUnit() form.Unit {
	u := judge(c.IntBands[:], c.Count[row.Integer]-c.IntZero-c.IntFar)
	_, _, lo := u.FromInt(c.MinInt)
	_, _, hi := u.FromInt(c.MaxInt)
	if !lo || !hi || u == form.YYYYMMDD && c.IntDates != c.Count[row.Integer] {
		return form.NoUnit
	}
	return u
}

// realUnit gives the one unit of a column's reals, or NoUnit.
func (c *Column) realUnit() form.Unit {
	u := judge(c.RealBands[:], c.Count[row.Real]-c.RealZero)
	_, _, lo := u.FromReal(c.MinReal)
	_, _, hi := u.FromReal(c.MaxReal)
	if !lo || !hi || u == form.YYYYMMDD && c.RealBands[u] != c.Count[row.Real] {
		return form.NoUnit
	}
	return u
}

// judge picks the unit in whose plausible band at least half of a column's
// telling numbers lie (zeros and a "never" in the year 9999 tell nothing),
// unless a tenth of them or more lie in other bands.
func judge(bands []int64, telling int64) form.Unit {
	best := form.NoUnit
	for u := form.NoUnit + 1; u < form.UnitN; u++ {
		if best == form.NoUnit || bands[u] > bands[best] {
			best = u
		}
	}
	others := sum(bands[form.NoUnit+1:]) - bands[best]
	if telling == 0 || bands[best]*2 < telling || others*10 >= telling {
		return form.NoUnit
	}
	return best
}
