package convert

import (
	"math"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// maxJSONDepth is the nesting that every server surely bears: its parser
// recurses, and max_stack_depth may be as low as 100 kB (2 MB, the default,
// took 13,089 levels with PostgreSQL 15 on x86-64).
const maxJSONDepth = 1000

// maxJSONBBytes keeps well under jsonb's limit of 256 MB for one string, and
// for all the values of one array or object.
const maxJSONBBytes = 200 << 20

// FitsJSON tells whether a JSON text of n bytes arrives in json as it is, and
// in jsonb without a loss. \u0000 and half surrogate pairs get into json, but
// fail when the string is taken out: they fit neither. jsonb would keep only
// the last of two equal keys.
func FitsJSON(f form.JSONFacts, n int) (json, jsonb bool) {
	json = f.Valid && !f.NulEscape && !f.LoneSurrogate && f.Depth <= maxJSONDepth
	return json, json && !f.DuplicateKey && !f.HugeNumber && n <= maxJSONBBytes
}

func (e *Encoder) appendJSON(dst []byte, v *row.Value) ([]byte, bool) {
	b := v.Bytes
	switch v.Class {
	case row.Integer, row.Real:
		if v.Class == row.Real && math.IsInf(v.Real(), 0) {
			return dst, false
		}
		// A number is its own JSON, in one of the spellings of JSON's grammar.
		b = e.bytesOf(v)
	case row.Blob:
		if e.Blob == BlobJSONB {
			var ok bool
			if e.buf, ok = form.DecodeJSONB(e.buf[:0], b); !ok {
				return dst, false
			}
			b = e.buf
		}
	}
	json, jsonb := FitsJSON(e.json.ScanJSON(b), len(b))
	switch {
	case e.Type.Kind == sqltype.JSON && json:
		return pgcopy.AppendText(dst, b), true
	case e.Type.Kind == sqltype.JSONB && jsonb:
		return pgcopy.AppendJSONB(dst, b), true
	}
	return dst, false
}
