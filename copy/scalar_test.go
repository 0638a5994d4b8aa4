package pgcopy_test

import (
	"math"
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestScalar(t *testing.T) {
	t.Parallel()
	checkGolden(t, scalarCases())
}

func scalarCases() []encoderCase {
	boolean := func(v bool) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendBool(dst, v) }
	}
	int2 := func(v int16) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendInt2(dst, v) }
	}
	int4 := func(v int32) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendInt4(dst, v) }
	}
	bigint := func(v int64) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendInt8(dst, v) }
	}
	return append(floatCases(), []encoderCase{
		{"null", "boolean", "NULL", "ffffffff", pgcopy.AppendNull},
		{"true", "boolean", "true", "00000001 01", boolean(true)},
		{"false", "boolean", "false", "00000001 00", boolean(false)},

		{"zero", "smallint", "0", "00000002 0000", int2(0)},
		{"two bytes", "smallint", "258", "00000002 0102", int2(258)},
		{"least", "smallint", "-32768", "00000002 8000", int2(math.MinInt16)},
		{"greatest", "smallint", "32767", "00000002 7fff", int2(math.MaxInt16)},

		{"null", "integer", "NULL", "ffffffff", pgcopy.AppendNull},
		{"four bytes", "integer", "16909060", "00000004 01020304", int4(0x01020304)},
		{"minus one", "integer", "-1", "00000004 ffffffff", int4(-1)},
		{"least", "integer", "-2147483648", "00000004 80000000", int4(math.MinInt32)},
		{"greatest", "integer", "2147483647", "00000004 7fffffff", int4(math.MaxInt32)},

		{"eight bytes", "bigint", "72623859790382856", "00000008 0102030405060708", bigint(0x0102030405060708)},
		{"minus one", "bigint", "-1", "00000008 ffffffffffffffff", bigint(-1)},
		{"least", "bigint", "-9223372036854775808", "00000008 8000000000000000", bigint(math.MinInt64)},
		{"greatest", "bigint", "9223372036854775807", "00000008 7fffffffffffffff", bigint(math.MaxInt64)},
	}...)
}

func floatCases() []encoderCase {
	float4 := func(v float32) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendFloat4(dst, v) }
	}
	float8 := func(v float64) func([]byte) []byte {
		return func(dst []byte) []byte { return pgcopy.AppendFloat8(dst, v) }
	}
	negZero := math.Copysign(0, -1)
	return []encoderCase{
		{"fraction", "real", "1.5", "00000004 3fc00000", float4(1.5)},
		{"negative zero", "real", "-0", "00000004 80000000", float4(float32(negZero))},
		{"infinity", "real", "Infinity", "00000004 7f800000", float4(float32(math.Inf(1)))},
		{"NaN", "real", "NaN", "00000004 7fc00000", float4(math.Float32frombits(0x7fc00000))},

		{"tenth", "double precision", "0.1", "00000008 3fb999999999999a", float8(0.1)},
		{"negative zero", "double precision", "-0", "00000008 8000000000000000", float8(negZero)},
		{"-infinity", "double precision", "-Infinity", "00000008 fff0000000000000", float8(math.Inf(-1))},
		{"NaN", "double precision", "NaN", "00000008 7ff8000000000001", float8(math.NaN())},
		{
			"least above zero", "double precision", "5e-324", "00000008 0000000000000001",
			float8(math.SmallestNonzeroFloat64),
		},
	}
}
