package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// moment is the instant behind a date and time function's result. SQLite gives
// it as text or number; Postgres can often use the instant itself.
type moment struct {
	// ts is the instant as an expression of type timestamp, in UTC.
	ts string
	// format is how SQLite writes it.
	format string
	// now tells the time of the statement, which has no use for truncation.
	now bool
	// scale, when set, tells a number: epoch units per second.
	scale int64
}

// The formats of date(), time() and datetime(), as strftime writes them.
const (
	formatDate     = "%Y-%m-%d"
	formatTime     = "%H:%M:%S"
	formatDateTime = "%Y-%m-%d %H:%M:%S"
	formatMillis   = "%Y-%m-%d %H:%M:%f"
)

// utcNow is the current time in UTC.
const utcNow = "(now() AT TIME ZONE 'utc')"

// nowAs is the current time in a format.
func (b *builder) nowAs(what, format string) (term, error) {
	if err := b.mayUseNow(what); err != nil {
		return term{}, err
	}
	return b.momentText(&moment{ts: utcNow, now: true, format: format})
}

// mayUseNow refuses the current time where Postgres wants immutable functions.
func (b *builder) mayUseNow(what string) error {
	if b.ctx.immutable() {
		return unsupported(what, "the current time may not stand in an index or generated column", "")
	}
	return nil
}

// momentText makes the text of a moment.
func (b *builder) momentText(m *moment) (term, error) {
	sql, err := b.formatted(m)
	if err != nil {
		return term{}, err
	}
	t := value(sql, sqltype.Text)
	t.mom = m
	return t, nil
}

// exact gives the instant cut to what the format shows.
func (m *moment) exact() string {
	switch {
	case m.now && m.format != formatDate:
		return m.ts
	case m.format == formatDateTime:
		return "date_trunc('second', " + m.ts + ")"
	}
	return m.ts
}

// timestampTZ gives the instant with its zone.
func zoned(ts string) string {
	if ts == utcNow {
		return "now()"
	}
	return "(" + ts + " AT TIME ZONE 'UTC')"
}

// epochSeconds is the integer that strftime('%s') and unixepoch() give.
func epochSeconds(m *moment) string {
	if m.now {
		return "floor(extract(epoch FROM now()))::bigint"
	}
	return "floor(extract(epoch FROM " + m.ts + "))::bigint"
}

// momentNumber makes the number of a format that writes digits only.
func (b *builder) momentNumber(t term) (term, error) {
	fields := map[string]string{
		"%Y": "year", "%m": "month", "%d": "day", "%H": "hour", "%M": "minute", "%w": "dow", "%j": "doy", "%u": "isodow",
	}
	m := t.mom
	field, ok := fields[m.format]
	switch {
	case m.format == "%s":
		n := value(epochSeconds(m), sqltype.Int8)
		n.mom = &moment{ts: m.ts, now: m.now, scale: 1}
		return n, nil
	case m.format == "%S":
		return value("floor(extract(second FROM "+m.ts+"))::int", sqltype.Int4), nil
	case ok:
		return value("extract("+field+" FROM "+m.ts+")::int", sqltype.Int4), nil
	}
	return term{}, unsupported("date text in arithmetic", "SQLite takes the number that the text begins with", "use strftime with one field")
}

// epochOf gives the number that a date or time column held.
func (b *builder) epochOf(t term) term {
	ts := columnStamp(t)
	n := value("(extract(epoch FROM "+ts+") * "+strconv.FormatInt(t.unit.perSecond(), 10)+")::bigint", sqltype.Int8)
	if t.unit == Seconds {
		n.sql = "floor(extract(epoch FROM " + ts + "))::bigint"
	}
	n.notNull, n.hasAff, n.aff = t.notNull, t.hasAff, t.aff
	n.mom = &moment{ts: ts, scale: t.unit.perSecond()}
	return n
}

// columnStamp gives a column's value as timestamp in UTC.
func columnStamp(t term) string {
	switch t.typ.Kind {
	case sqltype.TimestampTZ:
		return "(" + t.wrap() + " AT TIME ZONE 'UTC')"
	case sqltype.Date:
		return t.cast("timestamp")
	}
	return t.wrap()
}

// dateText writes a date column as SQLite held it.
func (b *builder) dateText(t term) term {
	m := &moment{ts: t.cast("timestamp"), format: formatDate}
	r, err := b.momentText(m)
	if err != nil {
		return t
	}
	return keepNull(r, t)
}

// epochScale recognises strftime('%s', x) * 1000 and the like, whose instant
// a timestamp column can take.
func (b *builder) epochScale(op string, l, r term) (term, bool, error) {
	if op == "*" && l.lit != nil {
		l, r = r, l
	}
	if op == "*" {
		if t, ok := b.fineEpoch(l, r); ok {
			return t, true, nil
		}
	}
	if op != "*" || l.mom == nil || r.lit == nil || r.lit.kind != constInt {
		return term{}, false, nil
	}
	seconds := l.mom.format == "%s" || l.mom.scale == 1
	if !seconds || r.lit.i != 1e3 && r.lit.i != 1e6 && r.lit.i != 1e9 {
		return term{}, false, nil
	}
	t := value("("+epochSeconds(l.mom)+" * "+r.sql+")", sqltype.Int8)
	t.mom = &moment{ts: l.mom.ts, now: l.mom.now, scale: r.lit.i}
	return t, true, nil
}

// epochMillis recognises Drizzle's
// cast((julianday('now') - 2440587.5) * 86400000 as integer), the time in
// milliseconds.
func (b *builder) epochMillis(e *syntax.Cast) (term, bool, error) {
	const ms, s = "(julianday('now') - 2440587.5) * 86400000", "(julianday('now') - 2440587.5) * 86400"
	if !strings.Contains(strings.ToUpper(e.Type), "INT") {
		return term{}, false, nil
	}
	text, ok := shortSource(e.X)
	text = strings.ReplaceAll(text, ".0", "")
	scale := map[string]int64{ms: 1e3, s: 1}[text]
	if !ok || scale == 0 {
		return term{}, false, nil
	}
	if err := b.mayUseNow("julianday('now')"); err != nil {
		return term{}, true, err
	}
	t := value("floor(extract(epoch FROM now()) * "+strconv.FormatInt(scale, 10)+")::bigint", sqltype.Int8)
	t.mom = &moment{ts: utcNow, now: true, scale: scale}
	return t, true, nil
}
