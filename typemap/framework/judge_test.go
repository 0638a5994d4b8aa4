package framework_test

import (
	"math"
	"testing"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

// decls are the declared types that some framework speaks of, with a name that
// says something.
var decls = []struct{ name, decl string }{
	{"c", "char(32)"},
	{"c", "char(36)"},
	{"c", "char(39)"},
	{"c", "varchar(36)"},
	{"c", "datetime"},
	{"c", "timestamp"},
	{"c", "date"},
	{"c", "bool"},
	{"c", "boolean"},
	{"c", "tinyint(1)"},
	{"c", "numeric"},
	{"c", "float"},
	{"c", "uuid"},
	{"c", "inet"},
	{"c", "json"},
	{"c", "jsonb"},
	{"c", "text"},
	{"Price", "text"},
	{"updated_at", "text"},
	{"created_at", "integer"},
	{"is_on", "integer"},
	{"c", "bigint"},
	{"c", "blob"},
	{"c", "binary(16)"},
	{"ZDATE", "timestamp"},
	{"last_ts", "float"},
	{"c", "uuid_text"},
	{"c", "json_text"},
	{"c", "jsonb_text"},
	{"c", "datetime_text"},
	{"c", "timestamp_with_timezone_text"},
	{"c", "date_text"},
}

// pool holds values that forms are at the edge of.
func pool() []row.Value {
	var out []row.Value
	for _, n := range []int64{
		0, 1, 2, -1, 19700101, 509000, 1714979289, 1714979289123, 1714979289123456, 638505760890000000, 253402300799,
		-62135596800, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64,
	} {
		var v row.Value
		v.SetInt(n)
		out = append(out, v)
	}
	for _, f := range []float64{0, 1, 0.5, -1.5, 736671600.25, 2460436.5, 1e300, math.Inf(1), math.Inf(-1)} {
		var v row.Value
		v.SetReal(f)
		out = append(out, v)
	}
	for _, s := range []string{
		"", "t", "false", "yes", "x", "12", "-0", "007", "1.5", "1.50", "0.0", ".5", "1e5", "NaN", "Infinity", "-Infinity",
		"3f2504e04f8941d39a0c0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
		"{3f2504e0-4f89-41d3-9a0c-0305e82c3301}", "00000000000000000000000000000000", "d41d8cd98f00b204e9800998ecf8427e",
		"2024-05-06", "2024-02-30", "2024-05-06 07:08:09", "2024-05-06T07:08:09.1234567Z", "2024-05-06 00:00:00+00:00", "2024-05-06 00:00:00+02:00",
		"0001-01-01 00:00:00", "9999-12-31 23:59:59.9999999", "0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00", "0000-00-00 00:00:00",
		"07:08:09", "1.02:03:04", "-1.02:03:04.5000000", "99999999.23:59:59.9999999", "24:00:00", "99999999999.00:00:00",
		"10.0.0.1", "10.0.0.256", "::ffff:10.0.0.1", "10.0.0.0/8", "fe80::1%eth0", "10.0.0.1/", "::/129",
		"{}", "[1]", `"a"`, "null", `{"a":1,"a":2}`, `"\u0000"`, "{a}", "1e999999999",
	} {
		var text, blob row.Value
		text.SetText([]byte(s))
		blob.SetBlob([]byte(s))
		out = append(out, text, blob)
	}
	for _, b := range []string{"\x00", "\xff", "?%\x04\xe0O\x89A\xd3\x9a\x0c\x03\x05\xe8,3\x01", "\x1c", "\xfcz"} {
		var text, blob row.Value
		text.SetText([]byte(b))
		blob.SetBlob([]byte(b))
		out = append(out, text, blob)
	}
	return out
}

// TestHintsKeepAllValues: whatever values a column holds, those of a hint that
// counts all become values of its type. What Proven promises is kept at once;
// the rest would be refused before writing, which a hint must not cause.
func TestHintsKeepAllValues(t *testing.T) {
	t.Parallel()
	values := pool()
	for _, name := range framework.Names() {
		if !framework.Speaks(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := 0
			for _, d := range decls {
				table := &schema.Table{
					Name: "Z", RowidAlias: -1,
					Columns: []*schema.Column{{Name: d.name, DeclType: d.decl, Affinity: schema.AffinityOf(d.decl)}},
				}
				s := &schema.Schema{Tables: []*schema.Table{table}}
				fs := framework.Findings{framework.Claim(s, name, "a test")}
				for i := range values {
					for k := i; k < len(values); k += 7 { // pairs, not all of them
						held += keeps(t, fs, table, []row.Value{values[i], values[i], values[i], values[k], values[i]})
					}
				}
			}
			if held == 0 {
				t.Error("no hint ever counts")
			}
		})
	}
}

// keeps tells whether a hint counts for a column of these values, and then
// converts all of them.
func keeps(t *testing.T, fs framework.Findings, table *schema.Table, values []row.Value) int {
	j := fs.Judge(table)
	if j == nil {
		return 0
	}
	probes := typemap.Probes(&schema.Schema{Tables: []*schema.Table{table}}, nil)[table]
	for _, h := range fs.Hints(table, 0) {
		probes[0] |= typemap.HintProbes(h.Type)
	}
	p := typemap.NewTable(table, probes)
	for i := range values {
		p.Add(int64(i), values[i:i+1])
		j.Add(int64(i), values[i:i+1])
	}
	h := j.Hinted(0)
	if h == nil || h.Broken {
		return 0
	}
	d := typemap.Decide(p, 0, typemap.Options{Hints: map[*schema.Table][]*typemap.Hinted{table: {h}}})
	e := convert.Encoder{Column: d.Column}
	for i := range values {
		if _, _, err := e.Append(nil, &values[i]); err != nil {
			t.Errorf("%s %s: %s is %s (%s), but %s: %v", table.Columns[0].Name, table.Columns[0].DeclType,
				typemap.Show(&values[i]), d.Type.SQL(), h.Why, h.Form, err)
		}
	}
	return 1
}
