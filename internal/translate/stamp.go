package translate

import (
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// stampKind tells what part of time a text shows.
type stampKind uint8

const (
	stampDay stampKind = iota + 1
	stampFull
	stampClock
)

// stamp is a date or time that a text holds, in UTC.
type stamp struct {
	kind stampKind
	t    time.Time
	// plain tells a text exactly as date(), time() or datetime() write it.
	plain bool
	zone  bool
}

// stampLayouts are the forms of SQLite's time values ("Date And Time
// Functions", section 2) but for julian days and words.
var stampLayouts = []struct {
	layout string
	kind   stampKind
	plain  bool
}{
	{"2006-01-02", stampDay, true},
	{"2006-01-02 15:04:05", stampFull, true},
	{"2006-01-02T15:04:05", stampFull, false},
	{"2006-01-02 15:04", stampFull, false},
	{"2006-01-02T15:04", stampFull, false},
	{"15:04:05", stampClock, true},
	{"15:04", stampClock, false},
}

// parseStamp reads a time text. Fractions of more than 6 digits are refused,
// because Postgres would round them.
func parseStamp(s string) (stamp, bool) {
	if i := strings.IndexByte(s, '.'); i >= 0 && strings.TrimRight(s[i+1:], "Zz+-: 0123456789") == "" {
		digits := s[i+1:]
		if j := strings.IndexAny(digits, "Z+-"); j >= 0 {
			digits = digits[:j]
		}
		if len(digits) > 6 {
			return stamp{}, false
		}
	}
	for _, l := range stampLayouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			return checkedStamp(stamp{kind: l.kind, t: t, plain: l.plain && len(s) == len(l.layout)})
		}
		if l.kind == stampDay {
			continue
		}
		for _, zone := range []string{"Z07:00", " Z07:00", " -07:00"} {
			if t, err := time.Parse(l.layout+zone, s); err == nil {
				return checkedStamp(stamp{kind: l.kind, t: t.UTC(), zone: true})
			}
		}
	}
	return stamp{}, false
}

// checkedStamp refuses years that are not written with four digits.
func checkedStamp(s stamp) (stamp, bool) {
	ok := s.kind == stampClock || s.t.Year() >= 1 && s.t.Year() <= 9999
	return s, ok
}

// literal writes the stamp as a literal of a Postgres type. ok is false when
// the type cannot hold it.
func (s stamp) literal(k sqltype.Kind) (term, bool) {
	layout := map[sqltype.Kind]string{
		sqltype.Date: "2006-01-02", sqltype.Time: "15:04:05.999999",
		sqltype.Timestamp: "2006-01-02 15:04:05.999999", sqltype.TimestampTZ: "2006-01-02 15:04:05.999999+00",
	}[k]
	fits := layout != "" && (s.kind == stampClock) == (k == sqltype.Time)
	if k == sqltype.Date && s.kind == stampFull {
		fits = s.t.Equal(s.t.Truncate(24 * time.Hour))
	}
	if !fits {
		return term{}, false
	}
	t := value("'"+s.t.Format(layout)+"'::"+sqltype.Type{Kind: k}.SQL(), k)
	t.notNull = true
	return t, true
}

// constantStamp folds a format of a literal timestamp into a text.
func constantStamp(ts, format string) (string, bool) {
	const suffix = "'::timestamp"
	if !strings.HasPrefix(ts, "'") || !strings.HasSuffix(ts, suffix) {
		return "", false
	}
	t, err := time.Parse("2006-01-02 15:04:05.999999", ts[1:len(ts)-len(suffix)])
	layout := map[string]string{formatDate: "2006-01-02", formatTime: "15:04:05", formatDateTime: "2006-01-02 15:04:05"}[format]
	if err != nil || layout == "" {
		return "", false
	}
	return "'" + t.Format(layout) + "'::text", true
}

// epochStamp makes a stamp of an integer time.
func epochStamp(n int64, u Unit) (stamp, bool) {
	per := u.perSecond()
	if per == 0 {
		return stamp{}, false
	}
	sec, rest := n/per, n%per
	if rest < 0 {
		sec, rest = sec-1, rest+per
	}
	nanos := rest * (1e9 / per)
	if nanos%1e3 != 0 {
		return stamp{}, false
	}
	return checkedStamp(stamp{kind: stampFull, t: time.Unix(sec, nanos).UTC()})
}
