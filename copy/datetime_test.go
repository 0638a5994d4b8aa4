package pgcopy_test

import (
	"testing"
	"time"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestDatetime(t *testing.T) {
	t.Parallel()
	checkGolden(t, datetimeCases())
}

func datetimeCases() []encoderCase {
	date := func(v int32) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendDate(dst, v) }
	}
	clock := func(v int64) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendTime(dst, v) }
	}
	clockTZ := func(v int64, west int32) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendTimeTZ(dst, v, west) }
	}
	stamp := func(v int64) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendTimestamp(dst, v) }
	}
	interval := func(micros int64, days, months int32) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendInterval(dst, micros, days, months) }
	}
	const day = 86400 * 1_000_000
	return []encoderCase{
		{"epoch", "date", "2000-01-01", "00000004 00000000", date(0)},
		{"Unix epoch", "date", "1970-01-01", "00000004 ffffd533", date(-pgcopy.EpochUnixDays)},
		{"first", "date", "4714-11-24 BC", "00000004 ffda97a7", date(-2451545)},
		{"infinity", "date", "infinity", "00000004 7fffffff", date(pgcopy.DateInfinity)},
		{"-infinity", "date", "-infinity", "00000004 80000000", date(pgcopy.DateNegInfinity)},

		{"midnight", "time", "00:00:00", "00000008 0000000000000000", clock(0)},
		{"fraction", "time", "00:00:01.5", "00000008 000000000016e360", clock(1_500_000)},
		{"end of day", "time", "24:00:00", "00000008 000000141dd76000", clock(day)},
		{"east", "timetz", "00:00:01+02", "0000000c 00000000000f4240 ffffe3e0", clockTZ(1_000_000, -7200)},
		{"west", "timetz", "00:00:00-03:30", "0000000c 0000000000000000 00003138", clockTZ(0, 12600)},

		{"epoch", "timestamp", "2000-01-01 00:00:00", "00000008 0000000000000000", stamp(0)},
		{"Unix epoch", "timestamp", "1970-01-01 00:00:00", "00000008 fffca2fec4c82000", stamp(-pgcopy.EpochUnixMicros)},
		{"micros", "timestamp", "1999-12-31 23:59:59.999999", "00000008 ffffffffffffffff", stamp(-1)},
		{"infinity", "timestamp", "infinity", "00000008 7fffffffffffffff", stamp(pgcopy.TimestampInfinity)},
		{"-infinity", "timestamp", "-infinity", "00000008 8000000000000000", stamp(pgcopy.TimestampNegInfinity)},
		{"day two", "timestamptz", "2000-01-02 00:00:00+00", "00000008 000000141dd76000", stamp(day)},

		{
			"all parts", "interval", "1 year 2 mons 3 days 00:00:04.5",
			"00000010 000000000044aa20 00000003 0000000e", interval(4_500_000, 3, 14),
		},
		{
			"negative parts", "interval", "-1 mons +40 days -00:00:01",
			"00000010 fffffffffff0bdc0 00000028 ffffffff", interval(-1_000_000, 40, -1),
		},
	}
}

func TestEpochConstants(t *testing.T) {
	t.Parallel()
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := epoch.UnixMicro(); got != pgcopy.EpochUnixMicros {
		t.Errorf("EpochUnixMicros is %d, want %d", int64(pgcopy.EpochUnixMicros), got)
	}
}
