package translate_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// TestDefaultOfNumbers rebuilds the defaults of columns whose numbers told
// time, and of the types that only frameworks' columns get.
func TestDefaultOfNumbers(t *testing.T) {
	t.Parallel()
	pg := pgtest.Connect(t, pgtest.Start(t).Database(t))
	for _, c := range []struct {
		in   string
		typ  sqltype.Kind
		unit translate.Unit
		want string // "" for refused
	}{
		{"0", sqltype.TimestampTZ, translate.Seconds, "'1970-01-01 00:00:00+00'::timestamptz"},
		{"1714979289", sqltype.TimestampTZ, translate.Seconds, "'2024-05-06 07:08:09+00'::timestamptz"},
		{"1714979289123", sqltype.TimestampTZ, translate.Milliseconds, "'2024-05-06 07:08:09.123+00'::timestamptz"},
		{"'1714979289'", sqltype.TimestampTZ, translate.Seconds, "'2024-05-06 07:08:09+00'::timestamptz"},
		{"1714979289123", sqltype.TimestampTZ, translate.Seconds, ""}, // the year 56314
		{"1.5", sqltype.TimestampTZ, translate.Seconds, ""},
		{"CURRENT_TIMESTAMP", sqltype.TimestampTZ, translate.Milliseconds, "now()"},
		{"'2020-01-01'", sqltype.TimestampTZ, translate.Milliseconds, "'2020-01-01 00:00:00+00'::timestamptz"},
		{"(unixepoch())", sqltype.TimestampTZ, translate.Seconds, "now()"},
		{"(unixepoch())", sqltype.TimestampTZ, translate.Milliseconds, ""}, // would be in 1970
		{"(unixepoch() * 1000)", sqltype.TimestampTZ, translate.Milliseconds, "now()"},
		{"(unixepoch() * 1000)", sqltype.TimestampTZ, translate.Seconds, ""},
		{"(strftime('%s', 'now'))", sqltype.TimestampTZ, translate.Seconds, "now()"},
		{"(strftime('%s', 'now', '+1 day'))", sqltype.TimestampTZ, translate.Seconds, "(((now() AT TIME ZONE 'utc') + interval '1 days') AT TIME ZONE 'UTC')"},
		{"(cast(strftime('%s', 'now') as integer))", sqltype.TimestampTZ, translate.Seconds, "now()"},
		{"(unixepoch('now', 'subsec') * 1000)", sqltype.TimestampTZ, translate.Milliseconds, "now()"},
		{"(cast(unixepoch('subsec') * 1000 as integer))", sqltype.TimestampTZ, translate.Milliseconds, "now()"},
		{"(cast(unixepoch('subsec') * 1000 as integer))", sqltype.TimestampTZ, translate.Seconds, ""},
		{"(cast((julianday('now') - 2440587.5)*86400000 as integer))", sqltype.TimestampTZ, translate.Milliseconds, "now()"},
		{"'00:00:00'", sqltype.Interval, translate.NoUnit, "'00:00:00'::interval"},
		{"'1.02:03:04.5000000'", sqltype.Interval, translate.NoUnit, "'1 days 02:03:04.500000'::interval"},
		{"'-1.02:03:04'", sqltype.Interval, translate.NoUnit, "'-1 days -02:03:04'::interval"},
		{"'1.02:03:04.0000001'", sqltype.Interval, translate.NoUnit, ""},
		{"'soon'", sqltype.Interval, translate.NoUnit, ""},
		{"5", sqltype.Interval, translate.NoUnit, ""},
		{"'10.0.0.1'", sqltype.Inet, translate.NoUnit, "'10.0.0.1'::inet"},
		{"'fe80::1%eth0'", sqltype.Inet, translate.NoUnit, ""},
		{"'a''b'", sqltype.Inet, translate.NoUnit, ""},
	} {
		tree, err := syntax.ParseExpr(c.in)
		if err != nil {
			t.Errorf("parse %s: %v", c.in, err)
			continue
		}
		typ := kind(c.typ)
		got, err := translate.DefaultFor(tree, translate.Column{Type: typ, Unit: c.unit})
		if c.want == "" {
			checkRefusal(t, c.in+" into "+typ.SQL(), got, err)
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s into %s:\n got %s, %v\nwant %s", c.in, typ.SQL(), got, err, c.want)
			continue
		}
		if _, err := pg.Exec(t.Context(), "CREATE TEMP TABLE x (v "+typ.SQL()+" DEFAULT "+got+"); INSERT INTO x DEFAULT VALUES; DROP TABLE x"); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}
