package framework

import (
	"math"
	"net/netip" //nolint:depguard // parses addresses, does no I/O
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// maxDotNet is longer than any decimal or TimeSpan of .NET as text: 29 digits,
// a sign, a point and a zero. Up to it a string of b takes no allocation.
const maxDotNet = 32

// text judges the forms that are text alone.
func (h *Hint) text(b []byte) verdict {
	switch h.Form {
	case FormDate:
		_, ok := form.ParseDate(b)
		return when(ok)
	case FormMidnight:
		ts, ok := form.ParseTimestamp(b)
		const clock = len("YYYY-MM-DD ") // before the zone
		return when(ok && !ts.Cut && ts.Micros%(24*60*60*1e6) == 0 && (ts.DateOnly || string(b[clock:clock+len("00:00")]) == "00:00"))
	case FormIntText:
		_, ok := form.CanonicalInt(b)
		return when(ok)
	case FormDecimal:
		return when(len(b) <= maxDotNet && decimalDotNet(string(b)))
	case FormTimeSpan:
		if len(b) > maxDotNet {
			return misses
		}
		return timeSpan(string(b), h.Strict)
	case FormInet:
		a, err := netip.ParseAddr(string(b))
		if err == nil {
			return when(a.Zone() == "")
		}
		_, err = netip.ParsePrefix(string(b))
		return when(err == nil)
	}
	return misses
}

// datetime judges text with a date and a time. A type without a zone takes no
// value that has one; a type with a zone takes a value without one only where
// the framework says which it is.
func (h *Hint) datetime(v *row.Value) verdict {
	if v.Class != row.Text {
		return misses
	}
	ts, ok := form.ParseTimestamp(v.Bytes)
	switch {
	case !ok, ts.DateOnly, h.Whole && ts.Cut,
		h.Type.Kind == sqltype.Timestamp && ts.Zoned,
		h.Type.Kind == sqltype.TimestampTZ && !ts.Zoned && h.Zone == "":
		return misses
	}
	return tells
}

func (h *Hint) json(v *row.Value) verdict {
	if h.Form == typemap.FormJSONB {
		return when(v.Class == row.Blob && form.ValidJSONB(v.Bytes))
	}
	switch v.Class {
	case row.Integer, row.Real:
		// What NUMERIC affinity made of a JSON number; infinity is none.
		return when(h.Form == FormJSONDoc && !h.Strict && float(v, false) != misses && !math.IsInf(v.Real(), 0))
	case row.Blob:
		if h.Form != typemap.FormJSONText {
			return misses
		}
	}
	f := form.ScanJSON(v.Bytes)
	if !f.FitsJSONB() || f.DuplicateKey && h.Type.Kind == sqltype.JSONB {
		return misses
	}
	if h.Strict && f.Kind != form.JSONObject && f.Kind != form.JSONArray && f.Kind != form.JSONString {
		return fits
	}
	return tells
}

// float judges numbers that a double holds; words are NaN and the infinities,
// as JavaScript writes them.
func float(v *row.Value, words bool) verdict {
	switch v.Class {
	case row.Integer:
		n := v.Int()
		const exact = 1 << 53
		return when(n >= -exact && n <= exact)
	case row.Real:
		return tells
	case row.Text:
		switch string(v.Bytes) {
		case "NaN", "Infinity", "-Infinity":
			return when(words)
		}
	}
	return misses
}

// plain judges values that stay what they are.
func (h *Hint) plain(v *row.Value) verdict {
	switch h.Type.Kind {
	case sqltype.Bytea:
		return when(v.Class == row.Blob)
	case sqltype.Float8:
		return float(v, false)
	}
	return misses
}

// decimalDotNet tells text in the format 0.0### that Microsoft.Data.Sqlite
// gives decimals: always a point, no zeros in front or at the end.
func decimalDotNet(s string) bool {
	whole, frac, ok := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return ok && digits(whole) && digits(frac) &&
		(len(whole) == 1 || whole[0] != '0') && (len(frac) == 1 || frac[len(frac)-1] != '0')
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// maxTimeSpanDays is that of TimeSpan.MaxValue.
const maxTimeSpanDays = 10_675_199

// timeSpan judges .NET's constant format "c" of TimeSpan. Without days and
// sign it is a time of day as well.
func timeSpan(s string, strict bool) verdict {
	rest, minus := strings.CutPrefix(s, "-")
	clock, days := rest, false
	if d, after, ok := strings.Cut(rest, "."); ok && strings.Contains(after, ":") {
		if n, err := strconv.Atoi(d); !digits(d) || err != nil || n > maxTimeSpanDays {
			return misses
		}
		clock, days = after, true
	}
	clock, frac, hasFrac := strings.Cut(clock, ".")
	if hasFrac && (len(frac) != 7 || !digits(frac)) {
		return misses
	}
	const shape = len("hh:mm:ss")
	if len(clock) != shape || clock[2] != ':' || clock[5] != ':' ||
		!below(clock[:2], 24) || !below(clock[3:5], 60) || !below(clock[6:], 60) {
		return misses
	}
	if strict && !minus && !days {
		return fits
	}
	return tells
}

func below(two string, limit int) bool {
	n, err := strconv.Atoi(two)
	return digits(two) && err == nil && n < limit
}
