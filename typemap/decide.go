package typemap

import (
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Options are the policies that types depend on.
type Options struct {
	Rules Rules
	// NaiveZone, when set, makes naive datetime text timestamptz in that zone.
	NaiveZone *time.Location
	// BadText tells what becomes of text that Postgres cannot hold.
	BadText BadText
}

// BadText is what becomes of a text column with values that Postgres cannot
// hold.
type BadText uint8

// The policies for bad text.
const (
	BadTextKeep    BadText = iota // decide as if it were good: the caller refuses or rejects the rows
	BadTextBytea                  // the column becomes bytea
	BadTextReplace                // U+FFFD in the place of each bad byte
)

// Decision is what one column becomes.
type Decision struct {
	convert.Column
	// Why is "" where the type is the plain one for the declaration, and
	// tells else what made it so.
	Why string
	// Evidence counts the column's values and forms.
	Evidence string
	// Proven tells that the profile has shown every value to fit. A decision
	// that is not proven needs a trial over all values before a row is written.
	Proven bool
	// ByRule tells that the user chose the type.
	ByRule bool
}

// decider decides one column.
type decider struct {
	col  *schema.Column
	decl Declared
	p    *Column
	t    *Table
	i    int
	opt  Options
	out  Decision
}

// Decide chooses type and form of column i of a profiled table, for itself:
// foreign keys are reconciled by Reconcile afterwards.
func Decide(t *Table, i int, opt Options) Decision {
	col := t.Schema.Columns[i]
	d := decider{
		col: col, decl: ParseDeclared(col.DeclType, col.Affinity),
		p: &t.Columns[i], t: t, i: i, opt: opt,
	}
	if rule, ok := opt.Rules.Lookup(t.Schema.Name, col.Name); ok {
		if d.byRule(rule) {
			d.out.Evidence = d.evidence()
			return d.out
		}
	}
	d.out.Proven = true
	d.choose()
	if d.p.BadText > 0 && d.out.Type.IsText() {
		switch opt.BadText {
		case BadTextBytea:
			d.set(sqltype.Bytea)
			d.out.Why = "text that Postgres cannot hold; bytea by --invalid-text"
		case BadTextReplace:
			d.out.Replace = true
		case BadTextKeep:
			d.out.Proven = false
		}
	}
	d.out.Evidence = d.evidence()
	return d.out
}

func (d *decider) set(k sqltype.Kind) { d.out.Type = sqltype.Type{Kind: k} }

// choose takes the family's own type when all values keep its promise, and
// the widest needed one otherwise.
func (d *decider) choose() {
	if d.guardedJSON() && d.tryJSON() {
		return
	}
	if d.p.Probes&ProbeUUID != 0 && d.decl.Family != FamilyUUID && d.inferUUID() {
		return
	}
	ok := false
	switch d.decl.Family {
	case FamilyBool:
		ok = d.tryBool()
	case FamilyInt2, FamilyInt4, FamilyInt8:
		ok = d.tryInt()
	case FamilyFloat:
		ok = d.tryFloat()
	case FamilyDecimal:
		ok = d.tryDecimal()
	case FamilyText, FamilyChar:
		ok = d.tryText()
	case FamilyUUID:
		ok = d.tryUUID()
	case FamilyJSON:
		ok = d.tryJSON()
	case FamilyDate, FamilyTimestamp, FamilyTimestampTZ:
		ok = d.tryTimestamp()
	case FamilyTime:
		ok = d.tryTime()
	case FamilyBlob:
		ok = d.tryBlob()
	}
	if !ok {
		d.widen()
	}
}

// guardedJSON tells whether the column is text under a json_valid check.
func (d *decider) guardedJSON() bool {
	return d.p.Probes&ProbeJSON != 0 && d.decl.Family != FamilyJSON && checkedJSON(d.t.Schema)[d.i]
}

// widen takes the narrowest type that holds every value unchanged.
func (d *decider) widen() {
	p := d.p
	hasI, hasR, hasT, hasB := p.has(row.Integer), p.has(row.Real), p.has(row.Text), p.has(row.Blob)
	switch {
	case hasB && hasT && p.BlobText == p.Count[row.Blob] && p.BadText == 0 && p.Probes&ProbeBlobText != 0:
		d.set(sqltype.Text)
	case hasB:
		d.set(sqltype.Bytea)
	case hasT:
		d.set(sqltype.Text)
	case hasR && (!hasI || p.IntInexact == 0 && (d.decl.Family == FamilyFloat || p.RealInf > 0)):
		d.set(sqltype.Float8)
	case hasR && p.RealInf > 0:
		d.set(sqltype.Text)
	case hasR:
		d.set(sqltype.Numeric)
	case hasI:
		d.set(sqltype.Int8)
	default:
		d.set(sqltype.Text)
	}
	if d.out.Why == "" {
		d.out.Why = d.mixed()
	}
}

func (d *decider) tryBool() bool {
	p := d.p
	bad := p.Count[row.Integer] - p.Int01 + p.Count[row.Real] - p.Real01 +
		p.Count[row.Text] - p.BoolWords + p.Count[row.Blob]
	if bad > 0 {
		d.out.Why = d.missed("not all values are booleans", MissBool)
		return false
	}
	d.set(sqltype.Bool)
	return true
}

func (d *decider) tryInt() bool {
	p := d.p
	if p.has(row.Real) || p.has(row.Blob) || p.Count[row.Text] != p.Ints {
		return false
	}
	kind, lo, hi := sqltype.Int8, int64(-1<<63), int64(1<<63-1)
	switch d.decl.Family {
	case FamilyInt2:
		kind, lo, hi = sqltype.Int2, -1<<15, 1<<15-1
	case FamilyInt4:
		kind, lo, hi = sqltype.Int4, -1<<31, 1<<31-1
	}
	if p.has(row.Text) {
		kind, lo, hi = sqltype.Int8, -1<<63, 1<<63-1 // text integers have no range in the profile
	}
	d.set(kind)
	if p.has(row.Integer) && (p.MinInt < lo || p.MaxInt > hi) {
		d.out.Why = "values from " + showInt(p.MinInt) + " to " + showInt(p.MaxInt) + " do not fit " + kind.String()
		d.set(sqltype.Int8)
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
	prec, scale := d.decl.A, d.decl.B
	if prec == 0 || prec > maxNumeric || scale > prec {
		return true
	}
	digits := max(p.IntDigits, convert.IntDigits(p.MinInt), convert.IntDigits(p.MaxInt))
	if digits > prec-scale || p.FracDigits > scale {
		d.out.Why = "values of " + count(digits, "digit") + " before and " +
			count(p.FracDigits, "digit") + " after the point do not fit " +
			sqltype.Type{Kind: sqltype.Numeric, Precision: prec, Scale: scale}.SQL()
		return true
	}
	d.out.Type.Precision, d.out.Type.Scale = prec, scale
	return true
}

// maxVarchar is the longest varchar that Postgres lets a column declare.
const maxVarchar = 10485760

func (d *decider) tryText() bool {
	p := d.p
	if p.has(row.Blob) {
		if p.BlobText != p.Count[row.Blob] {
			return false
		}
		d.out.Why = "blobs that hold plain text"
	}
	if p.has(row.Integer) || p.has(row.Real) {
		d.out.Why = d.mixed()
	}
	d.set(sqltype.Text)
	n := d.decl.A
	if d.decl.Family != FamilyChar || n == 0 || n > maxVarchar {
		return true
	}
	if p.has(row.Blob) || p.has(row.Integer) || p.has(row.Real) || p.BadText > 0 {
		return true
	}
	if p.MaxRunes > int64(n) {
		d.out.Why = "values of up to " + showInt(p.MaxRunes) + " characters"
		return true
	}
	d.out.Type = sqltype.Type{Kind: sqltype.Varchar, Length: n}
	return true
}

func (d *decider) tryUUID() bool {
	p := d.p
	if p.UUIDText+p.UUIDBlob != p.Values() {
		d.out.Why = d.missed("not all values are UUIDs", MissUUID)
		return false
	}
	d.set(sqltype.UUID)
	return true
}

// fewUUIDs is how many 32-digit values must have the bits of a real UUID
// before a column without a telling name is taken for one: a digest has them
// by chance once in 8.
const fewUUIDs = 4

// inferUUID takes a column for UUIDs only where its declaration leaves room
// for them and every value is one.
func (d *decider) inferUUID() bool {
	p := d.p
	n := p.Values()
	if n == 0 || p.UUIDText+p.UUIDBlob != n || p.UUIDReal != n || (p.UUIDText > 0 && p.UUIDBlob > 0) {
		return false
	}
	named := namesUUID(d.col.Name)
	if !named && d.decl.A != 36 && n < fewUUIDs {
		return false
	}
	d.set(sqltype.UUID)
	d.out.Why = "all " + count64(n, "value") + " are UUIDs"
	return true
}

func (d *decider) tryJSON() bool {
	p := d.p
	if p.RealInf > 0 || p.JSONText != p.Count[row.Text] || max(p.BlobJSON, p.BlobJSONB) != p.Count[row.Blob] {
		d.out.Why = d.missed("not all values are JSON that Postgres can hold", MissJSON)
		return false
	}
	switch {
	case p.has(row.Blob) && p.BlobJSON == p.Count[row.Blob]:
		d.out.Blob = convert.BlobJSONText
	case p.has(row.Blob):
		d.out.Blob = convert.BlobJSONB
	}
	d.set(sqltype.JSONB)
	if p.JSONBText != p.JSONText {
		d.set(sqltype.JSON)
		d.out.Why = d.missed("jsonb would drop a duplicate key or cannot hold a value", MissJSONB)
	}
	return true
}

func (d *decider) tryTime() bool {
	p := d.p
	if p.Times+p.TimesOnDay == p.Values() && p.Count[row.Text] == p.Values() {
		d.set(sqltype.Time)
		if p.TimesOnDay > 0 {
			d.out.OnDay = true
			d.out.Why = "times stand on 2000-01-01"
		}
		return true
	}
	if p.Times == 0 && d.tryTimestamp() {
		if d.out.Why == "" {
			d.out.Why = "values are full datetimes"
		}
		return true
	}
	d.out.Why = d.missed("not all values are times of day", MissTime)
	return false
}

func (d *decider) tryBlob() bool {
	p := d.p
	d.set(sqltype.Bytea)
	if p.Values() != p.Count[row.Blob] {
		d.out.Why = d.mixed()
	}
	return true
}

// tryTimestamp judges dates and datetimes: text value by value, numbers by
// one unit for the whole column.
func (d *decider) tryTimestamp() bool {
	p := d.p
	if p.has(row.Blob) || p.Naive+p.Zoned != p.Count[row.Text] {
		d.out.Why = d.missed("not all values are dates or times", MissTimestamp)
		return false
	}
	numbers := p.Count[row.Integer] + p.Count[row.Real]
	if !d.units() {
		return false
	}
	if d.out.Int == form.YYYYMMDD && p.has(row.Integer) && !p.has(row.Real) {
		numbers = 0 // digits of a date belong to no zone
	}
	dateOnly := p.DateOnly+p.Midnight == p.Naive && p.Zoned == 0 && numbers == 0
	if d.decl.Family == FamilyDate && dateOnly {
		d.set(sqltype.Date)
		return true
	}
	zoned := p.Zoned > 0 || numbers > 0 || d.opt.NaiveZone != nil ||
		(d.decl.Family == FamilyTimestampTZ && p.Naive == 0)
	if d.decl.Family == FamilyDate {
		d.out.Why = d.missed("values have a time of day", MissDateOnly)
	}
	if !zoned {
		d.set(sqltype.Timestamp)
		return true
	}
	d.set(sqltype.TimestampTZ)
	d.out.Zone = d.opt.NaiveZone
	d.out.Why = d.zonedWhy(numbers)
	return true
}

func (d *decider) zonedWhy(numbers int64) string {
	p := d.p
	zone := "UTC"
	if d.opt.NaiveZone != nil {
		zone = d.opt.NaiveZone.String()
	}
	why := ""
	switch {
	case numbers > 0 && p.Zoned > 0:
		why = "values with a zone, and " + d.unitName()
	case numbers > 0:
		why = d.unitName()
	case p.Zoned > 0:
		why = "values with a zone"
	}
	if p.Naive > 0 {
		if why != "" {
			why += "; "
		}
		why += count64(p.Naive, "naive value") + " taken as " + zone
	}
	return why
}

// units judges in which unit INTEGER and REAL values tell time. It is false
// when that cannot be said for all of them.
func (d *decider) units() bool {
	p := d.p
	if p.has(row.Integer) {
		u := judge(p.IntBands[:], p.Count[row.Integer]-p.IntZero, func(u form.Unit) bool {
			_, _, lo := u.FromInt(p.MinInt)
			_, _, hi := u.FromInt(p.MaxInt)
			return lo && hi
		})
		if u == form.NoUnit {
			d.out.Why = "integers from " + showInt(p.MinInt) + " to " + showInt(p.MaxInt) +
				" may be epochs, but the unit cannot be told; --form names it"
			return false
		}
		d.out.Int = u
	}
	if p.has(row.Real) {
		u := judge(p.RealBands[:], p.Count[row.Real], func(u form.Unit) bool {
			_, _, lo := u.FromReal(p.MinReal)
			_, _, hi := u.FromReal(p.MaxReal)
			return lo && hi
		})
		if u == form.NoUnit {
			d.out.Why = "reals from " + showReal(p.MinReal) + " to " + showReal(p.MaxReal) +
				" may be times, but the unit cannot be told; --form names it"
			return false
		}
		d.out.Real = u
	}
	return true
}

// judge picks the one unit for a column's numbers: at least half of those
// that are not zero lie in its plausible band, no other band has a tenth of
// them, and the extremes are real dates in it.
func judge(bands []int64, nonzero int64, holds func(form.Unit) bool) form.Unit {
	best, rest := form.NoUnit, int64(0)
	for u := range bands {
		if form.Unit(u) == form.NoUnit {
			continue
		}
		if best == form.NoUnit || bands[u] > bands[best] {
			if best != form.NoUnit {
				rest += bands[best]
			}
			best = form.Unit(u)
		} else {
			rest += bands[u]
		}
	}
	if best == form.NoUnit || nonzero == 0 || bands[best]*2 < nonzero || rest*10 >= nonzero || !holds(best) {
		return form.NoUnit
	}
	return best
}

// byRule applies the user's choice; false when it names only a form and the
// type is still to be decided.
func (d *decider) byRule(r Rule) bool {
	d.out.EmptyNull = r.Form == FormEmptyNull
	if u, ok := formUnits[r.Form]; ok {
		d.out.Int, d.out.Real = u, u
		if r.Type.Kind == sqltype.Unknown {
			r.Type.Kind = sqltype.TimestampTZ
		}
	}
	switch r.Form {
	case FormJSONB:
		d.out.Blob = convert.BlobJSONB
	case FormJSONText:
		d.out.Blob = convert.BlobJSONText
	}
	if (r.Form == FormJSONB || r.Form == FormJSONText) && r.Type.Kind == sqltype.Unknown {
		r.Type.Kind = sqltype.JSONB
	}
	switch {
	case r.Type.Kind != sqltype.Unknown:
		d.out.Type = r.Type
	case r.Form == FormPlain:
		d.out.Proven = true
		d.widen()
	case r.Form == FormEmptyNull:
		return d.emptyNull()
	default:
		return false
	}
	d.out.Zone = d.opt.NaiveZone
	d.out.ByRule = true
	d.out.Why = "chosen by --type or --form"
	return true
}

// emptyNull decides the column as if its empty texts were NULL.
func (d *decider) emptyNull() bool {
	p := *d.p
	p.Count[row.Text] -= p.EmptyText
	p.Count[row.Null] += p.EmptyText
	d.p = &p
	d.choose()
	d.out.ByRule = true
	d.out.Why = "empty text is NULL by --form"
	return true
}
