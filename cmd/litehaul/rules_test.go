package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/pipeline"
)

func TestColumnRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		types, forms []string
		want         []pipeline.ColumnRule
		bad          bool
	}{
		{name: "plain", types: []string{"orders.total=numeric(12,2)"}, want: []pipeline.ColumnRule{
			{Table: "orders", Column: "total", Type: "numeric(12,2)"},
		}},
		{name: "quoted", types: []string{`"my.table"."a=b""c"=text`}, want: []pipeline.ColumnRule{
			{Table: "my.table", Column: `a=b"c`, Type: "text"},
		}},
		{name: "several in one", types: []string{`a.b=text; "x;y".z=bytea ;`}, want: []pipeline.ColumnRule{
			{Table: "a", Column: "b", Type: "text"}, {Table: "x;y", Column: "z", Type: "bytea"},
		}},
		{name: "type and form of one column", types: []string{"log.at=timestamptz"}, forms: []string{"LOG.at=epoch-ms"}, want: []pipeline.ColumnRule{
			{Table: "log", Column: "at", Type: "timestamptz", Form: "epoch-ms"},
		}},
		{name: "twice", types: []string{"a.b=text", "A.B=text"}, bad: true},
		{name: "no table", types: []string{"b=text"}, bad: true},
		{name: "no type", types: []string{"a.b="}, bad: true},
		{name: "nothing", types: []string{"="}, bad: true},
		{name: "a dot too many", types: []string{"a.b.c=text"}, bad: true},
		{name: "an open quote", types: []string{`"a.b=text`}, bad: true},
		{name: "a quote within", types: []string{`"a"b".c=text`}, bad: true},
		{name: "unknown type", types: []string{"a.b=texxt"}, bad: true},
		{name: "unknown form", forms: []string{"a.b=epoch"}, bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var all columnRules
			var err error
			for _, s := range tt.types {
				if err == nil {
					err = (&ruleFlag{all: &all}).Set(s)
				}
			}
			for _, s := range tt.forms {
				if err == nil {
					err = (&ruleFlag{all: &all, isForm: true}).Set(s)
				}
			}
			if (err != nil) != tt.bad {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tt.want, all.rules); !tt.bad && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzRule: a rule that is taken names a table and a column, and taking it never
// panics.
func FuzzRule(f *testing.F) {
	f.Add("orders.total=numeric(12,2)")
	f.Add(`"my.table"."a=b""c"=text; x.y=bytea`)
	f.Add(`";"=;.=`)
	f.Fuzz(func(t *testing.T, s string) {
		var all columnRules
		if (&ruleFlag{all: &all}).Set(s) != nil {
			return
		}
		for _, r := range all.rules {
			if r.Table == "" || r.Column == "" || r.Type == "" {
				t.Errorf("%q gives %+v", s, r)
			}
		}
	})
}
