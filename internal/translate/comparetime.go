package translate

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// instant is a side of a comparison of dates and times.
type instant struct {
	kind stampKind
	t    term   // typed date, time, timestamp or timestamptz
	ts   string // as timestamp in UTC, "" for a time of day
	lit  *stamp
}

// timePair compares date and time columns with each other, with literals and
// with the results of date and time functions.
//
// SQLite compares the texts. For whole values of one form that is the order of
// time. A day against a day with its time is the shorter text and so comes
// before all times of that day: the operators are changed to keep that.
func (b *builder) timePair(op string, l, r term) (pair, error) {
	if l.unit != NoUnit || r.unit != NoUnit {
		return b.epochPair(op, l, r)
	}
	if l.local != r.local {
		return pair{}, localTime("comparison")
	}
	x, err := b.instantOf(l)
	if err != nil {
		return pair{}, err
	}
	y, err := b.instantOf(r)
	if err != nil {
		return pair{}, err
	}
	switch {
	case x.kind == y.kind:
		return sameKind(op, x, y)
	case x.kind == stampFull && y.kind == stampDay:
		return dayPair(op, x, y)
	case x.kind == stampDay && y.kind == stampFull:
		p, err := dayPair(mirror(op), y, x)
		p.l, p.r, p.op = p.r, p.l, mirror(p.op)
		return p, err
	}
	return pair{}, unsupported("comparison of a date with a time of day", "SQLite compares their texts", "")
}

// localTime refuses to take texts of some zone for times in UTC.
func localTime(what string) error {
	return unsupported(what+" of a datetime", "its texts in SQLite were times of the zone that --naive-datetimes names", "convert it with AT TIME ZONE")
}

// sameKind compares instants of one kind, in the column's own type.
func sameKind(op string, x, y instant) (pair, error) {
	want := x.t.typ.Kind
	if x.lit != nil || want == sqltype.Timestamp && y.t.typ.Kind == sqltype.TimestampTZ && y.t.column {
		want = y.t.typ.Kind
	}
	l, okL := x.as(want)
	r, okR := y.as(want)
	if !okL || !okR {
		return pair{}, incomparable(x.t, y.t)
	}
	return pair{l: l, r: r, op: op}, nil
}

// dayPair compares a full time (left) with a day (right): 'D' sorts before
// every 'D hh:mm:ss', and equals none.
func dayPair(op string, x, y instant) (pair, error) {
	changed, ok := map[string]string{"<": "<", ">=": ">=", ">": ">=", "<=": "<"}[op]
	if !ok {
		return pair{}, unsupported("equality of a time with a day", "SQLite compares their texts, which always differ", "compare date() of the column")
	}
	if y.lit == nil { // a date column or date(): x op day is day(x) op day
		return pair{l: value(castDate(x.ts), sqltype.Date), r: y.t, op: changed}, nil
	}
	r, ok := y.lit.literal(x.t.typ.Kind)
	if !ok {
		return pair{}, incomparable(x.t, y.t)
	}
	return pair{l: x.t, r: r, op: changed}, nil
}

// castDate takes the day; a moment's text is always an operand by itself.
func castDate(ts string) string { return ts + "::date" }

// as gives the instant in a type.
func (i instant) as(k sqltype.Kind) (term, bool) {
	switch {
	case i.lit != nil:
		return i.lit.literal(k)
	case i.t.typ.Kind == k:
		return i.t, true
	case k == sqltype.TimestampTZ && i.ts != "":
		return value(zoned(i.ts), k), true
	case k == sqltype.Timestamp && i.ts != "":
		return value(i.ts, k), true
	}
	return term{}, false
}

// instantOf reads a side of a comparison.
func (b *builder) instantOf(t term) (instant, error) {
	switch {
	case t.cls == clsTime:
		i := instant{t: t, kind: stampFull, ts: columnStamp(t)}
		if t.typ.Kind == sqltype.Date {
			i.kind = stampDay
		} else if t.typ.Kind == sqltype.Time {
			i.kind, i.ts = stampClock, ""
		}
		return i, nil
	case t.lit != nil && t.lit.kind == constText:
		s, ok := parseStamp(t.lit.s)
		if !ok {
			return instant{}, unsupported("comparison of a date or time with '"+t.lit.s+"'", "the text is no date or time", "")
		}
		k := [...]sqltype.Kind{stampDay: sqltype.Date, stampFull: sqltype.Timestamp, stampClock: sqltype.Time}[s.kind]
		lit, _ := s.literal(k)
		return instant{kind: s.kind, t: lit, lit: &s, ts: lit.sql}, nil
	case t.mom != nil && t.cls == clsText:
		return t.mom.instant()
	}
	return instant{}, unsupported("comparison of a date or time with "+t.cls.String(), "its form in SQLite was a text", "")
}

// instant gives a formatted moment as a typed value.
func (m *moment) instant() (instant, error) {
	switch m.format {
	case formatDate:
		return instant{kind: stampDay, t: value(castDate(m.ts), sqltype.Date), ts: "date_trunc('day', " + m.ts + ")"}, nil
	case formatTime:
		return instant{kind: stampClock, t: value("date_trunc('second', "+m.ts+")::time", sqltype.Time)}, nil
	case formatDateTime, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ":
		ts := (&moment{ts: m.ts, now: m.now, format: formatDateTime}).exact()
		return instant{kind: stampFull, t: value(ts, sqltype.Timestamp), ts: ts}, nil
	case formatMillis, "%Y-%m-%dT%H:%M:%f", "%Y-%m-%dT%H:%M:%fZ":
		if m.now {
			return instant{kind: stampFull, t: value(m.ts, sqltype.Timestamp), ts: m.ts}, nil
		}
	}
	return instant{}, unsupported("comparison of a date or time with strftime", "its format is not that of a whole date or time", "")
}

// momentPair compares results of date functions without a column of a time
// type. Equal formats compare as instants; the rest as the texts they are.
func (b *builder) momentPair(op string, l, r term) (pair, bool, error) {
	if l.cls != clsText || r.cls != clsText {
		return pair{}, false, nil
	}
	for _, t := range []term{l, r} {
		if t.mom == nil {
			if t.lit == nil {
				return pair{}, false, nil
			}
			s, ok := parseStamp(t.lit.s)
			if !ok || !s.plain {
				return pair{}, false, nil
			}
		}
	}
	x, errX := b.instantOf(l)
	y, errY := b.instantOf(r)
	if errX != nil || errY != nil || x.kind != y.kind {
		return pair{}, false, nil //nolint:nilerr // the caller compares the texts instead
	}
	if l.mom != nil && r.mom != nil && l.mom.format != r.mom.format {
		return pair{}, false, nil
	}
	p, err := sameKind(op, x, y)
	return p, true, err
}

// epochPair compares a time column that held integers.
func (b *builder) epochPair(op string, l, r term) (pair, error) {
	if l.unit != NoUnit && r.unit == l.unit && l.typ.Kind == r.typ.Kind {
		return pair{l: l, r: r, op: op}, nil
	}
	if l.unit == NoUnit {
		p, err := b.epochPair(mirror(op), r, l)
		p.l, p.r, p.op = p.r, p.l, mirror(p.op)
		return p, err
	}
	switch {
	case r.lit != nil && r.lit.kind == constInt:
		if s, ok := epochStamp(r.lit.i, l.unit); ok {
			if lit, ok := s.literal(l.typ.Kind); ok {
				return pair{l: l, r: lit, op: op}, nil
			}
		}
	case r.mom != nil && r.mom.scale == l.unit.perSecond() && l.unit == Seconds:
		i := instant{ts: "date_trunc('second', " + r.mom.ts + ")"}
		if t, ok := i.as(l.typ.Kind); ok {
			return pair{l: l, r: t, op: op}, nil
		}
	}
	if !r.cls.isNumber() && r.unit == NoUnit {
		return pair{}, unsupported("comparison of a time column with "+r.cls.String(), "its values were integers in SQLite", "")
	}
	x := b.epochOf(l)
	y, err := b.number(r)
	if err != nil {
		return pair{}, err
	}
	x.mom, y.mom = nil, nil
	return b.numberPair(op, x, y)
}
