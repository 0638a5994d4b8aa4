package convert

import (
	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func (e *Encoder) appendTime(dst []byte, v *row.Value) ([]byte, Note, bool) {
	micros, cut, ok := e.clock(v)
	if !ok {
		return dst, Exact, false
	}
	micros, coarse := e.coarsen(micros)
	return pgcopy.AppendTime(dst, micros), noteOf(cut || coarse), true
}

// clock gives the microseconds since midnight that a value tells.
func (e *Encoder) clock(v *row.Value) (micros int64, cut, ok bool) {
	switch {
	case v.Class == row.Text:
		if micros, cut, ok = form.ParseTime(v.Bytes); ok {
			return micros, cut, true
		}
		if e.Existing == nil {
			if !e.OnDay {
				return 0, false, false
			}
			return form.ParseTimeOnDay(v.Bytes)
		}
		t, ok := form.ParseTimestamp(v.Bytes)
		if !ok || !e.OnDay || t.DateOnly || wallClock(v.Bytes, t) != t.Micros {
			return 0, false, false
		}
		return onClockDay(t.Micros, t.Cut)
	case e.Existing == nil:
		return 0, false, false
	case v.Class == row.Integer:
		micros, cut, ok = e.Int.FromInt(v.Int())
	case v.Class == row.Real:
		micros, cut, ok = e.Real.FromReal(v.Real())
	}
	if !ok {
		return 0, false, false
	}
	return onClockDay(micros, cut)
}

// The days since 2000-01-01 on which programs put a time of day that has none.
const (
	dayRails  = 0        // 2000-01-01, Active Record
	dayUnix   = -10957   // 1970-01-01: Prisma; also the milliseconds of a day
	dayPython = -36524   // 1900-01-01, time.strptime
	dayNet    = -730_119 // 0001-01-01: .NET, Go; also the ticks of a day
)

// onClockDay gives the time of day of an instant that lies on one of these
// days. On another one the day would be lost.
func onClockDay(instant int64, cut bool) (micros int64, wasCut, ok bool) {
	day, micros := instant/dayMicros, instant%dayMicros
	if micros < 0 {
		day, micros = day-1, micros+dayMicros
	}
	switch day {
	case dayRails, dayUnix, dayPython, dayNet:
		return micros, cut, true
	}
	return 0, false, false
}

// clockBytes is more than a time of day with a zone has.
const clockBytes = 48

// appendTimeTZ takes a time of day with an offset, or without one, which is
// UTC: a named zone has no offset without a day.
func (e *Encoder) appendTimeTZ(dst []byte, v *row.Value) ([]byte, Note, bool) {
	const day = "2000-01-01 "
	if v.Class != row.Text || len(v.Bytes) > clockBytes {
		micros, cut, ok := e.clock(v)
		if !ok {
			return dst, Exact, false
		}
		micros, coarse := e.coarsen(micros)
		return pgcopy.AppendTimeTZ(dst, micros, 0), noteOf(cut || coarse), true
	}
	var buf [len(day) + clockBytes]byte
	b := append(append(buf[:0], day...), v.Bytes...)
	t, ok := form.ParseTimestamp(b)
	if !ok {
		return dst, Exact, false
	}
	wall := wallClock(b, t)
	west := int32((t.Micros - wall) / 1e6) //nolint:gosec // less than a day
	wall, coarse := e.coarsen(wall)
	return pgcopy.AppendTimeTZ(dst, wall, west), noteOf(t.Cut || coarse), true
}
