package typemap_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// standing is a case of DecideFor: a column with its values, and the type of
// the column that they go into.
type standing struct {
	name   string
	column string
	values []string
	target typemap.Target
	known  typemap.Known
	form   typemap.Form
	want   verdict
}

// verdict is what came of it.
type verdict struct {
	Int, Real form.Unit
	Blob      convert.BlobForm
	Proven    bool
	Misfits   int
	Fails     string // a part of the error
}

func into(k sqltype.Kind) typemap.Target {
	t := typemap.Target{Type: sqltype.Type{Kind: k}, Fraction: 6}
	if k == sqltype.Varchar {
		t.Type.Length = 3
	}
	return t
}

func meaning(f typemap.Form) typemap.Known {
	return typemap.Known{Meanings: []typemap.Meaning{{Form: f, Why: "somebody says so"}}}
}

func made(by string) typemap.Known { return typemap.Known{Frameworks: []string{by}} }

func numbersInto() []standing {
	tz, naive, date, clock, span := into(sqltype.TimestampTZ), into(sqltype.Timestamp), into(sqltype.Date), into(sqltype.Time), into(sqltype.Interval)
	return []standing{
		{"no values", "c INTEGER", nil, tz, typemap.Known{}, "", verdict{Proven: true}},
		{"seconds", "c INTEGER", []string{"1714979289", "0", "-30610224000", "253402300799"}, tz, typemap.Known{}, "", verdict{Int: form.Seconds, Proven: true}},
		{"milliseconds", "c INTEGER", []string{"1714979289123", "0", "-30610224000000", "253402300799000"}, naive, typemap.Known{}, "", verdict{Int: form.Millis, Proven: true}},
		{"ticks", "c bigint", []string{"638505760890000000"}, naive, typemap.Known{}, "", verdict{Int: form.DotNetTicks, Proven: true}},
		{"zeros", "c INTEGER", []string{"0", "0"}, tz, typemap.Known{}, "", verdict{Int: form.Seconds, Proven: true}},
		{"never, in seconds", "c INTEGER", []string{"253402300799"}, tz, typemap.Known{}, "", verdict{Int: form.Seconds, Proven: true}},
		{"never, in milliseconds", "c INTEGER", []string{"253402300799000"}, tz, typemap.Known{}, "", verdict{Int: form.Millis, Proven: true}},
		{"few plausible", "c INTEGER", []string{"1714979289", "-30610224000", "-30610224001", "-30610224002"}, tz, typemap.Known{}, "", verdict{Int: form.Seconds, Proven: true}},
		{"both units", "c INTEGER", []string{"1714979289", "1714979289123"}, tz, typemap.Known{}, "", verdict{Fails: "t.c=UNIT"}},
		{"no plausible unit", "c INTEGER", []string{"12345"}, tz, typemap.Known{}, "", verdict{Fails: "unit cannot be told"}},
		{"the framework's unit", "c INTEGER", []string{"12345"}, tz, meaning(typemap.FormMillis), "", verdict{Int: form.Millis, Proven: true}},
		{"not the framework's unit", "c INTEGER", []string{"1714979289"}, tz, meaning(typemap.FormMillis), "", verdict{Fails: "epoch seconds, but somebody says so says epoch milliseconds"}},
		{"the user's unit", "c INTEGER", []string{"1714979289"}, tz, meaning(typemap.FormSeconds), typemap.FormMillis, verdict{Int: form.Millis, Proven: true}},
		{"out of range for the user's unit", "c INTEGER", []string{"1", "253402300800"}, tz, typemap.Known{}, typemap.FormSeconds, verdict{Int: form.Seconds, Misfits: 1}},
		{"digits", "c INTEGER", []string{"20240229", "20240301"}, date, typemap.Known{}, "", verdict{Int: form.YYYYMMDD}},
		{"milliseconds at midnight", "c DATETIME", []string{"1714953600000", "'2024-05-06T00:00:00.000+00:00'"}, date, typemap.Known{}, "", verdict{Int: form.Millis}},
		{"Julian days", "c REAL", []string{"2460436.5"}, tz, typemap.Known{}, "", verdict{Real: form.JulianDay, Proven: true}},
		{"milliseconds of the day", "c INTEGER", []string{"509000", "86273000"}, clock, typemap.Known{}, "", verdict{Int: form.Millis}},
		{"seconds of the day", "c INTEGER", []string{"0", "86399"}, clock, typemap.Known{}, "", verdict{Int: form.Seconds}},
		{"minutes, perhaps", "c INTEGER", []string{"0", "600"}, clock, typemap.Known{}, "", verdict{Fails: "unit cannot be told"}},
		{"Django's interval", "c bigint", []string{"-5000000"}, span, made("Django"), "", verdict{Int: form.Micros}},
		{"Go's interval", "c integer", []string{"1500"}, span, made("GORM"), "", verdict{Int: form.Nanos}},
		{"anybody's interval", "c bigint", []string{"5"}, span, typemap.Known{}, "", verdict{Fails: "unit cannot be told"}},
		{"EF Core's interval", "c TEXT", []string{"'-1.02:03:04.5000000'", "'02:03:04'"}, span, typemap.Known{}, "", verdict{}},
	}
}

func othersInto() []standing {
	i8, i2 := into(sqltype.Int8), into(sqltype.Int2)
	words := typemap.Target{Type: sqltype.Type{Kind: sqltype.Array, Name: "text[]"}, Elem: &typemap.Target{Type: sqltype.Type{Kind: sqltype.Text}}, ElemOID: 25}
	mood := typemap.Target{Type: sqltype.Type{Kind: sqltype.Enum, Name: "mood"}, Labels: []string{"sad", "happy"}}
	odd := typemap.Target{Type: sqltype.Type{Name: "point"}}
	cut := into(sqltype.Interval)
	cut.Fields = true
	return []standing{
		{"integers", "c INTEGER", []string{"1", "NULL"}, i8, typemap.Known{}, "", verdict{Proven: true}},
		{"too large", "c INTEGER", []string{"1", "40000"}, i2, typemap.Known{}, "", verdict{Misfits: 1}},
		{"text in an integer", "c INTEGER", []string{"1", "'a'", "'12b'"}, i8, typemap.Known{}, "", verdict{Fails: "column t.c: bigint does not take 2 text values, not spelt as integers print: 'a' at rowid=2"}},
		{"empty text in an integer", "c INTEGER", []string{"1", "''"}, i8, typemap.Known{}, "", verdict{Fails: "--form t.c=empty-null"}},
		{"empty text, chosen", "c INTEGER", []string{"1", "''"}, i8, typemap.Known{}, typemap.FormEmptyNull, verdict{Proven: true, Blob: convert.BlobText}},
		{"digits in blobs", "c BLOB", []string{"CAST('9223372036854775807' AS BLOB)"}, i8, typemap.Known{}, "", verdict{Blob: convert.BlobText}},
		{"booleans", "c INTEGER", []string{"0", "1"}, into(sqltype.Bool), typemap.Known{}, "", verdict{Proven: true}},
		{"no boolean", "c INTEGER", []string{"2"}, into(sqltype.Bool), typemap.Known{}, "", verdict{Misfits: 1}},
		{"text that fits", "c TEXT", []string{"'äöü'"}, into(sqltype.Varchar), typemap.Known{}, "", verdict{Proven: true}},
		{"text that does not", "c TEXT", []string{"'abcd'"}, into(sqltype.Varchar), typemap.Known{}, "", verdict{Misfits: 1}},
		{"numbers in a uuid", "c", []string{"5"}, into(sqltype.UUID), typemap.Known{}, "", verdict{Fails: "1 integer value"}},
		{".NET", "c BLOB", []string{"x'e004253f894f41419a0c0305e82c3301'", "x'e004253f894ffa419a0c0305e82c3302'"}, into(sqltype.UUID), typemap.Known{}, "", verdict{Blob: convert.BlobDotNetUUID, Proven: true}},
		{"JSONB", "c BLOB", []string{"jsonb('{\"a\":1}')"}, into(sqltype.JSONB), typemap.Known{}, "", verdict{Blob: convert.BlobJSONB}},
		{"JSON in blobs", "c BLOB", []string{"CAST('{\"a\":1}' AS BLOB)"}, into(sqltype.JSONB), typemap.Known{}, "", verdict{Blob: convert.BlobJSONText}},
		{"either", "c BLOB", []string{"x'35302e35'"}, into(sqltype.JSONB), typemap.Known{}, "", verdict{Fails: "1 blob, which may be"}},
		{"either, told", "c BLOB", []string{"x'35302e35'"}, into(sqltype.JSONB), meaning(typemap.FormJSONText), "", verdict{Blob: convert.BlobJSONText}},
		{"no JSON", "c BLOB", []string{"x'ff'"}, into(sqltype.JSON), typemap.Known{}, "", verdict{Fails: "1 blob, not JSON"}},
		{"labels", "c TEXT", []string{"'sad'", "'Sad'"}, mood, typemap.Known{}, "", verdict{Misfits: 1}},
		{"arrays", "c TEXT", []string{"'[\"a\"]'", "'{a,b}'", "'a,b'"}, words, typemap.Known{}, "", verdict{Misfits: 1}},
		{"commas", "c TEXT", []string{"'a,b'", "''"}, words, typemap.Known{}, typemap.FormComma, verdict{}},
		{"commas in a text", "c TEXT", []string{"'a,b'"}, into(sqltype.Text), typemap.Known{}, typemap.FormComma, verdict{Fails: "of the form comma"}},
		{"a unit in a bigint", "c INTEGER", []string{"1"}, i8, typemap.Known{}, typemap.FormMillis, verdict{Fails: "of the form epoch-ms"}},
		{"zoned into naive", "c DATETIME", []string{"'2024-05-06T07:08:09Z'", "'2024-05-06T07:08:09+02:00'"}, into(sqltype.Timestamp), typemap.Known{}, "", verdict{Misfits: 1}},
		{"naive into zoned", "c DATETIME", []string{"'2024-05-06 07:08:09'"}, into(sqltype.TimestampTZ), typemap.Known{}, "", verdict{Proven: true}},
		{"a type of its own", "c TEXT", []string{"'(1,2)'"}, odd, typemap.Known{}, "", verdict{Fails: "point does not take"}},
		{"an interval of some fields", "c TEXT", []string{"'1 day'"}, cut, typemap.Known{}, "", verdict{Fails: "does not take"}},
	}
}

func TestDecideFor(t *testing.T) {
	t.Parallel()
	for _, c := range append(numbersInto(), othersInto()...) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, d := c.decide(t)
			if c.want.Fails != "" && strings.Contains(got.Fails, c.want.Fails) {
				got.Fails = c.want.Fails
			}
			if got.Blob == convert.BlobText || c.want.Blob == convert.BlobText { // the default of many types
				got.Blob, c.want.Blob = 0, 0
			}
			if _, wants := map[sqltype.Kind]bool{sqltype.Array: true}[c.target.Type.Kind]; wants {
				got.Blob = 0
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", d, diff)
			}
			if d.Proven && got.Misfits > 0 {
				t.Error("proven, and wrong")
			}
			if got.Fails == "" && d.Evidence == "" {
				t.Error("no evidence")
			}
		})
	}
}

// decide makes the column, decides it, and tries all values.
func (c *standing) decide(t *testing.T) (v verdict, d typemap.Decision) {
	t.Helper()
	statements := []string{"CREATE TABLE t (" + c.column + ")"}
	for _, x := range c.values {
		statements = append(statements, "INSERT INTO t VALUES ("+x+")")
	}
	src := load(t, nil, statements...)
	table := src.schema.Table("t")
	p := typemap.NewTable(table, []typemap.Probe{src.tables[table].Columns[0].Probes | typemap.ProbesFor(c.target)})
	for i, vals := range src.rows[table] {
		p.Add(int64(i+1), vals)
	}
	var opt typemap.Options
	if c.form != "" {
		opt.Rules = typemap.Rules{{Table: "t", Column: "c", Form: c.form}}
	}
	d, err := typemap.DecideFor(p, 0, c.target, c.known, opt)
	if err != nil {
		var no *typemap.NoFitError
		if !errors.As(err, &no) {
			t.Errorf("%v is no NoFitError", err)
		}
		return verdict{Fails: err.Error()}, d
	}
	v = verdict{Int: d.Int, Real: d.Real, Blob: d.Blob, Proven: d.Proven}
	enc := convert.Encoder{Column: d.Column}
	for _, vals := range src.rows[table] {
		if _, _, err := enc.Append(nil, &vals[0]); err != nil {
			v.Misfits++
		}
	}
	return v, d
}

func TestDecideForZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := standing{
		column: "c DATETIME", values: []string{"'2024-05-06 07:08:09'"}, target: into(sqltype.TimestampTZ),
		known: typemap.Known{Meanings: []typemap.Meaning{{Zone: berlin, Why: "its settings"}}},
	}
	if _, d := c.decide(t); d.Zone != berlin || d.Why != "1 naive value taken as Europe/Berlin (its settings)" {
		t.Errorf("zone %v, %q", d.Zone, d.Why)
	}
	c.known = typemap.Known{}
	if _, d := c.decide(t); d.Zone != nil || d.Why != "1 naive value taken as UTC" {
		t.Errorf("zone %v, %q", d.Zone, d.Why)
	}
}

func TestDecideForRuleType(t *testing.T) {
	t.Parallel()
	src := load(t, nil, "CREATE TABLE t (c INTEGER)")
	p := src.tables[src.schema.Table("t")]
	for typ, ok := range map[sqltype.Kind]bool{sqltype.Int8: true, sqltype.Text: false} {
		opt := typemap.Options{Rules: typemap.Rules{{Table: "t", Column: "c", Type: sqltype.Type{Kind: typ}}}}
		if _, err := typemap.DecideFor(p, 0, into(sqltype.Int8), typemap.Known{}, opt); (err == nil) != ok {
			t.Errorf("%s: %v", typ, err)
		}
	}
}
