package typemap

import (
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Hinted is what the framework that made a table says about a column, held
// against all its values already.
type Hinted struct {
	Framework string
	Type      sqltype.Type
	Form      Form // a form of this package or of package framework
	// Zone is where datetimes without a zone belong, nil where that is open.
	Zone *time.Location
	Why  string
	// Broken tells that the hint does not count: some value does not keep it.
	// ButEmpty tells that only empty text does not.
	Broken, ButEmpty bool
}

// HintProbes gives what a profile must try a column's values against to show
// how they stand to a hint of this type.
func HintProbes(t sqltype.Type) Probe { return Rule{Type: t}.probes() }

// hint follows the framework's hint, if it counts. Where it says no more than
// the declaration does, the declaration speaks.
func (d *decider) hint() bool {
	h := d.opt.hinted(d.t.Schema, d.i)
	if h == nil || h.Broken && !(h.ButEmpty && d.p.EmptyText == 0) {
		return false
	}
	if _, epoch := formUnits[h.Form]; epoch && d.decl.Family == FamilyDate && !d.p.has(row.Integer) && !d.p.has(row.Real) {
		return false // what text dates are, the declaration says better
	}
	plain := *d
	plain.choose()
	d.byHint(h)
	if plain.out.Why == "" && plain.out.Column == d.out.Column {
		d.out, d.out.Framework = plain.out, h.Framework
	}
	return true
}

// hinted gives the hint about a column, or nil.
func (o *Options) hinted(t *schema.Table, col int) *Hinted {
	if list := o.Hints[t]; list != nil {
		return list[col]
	}
	return nil
}

// byHint takes the type that the framework means. The framework's own count has
// shown that all values are of its form; the rarer types are tried once more
// before anything is written, because other code reads them there.
func (d *decider) byHint(h *Hinted) {
	d.out = Decision{Why: h.Why, Proven: true, Framework: h.Framework}
	d.out.Type = h.Type
	switch h.Type.Kind {
	case sqltype.Timestamp, sqltype.TimestampTZ:
		d.hintedMoment(h)
	case sqltype.UUID:
		if h.Form == FormGUID {
			d.out.Blob = convert.BlobDotNetUUID
		}
	case sqltype.JSON, sqltype.JSONB:
		d.hintedJSON(h)
	case sqltype.Date:
		if d.p.Zoned > 0 { // midnight in UTC
			d.out.Existing = &convert.Existing{Grain: 1}
		}
	case sqltype.Int8:
		d.out.Blob, d.out.Proven = convert.BlobText, d.p.Values() == 0
	case sqltype.Float8:
		if d.p.has(row.Text) { // NaN and Infinity
			d.out.Existing = &convert.Existing{Grain: 1}
		}
		d.out.Proven = d.p.Values() == d.p.Count[row.Integer]+d.p.Count[row.Real] && d.p.IntInexact == 0
	case sqltype.Numeric:
		d.out.Proven = fits(d.p, d.out.Column)
	case sqltype.Interval, sqltype.Inet:
		d.out.Proven = false
	}
}

// hintedMoment sets unit and zone. A user who wants naive text to stay so gets
// that, where there is nothing but naive text.
func (d *decider) hintedMoment(h *Hinted) {
	u, epoch := formUnits[h.Form]
	if epoch {
		if d.p.has(row.Integer) || d.p.Values() == 0 {
			d.out.Int = u
		}
		if d.p.has(row.Real) {
			d.out.Real = u
		}
	}
	numbers := d.p.has(row.Integer) || d.p.has(row.Real)
	switch {
	case h.Type.Kind == sqltype.TimestampTZ && d.opt.KeepNaive && !numbers && d.p.Zoned == 0 && (d.p.Naive > 0 || !epoch):
		d.set(sqltype.Timestamp)
		d.because("without a zone, by --naive-datetimes")
		return
	case h.Type.Kind == sqltype.Timestamp && d.opt.NaiveZone != nil && !numbers:
		d.set(sqltype.TimestampTZ)
	}
	if d.out.Type.Kind != sqltype.TimestampTZ {
		return
	}
	d.out.Zone = h.Zone
	if d.opt.NaiveZone != nil {
		d.out.Zone = d.opt.NaiveZone
	}
	if d.p.Naive > 0 {
		zone := d.opt.zoneName(d.out.Zone)
		if d.out.Zone != nil && d.out.Zone == h.Zone { // the hint says by what
			zone = h.Zone.String()
		}
		d.because(count(d.p.Naive, "naive value") + " taken as " + zone)
	}
}

// zoneName names a zone, with the reason where no user chose it.
func (o *Options) zoneName(zone *time.Location) string {
	switch {
	case zone == nil:
		return "UTC"
	case o.ZoneWhy != "" && zone == o.NaiveZone:
		return zone.String() + " (" + o.ZoneWhy + ")"
	}
	return zone.String()
}

// hintedJSON tells the form of blobs, and takes json where jsonb would lose.
func (d *decider) hintedJSON(h *Hinted) {
	why := d.out.Why
	proven := d.tryJSON() && !d.p.has(row.Blob)
	d.out.Why, d.out.Proven = why, proven
	if proven {
		if h.Type.Kind == sqltype.JSON {
			d.set(sqltype.JSON)
		}
	}
	switch {
	case !d.p.has(row.Blob):
	case h.Form == FormJSONB:
		d.out.Blob = convert.BlobJSONB
	default:
		d.out.Blob = convert.BlobJSONText
	}
}

// hintBroken says why a hint does not count that the declaration left no doubt
// about.
func (d *decider) hintBroken() {
	h := d.opt.hinted(d.t.Schema, d.i)
	if h != nil && h.Broken && !h.ButEmpty && d.out.Why == "" && d.out.Type.Kind != h.Type.Kind {
		d.because(h.Why)
	}
}
