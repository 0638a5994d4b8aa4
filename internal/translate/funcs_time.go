package translate

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

var timeFunctions = map[string]function{
	"date":      {timeFunction(formatDate), 0, -1},
	"time":      {timeFunction(formatTime), 0, -1},
	"datetime":  {timeFunction(formatDateTime), 0, -1},
	"strftime":  {strftimeFunction, 1, -1},
	"unixepoch": {unixepochFunction, 0, -1},
	"julianday": {juliandayFunction, 0, -1},

	"current_timestamp": {nowFunction(formatDateTime), 0, 0},
	"current_date":      {nowFunction(formatDate), 0, 0},
	"current_time":      {nowFunction(formatTime), 0, 0},
}

func nowFunction(format string) rule {
	return func(b *builder, c *syntax.Call) (term, error) { return b.nowAs(c.Name+"()", format) }
}

// timeFunction rebuilds date(), time() and datetime().
func timeFunction(format string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		m, subsec, err := b.timeValue(c.Name, c.Args)
		if err != nil {
			return term{}, err
		}
		m.format = format
		if subsec && format != formatDate {
			m.format = strings.Replace(format, "%S", "%f", 1)
		}
		return b.momentText(m)
	}
}

// strftimeFunction rebuilds strftime(format, value, modifiers...).
func strftimeFunction(b *builder, c *syntax.Call) (term, error) {
	f, err := b.expr(c.Args[0])
	if err != nil {
		return term{}, err
	}
	if f.lit == nil || f.lit.kind != constText {
		return term{}, unsupported("strftime", "its format is not a literal", "")
	}
	m, _, err := b.timeValue(c.Name, c.Args[1:])
	if err != nil {
		return term{}, err
	}
	m.format = combined.Replace(f.lit.s)
	return b.momentText(m)
}

// unixepochFunction rebuilds unixepoch(), the integer seconds since 1970.
func unixepochFunction(b *builder, c *syntax.Call) (term, error) {
	m, subsec, err := b.timeValue(c.Name, c.Args)
	if err != nil {
		return term{}, err
	}
	if subsec {
		t := value("(floor(extract(epoch FROM "+m.ts+") * 1000)::float8 / 1000::float8)", sqltype.Float8)
		t.fine = m
		return t, nil
	}
	t := value(epochSeconds(m), sqltype.Int8)
	m.scale = 1
	t.mom = m
	return t, nil
}

// juliandayFunction rebuilds julianday(): SQLite divides whole milliseconds
// since the julian epoch, which is 210866760000 seconds before 1970.
func juliandayFunction(b *builder, c *syntax.Call) (term, error) {
	m, _, err := b.timeValue(c.Name, c.Args)
	if err != nil {
		return term{}, err
	}
	return value("((round(extract(epoch FROM "+m.ts+") * 1000) + 210866760000000)::float8 / 86400000::float8)", sqltype.Float8), nil
}

// timeValue reads the time value and modifiers of a date and time function.
func (b *builder) timeValue(name string, args []syntax.Expr) (m *moment, subsec bool, err error) {
	if len(args) == 0 {
		args = []syntax.Expr{&syntax.Literal{Kind: syntax.LitString, Text: "now"}}
	}
	x, err := b.expr(args[0])
	if err != nil {
		return nil, false, err
	}
	mods := make([]string, 0, len(args))
	for _, a := range args[1:] {
		t, err := b.expr(a)
		if err != nil {
			return nil, false, err
		}
		if t.lit == nil || t.lit.kind != constText {
			return nil, false, unsupported(name+"()", "a modifier is not a literal", "")
		}
		mods = append(mods, foldASCII(strings.TrimSpace(t.lit.s)))
	}
	if x.lit != nil && isSubsec(foldASCII(x.lit.s)) { // datetime('subsec') is datetime('now', 'subsec')
		x.lit, subsec = textConst("now"), true
	}
	epoch := len(mods) > 0 && mods[0] == "unixepoch"
	if epoch {
		mods = mods[1:]
	}
	if m, err = b.timeBase(name, x, epoch); err != nil {
		return nil, false, err
	}
	for _, mod := range mods {
		if isSubsec(mod) {
			subsec = true
			continue
		}
		if err := m.modify(name, mod); err != nil {
			return nil, false, err
		}
	}
	return m, subsec, nil
}

func isSubsec(mod string) bool { return mod == "subsec" || mod == "subsecond" }

// timeBase reads the first argument: 'now', a time text, a column, or seconds
// with 'unixepoch'.
func (b *builder) timeBase(name string, x term, epoch bool) (*moment, error) {
	switch {
	case epoch:
		return b.epochBase(name, x)
	case x.lit != nil && x.lit.kind == constText && foldASCII(x.lit.s) == "now":
		return &moment{ts: utcNow, now: true}, b.mayUseNow(name + "('now')")
	case x.lit != nil && x.lit.kind == constText:
		s, ok := parseStamp(x.lit.s)
		if !ok || s.kind == stampClock {
			return nil, unsupported(name+"()", "its time value is not a date that can be rebuilt", "")
		}
		lit, _ := s.literal(sqltype.Timestamp)
		return &moment{ts: lit.sql}, nil
	case x.local && x.unit == NoUnit:
		return nil, localTime(name + "()")
	case x.cls == clsTime && x.unit == NoUnit && x.typ.Kind != sqltype.Time:
		return &moment{ts: columnStamp(x)}, nil
	case x.mom != nil && x.cls == clsText:
		i, err := x.mom.instant()
		if err == nil && i.kind != stampClock {
			return &moment{ts: i.ts, now: x.mom.now && i.kind == stampFull}, nil
		}
	case x.cls.isNumber() || x.cls == clsTime && x.unit != NoUnit:
		return nil, unsupported(name+"() of a number", "SQLite reads it as a julian day", "add 'unixepoch' if it is seconds")
	case x.isNull():
		return &moment{ts: "NULL::timestamp"}, nil
	}
	return nil, unsupported(name+"() of "+x.cls.String(), "SQLite gives NULL for texts that are no times, Postgres an error", "give the column a date or time type")
}

// epochBase reads seconds since 1970.
func (b *builder) epochBase(name string, x term) (*moment, error) {
	if x.cls == clsTime && x.unit == Seconds {
		return &moment{ts: columnStamp(x)}, nil
	}
	if d, ok := x.mom, x.mom != nil && x.mom.scale == 1; ok {
		return &moment{ts: "date_trunc('second', " + d.ts + ")"}, nil
	}
	n, err := b.number(x)
	if err != nil {
		return nil, err
	}
	if n.cls != clsInt && n.cls != clsReal {
		return nil, unsupported(name+"(..., 'unixepoch')", "its number is neither an integer nor a float", "")
	}
	return &moment{ts: "(to_timestamp(" + n.sql + ") AT TIME ZONE 'UTC')"}, nil
}

// shiftModifier is '+N unit'.
var shiftModifier = regexp.MustCompile(`^([+-]?\d+(?:\.\d+)?) +(second|minute|hour|day|month|year)s?$`)

// weekdayModifier is 'weekday N'.
var weekdayModifier = regexp.MustCompile(`^weekday +([0-6])$`)

// modify applies one modifier.
func (m *moment) modify(name, mod string) error {
	if s := shiftModifier.FindStringSubmatch(mod); s != nil {
		return m.shift(name, s[1], s[2])
	}
	if s := weekdayModifier.FindStringSubmatch(mod); s != nil {
		m.ts = "(" + m.ts + " + ((" + s[1] + " + 7 - extract(dow FROM " + m.ts + ")::int) % 7) * interval '1 day')"
		return m.bounded(name)
	}
	switch mod {
	case "start of day", "start of month", "start of year":
		m.ts = "date_trunc('" + strings.TrimPrefix(mod, "start of ") + "', " + m.ts + ")"
		m.now = false
		return nil
	case "utc":
		if m.ts == utcNow {
			return nil
		}
	case "localtime":
		return unsupported(name+"(..., 'localtime')", "it is the time zone of the machine that ran SQLite", "use AT TIME ZONE with the zone's name")
	}
	return unsupported(name+"(..., '"+mod+"')", "this modifier is not rebuilt", "")
}

// shift adds to a moment. SQLite moves months and years without looking at the
// length of the month: Jan 31 + 1 month is Mar 3. Postgres stops at its end,
// so the day is added again to the moved first of the month.
func (m *moment) shift(name, amount, unit string) error {
	n, err := strconv.ParseFloat(amount, 64)
	if err != nil || math.Abs(n) > 1e7 {
		return unsupported(name+"()", "a modifier is out of range", "")
	}
	amount = strings.TrimPrefix(amount, "+")
	if unit == "month" || unit == "year" {
		if n != math.Trunc(n) {
			return unsupported(name+"()", "a modifier with a part of a "+unit, "")
		}
		m.ts = "(date_trunc('month', " + m.ts + ") + interval '" + amount + " " + unit + "' + (" + m.ts + " - date_trunc('month', " + m.ts + ")))"
		return m.bounded(name)
	}
	if unit == "day" { // interval '1 day' and '24 hours' are the same for timestamps without zone
		m.ts = "(" + m.ts + " + interval '" + amount + " days')"
	} else {
		m.ts = "(" + m.ts + " + interval '" + amount + " " + unit + "s')"
	}
	return m.bounded(name)
}

// bounded stops modifiers from growing the text without limit.
func (m *moment) bounded(name string) error {
	if len(m.ts) > maxSQL/16 {
		return unsupported(name+"()", "it has too many modifiers", "")
	}
	return nil
}
