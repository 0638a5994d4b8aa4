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
		if note == Cut || micros%dayMicros != 0 {
			return dst, Exact, false
		}
		return pgcopy.AppendDate(dst, int32(micros/dayMicros)), note, true //nolint:gosec // days of the years 1 to 9999
	}
	if at, cut := e.coarsen(micros); cut {
		micros, note = at, Cut
	}
	return pgcopy.AppendTimestamp(dst, micros), note, true
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
		if t.Zoned && e.Type.Kind != sqltype.TimestampTZ {
			return e.unzoned(v.Bytes, t)
		}
		micros, cut, naive = t.Micros, t.Cut, !t.Zoned
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

// unzoned gives the wall clock of a datetime with a zone for a type that has no
// room for one. No type that litehaul chooses takes it. A type that stands
// already takes the clock of UTC, and a date the day as it is written, wherever
// it began: both are what an application reads back.
func (e *Encoder) unzoned(b []byte, t form.Timestamp) (micros int64, note Note, ok bool) {
	if e.Existing == nil {
		return 0, Exact, false
	}
	wall := wallClock(b, t)
	switch {
	case wall == t.Micros:
		return wall, noteOf(t.Cut), true
	case e.Type.Kind == sqltype.Date && !t.Cut:
		return wall, Unzoned, true
	}
	return 0, Exact, false
}

// wallClock gives the microseconds of a datetime as it is written, without the
// offset of its zone.
func wallClock(b []byte, t form.Timestamp) int64 {
	if !t.Zoned || b[len(b)-1] == 'Z' {
		return t.Micros
	}
	end := len("YYYY-MM-DD ")
	for end < len(b) && (b[end] == ':' || b[end] == '.' || b[end]-'0' <= 9) {
		end++
	}
	naive, _ := form.ParseTimestamp(b[:end])
	return naive.Micros
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
