package typemap

import (
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// maxVarchar is the longest varchar that Postgres lets a column declare.
const maxVarchar = 10485760

func (d *decider) tryText() bool {
	p := d.p
	if !p.textBlobs() || p.has(row.Blob) && p.BadText > 0 {
		return false
	}
	d.set(sqltype.Text)
	n := d.decl.A
	switch {
	case p.has(row.Blob) || p.has(row.Integer) || p.has(row.Real):
		d.out.Why = d.mixed()
	case d.decl.Family != FamilyChar || n == 0 || n > maxVarchar:
	case p.BadText > 0:
		// The characters of such text cannot be counted.
		d.out.Why = "text that is not UTF-8 or holds NUL"
	case p.MaxRunes > int64(n):
		d.out.Why = "values of up to " + thousands(p.MaxRunes) + " characters"
	default:
		d.out.Type = sqltype.Type{Kind: sqltype.Varchar, Length: n}
	}
	return true
}

// tryBlob keeps bytea unless there is not a single blob: then the values are
// what they are.
func (d *decider) tryBlob() bool {
	p := d.p
	if p.Values() > 0 && !p.has(row.Blob) && p.BadText == 0 {
		return false
	}
	d.set(sqltype.Bytea)
	if p.Values() != p.Count[row.Blob] {
		d.out.Why = d.mixed()
	}
	return true
}

func (d *decider) tryUUID() bool {
	p := d.p
	if p.uuidText() != p.Count[row.Text] || p.BlobUUID != p.Count[row.Blob] || p.has(row.Integer) || p.has(row.Real) {
		d.out.Why = d.missed("not all values are UUIDs", MissUUID)
		return false
	}
	d.set(sqltype.UUID)
	if p.has(row.Blob) && p.dotNet() && !p.rfc() {
		d.out.Blob = convert.BlobDotNetUUID
		d.out.Why = "blobs in the byte order of .NET"
	}
	return true
}

// rfc and dotNet tell whether all blobs have the bits of UUIDs in the byte
// order of RFC 9562, and in that of .NET; the nil UUID has no order.
func (c *Column) rfc() bool    { return c.BlobReal+c.BlobBlank == c.Count[row.Blob] }
func (c *Column) dotNet() bool { return c.BlobDotNet+c.BlobBlank == c.Count[row.Blob] }

// fewUUIDs is how many values must have the bits of a real UUID before a
// column without a telling name is taken for one: 16 random bytes, such as a
// digest, have them once in 8.
const fewUUIDs = 4

// inferUUID takes a column for UUIDs only where its declaration leaves room
// for them and every value is one.
func (d *decider) inferUUID() bool {
	p := d.p
	n := p.Values()
	named := namesUUID(d.col.Name)
	switch n {
	case 0:
		return false
	case p.Count[row.Text]:
		hex := p.UUIDs[form.Hex32]
		bits := p.HexReal > 0 && p.HexReal+p.HexBlank == hex && n >= fewUUIDs
		if p.uuidText() != n || hex > 0 && !named && !bits {
			return false
		}
	case p.Count[row.Blob]:
		enough := named || n >= fewUUIDs
		switch {
		case p.BlobUUID != n || p.rfc() == p.dotNet() || !enough:
			return false // in both orders is as bad as in none
		case p.dotNet():
			d.out.Blob = convert.BlobDotNetUUID
		}
	default:
		return false
	}
	d.set(sqltype.UUID)
	d.out.Why = "the value is a UUID"
	if n > 1 {
		d.out.Why = "all " + count(n, "value") + " are UUIDs"
	}
	if d.out.Blob == convert.BlobDotNetUUID {
		d.out.Why += " in the byte order of .NET"
	}
	return true
}

// guardedJSON tells whether the column is text under a json_valid check.
func (d *decider) guardedJSON() bool {
	return d.p.Probes&ProbeJSON != 0 && d.decl.Family != FamilyJSON && checkedJSON(d.t.Schema)[d.i]
}

func (d *decider) tryJSON() bool {
	p := d.p
	blobs := p.Count[row.Blob]
	if p.RealInf > 0 || p.JSONText != p.Count[row.Text] || p.BlobJSON != blobs && p.BlobJSONB != blobs {
		d.out.Why = d.missed("not all values are JSON that Postgres can hold", MissJSON)
		return false
	}
	if blobs > 0 && p.BlobJSON == p.BlobJSONB {
		d.out.Why = "blobs may be JSON text or SQLite's JSONB; --form names it"
		return false
	}
	if blobs > 0 {
		d.out.Blob = convert.BlobJSONText
		if p.BlobJSONB == blobs {
			d.out.Blob = convert.BlobJSONB
		}
	}
	d.set(sqltype.JSONB)
	if p.JSONBText != p.JSONText {
		d.set(sqltype.JSON)
		d.out.Why = d.missed("jsonb would drop a duplicate key or cannot hold a value", MissJSONB)
	}
	return true
}
