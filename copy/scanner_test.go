package pgcopy_test

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pgcopy "github.com/litehaul/litehaul/copy"
)

// tuple is one call of a TupleFunc.
type tuple struct {
	Fields string
	FieldN int
}

// scan writes stream in pieces of the given sizes (the rest in one) and closes
// the scanner.
func scan(stream []byte, fieldN int, pieces ...int) ([]tuple, error) {
	var got []tuple
	s := pgcopy.NewScanner(fieldN, func(fields []byte, n int) error {
		got = append(got, tuple{string(fields), n})
		return nil
	})
	for _, n := range append(pieces, len(stream)) {
		n = min(n, len(stream))
		if _, err := s.Write(stream[:n]); err != nil {
			return got, errors.Join(err, sameError(s.Close(), err))
		}
		stream = stream[n:]
	}
	if s.TupleN() != int64(len(got)) {
		return got, errors.New("TupleN is wrong")
	}
	err := s.Close()
	return got, errors.Join(err, sameError(s.Close(), err))
}

// sameError is nil when a repeated call gives the error of the first one.
func sameError(got, want error) error {
	if !errors.Is(got, want) {
		return errors.New("the error does not stay")
	}
	return nil
}

// sample gives a stream of three tuples of two fields, and these tuples.
func sample() ([]byte, []tuple) {
	rows := [][]byte{
		pgcopy.AppendTextString(pgcopy.AppendInt4(nil, 7), "seven"),
		pgcopy.AppendNull(pgcopy.AppendNull(nil)),
		pgcopy.AppendTextString(pgcopy.AppendTextString(nil, ""), strings.Repeat("x", 300)),
	}
	stream := pgcopy.AppendHeader(nil)
	var tuples []tuple
	for _, row := range rows {
		stream = append(pgcopy.AppendTupleHeader(stream, 2), row...)
		tuples = append(tuples, tuple{string(row), 2})
	}
	return pgcopy.AppendTrailer(stream), tuples
}

func TestScannerPieces(t *testing.T) {
	t.Parallel()
	stream, want := sample()
	for size := 1; size <= len(stream); size++ {
		pieces := slices.Repeat([]int{size}, len(stream)/size)
		got, err := scan(stream, 2, pieces...)
		if err != nil {
			t.Fatalf("pieces of %d: %v", size, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("pieces of %d (-want +got):\n%s", size, diff)
		}
	}
}

// TestScannerTruncated cuts the stream at every byte: only the whole stream
// may pass.
func TestScannerTruncated(t *testing.T) {
	t.Parallel()
	stream, _ := sample()
	for n := range len(stream) {
		for _, first := range []int{0, n / 2, max(n-1, 0)} {
			_, err := scan(stream[:n], 2, first)
			var bad *pgcopy.FormatError
			if !errors.As(err, &bad) || bad.Offset != int64(n) {
				t.Errorf("%d bytes, the first %d alone: got error %v", n, first, err)
			}
		}
	}
}

// TestScannerGarbled changes every bit: the scanner must see it, or hand over
// other tuples, or the bit must be one that the format leaves free.
func TestScannerGarbled(t *testing.T) {
	t.Parallel()
	stream, want := sample()
	for bit := range 8 * len(stream) {
		if at := bit / 8; at == 13 || at == 14 {
			continue // the lower half of the flags is not critical
		}
		bad := slices.Clone(stream)
		bad[bit/8] ^= 1 << (bit % 8)
		if got, err := scan(bad, 2); err == nil && cmp.Equal(want, got) {
			t.Errorf("bit %d of byte %d goes unnoticed", bit%8, bit/8)
		}
	}
}

func TestScannerErrors(t *testing.T) {
	t.Parallel()
	header := string(pgcopy.AppendHeader(nil))
	cases := []struct {
		name, stream string
		fieldN       int
		offset       int64
		problem      string
	}{
		{"nothing", "", 2, 0, "it ends without a trailer after 0 tuples"},
		{"other format", "1\tone\n2\ttwo\n", 2, 0, "no COPY signature"},
		{"lines converted", strings.Replace(header, "\r\n", "\n", 1) + "\x00", 2, 0, "no COPY signature"},
		{"with OIDs", pgcopy.Signature + "\x00\x01\x00\x00\x00\x00\x00\x00", 2, 11, "unknown critical flags 0x10000"},
		{"negative extension", pgcopy.Signature + "\x00\x00\x00\x00\xff\xff\xff\xff", 2, 15, "extension area of -1 bytes"},
		{"negative count", header + "\xff\xfe", 2, 19, "tuple of -2 fields"},
		{"other count", header + "\x00\x03", 2, 19, "tuple of 3 fields instead of 2"},
		{"other count, whole", header + "\x00\x01\xff\xff\xff\xff", 2, 19, "tuple of 1 fields instead of 2"},
		{"negative length", header + "\x00\x02\xff\xff\xff\xff\xff\xff\xff\xf9", 2, 25, "field of -7 bytes"},
		{"length too large", header + "\x00\x02\x3f\xff\xff\xfa", 2, 21, "tuple of more than 1073741823 bytes"},
		{"sum too large", header + "\x00\x02\x00\x00\x00\x01x\x3f\xff\xff\xf5", 2, 26, "tuple of more than 1073741823 bytes"},
		{"after the trailer", header + "\xff\xff\x00", 2, 21, "bytes after the trailer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, pieces := range [][]int{nil, slices.Repeat([]int{1}, len(c.stream))} {
				_, err := scan([]byte(c.stream), c.fieldN, pieces...)
				var got *pgcopy.FormatError
				if !errors.As(err, &got) {
					t.Fatalf("got error %v", err)
				}
				want := &pgcopy.FormatError{Offset: c.offset, Problem: c.problem}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestScannerAccepts holds what is rare but valid.
func TestScannerAccepts(t *testing.T) {
	t.Parallel()
	header := string(pgcopy.AppendHeader(nil))
	cases := []struct {
		name, stream string
		fieldN       int
		want         []tuple
	}{
		{"no tuples", header + "\xff\xff", 2, nil},
		{"no columns", header + "\x00\x00\x00\x00\xff\xff", 0, []tuple{{"", 0}, {"", 0}}},
		{"any number", header + "\x00\x01\xff\xff\xff\xff\x00\x00\xff\xff", pgcopy.AnyFields, []tuple{{"\xff\xff\xff\xff", 1}, {"", 0}}},
		{"extension", pgcopy.Signature + "\x00\x00\x00\x00\x00\x00\x00\x03abc\xff\xff", 2, nil},
		{"flag to ignore", pgcopy.Signature + "\x00\x00\x80\x01\x00\x00\x00\x00\xff\xff", 2, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, pieces := range [][]int{nil, slices.Repeat([]int{1}, len(c.stream))} {
				got, err := scan([]byte(c.stream), c.fieldN, pieces...)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestScannerStopsAtErrorOfFunc(t *testing.T) {
	t.Parallel()
	stream, _ := sample()
	calls := 0
	s := pgcopy.NewScanner(2, func([]byte, int) error {
		calls++
		if calls == 2 {
			return io.ErrClosedPipe
		}
		return nil
	})
	first := pgcopy.HeaderLen + pgcopy.TupleHeaderLen + 17
	if n, err := s.Write(stream); n != first || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Write gave %d, %v, want %d and the function's error", n, err, first)
	}
	if _, err := s.Write(stream); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the next Write gave %v", err)
	}
	if err := s.Close(); !errors.Is(err, io.ErrClosedPipe) || calls != 2 {
		t.Errorf("Close gave %v after %d calls", err, calls)
	}
}

// TestScannerBelievesNoLength: a length field of nearly 1 GiB reserves nothing.
func TestScannerBelievesNoLength(t *testing.T) {
	var before, after runtime.MemStats
	stream := append(pgcopy.AppendHeader(nil), "\x00\x01\x3f\xff\x00\x00some bytes"...)
	runtime.ReadMemStats(&before)
	if _, err := scan(stream, 1); err == nil {
		t.Fatal("no error")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

// TestScannerLetsGo: the buffer for one large tuple is not kept.
func TestScannerLetsGo(t *testing.T) {
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	const size = 32 << 20
	s := pgcopy.NewScanner(1, func([]byte, int) error { return nil })
	before := heap()
	stream := append(pgcopy.AppendHeader(nil), "\x00\x01\x02\x00\x00\x00"...)
	if _, err := s.Write(stream); err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 1<<20)
	for range size / len(piece) {
		if _, err := s.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if after := heap(); s.TupleN() != 1 || after > before+size/2 {
		t.Errorf("%d tuples, %d bytes in use before, %d after", s.TupleN(), before, after)
	}
}

func TestScannerAllocatesNothing(t *testing.T) {
	row := pgcopy.AppendTextString(pgcopy.AppendInt8(pgcopy.AppendTupleHeader(nil, 2), 1), "one")
	rows := slices.Repeat(row, 10)
	s := pgcopy.NewScanner(2, func([]byte, int) error { return nil })
	if _, err := s.Write(pgcopy.AppendHeader(nil)); err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{len(rows), 7} {
		if n := testing.AllocsPerRun(10, func() {
			for rest := range slices.Chunk(rows, piece) {
				if _, err := s.Write(rest); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 {
			t.Errorf("pieces of %d bytes: %v allocations", piece, n)
		}
	}
}

func FuzzScanner(f *testing.F) {
	stream, _ := sample()
	header := pgcopy.AppendHeader(nil)
	f.Add(stream, uint64(1))
	f.Add(stream[:len(stream)-1], uint64(2))
	f.Add(append(stream, 0), uint64(3))
	f.Add(header, uint64(4))
	f.Add(append(header, "\x00\x00\xff\xff"...), uint64(5))
	f.Add(append(header, "\x00\x01\x3f\xff\xff\xff"...), uint64(6))
	f.Add([]byte(pgcopy.Signature+"\x00\x00\x00\x00\x00\x00\x00\x03abc\x00\x01\x00\x00\x00\x00\xff\xff"), uint64(7))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		want, wantErr := scan(stream, pgcopy.AnyFields)
		r := rand.New(rand.NewPCG(seed, 0))
		pieces := make([]int, len(stream))
		for i := range pieces {
			pieces[i] = r.IntN(1 + r.IntN(16))
		}
		got, err := scan(stream, pgcopy.AnyFields, pieces...)
		if diff := cmp.Diff(want, got); diff != "" || errorText(err) != errorText(wantErr) {
			t.Fatalf("pieces change the outcome: %v instead of %v\n%s", err, wantErr, diff)
		}
		checkTuples(t, stream, want, err == nil)
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// checkTuples puts tuples together again: they must be the stream behind its
// header, all of it when it is complete.
func checkTuples(t *testing.T, stream []byte, tuples []tuple, complete bool) {
	t.Helper()
	var again []byte
	for _, tup := range tuples {
		again = append(pgcopy.AppendTupleHeader(again, tup.FieldN), tup.Fields...)
		n := 0
		it := pgcopy.NewFields([]byte(tup.Fields))
		for it.Next() {
			n++
		}
		if n != tup.FieldN || it.Err() != nil {
			t.Fatalf("tuple % x: %d fields instead of %d, %v", tup.Fields, n, tup.FieldN, it.Err())
		}
	}
	if complete {
		again = pgcopy.AppendTrailer(again)
	}
	body := ""
	if len(stream) >= pgcopy.HeaderLen {
		skip := int(binary.BigEndian.Uint32(stream[pgcopy.HeaderLen-4:]))
		body = string(stream[min(pgcopy.HeaderLen+skip, len(stream)):])
	}
	if !strings.HasPrefix(body, string(again)) || complete && body != string(again) {
		t.Fatalf("tuples % x are not the stream % x", again, body)
	}
}

func BenchmarkScanner(b *testing.B) {
	row := pgcopy.AppendTupleHeader(nil, 16)
	for i := range 4 {
		row = pgcopy.AppendInt8(row, int64(i))
		row = pgcopy.AppendNumericInt(row, 1234567, 2)
		row = pgcopy.AppendDate(row, 100)
		row = pgcopy.AppendTextString(row, "a short text")
	}
	s := pgcopy.NewScanner(16, func([]byte, int) error { return nil })
	if _, err := s.Write(pgcopy.AppendHeader(nil)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(row)))
	for b.Loop() {
		if _, err := s.Write(row); err != nil {
			b.Fatal(err)
		}
	}
}
