package pgcopy

import (
	"encoding/binary"
	"math"
)

// The Postgres epoch, 2000-01-01 00:00:00 UTC, on the Unix time line: subtract
// it from a Unix time to get what the encoders take.
const (
	EpochUnixDays   = 10957
	EpochUnixMicros = EpochUnixDays * 86400 * 1_000_000
)

// The values of a date that mean infinity and -infinity.
const (
	DateInfinity    = math.MaxInt32
	DateNegInfinity = math.MinInt32
)

// The values of a timestamp or timestamptz that mean infinity and -infinity.
const (
	TimestampInfinity    = math.MaxInt64
	TimestampNegInfinity = math.MinInt64
)

// AppendDate appends a date: days since 2000-01-01.
func AppendDate(dst []byte, days int32) []byte {
	return AppendInt4(dst, days)
}

// AppendTime appends a time: microseconds since midnight, from 0 to 86400 s
// inclusive (24:00:00 is a time of its own).
func AppendTime(dst []byte, micros int64) []byte {
	return append8(dst, be(micros))
}

// AppendTimeTZ appends a timetz: microseconds since local midnight and the
// zone in seconds *west* of Greenwich (+02:00 is -7200).
func AppendTimeTZ(dst []byte, micros int64, secondsWest int32) []byte {
	dst = append(dst, 0, 0, 0, 12)
	dst = binary.BigEndian.AppendUint64(dst, be(micros))
	return binary.BigEndian.AppendUint32(dst, uint32(secondsWest)) //nolint:gosec // the same 32 bits
}

// AppendTimestamp appends a timestamp or a timestamptz: microseconds since
// 2000-01-01 00:00:00, in UTC for a timestamptz.
func AppendTimestamp(dst []byte, micros int64) []byte {
	return append8(dst, be(micros))
}

// AppendInterval appends an interval. Its three parts are kept apart: neither
// 30 days nor 24 hours carry over.
func AppendInterval(dst []byte, micros int64, days, months int32) []byte {
	dst = append(dst, 0, 0, 0, 16)
	dst = binary.BigEndian.AppendUint64(dst, be(micros))
	return binary.BigEndian.AppendUint64(dst, be(int64(days))<<32|be(int64(months))&math.MaxUint32)
}
