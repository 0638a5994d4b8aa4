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

func (e *Encoder) appendTemporal(dst []byte, v *row.Value) ([]byte, Note, bool) {
	if e.Type.Kind == sqltype.Time {
		return e.appendTime(dst, v)
	}
	micros, note, ok := e.instant(v)
	if !ok {
		return dst, Exact, false
	}
	if e.Type.Kind == sqltype.Date {
		if note != Exact || micros%dayMicros != 0 {
			return dst, Exact, false
		}
		return pgcopy.AppendDate(dst, int32(micros/dayMicros)), Exact, true //nolint:gosec // days of the years 1 to 9999
	}
	return pgcopy.AppendTimestamp(dst, micros), note, true
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

// instant gives the microseconds since 2000-01-01 that a value tells: of the
// UTC instant for timestamptz, of the wall clock for the naive types, where an
// epoch is taken as the clock of UTC.
func (e *Encoder) instant(v *row.Value) (micros int64, note Note, ok bool) {
	var cut, naive bool
	switch v.Class {
	case row.Integer:
		micros, cut, ok = e.Int.FromInt(v.Int())
		naive = e.Int == form.YYYYMMDD
	case row.Real:
		micros, cut, ok = e.Real.FromReal(v.Real())
		naive = e.Real == form.YYYYMMDD
	case row.Text:
		var t form.Timestamp
		t, ok = form.ParseTimestamp(v.Bytes)
		micros, cut, naive = t.Micros, t.Cut, !t.Zoned
		if t.Zoned && e.Type.Kind != sqltype.TimestampTZ {
			return 0, Exact, false // a naive type has no room for a zone
		}
	}
	note = noteOf(cut)
	if ok && naive && e.Type.Kind == sqltype.TimestampTZ && e.Zone != nil && e.Zone != time.UTC {
		var moved bool
		if micros, moved = inZone(micros, e.Zone); moved {
			note = Moved
		}
	}
	return micros, note, ok
}

func noteOf(cut bool) Note {
	if cut {
		return Cut
	}
	return Exact
}

// epoch2000 is 2000-01-01 in Unix seconds, the zero of Postgres' timestamps.
const epoch2000 = pgcopy.EpochUnixDays * 24 * 60 * 60

// inZone reads naive microseconds as a wall clock in zone and gives the UTC
// instant. A wall time that a change of clocks repeats is one of the two; one
// that it skips is moved by the length of the gap, as time.Date does.
func inZone(naive int64, zone *time.Location) (micros int64, moved bool) {
	secs := naive / 1e6
	rest := naive % 1e6
	if rest < 0 {
		secs, rest = secs-1, rest+1e6
	}
	wall := time.Unix(secs+epoch2000, 0).UTC()
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	_, offset := t.Zone()
	return (t.Unix()-epoch2000)*1e6 + rest, t.Unix()+int64(offset) != wall.Unix()
}
