package typemap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// repeat writes n values, 0 to n-1 put into format.
func repeat(n int, format string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return out
}

func join(lists ...[]string) []string {
	var out []string
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// TestDecide covers what the table in docs/TYPES.md is too narrow for.
func TestDecide(t *testing.T) {
	t.Parallel()
	secs := repeat(20, "1700000%03d")
	tests := []struct {
		name, column string
		values       []string
		want         string
		why          string // a part of it
	}{
		{"seconds with outliers", "c DATETIME", join(secs, []string{"-62135596800", "0", "253402300799"}), "timestamptz", "epoch seconds"},
		{"milliseconds with outliers", "c DATETIME", join(repeat(20, "1700000000%03d"), []string{"-30610224000000", "253402300799999", "0", "-1"}), "timestamptz", "epoch milliseconds"},
		{"microseconds", "c DATETIME", repeat(3, "1700000000000%03d"), "timestamptz", "epoch microseconds"},
		{"nanoseconds", "c DATETIME", repeat(3, "1700000000000000%03d"), "timestamptz", "epoch nanoseconds"},
		{"webkit", "c TIMESTAMP", repeat(3, "13344473600000%03d"), "timestamptz", "since 1601"},
		{"only never", "c DATETIME", []string{"253402300799", "253402300799"}, "bigint", "unit cannot be told"},
		{"only zeros", "c DATETIME", []string{"0", "0"}, "bigint", "unit cannot be told"},
		{"two units", "c DATETIME", join(secs, repeat(3, "1700000000%03d")), "bigint", "unit cannot be told"},
		{"one of another unit in many", "c DATETIME", join(secs, []string{"1700000000000"}), "bigint", "unit cannot be told"},
		{"one in another band in many", "c DATETIME", join(secs, []string{"20240506"}), "timestamptz", "epoch seconds"},
		{"beyond the years", "c DATETIME", join(secs, []string{"9223372036854775807"}), "bigint", "unit cannot be told"},
		{"seconds beside naive text", "c DATETIME", join(secs, []string{"'2024-01-01'"}), "timestamptz", "1 naive value taken as UTC"},
		{"digits of dates", "c DATE", []string{"20240506", "18991231"}, "date", ""},
		{"digits that are no date", "c DATE", []string{"20240506", "20240507", "20240231", "20240508"}, "bigint", "unit cannot be told"},
		{"digits of dates in a datetime", "c DATETIME", []string{"20240506", "'2024-05-06 01:02:03'"}, "timestamp", ""},
		{"integer seconds and Julian reals", "c DATETIME", []string{"1700000000", "2460436.25"}, "timestamptz", "epoch seconds and Julian days"},
		{"integers told, reals not", "c DATETIME", []string{"1700000000", "0.5"}, "numeric", "reals from 0.5"},
		{"epochs in a time", "c TIME", []string{"1700000000"}, "timestamptz", "epoch seconds"},
		{"times and datetimes", "c TIME", []string{"'07:08'", "'2024-05-06 07:08'"}, "text", "'2024-05-06 07:08' at rowid=2"},
		{"infinity in a date", "c DATE", []string{"9e999"}, "double precision", "from Infinity"},
		{"dates with a zone at midnight", "c DATE", []string{"'2024-05-06T00:00:00Z'"}, "timestamptz", "with a zone"},

		{"hex UUIDs", "c CHAR(32)", repeat(4, "'3f2504e04f8941d39a0c0305e82c33%02d'"), "uuid", "all 4 values are UUIDs"},
		{"hex UUIDs and nil", "c CHAR(32)", join(repeat(4, "'3f2504e04f8941d39a0c0305e82c33%02d'"), []string{"'" + strings.Repeat("0", 32) + "'"}), "uuid", ""},
		{"digests", "c CHAR(32)", repeat(8, "'d41d8cd98f00b204e9800998ecf84%03d'"), "varchar(32)", ""},
		{"blob UUIDs", "c BINARY(16)", []string{
			"x'3f2504e04f8941d39a0c0305e82c3301'", "x'3f2504e04f89ffd39a0c0305e82c3301'",
		}, "bytea", ""},
		{"blob UUIDs in both orders", "c BINARY(16)", repeat(4, "x'3f2504e04f8941439a0c0305e82c33%02d'"), "bytea", ""},
		{"blob UUIDs, RFC", "c BINARY(16)", join(repeat(4, "x'3f2504e04f8941f39a0c0305e82c33%02d'"), []string{"x'3f2504e04f8941ff9a0c0305e82c3301'"}), "uuid", ""},
		{"blob UUIDs, .NET", "c BINARY(16)", join(repeat(4, "x'e004253f894ff3419a0c0305e82c33%02d'")), "uuid", ".NET"},
		{"blob UUID by name", "item_guid BLOB", []string{"x'3f2504e04f8941f39a0c0305e82c3301'"}, "uuid", "the value is a UUID"},
		{"blob UUID by name, in both orders", "item_guid BLOB", []string{"x'3f2504e04f8941439a0c0305e82c3301'"}, "bytea", ""},
		{"blobs of 16 bytes", "c BINARY(16)", repeat(9, "x'000102030405060708090a0b0c0d0e%02d'"), "bytea", ""},
		{"text and blobs", "c UUID", []string{"'3f2504e0-4f89-41d3-9a0c-0305e82c3301'", "x'3f2504e04f8941d39a0c0305e82c3302'"}, "uuid", ""},
		{"a guide", "guide TEXT", []string{"'3f2504e0-4f89-41d3-9a0c-0305e82c3301'"}, "text", ""},
		{"misguided GUID", "misguided_GUID TEXT", []string{"'3f2504e0-4f89-41d3-9a0c-0305e82c3301'"}, "uuid", ""},
		{"UUIDs and empty text", "c CHAR(36)", []string{"'3f2504e0-4f89-41d3-9a0c-0305e82c3301'", "''"}, "varchar(36)", "empty-null makes NULL of them and uuid of the column"},

		{"blobs that are JSON twice", "c JSON", []string{"CAST('3123' AS BLOB)"}, "bytea", "--form names it"},
		{"JSON in blobs and text", "c JSON", []string{"CAST('[1]' AS BLOB)", "'[2]'", "3"}, "jsonb", ""},
		{"JSONB and JSON blobs", "c JSON", []string{"CAST('[1]' AS BLOB)", "jsonb('[2]')"}, "bytea", "not all values are JSON"},
		{"infinite JSON", "c JSON", []string{"'1e999'"}, "double precision", ""},
		{"unguarded", "c TEXT CHECK (json_valid(c) OR c = 'none')", []string{"'[1]'"}, "text", ""},
		{"guarded, or NULL", "c TEXT CHECK (json_valid(c) OR c IS NULL)", []string{"'[1]'", "NULL"}, "jsonb", ""},
		{"guarded, NULL first", `c TEXT CHECK ((c IS NULL OR JSON_VALID("c") = 1))`, nil, "jsonb", ""},
		{"a half surrogate", "c TEXT CHECK (json_valid(c))", []string{`'"\ud800"'`}, "text", `'"\ud800"' at rowid=1`},

		{"numbers and text in decimals", "c DECIMAL(4,1)", []string{"1", "2.5", "'x'"}, "text", "'x' at rowid=3"},
		{"too wide a declaration", "c DECIMAL(2000,3)", []string{"1.5"}, "numeric", ""},
		{"integers beyond doubles, and infinity", "c NUMERIC", []string{"9007199254740993", "9e999"}, "text", ""},
		{"integers beyond doubles in bool", "c BOOLEAN", []string{"9007199254740993", "9e999", "1"}, "text", ""},
		{"a long integer in decimals", "c DECIMAL(4,1)", []string{"12345"}, "numeric", "5 digits before"},
		{"typeless numbers", "c", []string{"1", "1.5"}, "numeric", ""},
		{"typeless blobs of text", "c", []string{"'a'", "x'62'"}, "text", ""},
		{"array of integers", "c bigint[]", []string{"'{1,2}'"}, "text", "values are text: '{1,2}' at rowid=1"},
		{"blob and integer", "c INTEGER", []string{"1", "x'31'"}, "bytea", "1 integer, 1 blob"},
	}
	for _, test := range tests {
		_, d := column(t, typemap.Options{}, test.column, test.values...)
		if d.Type.SQL() != test.want || !strings.Contains(d.Why, test.why) || test.why == "" && test.want == "date" && d.Why != "" {
			t.Errorf("%s: %s (%s; %s), want %s (%s)", test.name, d.Type.SQL(), d.Why, d.Evidence, test.want, test.why)
		}
		if !d.Proven || d.ByRule {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}

func TestBadText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		policy  typemap.BadText
		column  string
		want    string
		proven  bool
		replace bool
	}{
		{typemap.BadTextKeep, "c VARCHAR(20)", "text", false, false},
		{typemap.BadTextBytea, "c VARCHAR(20)", "bytea", true, false},
		{typemap.BadTextReplace, "c VARCHAR(20)", "text", true, true},
		{typemap.BadTextKeep, "c BLOB", "bytea", true, false},
		{typemap.BadTextKeep, "c DATE", "text", false, false},
	} {
		src, d := column(t, typemap.Options{BadText: test.policy}, test.column, "'good'", "CAST(x'61ff' AS TEXT)", "'a' || char(0)")
		if d.Type.SQL() != test.want || d.Proven != test.proven || d.Replace != test.replace {
			t.Errorf("%s, policy %d: %+v", test.column, test.policy, d)
		}
		got := fmt.Sprint(src.tables[src.schema.Table("t")].BadText(0))
		if want := `[{rowid=3 "a\x00"} {rowid=2 "a\xff"}]`; got != want {
			t.Errorf("%s: bad text %s, want %s", test.column, got, want)
		}
	}
}

func TestNaiveZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{"c DATETIME": "timestamptz", "c DATE": "date", "c TEXT": "text", "c TIMESTAMPTZ": "timestamptz"} {
		_, d := decideIn(t, berlin, column, "'2024-05-06'")
		if d.Type.SQL() != want || d.Type.Kind == sqltype.TimestampTZ && (d.Zone != berlin || d.Why != "1 naive value taken as Europe/Berlin") {
			t.Errorf("%s: %+v", column, d)
		}
	}
}

func decideIn(t *testing.T, zone *time.Location, definition string, values ...string) (*source, typemap.Decision) {
	t.Helper()
	return column(t, typemap.Options{NaiveZone: zone}, definition, values...)
}

func TestRules(t *testing.T) {
	t.Parallel()
	typ := func(s string) sqltype.Type {
		if s == "" {
			return sqltype.Type{}
		}
		out, err := typemap.ParseType(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, test := range []struct {
		name, typ string
		form      typemap.Form
		column    string
		values    []string
		want      string
		check     func(convert.Column) bool
		proven    bool
	}{
		{"type of units told", "timestamptz", "", "c INTEGER", []string{"1700000000123"}, "timestamptz", func(c convert.Column) bool { return c.Int == form.Millis }, false},
		{"type of units not told", "timestamptz", "", "c INTEGER", []string{"5"}, "timestamptz", func(c convert.Column) bool { return c.Int == form.NoUnit }, false},
		{"unit brings its type", "", typemap.FormCoreData, "c REAL", []string{"5.5"}, "timestamptz", func(c convert.Column) bool { return c.Real == form.CoreData }, false},
		{"days bring a date", "", typemap.FormDays, "c INTEGER", []string{"5"}, "date", func(c convert.Column) bool { return c.Int == form.EpochDays }, false},
		{"unit and type", "timestamp", typemap.FormSeconds, "c INTEGER", []string{"5"}, "timestamp", func(c convert.Column) bool { return c.Int == form.Seconds }, false},
		{"a rule that does not fit", "integer", "", "c TEXT", []string{"'x'"}, "integer", nil, false},
		{"time on a day", "time", "", "c TEXT", []string{"'2000-01-01 07:08:09'"}, "time", func(c convert.Column) bool { return c.OnDay }, false},
		{"json of blobs", "jsonb", "", "c BLOB", []string{"jsonb('[1]')"}, "jsonb", func(c convert.Column) bool { return c.Blob == convert.BlobJSONB }, false},
		{"json text in blobs", "json", "", "c BLOB", []string{"CAST('[1]' AS BLOB)"}, "json", func(c convert.Column) bool { return c.Blob == convert.BlobJSONText }, false},
		{"jsonb by form", "", typemap.FormJSONB, "c BLOB", []string{"CAST('3123' AS BLOB)"}, "jsonb", func(c convert.Column) bool { return c.Blob == convert.BlobJSONB }, false},
		{"guid by form", "", typemap.FormGUID, "c BLOB", []string{"x'00'"}, "uuid", func(c convert.Column) bool { return c.Blob == convert.BlobDotNetUUID }, false},
		{"uuid of .NET blobs", "uuid", "", "c BLOB", []string{"x'e004253f894ff3419a0c0305e82c3301'"}, "uuid", func(c convert.Column) bool { return c.Blob == convert.BlobDotNetUUID }, false},
		{"plain", "", typemap.FormPlain, "c DATETIME", []string{"1700000000"}, "bigint", func(c convert.Column) bool { return c.Int == form.NoUnit }, true},
		{"plain with a type", "bigint", typemap.FormPlain, "c DATETIME", []string{"1700000000"}, "bigint", nil, false},
		{"empty is NULL", "", typemap.FormEmptyNull, "c DATE", []string{"''", "'2024-05-06'"}, "date", func(c convert.Column) bool { return c.EmptyNull }, true},
		{"empty is NULL, with a type", "bigint", typemap.FormEmptyNull, "c TEXT", []string{"''", "'12'"}, "bigint", func(c convert.Column) bool { return c.EmptyNull }, false},
		{"uuid, empty is NULL", "uuid", typemap.FormEmptyNull, "c TEXT", []string{"''"}, "uuid", func(c convert.Column) bool { return c.EmptyNull }, false},
	} {
		rules := typemap.Rules{}.With(typemap.Rule{Table: "T", Column: "C", Type: typ(test.typ), Form: test.form})
		_, d := column(t, typemap.Options{Rules: rules}, test.column, test.values...)
		if d.Type.SQL() != test.want || !d.ByRule || d.Why == "" || d.Proven != test.proven || test.check != nil && !test.check(d.Column) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}

func TestNulls(t *testing.T) {
	t.Parallel()
	rules := typemap.Rules{{Table: "t", Column: "c", Form: typemap.FormEmptyNull}}
	src, d := column(t, typemap.Options{Rules: rules}, "c DATE", "''", "NULL", "'2024-05-06'")
	p := &src.tables[src.schema.Table("t")].Columns[0]
	if n := d.Nulls(p); n != 2 {
		t.Errorf("%d NULLs with the rule, want 2", n)
	}
	if d.EmptyNull = false; d.Nulls(p) != 1 {
		t.Errorf("%d NULLs without, want 1", d.Nulls(p))
	}
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		column string
		values []string
		want   string
		form   string
	}{
		{"c UUID", []string{"'3f2504e0-4f89-41d3-9a0c-0305e82c3301'", "'3f2504e0-4f89-41d3-9a0c-0305e82c3302'", "NULL"}, "2 text: all UUID with dashes; 1 NULL", ""},
		{"c DATETIME", []string{"1551398400000", "1732924800000"}, "2 integers: epoch milliseconds, 2019-03-01 to 2024-11-30", "epoch milliseconds"},
		{"c DATETIME", []string{"'2019-03-01'", "'2024-11-30T01:02:03Z'", "2460436.25"}, "1 real: Julian days, 2024-05-05; 2 text: 1 date, 1 datetime with a zone, 2019-03-01 to 2024-11-30", "Julian days"},
		{"c BOOLEAN", []string{"0", "1", "'t'"}, "2 integers: all 0 or 1; 1 text: t/f", ""},
		{"c INTEGER", repeat(1200, "%d"), "1,200 integers: from 0 to 1199", ""},
		{"c VARCHAR(9)", []string{"'abc'", "'é'"}, "2 text: up to 3 characters", ""},
		{"c JSON", []string{"jsonb('[1]')"}, "1 blob: SQLite's JSONB", "SQLite JSONB"},
		{"c TIME", []string{"'2000-01-01 01:02:03'"}, "1 text: naive datetime, 2000-01-01", "time on 2000-01-01"},
		{"c TEXT", nil, "no values", ""},
		{"c TEXT", []string{"NULL"}, "no values; 1 NULL", ""},
	} {
		_, d := column(t, typemap.Options{}, test.column, test.values...)
		if d.Evidence != test.want || d.FormName() != test.form {
			t.Errorf("%s: evidence %q, form %q, want %q, %q", test.column, d.Evidence, d.FormName(), test.want, test.form)
		}
	}
}
