package convert_test

import (
	"math"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

func null() (v row.Value)            { return v }
func integer(n int64) (v row.Value)  { v.SetInt(n); return v }
func real64(f float64) (v row.Value) { v.SetReal(f); return v }
func text(s string) (v row.Value)    { v.SetText([]byte(s)); return v }
func blob(s string) (v row.Value)    { v.SetBlob([]byte(s)); return v }

// misfit is what a value becomes that the column refuses.
const misfit = "!"

// conversion is one value in one column: want is what the server shows, or
// misfit.
type conversion struct {
	column convert.Column
	value  row.Value
	want   string
	note   convert.Note
}

func of(k sqltype.Kind) convert.Column { return convert.Column{Type: sqltype.Type{Kind: k}} }

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// conversions covers every type with every storage class, and every form.
func conversions(t testing.TB) []conversion {
	t.Helper()
	var out []conversion
	for _, list := range [][]conversion{
		integers(), floats(), numerics(), texts(), booleans(), uuids(), documents(), times(), epochs(), zoned(t),
		existingScalars(), existingTimes(), intervals(), addresses(), arrays(),
	} {
		out = append(out, list...)
	}
	return out
}

func integers() []conversion {
	i2, i4, i8 := of(sqltype.Int2), of(sqltype.Int4), of(sqltype.Int8)
	return []conversion{
		{i8, null(), "NULL", convert.Exact},
		{i8, integer(math.MinInt64), "-9223372036854775808", convert.Exact},
		{i8, integer(math.MaxInt64), "9223372036854775807", convert.Exact},
		{i8, text("-12"), "-12", convert.Exact},
		{i8, text("012"), misfit, 0},
		{i8, text("+1"), misfit, 0},
		{i8, text(""), misfit, 0},
		{i8, text("9223372036854775808"), misfit, 0},
		{i8, real64(3), "3", convert.Exact},
		{i8, real64(3.5), misfit, 0},
		{i8, real64(1 << 63), misfit, 0},
		{i8, real64(math.MinInt64), "-9223372036854775808", convert.Exact},
		{i8, real64(math.Copysign(0, -1)), misfit, 0},
		{i8, real64(math.Inf(1)), misfit, 0},
		{i8, blob("1"), misfit, 0},
		{i2, integer(math.MinInt16), "-32768", convert.Exact},
		{i2, integer(math.MaxInt16 + 1), misfit, 0},
		{i4, integer(math.MaxInt32), "2147483647", convert.Exact},
		{i4, integer(math.MinInt32 - 1), misfit, 0},
	}
}

func floats() []conversion {
	f4, f8 := of(sqltype.Float4), of(sqltype.Float8)
	return []conversion{
		{f8, null(), "NULL", convert.Exact},
		{f8, real64(0.1), "0.1", convert.Exact},
		{f8, real64(math.Copysign(0, -1)), "-0", convert.Exact},
		{f8, real64(math.Inf(-1)), "-Infinity", convert.Exact},
		{f8, real64(5e-324), "5e-324", convert.Exact},
		{f8, integer(1 << 53), "9.007199254740992e+15", convert.Exact},
		{f8, integer(1<<53 + 1), misfit, 0},
		{f8, integer(math.MaxInt64), misfit, 0},
		{f8, integer(math.MinInt64), "-9.223372036854776e+18", convert.Exact},
		{f8, text("1.5"), misfit, 0},
		{f8, blob("1"), misfit, 0},
		{f4, real64(0.5), "0.5", convert.Exact},
		{f4, real64(0.1), misfit, 0},
		{f4, real64(1e300), misfit, 0},
		{f4, integer(1<<24 + 1), misfit, 0},
	}
}

func numerics() []conversion {
	plain, money := of(sqltype.Numeric), of(sqltype.Numeric)
	money.Type.Precision, money.Type.Scale = 6, 2
	wide := of(sqltype.Numeric)
	wide.Type.Precision, wide.Type.Scale = 40, 5
	tiny, round := of(sqltype.Numeric), of(sqltype.Numeric)
	tiny.Type.Precision, tiny.Type.Scale = 2, 4
	round.Type.Precision, round.Type.Scale = 3, -2
	return []conversion{
		{plain, null(), "NULL", convert.Exact},
		{plain, integer(-7), "-7", convert.Exact},
		{plain, real64(0.1), "0.1", convert.Exact},
		{plain, real64(1.1e21), "1100000000000000000000", convert.Exact},
		{plain, real64(5e-324), "0." + zeros(323) + "5", convert.Exact},
		{plain, real64(math.Copysign(0, -1)), "0", convert.Exact},
		{plain, real64(math.Inf(1)), misfit, 0},
		{plain, text("1.500"), "1.500", convert.Exact},
		{plain, text("12345678901234567890.123456789"), "12345678901234567890.123456789", convert.Exact},
		{plain, text("1e3"), "1000", convert.Exact},
		{plain, text("0e-99999"), misfit, 0},
		{plain, text("0e1073741823"), misfit, 0},
		{plain, text("NaN"), misfit, 0},
		{plain, text("Infinity"), misfit, 0},
		{plain, text("1,5"), misfit, 0},
		{plain, text(""), misfit, 0},
		{plain, blob("1"), misfit, 0},
		{money, integer(9999), "9999.00", convert.Exact},
		{money, integer(10000), misfit, 0},
		{money, integer(math.MinInt64), misfit, 0},
		{money, real64(9999.99), "9999.99", convert.Exact},
		{money, real64(10000), misfit, 0},
		{money, real64(0.001), misfit, 0},
		{money, text("1.5"), "1.50", convert.Exact},
		{money, text("1.500"), "1.50", convert.Exact},
		{money, text("1.501"), misfit, 0},
		{wide, real64(1e30), "1" + zeros(30) + "." + zeros(5), convert.Exact},
		{wide, real64(1e35), misfit, 0},
		{tiny, integer(0), "0.0000", convert.Exact},
		{tiny, integer(1), misfit, 0},
		{tiny, real64(0.0099), "0.0099", convert.Exact},
		{tiny, real64(0.01), misfit, 0},
		{tiny, text("0.0012"), "0.0012", convert.Exact},
		{round, integer(-99900), "-99900", convert.Exact},
		{round, integer(99950), misfit, 0},
		{round, integer(100000), misfit, 0},
		{round, real64(1200), "1200", convert.Exact},
		{round, real64(1234.5), misfit, 0},
		{round, text("1.2e3"), "1200", convert.Exact},
	}
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

func texts() []conversion {
	plain, bytea, replaced, emptied := of(sqltype.Text), of(sqltype.Bytea), of(sqltype.Text), of(sqltype.Text)
	replaced.Replace, emptied.EmptyNull = true, true
	short, padded := of(sqltype.Varchar), of(sqltype.Bpchar)
	short.Type.Length, padded.Type.Length = 3, 3
	return []conversion{
		{plain, null(), "NULL", convert.Exact},
		{plain, text(""), "", convert.Exact},
		{plain, text("a 'b' \\ ß€😀"), "a 'b' \\ ß€😀", convert.Exact},
		{plain, integer(-5), "-5", convert.Exact},
		{plain, real64(12), "12.0", convert.Exact},
		{plain, real64(1e20), "1e+20", convert.Exact},
		{plain, real64(math.Inf(-1)), "-Infinity", convert.Exact},
		{plain, blob("abc"), "abc", convert.Exact},
		{plain, blob("\xff"), misfit, 0},
		{plain, text("a\x00b"), misfit, 0},
		{plain, text("\xed\xa0\x80"), misfit, 0},
		{replaced, text("a\x00b\xff\xc3"), "a\uFFFDb\uFFFD\uFFFD", convert.Replaced},
		{replaced, text("clean"), "clean", convert.Exact},
		{emptied, text(""), "NULL", convert.Emptied},
		{emptied, blob(""), "", convert.Exact},
		{short, text("äöü"), "äöü", convert.Exact},
		{short, text("ab "), "ab ", convert.Exact},
		{short, text("abc "), misfit, 0}, // the server would cut the space
		{short, integer(1234), misfit, 0},
		{padded, text("ab"), "ab ", convert.Exact},
		{padded, text("abcd"), misfit, 0},
		{bytea, blob("\x00\xff"), `\x00ff`, convert.Exact},
		{bytea, text("a\x00\xff"), `\x6100ff`, convert.Exact},
		{bytea, integer(12), `\x3132`, convert.Exact},
		{bytea, real64(0.5), `\x302e35`, convert.Exact},
	}
}

func booleans() []conversion {
	b := of(sqltype.Bool)
	return []conversion{
		{b, null(), "NULL", convert.Exact},
		{b, integer(0), "false", convert.Exact},
		{b, integer(1), "true", convert.Exact},
		{b, integer(2), misfit, 0},
		{b, real64(1), "true", convert.Exact},
		{b, real64(0.5), misfit, 0},
		{b, text("t"), "true", convert.Exact},
		{b, text("FALSE"), "false", convert.Exact},
		{b, text("yes"), "true", convert.Exact},
		{b, text(""), misfit, 0},
		{b, blob("t"), misfit, 0},
	}
}

func uuids() []conversion {
	const want = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	u, net := of(sqltype.UUID), of(sqltype.UUID)
	net.Blob = convert.BlobDotNetUUID
	return []conversion{
		{u, null(), "NULL", convert.Exact},
		{u, text(want), want, convert.Exact},
		{u, text("3F2504E0-4F89-41D3-9A0C-0305E82C3301"), want, convert.Exact},
		{u, text("3f2504e04f8941d39a0c0305e82c3301"), want, convert.Exact},
		{u, text("{3f2504e0-4f89-41d3-9a0c-0305e82c3301}"), want, convert.Exact},
		{u, text("3f2504e0-4f89-41d3-9a0c-0305e82c330"), misfit, 0},
		{u, blob("\x3f\x25\x04\xe0\x4f\x89\x41\xd3\x9a\x0c\x03\x05\xe8\x2c\x33\x01"), want, convert.Exact},
		{net, blob("\xe0\x04\x25\x3f\x89\x4f\xd3\x41\x9a\x0c\x03\x05\xe8\x2c\x33\x01"), want, convert.Exact},
		{net, blob("\xe0"), misfit, 0},
		{u, integer(1), misfit, 0},
		{u, real64(1), misfit, 0},
	}
}

func documents() []conversion {
	json, jsonb, binary, inBlob := of(sqltype.JSON), of(sqltype.JSONB), of(sqltype.JSONB), of(sqltype.JSONB)
	binary.Blob, inBlob.Blob = convert.BlobJSONB, convert.BlobJSONText
	deep := zeros(0)
	for range 1001 {
		deep += "["
	}
	return []conversion{
		{jsonb, null(), "NULL", convert.Exact},
		{jsonb, text(`{"b":[1,2.50],"a":"x"}`), `{"a": "x", "b": [1, 2.50]}`, convert.Exact},
		{jsonb, integer(12), "12", convert.Exact},
		{jsonb, real64(12.5), "12.5", convert.Exact},
		{jsonb, real64(1e20), "100000000000000000000", convert.Exact},
		{jsonb, real64(math.Inf(1)), misfit, 0},
		{jsonb, text(""), misfit, 0},
		{jsonb, text("{'a':1}"), misfit, 0},
		{jsonb, text(`{"a":1,"a":2}`), misfit, 0},
		{jsonb, text(`"\u0000"`), misfit, 0},
		{jsonb, text(`"\ud800"`), misfit, 0},
		{jsonb, text(`1e400000`), misfit, 0},
		{jsonb, text(deep), misfit, 0},
		{json, text(` {"a":1,"a":2}`), ` {"a":1,"a":2}`, convert.Exact},
		{json, text(`1e400000`), `1e400000`, convert.Exact},
		{json, text(`"\u0000"`), misfit, 0},
		{json, blob(`[1]`), "[1]", convert.Exact},
		{inBlob, blob(`[1]`), "[1]", convert.Exact},
		{binary, blob("\x3c\x17a\x131"), misfit, 0},
		{binary, blob("\x4c\x17a\x131"), `{"a": 1}`, convert.Exact},
		{inBlob, blob("\x4c\x17a\x131"), misfit, 0},
	}
}

func times() []conversion {
	date, clock, naive := of(sqltype.Date), of(sqltype.Time), of(sqltype.Timestamp)
	onDay := clock
	onDay.OnDay = true
	return []conversion{
		{date, null(), "NULL", convert.Exact},
		{date, text("2024-02-29"), "2024-02-29", convert.Exact},
		{date, text("0001-01-01 00:00:00"), "0001-01-01", convert.Exact},
		{date, text("2024-02-29 00:00:01"), misfit, 0},
		{date, text("2024-02-29 00:00:00.0000001"), misfit, 0},
		{date, text("2024-02-29T00:00:00Z"), misfit, 0},
		{date, text("0000-00-00"), misfit, 0},
		{date, blob("2024-02-29"), misfit, 0},
		{date, integer(20240229), misfit, 0},
		{clock, text("07:08"), "07:08:00", convert.Exact},
		{clock, text("07:08:09.1234567"), "07:08:09.123456", convert.Cut},
		{clock, text("2000-01-01 07:08:09"), misfit, 0},
		{onDay, text("2000-01-01 07:08:09"), "07:08:09", convert.Exact},
		{onDay, text("2000-01-02 07:08:09"), misfit, 0},
		{clock, integer(1), misfit, 0},
		{naive, text("2024-05-06"), "2024-05-06 00:00:00", convert.Exact},
		{naive, text("2024-05-06T07:08:09.5"), "2024-05-06 07:08:09.5", convert.Exact},
		{naive, text("2024-05-06 07:08:09.123456789"), "2024-05-06 07:08:09.123456", convert.Cut},
		{naive, text("9999-12-31 23:59:59.999999"), "9999-12-31 23:59:59.999999", convert.Exact},
		{naive, text("2024-05-06 07:08:09Z"), misfit, 0},
		{naive, text("now"), misfit, 0},
		{naive, blob("2024-05-06"), misfit, 0},
	}
}

func epochs() []conversion {
	in := func(k sqltype.Kind, u form.Unit) convert.Column {
		c := of(k)
		c.Int, c.Real = u, u
		return c
	}
	tz := sqltype.TimestampTZ
	return []conversion{
		{of(tz), integer(1), misfit, 0},
		{of(tz), real64(1), misfit, 0},
		{in(tz, form.Seconds), integer(0), "1970-01-01 00:00:00+00", convert.Exact},
		{in(tz, form.Seconds), integer(-30610224000), "1000-01-01 00:00:00+00", convert.Exact},
		{in(tz, form.Seconds), integer(253402300799), "9999-12-31 23:59:59+00", convert.Exact},
		{in(tz, form.Seconds), integer(math.MaxInt64), misfit, 0},
		{in(tz, form.Millis), integer(1700000000123), "2023-11-14 22:13:20.123+00", convert.Exact},
		{in(tz, form.Micros), integer(1700000000123456), "2023-11-14 22:13:20.123456+00", convert.Exact},
		{in(tz, form.Nanos), integer(1700000000123456789), "2023-11-14 22:13:20.123456+00", convert.Cut},
		{in(tz, form.DotNetTicks), integer(638355968001234567), "2023-11-14 22:13:20.123456+00", convert.Cut},
		{in(tz, form.WebKitMicros), integer(13344473600000000), "2023-11-14 22:13:20+00", convert.Exact},
		{in(tz, form.FileTime), integer(133444736000000000), "2023-11-14 22:13:20+00", convert.Exact},
		{in(tz, form.CoreData), real64(721692800.5), "2023-11-14 22:13:20.5+00", convert.Exact},
		{in(tz, form.JulianDay), real64(2460263.5), "2023-11-15 00:00:00+00", convert.Exact},
		{in(tz, form.Seconds), real64(1700000000.25), "2023-11-14 22:13:20.25+00", convert.Exact},
		{in(tz, form.Seconds), real64(1700000000.1234567), "2023-11-14 22:13:20.123457+00", convert.Cut},
		{in(tz, form.Seconds), text("2023-11-14 22:13:20"), "2023-11-14 22:13:20+00", convert.Exact},
		{in(sqltype.Date, form.YYYYMMDD), integer(20240229), "2024-02-29", convert.Exact},
		{in(sqltype.Date, form.YYYYMMDD), integer(20230229), misfit, 0},
		{in(sqltype.Date, form.EpochDays), integer(19782), "2024-02-29", convert.Exact},
		{in(sqltype.Timestamp, form.Seconds), integer(1700000000), "2023-11-14 22:13:20", convert.Exact},
	}
}

func zoned(t testing.TB) []conversion {
	t.Helper()
	utc, berlin := of(sqltype.TimestampTZ), of(sqltype.TimestampTZ)
	utc.Zone, berlin.Zone, berlin.Int = time.UTC, zone(t, "Europe/Berlin"), form.YYYYMMDD
	return []conversion{
		{of(sqltype.TimestampTZ), text("2024-05-06 07:08:09"), "2024-05-06 07:08:09+00", convert.Exact},
		{utc, text("2024-05-06 07:08:09"), "2024-05-06 07:08:09+00", convert.Exact},
		{utc, text("2024-05-06 07:08:09+02:00"), "2024-05-06 05:08:09+00", convert.Exact},
		{utc, text("2022-01-02 03:04:05.6 +1100 AEDT m=+245.8"), "2022-01-01 16:04:05.6+00", convert.Exact},
		{berlin, text("2024-05-06 07:08:09.5"), "2024-05-06 05:08:09.5+00", convert.Exact},
		{berlin, text("1999-12-31 23:59:59.25"), "1999-12-31 22:59:59.25+00", convert.Exact},
		{berlin, text("2024-05-06 07:08:09Z"), "2024-05-06 07:08:09+00", convert.Exact},
		{berlin, text("2024-03-31 02:30:00"), "2024-03-31 01:30:00+00", convert.Moved}, // 02:00 became 03:00
		{berlin, text("2024-10-27 02:30:00"), "2024-10-27 01:30:00+00", convert.Exact}, // twice that day
		{berlin, text("2024-10-27 03:00:00"), "2024-10-27 02:00:00+00", convert.Exact},
		{berlin, integer(20240506), "2024-05-05 22:00:00+00", convert.Exact},
	}
}
