package typemap

import (
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// byType takes the type that the user chose, or that goes with the form that
// they chose. What the rule leaves open, the profile settles as far as it can;
// a trial over all values has the last word.
func (d *decider) byType(r Rule) {
	d.out.Type = r.Type
	d.out.Type.Kind = r.kind()
	d.out.ByRule = true
	d.out.Why = "chosen by --type or --form"
	d.out.EmptyNull = r.Form == FormEmptyNull
	if r.Form == FormPlain {
		return
	}
	switch d.out.Type.Kind {
	case sqltype.Date, sqltype.Timestamp, sqltype.TimestampTZ:
		d.ruleUnits(r)
	case sqltype.Time:
		d.out.OnDay = d.p.TimesOnDay > 0
	case sqltype.JSON, sqltype.JSONB:
		d.ruleJSON(r)
	case sqltype.UUID:
		if r.Form == FormGUID || r.Form != FormEmptyNull && d.p.has(row.Blob) && d.p.dotNet() && !d.p.rfc() {
			d.out.Blob = convert.BlobDotNetUUID
		}
	}
}

func (d *decider) ruleUnits(r Rule) {
	if d.out.Type.Kind == sqltype.TimestampTZ {
		d.out.Zone = d.opt.NaiveZone
	}
	if u, ok := formUnits[r.Form]; ok {
		d.out.Int, d.out.Real = u, u
		return
	}
	if d.p.has(row.Integer) {
		d.out.Int = d.p.intUnit()
	}
	if d.p.has(row.Real) {
		d.out.Real = d.p.realUnit()
	}
	if d.out.Int != form.NoUnit || d.out.Real != form.NoUnit {
		d.because(d.unitName())
	}
}

func (d *decider) ruleJSON(r Rule) {
	blobs := d.p.Count[row.Blob]
	switch {
	case r.Form == FormJSONB, r.Form != FormJSONText && blobs > 0 && d.p.BlobJSONB == blobs && d.p.BlobJSON != blobs:
		d.out.Blob = convert.BlobJSONB
	case r.Form == FormJSONText, blobs > 0:
		d.out.Blob = convert.BlobJSONText
	}
}
