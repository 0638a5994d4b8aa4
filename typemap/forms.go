package typemap

import (
	"slices"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Forms names the forms that a decision gives the values of a column with this
// profile, in the words of --form: what a rule would have to say for the same.
// It is empty where the values are what the type reads, and where no value has
// the form that was decided for its storage class.
func (d *Decision) Forms(p *Column) []Form {
	var out []Form
	put := func(f Form, ok bool) {
		if ok && f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	put(FormEmptyNull, d.EmptyNull)
	put(unitForm(d.Int), p.has(row.Integer))
	put(unitForm(d.Real), p.has(row.Real))
	put(blobForms[d.Blob], p.has(row.Blob))
	put(FormComma, d.Existing != nil && d.Existing.Comma)
	return out
}

var blobForms = map[convert.BlobForm]Form{
	convert.BlobJSONText: FormJSONText, convert.BlobJSONB: FormJSONB, convert.BlobDotNetUUID: FormGUID,
}

// unitForm names a unit, "" for none.
func unitForm(u form.Unit) Form {
	for f, unit := range formUnits {
		if unit == u {
			return f
		}
	}
	return ""
}
