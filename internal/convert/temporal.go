package convert

import (
	"time"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// dayMicros is a day in microseconds.
const dayMicros = 24 * 60 * 60 * 1e6

func noteOf(cut bool) Note {
	if cut {
		return Cut
	}
	return Exact
}

func (e *Encoder) appendTemporal(dst []byte, v *row.Value) ([]byte, Note, bool) {
	if e.Type.Kind == sqltype.Time {
		return e.appendTime(dst, v)
	}
	micros, cut, ok := e.instant(v)
	if !ok {
		return dst, Exact, false
	}
	if e.Type.Kind == sqltype.Date {
		if cut || micros%dayMicros != 0 {
			return dst, Exact, false
		}
		return pgcopy.AppendDate(dst, int32(micros/dayMicros)), Exact, true
	}
	return pgcopy.AppendTimestamp(dst, micros), noteOf(cut), true
}

func (e *Encoder) appendTime(dst []byte, v *row.Value) ([]byte, Note, bool) {
	if v.Class != row.Text {
		return dst, Exact, false
	}
	micros, cut, ok := form.ParseTime(v.Bytes)
	if !ok && e.OnDay {
		micros, cut, ok = form.ParseTimeOnDay(v.Bytes)
	}
	if !ok {
		return dst, Exact, false
	}
	return pgcopy.AppendTime(dst, micros), noteOf(cut), true
}

// instant gives the microseconds since 2000-01-01 that a value tells, in the
// column's frame: UTC for timestamptz and for numbers, naive otherwise.
func (e *Encoder) instant(v *row.Value) (micros int64, cut, ok bool) {
	switch v.Class {
	case row.Integer:
		return e.Int.FromInt(v.Int())
	case row.Real:
		return e.Real.FromReal(v.Real())
	case row.Text:
		t, ok := form.ParseTimestamp(v.Bytes)
		if !ok {
			return 0, false, false
		}
		if e.Type.Kind != sqltype.TimestampTZ {
			// A naive type has no room for a zone: only text without one fits.
			return t.Micros, t.Cut, !t.Zoned
		}
		if t.Zoned || e.Zone == nil || e.Zone == time.UTC {
			return t.Micros, t.Cut, true
		}
		return inZone(t.Micros, e.Zone), t.Cut, true
	}
	return 0, false, false
}

// epoch2000 is 2000-01-01 in Unix seconds, the zero of Postgres' timestamps.
const epoch2000 = 946684800

// inZone reads naive microseconds as a wall clock in zone and gives the UTC
// instant. A wall time that a change of clocks skips or repeats is taken as
// time.Date takes it.
func inZone(naive int64, zone *time.Location) int64 {
	secs := naive / 1e6
	rest := naive % 1e6
	if rest < 0 {
		secs, rest = secs-1, rest+1e6
	}
	t := time.Unix(secs+epoch2000, 0).UTC()
	utc := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
	return (utc.Unix()-epoch2000)*1e6 + rest
}
