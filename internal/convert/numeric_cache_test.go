package convert_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// TestNumericsRepeat encodes numbers that come again, so many that they crowd each
// other out, and both in one column: whatever a Row remembers, each field is the
// one that an Encoder gives.
func TestNumericsRepeat(t *testing.T) {
	t.Parallel()
	edges := []row.Value{
		integer(0), real64(0), real64(math.Copysign(0, -1)), integer(1), real64(1), real64(-1), integer(-1), null(),
		integer(1<<53 - 1), integer(1 << 53), real64(1 << 53), integer(1<<53 + 1), integer(math.MinInt64), real64(5e-324),
		integer(999), integer(1000), real64(999.99), real64(-999.994), text("12.50"), text("-0"), blob("1"), real64(1e15), real64(0.1 + 0.2),
	}
	few := func(d *rand.Rand) row.Value { return real64(float64(d.IntN(11)) / 100) }
	many := func(d *rand.Rand) row.Value { return real64(float64(d.Int64N(1e9)-5e8) / 100) }
	unit := func(d *rand.Rand) row.Value { return integer(d.Int64N(50)) }
	edge := func(d *rand.Rand) row.Value { return edges[d.IntN(len(edges))] }
	for _, tc := range []struct {
		name             string
		precision, scale int
		draw             []func(*rand.Rand) row.Value
	}{
		{"rates", 15, 2, []func(*rand.Rand) row.Value{few}},
		{"amounts", 15, 2, []func(*rand.Rand) row.Value{many}},
		{"rates among amounts", 15, 2, []func(*rand.Rand) row.Value{few, few, few, few, few, many}},
		{"rates and whole numbers", 15, 2, []func(*rand.Rand) row.Value{few, unit}},
		{"edges", 20, 4, []func(*rand.Rand) row.Value{edge}},
		{"edges of three digits", 5, 2, []func(*rand.Rand) row.Value{edge}},
		{"edges with a long scale", 38, 30, []func(*rand.Rand) row.Value{edge}},
		{"edges of any precision", 0, 0, []func(*rand.Rand) row.Value{edge}},
		{"edges with no room after the point", 18, 0, []func(*rand.Rand) row.Value{edge, unit}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := of(sqltype.Numeric)
			c.Type.Precision, c.Type.Scale = tc.precision, tc.scale
			columns := []convert.Column{c}
			r := convert.NewRow(columns)
			d := rand.New(rand.NewPCG(1, 2))
			for i := range 10000 {
				draw := tc.draw[d.IntN(len(tc.draw))]
				if i >= 5000 && len(tc.draw) == 1 { // another kind of values from here on
					draw = few
				}
				vals := []row.Value{draw(d)}
				want, _, wantErr := oneByOne(columns, nil, vals)
				got, _, err := whole(r, nil, vals)
				if !bytes.Equal(got, want) || (err == nil) != (wantErr == nil) {
					t.Fatalf("value %d, %v: got %x, %v, want %x, %v", i, vals, got, err, want, wantErr)
				}
			}
		})
	}
}

// TestNumericsAllocate encodes numbers of which the cache has seen some, and not
// others.
func TestNumericsAllocate(t *testing.T) { // not parallel: it counts
	c := of(sqltype.Numeric)
	c.Type.Precision, c.Type.Scale = 15, 2
	r := convert.NewRow([]convert.Column{c})
	buf := make([]byte, 0, 1024)
	n := 0
	vals := make([]row.Value, 1)
	if allocs := testing.AllocsPerRun(5000, func() {
		n++
		vals[0].SetReal(float64(n*n%1000) / 100)
		buf, _ = r.Append(buf[:0], vals, 0)
	}); allocs != 0 {
		t.Fatalf("a number allocates %v times", allocs)
	}
}
