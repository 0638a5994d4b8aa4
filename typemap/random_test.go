package typemap_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// randomColumns are the definitions that random values are put into, whatever
// SQLite's affinity would have made of them.
var randomColumns = []schema.Column{
	{Name: "c"},
	{Name: "c", DeclType: "BOOLEAN"},
	{Name: "c", DeclType: "TINYINT(1)"},
	{Name: "c", DeclType: "SMALLINT"},
	{Name: "c", DeclType: "MEDIUMINT"},
	{Name: "c", DeclType: "INTEGER"},
	{Name: "c", DeclType: "REAL"},
	{Name: "c", DeclType: "DECIMAL"},
	{Name: "c", DeclType: "DECIMAL(6,2)"},
	{Name: "c", DeclType: "TEXT"},
	{Name: "c", DeclType: "VARCHAR(5)"},
	{Name: "c", DeclType: "CHAR(36)"},
	{Name: "c", DeclType: "CHAR(32)"},
	{Name: "item_uuid", DeclType: "TEXT"},
	{Name: "c", DeclType: "UUID"},
	{Name: "c", DeclType: "BINARY(16)"},
	{Name: "c", DeclType: "JSON"},
	{Name: "c", DeclType: "DATE"},
	{Name: "c", DeclType: "TIME"},
	{Name: "c", DeclType: "DATETIME"},
	{Name: "c", DeclType: "TIMESTAMPTZ"},
	{Name: "c", DeclType: "BLOB"},
}

func integer(n int64) (v row.Value)  { v.SetInt(n); return v }
func real64(f float64) (v row.Value) { v.SetReal(f); return v }
func text(s string) (v row.Value)    { v.SetText([]byte(s)); return v }
func blob(s string) (v row.Value)    { v.SetBlob([]byte(s)); return v }

// pools are values that belong together: a column draws from one or two.
var pools = [][]row.Value{
	{integer(0), integer(1), text("t"), text("f"), text("true"), text("FALSE"), real64(0), real64(1)},
	{integer(-5), integer(70), integer(40000), integer(3e9), integer(math.MaxInt64), integer(math.MaxInt64 - 1), integer(math.MinInt64), integer(1<<53 + 1)},
	{real64(1.5), real64(-0.25), real64(12345.67), real64(1e300), real64(5e-324), real64(1e20), real64(math.Inf(1)), real64(math.Copysign(0, -1))},
	{text("12"), text("007"), text("-3"), text("1.50"), text("1e3"), text("0e-99999"), text("0e1073741823"), text("1e-20000"), text("NaN"), text("Infinity")},
	{text(""), text("abc"), text("ab   "), text("abcde   "), text("näßé€"), text("a\x00b"), text("\xff\xfe")},
	{text("3f2504e0-4f89-41d3-9a0c-0305e82c3301"), text("3F2504E0-4F89-41D3-9A0C-0305E82C3302"), text("3f2504e04f8941d39a0c0305e82c3303"), text("00000000-0000-0000-0000-000000000000"), text("d41d8cd98f00b204e9800998ecf8427e")},
	{blob("\x3f\x25\x04\xe0\x4f\x89\x41\xd3\x9a\x0c\x03\x05\xe8\x2c\x33\x01"), blob("\xe0\x04\x25\x3f\x89\x4f\xd3\x41\x9a\x0c\x03\x05\xe8\x2c\x33\x01"), blob("0123456789abcdef"), blob("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")},
	{text(`{"a":1}`), text(`{"a":1,"a":2}`), text(`[1e400000]`), text(`"\u0000"`), text(`"\ud800"`), text("null"), text(" 1.0 "), blob(`{"a":1}`), blob("\x3b\x17a"), blob("\x0c\x17a\x131"), blob("3123")},
	{text("2024-05-06"), text("2024-05-06 00:00:00"), text("2024-05-06T07:08:09.123456789Z"), text("2024-05-06 07:08:09+02:00"), text("2024-05-06 07:08"), text("0000-00-00"), text("9999-12-31 23:59:59.999999")},
	{text("07:08"), text("07:08:09.5"), text("2000-01-01 07:08:09"), text("24:00")},
	{integer(1_700_000_000), integer(1_700_000_000_123), integer(253_402_300_799), integer(-62_135_596_800), integer(20_240_506), integer(20_240_230), integer(638_000_000_000_000_000), integer(2_460_437)},
	{real64(1_700_000_000.25), real64(2_460_437.5), real64(1_700_000_000_123), real64(20_240_506)},
}

func drawValues(t *rapid.T) []row.Value {
	var from []row.Value
	for range rapid.IntRange(1, 2).Draw(t, "pools") {
		pool := rapid.SampledFrom(pools).Draw(t, "pool")
		// A part of the pool only: most columns are of one kind.
		n := rapid.IntRange(1, len(pool)).Draw(t, "size")
		start := rapid.IntRange(0, len(pool)-n).Draw(t, "start")
		from = append(from, pool[start:start+n]...)
	}
	from = append(from, row.Value{})
	out := make([]row.Value, rapid.IntRange(0, 20).Draw(t, "rows"))
	for i := range out {
		out[i] = rapid.SampledFrom(from).Draw(t, "value")
	}
	return out
}

func randomOptions(n byte) typemap.Options {
	return typemap.Options{BadText: typemap.BadText(n % 3)}
}

// profileOf profiles a table of one column.
func profileOf(col schema.Column, values []row.Value) *typemap.Table {
	col.Affinity = schema.AffinityOf(col.DeclType)
	table := &schema.Table{Name: "t", Columns: []*schema.Column{&col}, RowidAlias: -1}
	s := &schema.Schema{Tables: []*schema.Table{table}}
	p := typemap.NewTable(table, typemap.Probes(s, nil)[table])
	for i := range values {
		p.Add(int64(i), values[i:i+1])
	}
	return p
}

// fataler is a test or a property.
type fataler interface {
	Fatalf(format string, args ...any)
}

// checkDecision holds a decision to its word: proven, all values fit; and
// where nothing was said, different values become different fields.
func checkDecision(t fataler, col schema.Column, values []row.Value, opt typemap.Options) {
	p := profileOf(col, values)
	d := typemap.Decide(p, 0, opt)
	if d.Type.Kind == sqltype.Unknown || d.Evidence == "" {
		t.Fatalf("%s %q: no decision: %+v", col.Name, col.DeclType, d)
	}
	enc := convert.Encoder{Column: d.Column}
	fields := map[string]row.Value{}
	for i := range values {
		v := &values[i]
		field, _, err := enc.Append(nil, v)
		if err != nil {
			if d.Proven {
				t.Fatalf("%s %q: proven %s (%s), but %s: %v", col.Name, col.DeclType, d.Type.SQL(), d.Why, typemap.Show(v), err)
			}
			continue
		}
		if old, ok := fields[string(field)]; ok && !sameValue(&old, v) && plainType(&p.Columns[0], d) {
			t.Fatalf("%s %q: as %s, %s and %s are the same, and nothing says so", col.Name, col.DeclType, d.Type.SQL(), typemap.Show(&old), typemap.Show(v))
		}
		fields[string(field)] = *v
	}
}

// plainType tells whether equal fields of a column mean equal values: not where
// the plan gives a reason, nor where the declared type's own meaning joins
// several spellings (docs/TYPES.md).
func plainType(p *typemap.Column, d typemap.Decision) bool {
	if d.Why != "" || d.Replace {
		return false
	}
	switch d.Type.Kind {
	case sqltype.Numeric:
		return p.Count[row.Text] == 0
	case sqltype.Text, sqltype.Varchar, sqltype.Bytea, sqltype.Int2, sqltype.Int4, sqltype.Int8, sqltype.Float8:
		return true
	}
	return false
}

// sameValue tells whether SQLite takes two values for equal.
func sameValue(a, b *row.Value) bool {
	number := func(v *row.Value) bool { return v.Class == row.Integer || v.Class == row.Real }
	switch {
	case a.Class == row.Integer && b.Class == row.Integer:
		return a.Int() == b.Int()
	case number(a) && number(b):
		asReal := func(v *row.Value) float64 {
			if v.Class == row.Integer {
				return float64(v.Int())
			}
			return v.Real()
		}
		return asReal(a) == asReal(b)
	}
	return a.Class == b.Class && bytes.Equal(a.Bytes, b.Bytes)
}

func TestDecideRandom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		col := rapid.SampledFrom(randomColumns).Draw(t, "column")
		checkDecision(t, col, drawValues(t), randomOptions(rapid.Byte().Draw(t, "options")))
	})
}

func TestMergeRandom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		col := rapid.SampledFrom(randomColumns).Draw(t, "column")
		values := drawValues(t)
		whole := profileOf(col, values)
		a := rapid.IntRange(0, len(values)).Draw(t, "first cut")
		b := rapid.IntRange(a, len(values)).Draw(t, "second cut")
		parts := profileOf(col, nil)
		for _, part := range [][]row.Value{values[:a], values[a:b], values[b:]} {
			parts.Merge(profileOf(col, part))
		}
		if diff := cmp.Diff(whole, parts, cmpopts.IgnoreUnexported(typemap.Table{}, typemap.Column{})); diff != "" {
			t.Fatalf("whole and parts differ (-whole +parts):\n%s", diff)
		}
		one, two := typemap.Decide(whole, 0, typemap.Options{}), typemap.Decide(parts, 0, typemap.Options{})
		// Rowids differ, because each part counts its own.
		if one.Column != two.Column || one.Evidence != two.Evidence || one.Proven != two.Proven || len(one.Why) != len(two.Why) && len(values) < 10 {
			t.Fatalf("whole: %+v\nparts: %+v", one, two)
		}
	})
}

// FuzzDecide makes values of bytes: class, length, content.
func FuzzDecide(f *testing.F) {
	for i, pool := range pools {
		for c := range randomColumns {
			if (c+i)%4 == 0 {
				f.Add(byte(c), byte(i), packValues(pool))
			}
		}
	}
	f.Fuzz(func(t *testing.T, column, options byte, data []byte) {
		col := randomColumns[int(column)%len(randomColumns)]
		checkDecision(t, col, unpackValues(data), randomOptions(options))
	})
}

func packValues(list []row.Value) []byte {
	var out []byte
	for i := range list {
		v := &list[i]
		out = append(out, byte(v.Class))
		switch v.Class {
		case row.Integer:
			out = binary.BigEndian.AppendUint64(out, uint64(v.Int()))
		case row.Real:
			out = binary.BigEndian.AppendUint64(out, math.Float64bits(v.Real()))
		case row.Text, row.Blob:
			out = append(append(out, byte(len(v.Bytes))), v.Bytes...)
		}
	}
	return out
}

func unpackValues(data []byte) []row.Value {
	var out []row.Value
	for len(data) > 0 && len(out) < 100 {
		var v row.Value
		class := row.Class(data[0] % row.ClassN)
		data = data[1:]
		switch class {
		case row.Integer, row.Real:
			if len(data) < 8 {
				return out
			}
			bits := binary.BigEndian.Uint64(data)
			data = data[8:]
			if v.SetInt(int64(bits)); class == row.Real {
				if v.SetReal(math.Float64frombits(bits)); math.IsNaN(v.Real()) {
					v.SetNull() // as SQLite does
				}
			}
		case row.Text, row.Blob:
			if len(data) == 0 || len(data) <= int(data[0]) {
				return out
			}
			n := int(data[0])
			if v.SetText(data[1 : 1+n]); class == row.Blob {
				v.SetBlob(data[1 : 1+n])
			}
			data = data[1+n:]
		}
		out = append(out, v)
	}
	return out
}

func TestPackValues(t *testing.T) {
	t.Parallel()
	for i, pool := range pools {
		if got, want := fmt.Sprint(unpackValues(packValues(pool))), fmt.Sprint(pool); got != want {
			t.Errorf("pool %d: %s, want %s", i, got, want)
		}
	}
}
