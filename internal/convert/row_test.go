package convert_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// whole encodes a row as the load does: what Append stops at goes to Cell. It
// gives up at the first misfit.
func whole(r *convert.Row, dst []byte, vals []row.Value) ([]byte, []convert.Note, error) {
	var notes []convert.Note
	for i := 0; ; i++ {
		if dst, i = r.Append(dst, vals, i); i == len(vals) {
			return dst, notes, nil
		}
		var note convert.Note
		var err error
		if dst, note, err = r.Cell(dst, i, &vals[i]); err != nil {
			return dst, notes, err
		}
		if note != convert.Exact {
			notes = append(notes, note)
		}
	}
}

// oneByOne encodes a row with an Encoder for each column.
func oneByOne(columns []convert.Column, dst []byte, vals []row.Value) ([]byte, []convert.Note, error) {
	var notes []convert.Note
	for i, c := range columns {
		enc := convert.Encoder{Column: c}
		var note convert.Note
		var err error
		if dst, note, err = enc.Append(dst, &vals[i]); err != nil {
			return dst, notes, err
		}
		if note != convert.Exact {
			notes = append(notes, note)
		}
	}
	return dst, notes, nil
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkRow(t fataler, columns []convert.Column, vals []row.Value) {
	t.Helper()
	want, wantNotes, wantErr := oneByOne(columns, []byte("kept"), vals)
	r := convert.NewRow(columns)
	for i := range vals {
		if vals[i].Class != row.Text || form.Plain(vals[i].Bytes) {
			r.KnowASCII(i)
		}
	}
	for range 2 { // the second time out of what it remembers
		got, notes, err := whole(r, []byte("kept"), vals)
		if !bytes.Equal(got, want) || fmt.Sprintf("%v %v", notes, err) != fmt.Sprintf("%v %v", wantNotes, wantErr) {
			t.Fatalf("%v into %v:\n got %x, %v, %v\nwant %x, %v, %v", vals, columns, got, notes, err, want, wantNotes, wantErr)
		}
	}
	unknown, _, _ := whole(convert.NewRow(columns), []byte("kept"), vals)
	if !bytes.Equal(unknown, want) {
		t.Fatalf("%v into %v:\n got %x\nwant %x", vals, columns, unknown, want)
	}
}

// TestRowIsItsEncoders puts every value of the cases into a row of its own, and
// all that fit into one row.
func TestRowIsItsEncoders(t *testing.T) {
	t.Parallel()
	var columns []convert.Column
	var vals []row.Value
	for _, c := range conversions(t) {
		checkRow(t, []convert.Column{c.column}, []row.Value{c.value})
		if c.want != misfit {
			columns, vals = append(columns, c.column), append(vals, c.value)
		}
	}
	checkRow(t, columns, vals)
}

// someColumn draws a column of any kind that has a plain conversion, or none.
func someColumn(t *rapid.T) convert.Column {
	c := of(rapid.SampledFrom([]sqltype.Kind{
		sqltype.Int2, sqltype.Int4, sqltype.Int8, sqltype.Bool, sqltype.Float4, sqltype.Float8, sqltype.Numeric,
		sqltype.Text, sqltype.Varchar, sqltype.Bpchar, sqltype.Bytea, sqltype.Date, sqltype.Timestamp, sqltype.UUID,
	}).Draw(t, "kind"))
	switch c.Type.Kind {
	case sqltype.Numeric:
		c.Type.Precision = rapid.IntRange(0, 40).Draw(t, "precision")
		c.Type.Scale = rapid.IntRange(-5, 40).Draw(t, "scale")
	case sqltype.Varchar, sqltype.Bpchar:
		c.Type.Length = rapid.IntRange(0, 12).Draw(t, "length")
	}
	c.EmptyNull, c.Replace = rapid.Bool().Draw(t, "empty"), rapid.Bool().Draw(t, "replace")
	return c
}

// someValue draws a value of any class, often one at the edge of something.
func someValue(t *rapid.T) row.Value {
	edges := rapid.SampledFrom([]int64{
		0, 1, -1, 2, 99, 100, 9999, 10000, 99999999, 100000000, math.MaxInt16, math.MinInt16 - 1, math.MaxInt32 + 1,
		math.MinInt32, 1<<53 - 1, 1 << 53, 1<<53 + 1, -1 << 53, math.MaxInt64, math.MinInt64, 999999999999999, 1e15, 1e18,
	})
	switch rapid.IntRange(0, 6).Draw(t, "class") {
	case 0:
		return null()
	case 1:
		return integer(rapid.OneOf(rapid.Int64(), edges).Draw(t, "n"))
	case 2:
		// A decimal of few digits, as applications store.
		digits := rapid.OneOf(rapid.Int64Range(-1e9, 1e9), edges).Draw(t, "digits")
		return real64(float64(digits) / math.Pow10(rapid.IntRange(0, 6).Draw(t, "places")))
	case 3:
		return real64(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 5e-324})).Draw(t, "f"))
	case 4:
		return blob(rapid.StringOfN(rapid.Rune(), 0, 20, -1).Draw(t, "blob"))
	case 5:
		return text(rapid.SampledFrom([]string{
			"", "a", "ab   ", "2024-02-29", "2023-02-29", "0000-01-01", "2024-02-29 00:00:00", "12.50", "007", "t",
			"a\x00b", "\xff", "näß", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "abcdefghijkl", "abcdefghijklm",
		}).Draw(t, "text"))
	}
	return text(rapid.StringOfN(rapid.RuneFrom([]rune("ab é€\x00")), 0, 30, -1).Draw(t, "text"))
}

func TestRowIsItsEncodersRandom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "columns")
		columns, vals := make([]convert.Column, n), make([]row.Value, n)
		for i := range n {
			columns[i], vals[i] = someColumn(t), someValue(t)
		}
		checkRow(t, columns, vals)
	})
}

func TestRowAllocates(t *testing.T) { // not parallel: it counts
	columns, rows := orderLines(50)
	r := convert.NewRow(columns)
	buf := make([]byte, 0, 1024)
	for _, vals := range rows {
		if n := testing.AllocsPerRun(20, func() { buf, _ = r.Append(buf[:0], vals, 0) }); n != 0 {
			t.Fatalf("a row allocates %v times", n)
		}
	}
}

// orderLines gives rows like those of TPC-H's lineitem.
func orderLines(n int) ([]convert.Column, [][]row.Value) {
	i8, money, date := of(sqltype.Int8), of(sqltype.Numeric), of(sqltype.Date)
	money.Type.Precision, money.Type.Scale = 15, 2
	columns := []convert.Column{i8, i8, i8, i8, money, money, money, money}
	char := func(n int) {
		c := of(sqltype.Varchar)
		c.Type.Length = n
		columns = append(columns, c)
	}
	char(1)
	char(1)
	columns = append(columns, date, date, date)
	char(25)
	char(10)
	char(44)
	d := rand.New(rand.NewPCG(1, 2))
	cents := func(n int64) row.Value {
		if n%100 == 0 {
			return integer(n / 100) // as NUMERIC affinity stores it
		}
		return real64(float64(n) / 100)
	}
	day := func() row.Value {
		return text(fmt.Sprintf("199%d-%02d-%02d", d.IntN(8)+1, d.IntN(12)+1, d.IntN(28)+1))
	}
	pick := func(list ...string) row.Value { return text(list[d.IntN(len(list))]) }
	prose := strings.Repeat("blithely regular ideas wake furiously among the slyly ironic pinto beans. ", 2)
	rows := make([][]row.Value, n)
	for i := range rows {
		at := d.IntN(70)
		rows[i] = []row.Value{
			integer(int64(i) / 4), integer(d.Int64N(100000)), integer(d.Int64N(5000)), integer(int64(i%7) + 1),
			integer(d.Int64N(50) + 1), cents(d.Int64N(10_000_000) + 90_000), cents(d.Int64N(11)), cents(d.Int64N(9)),
			pick("A", "N", "R"), pick("F", "O"), day(), day(), day(),
			pick("DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"),
			pick("REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"),
			text(prose[at : at+10+d.IntN(34)]),
		}
	}
	return columns, rows
}

// BenchmarkRow encodes rows like those of TPC-H's lineitem.
func BenchmarkRow(b *testing.B) {
	columns, rows := orderLines(400)
	b.Run("as they come", func(b *testing.B) { benchmarkRow(b, convert.NewRow(columns), rows) })
	b.Run("known to be ASCII", func(b *testing.B) {
		r := convert.NewRow(columns)
		for i := range columns {
			r.KnowASCII(i)
		}
		benchmarkRow(b, r, rows)
	})
}

func benchmarkRow(b *testing.B, r *convert.Row, rows [][]row.Value) {
	b.Helper()
	buf := make([]byte, 0, 1024)
	size := 0
	for _, vals := range rows {
		buf, _ = r.Append(buf[:0], vals, 0)
		size += len(buf)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, vals := range rows {
			buf, _ = r.Append(buf[:0], vals, 0)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
}
