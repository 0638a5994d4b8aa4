package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/pipeline"
)

func TestRemapFlag(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		given []string
		want  []pipeline.Remap
		bad   bool
	}{
		{name: "one column", given: []string{"tags=name"}, want: []pipeline.Remap{{Table: "tags", Key: []string{"name"}}}},
		{name: "several", given: []string{"city = country_id, name"}, want: []pipeline.Remap{{Table: "city", Key: []string{"country_id", "name"}}}},
		{name: "quoted", given: []string{`"my.table"="a,b","c=d"`}, want: []pipeline.Remap{{Table: "my.table", Key: []string{"a,b", "c=d"}}}},
		{name: "several tables", given: []string{"a=x;b=y", "c=z"}, want: []pipeline.Remap{
			{Table: "a", Key: []string{"x"}}, {Table: "b", Key: []string{"y"}}, {Table: "c", Key: []string{"z"}},
		}},
		{name: "twice", given: []string{"a=x", "A=y"}, bad: true},
		{name: "no column", given: []string{"a="}, bad: true},
		{name: "no table", given: []string{"=x"}, bad: true},
		{name: "no equals sign", given: []string{"a"}, bad: true},
		{name: "an open quote", given: []string{`"a=x`}, bad: true},
		{name: "a dot", given: []string{"a=b.c"}, bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f remapFlag
			var err error
			for _, s := range tt.given {
				if err == nil {
					err = f.Set(s)
				}
			}
			if (err != nil) != tt.bad {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tt.want, f.all); !tt.bad && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
