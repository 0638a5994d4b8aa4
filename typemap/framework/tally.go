package framework

import (
	"bytes"
	"math"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// Tally counts how the values of one column stand to one hint. The zero Tally
// is empty; those of parts of a column are merged.
type Tally struct {
	Values int64 // all but NULLs
	Silent int64 // zeros, nil UUIDs: they keep every hint and speak for none
	// Fit counts values that keep the hint, Tell those of them that hardly do
	// so by chance; one of each for the candidates of FormEpoch.
	Fit, Tell [2]int64
	// Other counts numbers in the plausible band of another unit.
	Other [2]int64
}

// verdict is how one value stands to a form.
type verdict uint8

const (
	misses verdict = iota
	silent         // keeps it, and would keep others
	fits           // keeps it, perhaps by chance
	tells          // keeps it, and hardly by chance
	other          // keeps it, and would rather keep another
)

// manyTells is how many values must tell where one in eight would by chance:
// the bits of RFC 9562 in bytes or digits that could be anything.
const manyTells = 4

// Count takes a value of the column. It allocates for JSON and addresses only.
func (h *Hint) Count(t *Tally, v *row.Value) {
	if v.Class == row.Null {
		return
	}
	t.Values++
	for i, unit := range h.units() {
		switch h.verdict(unit, v) {
		case silent:
			t.Fit[i]++
			if i == 0 {
				t.Silent++
			}
		case fits:
			t.Fit[i]++
		case tells:
			t.Fit[i]++
			t.Tell[i]++
		case other:
			t.Fit[i]++
			t.Other[i]++
		case misses:
		}
	}
}

// Merge adds the tally of another part of the column.
func (t *Tally) Merge(o *Tally) {
	t.Values += o.Values
	t.Silent += o.Silent
	for i := range t.Fit {
		t.Fit[i] += o.Fit[i]
		t.Tell[i] += o.Tell[i]
		t.Other[i] += o.Other[i]
	}
}

// Holds tells whether the hint counts after all values of the column, and in
// which form they stand: the hint's own, or the one of FormEpoch's candidates.
// A column without values keeps none, unless its declaration leaves no doubt.
func (h *Hint) Holds(t *Tally) (typemap.Form, bool) {
	for i, unit := range h.units() {
		if t.Fit[i] != t.Values || t.Tell[i] < h.need(t) {
			continue
		}
		// Less than a tenth of numbers may be plausible in another unit, as where
		// typemap judges units. Where the declaration does not say that they are
		// times, at least half must be plausible ones.
		told := t.Values - t.Silent
		if unit != form.NoUnit && (10*t.Other[i] >= max(told, 1) || !h.Declared && 2*t.Tell[i] < told) {
			continue
		}
		if h.Form == FormEpoch {
			return epochForms[i], true
		}
		return h.Form, true
	}
	return "", false
}

// need is how many values must tell.
func (h *Hint) need(t *Tally) int64 {
	switch {
	case h.Declared:
		return 0
	case h.Strict && (h.Form == FormHex || h.Form == FormUUIDBlob || h.Form == typemap.FormGUID):
		return manyTells
	case h.Strict && (h.Form == FormJSONDoc || h.Form == typemap.FormJSONText):
		return max(1, (t.Values+1)/2) // the others may be null, or a number
	}
	return 1
}

var (
	epochForms = [...]typemap.Form{typemap.FormSeconds, typemap.FormMillis}
	epochUnits = [...]form.Unit{form.Seconds, form.Millis}
	noUnits    = [...]form.Unit{form.NoUnit}
	formUnits  = map[typemap.Form][]form.Unit{
		FormEpoch:            epochUnits[:],
		typemap.FormSeconds:  {form.Seconds},
		typemap.FormMillis:   {form.Millis},
		typemap.FormTicks:    {form.DotNetTicks},
		typemap.FormCoreData: {form.CoreData},
	}
)

func (h *Hint) units() []form.Unit {
	if u, ok := formUnits[h.Form]; ok {
		return u
	}
	return noUnits[:]
}

func (h *Hint) verdict(unit form.Unit, v *row.Value) verdict {
	if unit != form.NoUnit {
		return h.epoch(unit, v)
	}
	switch h.Form {
	case FormBool:
		return boolean(v)
	case FormHex, FormDashed, FormUpper, FormUUIDBlob, typemap.FormGUID:
		return h.uuid(v)
	case FormDatetime:
		return h.datetime(v)
	case FormJSONDoc, typemap.FormJSONText, typemap.FormJSONB:
		return h.json(v)
	case FormFloat:
		return float(v, true)
	case typemap.FormPlain:
		return h.plain(v)
	}
	if v.Class != row.Text && (v.Class != row.Blob || h.Form != FormIntText) {
		return misses
	}
	return h.text(v.Bytes)
}

func boolean(v *row.Value) verdict {
	switch v.Class {
	case row.Integer:
		return when(v.Int() == 0 || v.Int() == 1)
	case row.Text:
		_, ok := form.ParseBool(v.Bytes)
		return when(ok)
	}
	return misses
}

func when(ok bool) verdict {
	if ok {
		return tells
	}
	return misses
}

// From 1973 to the end of 2099, in microseconds since 2000, as package form
// draws its bands.
const (
	plausibleFrom = (100_000_000 - 946_684_800) * 1_000_000
	plausibleTo   = (4_102_444_800 - 946_684_800) * 1_000_000
	yearFar       = 252_423_993_600 * 1_000_000 // 9999-01-01: what never comes
)

func (h *Hint) epoch(unit form.Unit, v *row.Value) verdict {
	var micros int64
	var ok, zero bool
	band := form.NoUnit
	switch v.Class {
	case row.Integer:
		micros, _, ok = unit.FromInt(v.Int())
		zero, band = v.Int() == 0, form.Band(v.Int())
	case row.Real:
		micros, _, ok = unit.FromReal(v.Real())
		zero, band = v.Real() == 0, form.BandReal(v.Real())
	case row.Text:
		var ts form.Timestamp
		ts, ok = form.ParseTimestamp(v.Bytes)
		return when(ok && (h.Type.Kind != sqltype.Timestamp || !ts.Zoned))
	}
	switch {
	case !ok:
		return misses
	case zero, micros >= yearFar:
		return silent
	case micros >= plausibleFrom && micros < plausibleTo:
		return tells
	case band != form.NoUnit && unit != form.CoreData: // which has no band of its own
		return other
	}
	return fits
}

func (h *Hint) uuid(v *row.Value) verdict {
	var u [16]byte
	switch {
	case h.Form == FormUUIDBlob || h.Form == typemap.FormGUID:
		if v.Class != row.Blob || len(v.Bytes) != len(u) {
			return misses
		}
		copy(u[:], v.Bytes)
	default:
		var layout form.UUIDForm
		var ok bool
		if v.Class != row.Text {
			return misses
		}
		u, layout, ok = form.ParseUUID(v.Bytes)
		if !ok || (layout == form.Hex32) != (h.Form == FormHex) ||
			h.Form != FormHex && layout != form.Dashed36 ||
			h.Form == FormUpper && bytes.ContainsAny(v.Bytes, "abcdef") {
			return misses
		}
	}
	switch {
	case blank(u):
		return silent
	case h.Form == typemap.FormGUID:
		return strictly(form.UUIDVariant(form.DotNetUUID(v.Bytes)), form.UUIDVariant(u))
	case h.Strict && !form.UUIDVariant(u):
		return misses
	case h.Form == FormUpper && !bytes.ContainsAny(v.Bytes, "ABCDEF"):
		return fits
	}
	return tells
}

// strictly tells for a value that is in one order of bytes and not in the
// other.
func strictly(this, other bool) verdict {
	switch {
	case !this:
		return misses
	case other:
		return fits
	}
	return tells
}

// blank tells the nil UUID and the max UUID.
func blank(u [16]byte) bool {
	for _, b := range u[1:] {
		if b != u[0] {
			return false
		}
	}
	return u[0] == 0 || u[0] == math.MaxUint8
}
