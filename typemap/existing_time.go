package typemap

import (
	"slices"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// times chooses the units of numbers that tell time, and the zone of text that
// names none.
func (d *existing) times() error {
	var judge func(numbers) (form.Unit, error)
	switch d.target.Type.Kind {
	case sqltype.Date, sqltype.Timestamp, sqltype.TimestampTZ:
		judge = d.moment
		d.zone()
	case sqltype.Time, sqltype.TimeTZ:
		judge = d.clock
	case sqltype.Interval:
		judge = d.length
	default:
		return nil
	}
	var err error
	if d.p.has(row.Integer) {
		if d.out.Int, err = judge(d.integers()); err != nil {
			return err
		}
	}
	if d.p.has(row.Real) {
		if d.out.Real, err = judge(d.reals()); err != nil {
			return err
		}
	}
	if d.target.Type.Kind == sqltype.Interval {
		// As Python's timedelta and .NET's TimeSpan have them, and their drivers
		// write them: a program that counts seconds means no days.
		d.out.Existing.Days = d.out.Int != form.Seconds
	}
	return nil
}

func (d *existing) zone() {
	if d.target.Type.Kind != sqltype.TimestampTZ {
		return
	}
	d.out.Zone = d.opt.NaiveZone
	name, why := "UTC", ""
	for _, m := range d.known.Meanings {
		if d.out.Zone == nil && m.Zone != nil {
			d.out.Zone, why = m.Zone, " ("+m.Why+")"
		}
	}
	if d.out.Zone != nil {
		name = d.out.Zone.String()
	}
	if d.p.Naive > 0 {
		d.because(count(d.p.Naive, "naive value") + " taken as " + name + why)
	}
}

// numbers are the numbers of one storage class in a column.
type numbers struct {
	class   row.Class
	n, zero int64
	far     int64   // in the year 9999, in seconds or milliseconds
	bands   []int64 // how many lie in the plausible band of each unit
	banded  bool    // the bands were counted
	digits  int64   // that are a date as YYYYMMDD
	min     float64
	max     float64
	holds   func(form.Unit) bool // the least and the greatest are of the years 1 to 9999
}

func (d *existing) integers() numbers {
	p := d.p
	return numbers{
		class: row.Integer, n: p.Count[row.Integer], zero: p.IntZero, far: p.IntFar, bands: p.IntBands[:], digits: p.IntDates,
		banded: p.Probes&ProbeTimestamp != 0, min: float64(p.MinInt), max: float64(p.MaxInt),
		holds: func(u form.Unit) bool {
			_, _, lo := u.FromInt(p.MinInt)
			_, _, hi := u.FromInt(p.MaxInt)
			return lo && hi
		},
	}
}

func (d *existing) reals() numbers {
	p := d.p
	return numbers{
		class: row.Real, n: p.Count[row.Real], zero: p.RealZero, bands: p.RealBands[:], digits: p.RealBands[form.YYYYMMDD],
		banded: p.Probes&ProbeTimestamp != 0, min: p.MinReal, max: p.MaxReal,
		holds: func(u form.Unit) bool {
			_, _, lo := u.FromReal(p.MinReal)
			_, _, hi := u.FromReal(p.MaxReal)
			return lo && hi
		},
	}
}

// told gives the unit that the user, or else a framework, names for a column.
func (d *existing) told() (u form.Unit, why string) {
	if u, ok := formUnits[d.rule.Form]; ok {
		return u, "--form"
	}
	for _, m := range d.known.Meanings {
		if u, ok := formUnits[m.Form]; ok {
			return u, m.Why
		}
	}
	return form.NoUnit, ""
}

// moment judges in which unit numbers tell moments: what is told, if the values
// allow it, or else what most of them say. That the column holds moments is
// known, so that fewer values need to be plausible than where they might be
// anything.
func (d *existing) moment(x numbers) (form.Unit, error) {
	told, why := d.told()
	plain := form.NoUnit
	if x.banded {
		if u := judge(x.bands, x.n-x.zero-x.far); x.holds(u) && (u != form.YYYYMMDD || x.digits == x.n) {
			plain = u
		}
	}
	switch {
	case told != form.NoUnit && d.rule.Form != "":
		return told, nil
	case told != form.NoUnit && plain != form.NoUnit && told != plain && !noBand[told]:
		return 0, d.unclear(x, "which look like "+unitNames[plain]+", but "+why+" says "+unitNames[told])
	case told != form.NoUnit && x.holds(told):
		d.because(unitNames[told] + ": " + why)
		return told, nil
	case plain != form.NoUnit:
	case !x.banded:
		plain = x.ends()
	default:
		plain = x.most()
	}
	if plain == form.NoUnit {
		return 0, d.unclear(x, "")
	}
	d.because(unitNames[plain] + ", as the values tell")
	return plain, nil
}

// noBand are the units whose numbers look like those of others: no value speaks
// against them.
var noBand = map[form.Unit]bool{form.CoreData: true, form.EpochDays: true}

// most gives the unit that most plausible numbers have, if there are at least
// four of it for each one of another and the column's ends are dates in it.
// Where no number is plausible, those of the year 9999 tell seconds from
// milliseconds, and zeros are the same moment in all units since 1970.
func (x *numbers) most() form.Unit {
	best := form.NoUnit
	for u := form.NoUnit + 1; u < form.UnitN; u++ {
		if x.bands[u] > 0 && x.holds(u) && (best == form.NoUnit || x.bands[u] > x.bands[best]) {
			best = u
		}
	}
	switch {
	case best == form.YYYYMMDD && x.digits != x.n:
		return form.NoUnit
	case best != form.NoUnit:
		if others := sum(x.bands[form.NoUnit+1:]) - x.bands[best]; 4*others > x.bands[best] {
			return form.NoUnit
		}
		return best
	case x.far > 0:
		return x.farUnit()
	case x.zero == x.n:
		return form.Seconds
	}
	return form.NoUnit
}

// farUnit tells the unit of numbers of the year 9999.
func (x *numbers) farUnit() form.Unit {
	const year9999 = 253_370_764_800
	switch {
	case x.holds(form.Seconds):
		return form.Seconds
	case x.max >= year9999*1000 && x.holds(form.Millis):
		return form.Millis
	}
	return form.NoUnit
}

// ends judges by the least and the greatest number alone.
func (x *numbers) ends() form.Unit {
	lo, hi := form.BandReal(x.min), form.BandReal(x.max)
	switch {
	case x.zero == x.n:
		return form.Seconds
	case lo == form.NoUnit && x.holds(hi):
		return hi
	case (hi == form.NoUnit || hi == lo) && x.holds(lo):
		return lo
	}
	return form.NoUnit
}

// unclear tells that the unit of numbers is open.
func (d *existing) unclear(x numbers, why string) error {
	if why == "" {
		why = "whose unit cannot be told"
	}
	if x.class == row.Integer {
		why += ", from " + showInt(d.p.MinInt) + " to " + showInt(d.p.MaxInt)
	} else {
		why += ", from " + showReal(x.min) + " to " + showReal(x.max)
	}
	return d.noFit(NoFitError{
		N: x.n, What: x.class.String() + " value", Why: why,
		Try: "--form " + d.t.Schema.Name + "." + d.col.Name + "=UNIT names it: epoch-s, epoch-ms, epoch-us ...",
	})
}

// clock judges in which unit numbers tell times of day: milliseconds and the
// like since midnight, or on a day that stands for none.
func (d *existing) clock(x numbers) (form.Unit, error) {
	const day, hour = 86_400, 3_600
	if told, why := d.told(); told != form.NoUnit {
		d.because(unitNames[told] + ": " + why)
		return told, nil
	}
	found := form.NoUnit
	for _, c := range [...]struct {
		unit form.Unit
		one  float64
	}{{form.Seconds, 1}, {form.Millis, 1e3}, {form.Micros, 1e6}, {form.Nanos, 1e9}} {
		// A whole column of times after midnight is no column of times.
		if x.max < day*c.one && x.max >= hour*c.one && x.min >= 0 {
			found = c.unit
		}
	}
	if x.zero == x.n {
		found = form.Seconds
	}
	if found == form.NoUnit {
		return found, d.unclear(x, "")
	}
	d.because(spanNames[found] + " since midnight, as the values tell")
	return found, nil
}

// spans tells in which unit programs that a framework made count intervals.
// Elsewhere an integer is as likely one of the others.
var spans = []struct {
	framework string
	unit      form.Unit
	why       string
}{
	{"Django", form.Micros, "DurationField"},
	{"GORM", form.Nanos, "time.Duration"},
	{"xorm", form.Nanos, "time.Duration"},
	{"sqlite-net", form.DotNetTicks, "TimeSpan"},
	{"Drizzle", form.Seconds, "an interval as a number"},
	{"Peewee", form.Seconds, "an interval as a number"},
	{"Sequelize", form.Seconds, "an interval as a number"},
	{"TypeORM", form.Seconds, "an interval as a number"},
	{"Prisma", form.Seconds, "an interval as a number"},
	{"Rails", form.Seconds, "ActiveSupport::Duration"},
	{"Laravel", form.Seconds, "an interval as a number"},
}

// length judges in which unit numbers tell intervals.
func (d *existing) length(x numbers) (form.Unit, error) {
	told, why := d.told()
	if told == form.NoUnit && x.class == row.Real && slices.Contains(d.known.Frameworks, "EF Core") {
		told, why = form.EpochDays, "EF Core's TimeSpan as REAL"
	}
	for _, s := range spans {
		if told == form.NoUnit && slices.Contains(d.known.Frameworks, s.framework) {
			told, why = s.unit, s.framework+": "+s.why
		}
	}
	if x.zero == x.n {
		told, why = form.Seconds, "all 0"
	}
	if told == form.NoUnit {
		return told, d.unclear(x, "")
	}
	d.because("intervals in " + spanNames[told] + ": " + why)
	return told, nil
}

// spanNames are units without an epoch.
var spanNames = map[form.Unit]string{
	form.Seconds: "seconds", form.Millis: "milliseconds", form.Micros: "microseconds", form.Nanos: "nanoseconds",
	form.DotNetTicks: ".NET ticks", form.EpochDays: "days",
}
