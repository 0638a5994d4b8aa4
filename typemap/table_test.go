package typemap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

func TestAddAllocates(t *testing.T) { // not parallel: it counts
	columns := []struct {
		decl   string
		values []row.Value
	}{
		{"INTEGER", []row.Value{integer(5), {}}},
		{"BOOLEAN", []row.Value{integer(1), text("f")}},
		{"REAL", []row.Value{real64(1.5)}},
		{"DECIMAL(10,2)", []row.Value{real64(1234.56), real64(1e-300), integer(5), text("12.34")}},
		{"VARCHAR(20)", []row.Value{text("some äöü text")}},
		{"UUID", []row.Value{text(uuid1), blob("\x3f\x25\x04\xe0\x4f\x89\x41\xd3\x9a\x0c\x03\x05\xe8\x2c\x33\x01")}},
		{"JSON", []row.Value{text(`{"a":[1,{"b":"c"}],"d":null}`), blob("\x4c\x17a\x131"), integer(3)}},
		{"DATETIME", []row.Value{text("2024-05-06 07:08:09"), text("2024-05-06T07:08:09Z"), integer(1700000000), real64(2460436.5)}},
		{"TIME", []row.Value{text("07:08:09")}},
		{"BLOB", []row.Value{blob("\x00\xff")}},
	}
	for _, c := range columns {
		p := profileOf(schema.Column{Name: "c", DeclType: c.decl}, c.values)
		for i := range c.values {
			if n := testing.AllocsPerRun(50, func() { p.Add(7, c.values[i:i+1]) }); n != 0 {
				t.Errorf("%s: %s allocates %v times", c.decl, typemap.Show(&c.values[i]), n)
			}
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	s := load(t, nil,
		"CREATE TABLE t (a INTEGER, b TEXT, c NUMERIC(4,1) NOT NULL DEFAULT 1, PRIMARY KEY (b, a))",
		"INSERT INTO t VALUES (1, 'x', 1.5), (2, 'it''s', 'high'), (NULL, 'y', 2), ('z', NULL, 'low')",
	)
	p := s.tables[s.schema.Table("t")]
	for _, test := range []struct {
		column int
		miss   typemap.Miss
		want   string
	}{
		{0, typemap.MissClass, "[{b=NULL, a='z' 'z'}]"},
		{0, typemap.MissNull, "[{b='y', a=NULL NULL}]"},
		{1, typemap.MissNull, "[{b=NULL, a='z' NULL}]"},
		{2, typemap.MissDecimal, "[{b='it''s', a=2 'high'}]"},
		{2, typemap.MissClass, "[{b='it''s', a=2 'high'}]"},
		{2, typemap.MissUUID, "[]"},
	} {
		if got := fmt.Sprint(p.Examples(test.column, test.miss)); got != test.want {
			t.Errorf("column %d, miss %d: %s, want %s", test.column, test.miss, got, test.want)
		}
	}
	if p.Rows != 4 || p.Columns[2].Rows() != 4 || p.Columns[0].Values() != 3 {
		t.Errorf("%d rows: %+v", p.Rows, p.Columns)
	}
}

// TestExamplesBound: all are counted, few are kept, also over several parts.
func TestExamplesBound(t *testing.T) {
	t.Parallel()
	col := schema.Column{Name: "c", DeclType: "TEXT", NotNull: true}
	bad := make([]row.Value, 50)
	for i := range 30 {
		bad[i] = text("\xff")
	}
	whole := profileOf(col, nil)
	for range 3 {
		whole.Merge(profileOf(col, bad))
	}
	if n := len(whole.BadText(0)); n != typemap.MaxExamples || whole.Columns[0].BadText != 90 {
		t.Errorf("%d kept of %d", n, whole.Columns[0].BadText)
	}
	if n := len(whole.Examples(0, typemap.MissNull)); n != typemap.MaxExamples {
		t.Errorf("%d NULLs kept", n)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value row.Value
		want  string
	}{
		{row.Value{}, "NULL"},
		{integer(-5), "-5"},
		{real64(2), "2.0"},
		{real64(1e300), "1e+300"},
		{text("it's"), "'it''s'"},
		{text("a\nb"), `"a\nb"`},
		{text("\xff"), `"\xff"`},
		{text(strings.Repeat("é", 40)), "'" + strings.Repeat("é", 30) + "'... (80 bytes)"},
		{text("a" + strings.Repeat("é", 40)), "'a" + strings.Repeat("é", 29) + "'... (81 bytes)"},
		{text(strings.Repeat("\xbf", 70)), `"` + strings.Repeat(`\xbf`, 60) + `"... (70 bytes)`},
		{blob("\x00\xff"), "x'00ff'"},
		{blob(strings.Repeat("a", 31)), "x'" + strings.Repeat("61", 30) + "'... (31 bytes)"},
	} {
		if got := typemap.Show(&test.value); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	s := load(t, typemap.Rules{{Table: "t", Column: "ruled", Form: typemap.FormSeconds}},
		`CREATE TABLE p (id CHAR(36) PRIMARY KEY, n INTEGER)`,
		`CREATE TABLE t (plain INTEGER, flag BOOL, amount DECIMAL, name VARCHAR(5), free VARCHAR, at DATETIME, clock TIME,
			doc TEXT CHECK (json_valid(doc)), j JSON, u UUID, key_uuid TEXT, raw BLOB, bin BINARY(16),
			ruled INTEGER, p_id BLOB REFERENCES p, n TEXT REFERENCES p(n))`)
	probes := typemap.Probes(s.schema, typemap.Rules{{Table: "t", Column: "ruled", Form: typemap.FormSeconds}})
	got := map[string]typemap.Probe{}
	for _, table := range s.schema.Tables {
		for i, c := range table.Columns {
			got[table.Name+"."+c.Name] = probes[table][i]
		}
	}
	key := typemap.ProbeUUID | typemap.ProbeInfer | typemap.ProbeLength | typemap.ProbeBlobText
	want := map[string]typemap.Probe{
		"p.id": key, "p.n": typemap.ProbeInt | typemap.ProbeBlobText,
		"t.plain": 0, "t.flag": typemap.ProbeBool, "t.amount": typemap.ProbeDecimal,
		"t.name": typemap.ProbeLength | typemap.ProbeBlobText, "t.free": typemap.ProbeBlobText,
		"t.at": typemap.ProbeTimestamp, "t.clock": typemap.ProbeTime | typemap.ProbeTimestamp,
		"t.doc": typemap.ProbeJSON | typemap.ProbeBlobText, "t.j": typemap.ProbeJSON | typemap.ProbeBlobText,
		"t.u": typemap.ProbeUUID, "t.key_uuid": typemap.ProbeUUID | typemap.ProbeInfer | typemap.ProbeBlobText,
		"t.raw": 0, "t.bin": typemap.ProbeUUID | typemap.ProbeInfer, "t.ruled": typemap.ProbeTimestamp,
		"t.p_id": key, "t.n": typemap.ProbeInt | typemap.ProbeBlobText,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASCII(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		decl   string
		values []row.Value
		want   bool
	}{
		{"none", "TEXT", nil, true},
		{"plain", "VARCHAR(9)", []row.Value{text(""), text("a"), text("plain text"), {}, integer(3)}, true},
		{"wide", "VARCHAR(9)", []row.Value{text("plain"), text("n\u00e4h")}, false},
		{"not UTF-8", "TEXT", []row.Value{text("plain"), text("\xff")}, false},
		{"NUL", "TEXT", []row.Value{text("a\x00"), text("plain")}, false},
		{"dates", "DATE", []row.Value{text("2024-05-06"), text("2024-05-06 07:08:09")}, true},
		{"no date", "DATE", []row.Value{text("2024-05-06"), text("\u0662024-05-06")}, false},
		{"blob", "TEXT", []row.Value{blob("\xff")}, true}, // only texts count
	} {
		all := profileOf(schema.Column{Name: "c", DeclType: test.decl}, nil)
		for i := range test.values {
			all.Merge(profileOf(schema.Column{Name: "c", DeclType: test.decl}, test.values[i:i+1]))
		}
		one := profileOf(schema.Column{Name: "c", DeclType: test.decl}, test.values)
		if one.Columns[0].ASCII() != test.want || all.Columns[0].ASCII() != test.want {
			t.Errorf("%s: ASCII %v, merged %v, want %v", test.name, one.Columns[0].ASCII(), all.Columns[0].ASCII(), test.want)
		}
	}
}
