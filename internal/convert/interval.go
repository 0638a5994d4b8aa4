package convert

import (
	"math"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// span is an interval as Postgres has it: three parts that do not carry over.
type span struct {
	micros       int64
	days, months int32
	cut          bool // what was finer than a microsecond was left out
}

func (e *Encoder) appendInterval(dst []byte, v *row.Value) ([]byte, Note, bool) {
	var s span
	var ok bool
	switch v.Class {
	case row.Integer:
		s, ok = spanOfInt(e.Int, v.Int())
	case row.Real:
		s, ok = spanOfReal(e.Real, v.Real())
	case row.Text:
		var t form.Timestamp
		if t, ok = form.ParseTimestamp(v.Bytes); !ok {
			if s, ok = parseSpan(v.Bytes); !ok {
				return dst, Exact, false
			}
			return e.appendSpan(dst, s)
		}
		// A datetime counted from 1970, as SQLAlchemy writes intervals.
		s, ok = span{micros: t.Micros + pgcopy.EpochUnixMicros, cut: t.Cut}, wallClock(v.Bytes, t) == t.Micros
	}
	if !ok {
		return dst, Exact, false
	}
	if e.Existing != nil && e.Existing.Days {
		s.carry()
	}
	return e.appendSpan(dst, s)
}

func (e *Encoder) appendSpan(dst []byte, s span) ([]byte, Note, bool) {
	micros, coarse := e.coarsen(s.micros)
	return pgcopy.AppendInterval(dst, micros, s.days, s.months), noteOf(s.cut || coarse), true
}

// carry puts whole days into the days, toward minus infinity. All days that
// fit 64 bits in microseconds fit 32.
func (s *span) carry() {
	days, rest := s.micros/dayMicros, s.micros%dayMicros
	if rest < 0 {
		days, rest = days-1, rest+dayMicros
	}
	s.days, s.micros = s.days+int32(days), rest //nolint:gosec // at most 106,751,991
}

// spanUnits tells how long one of a unit is: mul microseconds, or one div-th.
var spanUnits = [form.UnitN]struct{ mul, div int64 }{
	form.Seconds: {1e6, 1}, form.Millis: {1000, 1}, form.Micros: {1, 1}, form.Nanos: {1, 1000},
	form.DotNetTicks: {1, 10},
}

// spanOfInt gives n of a unit.
func spanOfInt(u form.Unit, n int64) (span, bool) {
	if u == form.EpochDays {
		return span{days: int32(n)}, n == int64(int32(n)) //nolint:gosec // compared
	}
	k := spanUnits[u]
	if k.mul == 0 || n > math.MaxInt64/k.mul || n < math.MinInt64/k.mul {
		return span{}, false
	}
	quot, rest := n*k.mul/k.div, n*k.mul%k.div
	if rest < 0 {
		quot--
	}
	return span{micros: quot, cut: rest != 0}, true
}

// spanOfReal gives f of a unit, rounded to the microsecond.
func spanOfReal(u form.Unit, f float64) (span, bool) {
	one := float64(dayMicros)
	if u != form.EpochDays {
		k := spanUnits[u]
		if k.mul == 0 {
			return span{}, false
		}
		one = float64(k.mul) / float64(k.div)
	}
	micros := math.RoundToEven(f * one)
	if !(math.Abs(micros) < beyondInt64) { // NaN and infinities too
		return span{}, false
	}
	return span{micros: int64(micros), cut: micros/one != f}, true
}
