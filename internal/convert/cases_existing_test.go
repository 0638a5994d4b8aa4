package convert_test

import (
	"math"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// standing is a column of a table that an application made.
func standing(k sqltype.Kind) convert.Column {
	c := of(k)
	c.Existing = &convert.Existing{}
	return c
}

func existingScalars() []conversion {
	i8, f4, f8, money := standing(sqltype.Int8), standing(sqltype.Float4), standing(sqltype.Float8), standing(sqltype.Numeric)
	digits := i8
	digits.Blob = convert.BlobText
	money.Type.Precision, money.Type.Scale = 15, 8
	cents := money
	cents.Type.Precision, cents.Type.Scale = 4, 2
	whole := money
	whole.Type.Precision, whole.Type.Scale = 17, 0
	return []conversion{
		{digits, blob("-9223372036854775808"), "-9223372036854775808", convert.Exact},
		{digits, blob("1.0"), misfit, 0},
		{i8, blob("1"), misfit, 0},
		{f8, text("NaN"), "NaN", convert.Exact},
		{f8, text("-Infinity"), "-Infinity", convert.Exact},
		{f8, text("0.1"), "0.1", convert.Exact},
		{f8, text("1e22"), "1e+22", convert.Exact},
		{f8, text("0.30000000000000004"), "0.30000000000000004", convert.Exact},
		{f8, text("0.300000000000000041"), misfit, 0},
		{f8, text("1e400"), misfit, 0},
		{f8, text("ten"), misfit, 0},
		{f4, real64(0.1), "0.1", convert.Exact},
		{f4, real64(float64(float32(0.1))), "0.1", convert.Exact},
		{f4, real64(0.1234567891), misfit, 0},
		{f4, real64(1e300), misfit, 0},
		{f4, text("NaN"), "NaN", convert.Exact},
		{money, real64(-2502050.8925208002), "-2502050.89252080", convert.Rounded},
		{money, real64(0.30000000000000004), "0.30000000", convert.Rounded},
		{money, real64(0.123456789), misfit, 0},
		{money, text("0.123456789"), misfit, 0},
		{money, text("NaN"), "NaN", convert.Exact},
		{money, text("Infinity"), misfit, 0},
		{money, real64(math.Inf(1)), misfit, 0},
		{cents, real64(9.999999999999998), "10.00", convert.Rounded},
		{cents, real64(-9.999999999999998), "-10.00", convert.Rounded},
		{cents, real64(99.99999999999999), misfit, 0}, // 100.00 has five digits
		{whole, real64(2.9999999999999996), "3", convert.Rounded},
		{whole, real64(2.5), misfit, 0},
		{standing(sqltype.Bytea), text("a"), `\x61`, convert.Exact},
		{standing(sqltype.Bytea), integer(1), misfit, 0},
	}
}

func existingTimes() []conversion {
	naive, tz, date := standing(sqltype.Timestamp), standing(sqltype.TimestampTZ), standing(sqltype.Date)
	milli, clock, clock3, clockTZ := standing(sqltype.Timestamp), standing(sqltype.Time), standing(sqltype.Time), standing(sqltype.TimeTZ)
	milli.Existing.Grain = convert.Grain(3)
	milli.Type.Name = "timestamp(3)"
	milli.Int = form.Millis
	date.Int = form.Millis
	clock3.Existing.Grain, clock3.Type.Name = convert.Grain(3), "time(3)"
	clock3.Int, clock3.OnDay = form.Millis, true
	return []conversion{
		{naive, text("2024-05-06 07:08:09+00:00"), "2024-05-06 07:08:09", convert.Exact},
		{naive, text("2024-05-06T07:08:09.5Z"), "2024-05-06 07:08:09.5", convert.Exact},
		{naive, text("2024-05-06 07:08:09+02:00"), misfit, 0}, // of which clock?
		{milli, text("2024-05-06T07:08:09.123+00:00"), "2024-05-06 07:08:09.123", convert.Exact},
		{milli, text("1999-12-31 23:59:59.9999"), "1999-12-31 23:59:59.999", convert.Cut},
		{milli, integer(-1), "1969-12-31 23:59:59.999", convert.Exact},
		{tz, text("2022-01-02 03:04:05.6 +1245"), "2022-01-01 14:19:05.6+00", convert.Exact},
		{date, text("2024-05-06 00:00:00+00:00"), "2024-05-06", convert.Exact},
		{date, text("2024-05-06T00:00:00.000Z"), "2024-05-06", convert.Exact},
		{date, text("2024-05-06 00:00:00+05:30"), "2024-05-06", convert.Unzoned},
		{date, text("2024-05-06 05:30:00+05:30"), misfit, 0},
		{date, integer(1714953600000), "2024-05-06", convert.Exact},
		{date, integer(1714953600001), misfit, 0},
		{clock, text("07:08:09.123456789"), "07:08:09.123456", convert.Cut},
		{clock, integer(1), misfit, 0},
		{clock3, integer(25689123), "07:08:09.123", convert.Exact},
		{clock3, integer(86400000), misfit, 0},
		{clock3, integer(-1), misfit, 0},
		{clock3, text("1970-01-01T07:08:09.123+00:00"), "07:08:09.123", convert.Exact},
		{clock3, text("2000-01-01 07:08:09"), "07:08:09", convert.Exact},
		{clock3, text("1970-01-02T07:08:09.123+00:00"), misfit, 0},
		{clock3, text("1970-01-01T07:08:09.123+01:00"), misfit, 0},
		{clock3, text("07:08:09.1239"), "07:08:09.123", convert.Cut},
		{clockTZ, text("07:08:09.5+02:00"), "07:08:09.5+02", convert.Exact},
		{clockTZ, text("00:30-03:30"), "00:30:00-03:30", convert.Exact},
		{clockTZ, text("23:59:59Z"), "23:59:59+00", convert.Exact},
		{clockTZ, text("07:08"), "07:08:00+00", convert.Exact},
		{clockTZ, text("late"), misfit, 0},
	}
}

func intervals() []conversion {
	in := func(u form.Unit, days bool) convert.Column {
		c := standing(sqltype.Interval)
		c.Int, c.Real, c.Existing.Days = u, u, days
		return c
	}
	plain, coarse := in(form.NoUnit, true), in(form.Seconds, false)
	coarse.Existing.Grain, coarse.Type.Name = convert.Grain(0), "interval(0)"
	return []conversion{
		{plain, integer(1), misfit, 0},
		{in(form.Micros, true), integer(-5000000), "-1 days +23:59:55", convert.Exact},
		{in(form.Micros, true), integer(93784000005), "1 day 02:03:04.000005", convert.Exact},
		{in(form.Micros, true), integer(math.MinInt64), "-106751992 days +19:59:05.224192", convert.Exact},
		{in(form.Seconds, false), integer(259205), "72:00:05", convert.Exact},
		{in(form.Seconds, false), integer(math.MaxInt64), misfit, 0},
		{in(form.Seconds, false), real64(1.5), "00:00:01.5", convert.Exact},
		{in(form.Seconds, false), real64(math.Inf(1)), misfit, 0},
		{in(form.DotNetTicks, false), integer(-15), "-00:00:00.000002", convert.Cut},
		{in(form.EpochDays, false), integer(400), "400 days", convert.Exact},
		{in(form.EpochDays, false), real64(1.5), "36:00:00", convert.Exact},
		{coarse, real64(-1.5), "-00:00:02", convert.Cut},
		{plain, text("1.02:03:04.0000050"), "1 day 02:03:04.000005", convert.Exact},
		{plain, text("-1.02:03:04"), "-1 days -02:03:04", convert.Exact},
		{plain, text("02:03:04.1234567"), "02:03:04.123456", convert.Cut},
		{plain, text("-00:00:00.0000001"), "-00:00:00.000001", convert.Cut},
		{plain, text("72:00:05"), "72:00:05", convert.Exact},
		{plain, text("1 day, 2:03:04"), "1 day 02:03:04", convert.Exact},
		{plain, text("-1 days +23:59:55"), "-1 days +23:59:55", convert.Exact},
		{plain, text("3 04:05:06.5"), "3 days 04:05:06.5", convert.Exact},
		{plain, text("1 year 2 mons 3 weeks 4 hours 5.5 seconds"), "1 year 2 mons 21 days 04:00:05.5", convert.Exact},
		{plain, text("P1Y2M3DT4H5M6.7S"), "1 year 2 mons 3 days 04:05:06.7", convert.Exact},
		{plain, text("-PT1.5S"), "-00:00:01.5", convert.Exact},
		{plain, text("PT-1.5S"), "-00:00:01.5", convert.Exact},
		{plain, text("1970-01-02 02:03:04.000005"), "1 day 02:03:04.000005", convert.Exact},
		{plain, text("1969-12-31 23:59:55.000000"), "-1 days +23:59:55", convert.Exact},
		{plain, text("5"), misfit, 0},
		{plain, text("P"), misfit, 0},
		{plain, text("PT"), misfit, 0},
		{plain, text("1 fortnight"), misfit, 0},
		{plain, text("2:60:00"), misfit, 0},
		{plain, text("1.5 days"), misfit, 0},
		{plain, text("999999999999 days"), misfit, 0},
		{plain, text("999999999999999999 seconds"), misfit, 0},
		{plain, text(""), misfit, 0},
		{plain, blob("1 day"), misfit, 0},
	}
}

func addresses() []conversion {
	inet, cidr, mac := standing(sqltype.Inet), standing(sqltype.CIDR), standing(sqltype.MacAddr)
	return []conversion{
		{inet, text("10.0.0.1"), "10.0.0.1/32", convert.Exact},
		{inet, text("10.0.0.1/8"), "10.0.0.1/8", convert.Exact},
		{inet, text("::"), "::/128", convert.Exact},
		{inet, text("::ffff:10.0.0.1"), "::ffff:10.0.0.1/128", convert.Exact},
		{inet, text("2001:DB8::1/64"), "2001:db8::1/64", convert.Exact},
		{inet, text("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0/128", convert.Exact},
		{inet, text("1:2:3:4:5:6:7:8::"), misfit, 0},
		{inet, text("1::2::3"), misfit, 0},
		{inet, text("10.0.0"), misfit, 0},
		{inet, text("10.0.0.256"), misfit, 0},
		{inet, text("10.0.0.01"), misfit, 0},
		{inet, text("10.0.0.1/33"), misfit, 0},
		{inet, text("fe80::1%eth0"), misfit, 0},
		{inet, text(""), misfit, 0},
		{inet, integer(167772161), misfit, 0},
		{cidr, text("10.0.0.0/8"), "10.0.0.0/8", convert.Exact},
		{cidr, text("10.0.0.1/8"), misfit, 0},
		{mac, text("08:00:2b:01:02:03"), "08:00:2b:01:02:03", convert.Exact},
		{mac, text("08-00-2B-01-02-03"), "08:00:2b:01:02:03", convert.Exact},
		{mac, text("0800.2b01.0203"), "08:00:2b:01:02:03", convert.Exact},
		{mac, text("08002b010203"), "08:00:2b:01:02:03", convert.Exact},
		{mac, text("08:00:2b-01:02:03"), misfit, 0},
		{mac, text("08:00:2b:01:02"), misfit, 0},
	}
}

// list is an array column of a base type.
func list(k sqltype.Kind, comma bool) convert.Column {
	elem := standing(k)
	c := convert.ArrayOf(elem, baseOID(k))
	c.Existing.Comma = comma
	return c
}

func arrays() []conversion {
	words, numbers, comma := list(sqltype.Text, false), list(sqltype.Int8, false), list(sqltype.Text, true)
	documents, flags, doubles, days := list(sqltype.JSONB, false), list(sqltype.Bool, false), list(sqltype.Float8, false), list(sqltype.Date, false)
	binary := words
	binary.Blob = convert.BlobJSONB
	return []conversion{
		{words, null(), "NULL", convert.Exact},
		{words, text("[]"), "{}", convert.Exact},
		{words, text("{ }"), "{}", convert.Exact},
		{words, text(` ["a", null, "", "null", "b\"\\\/\u00e9\ud83d\ude00\n", 1.50 ] `), "{a,NULL,\"\",\"null\",\"b\\\"\\\\/é😀\n\",1.50}", convert.Exact},
		{words, text(`{"a,b",c d ,null,"null",\n,"x\"\\y"}`), `{"a,b","c d",NULL,"null",n,"x\"\\y"}`, convert.Exact},
		{words, text(`["a",["b"]]`), misfit, 0},
		{words, text(`{{a}}`), misfit, 0},
		{words, text(`{a,}`), misfit, 0},
		{words, text(`{a}b`), misfit, 0},
		{words, text(`{"a`), misfit, 0},
		{words, text(`["a"`), misfit, 0},
		{words, text(`["\u0000"]`), misfit, 0},
		{words, text(`[true]`), misfit, 0},
		{words, text("a,b"), misfit, 0},
		{words, text(""), misfit, 0},
		{words, integer(1), misfit, 0},
		{words, blob(`["a"]`), misfit, 0},
		{binary, blob("\x2b\x17a"), "{a}", convert.Exact},
		{comma, text("a, b,"), `{a," b",""}`, convert.Exact},
		{comma, text(""), "{}", convert.Exact},
		{comma, text("[x"), "{[x}", convert.Exact},
		{numbers, text("[1, -9223372036854775808,null]"), "{1,-9223372036854775808,NULL}", convert.Exact},
		{numbers, text(`{1,2}`), "{1,2}", convert.Exact},
		{numbers, text(`[1.5]`), misfit, 0},
		{flags, text(`[true,false,null]`), "{t,f,NULL}", convert.Exact},
		{flags, text(`{t,f}`), "{t,f}", convert.Exact},
		{doubles, text(`[0.1,1e300]`), "{0.1,1e+300}", convert.Exact},
		{days, text(`["2024-05-06"]`), "{2024-05-06}", convert.Exact},
		{documents, text(`[{"a":[1,"]"]},"x",null]`), `{"{\"a\": [1, \"]\"]}","\"x\"",NULL}`, convert.Exact},
	}
}
