package pgcopy_test

import (
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
)

// TestStreamBytes holds the frame against the bytes of the documentation.
func TestStreamBytes(t *testing.T) {
	t.Parallel()
	got := pgcopy.AppendHeader(nil)
	if len(got) != pgcopy.HeaderLen {
		t.Errorf("header is %d bytes long, want %d", len(got), pgcopy.HeaderLen)
	}
	got = pgcopy.AppendTupleHeader(got, 2)
	got = pgcopy.AppendInt2(got, 1)
	got = pgcopy.AppendNull(got)
	got = pgcopy.AppendTrailer(got)
	want := "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" +
		"\x00\x02" + "\x00\x00\x00\x02\x00\x01" + "\xff\xff\xff\xff" + "\xff\xff"
	if string(got) != want {
		t.Errorf("got % x, want % x", got, want)
	}
}

func TestFramingAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(10, func() {
		dst = pgcopy.AppendTrailer(pgcopy.AppendTupleHeader(pgcopy.AppendHeader(dst[:0]), 3))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
