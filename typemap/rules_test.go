package typemap_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

func TestParseType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"text", "text"},
		{" TEXT ", "text"},
		{"int", "integer"},
		{"Double  Precision", "double precision"},
		{"double", "double precision"},
		{"numeric", "numeric"},
		{"numeric(10)", "numeric(10,0)"},
		{"decimal( 10 , 2 )", "numeric(10,2)"},
		{"varchar(36)", "varchar(36)"},
		{"character varying (5)", "varchar(5)"},
		{"timestamp with time zone", "timestamptz"},
		{"money", ""},
		{"varchar(0)", ""},
		{"varchar(10485761)", ""},
		{"varchar(5", ""},
		{"varchar()", ""},
		{"numeric(0)", ""},
		{"numeric(1001)", ""},
		{"numeric(2,3)", ""},
		{"numeric(2,-3)", ""},
		{"numeric(1,1,1)", ""},
		{"text(5)", ""},
		{"timestamp(3)", ""},
		{"text; DROP TABLE x", ""},
	} {
		got, err := typemap.ParseType(test.in)
		if test.want == "" && err == nil || test.want != "" && (err != nil || got.SQL() != test.want) {
			t.Errorf("%q: %s, %v, want %q", test.in, got.SQL(), err, test.want)
		}
	}
}

func TestParseForm(t *testing.T) {
	t.Parallel()
	for _, name := range typemap.Forms() {
		if f, err := typemap.ParseForm(name); err != nil || string(f) != name {
			t.Errorf("%s: %s, %v", name, f, err)
		}
	}
	if _, err := typemap.ParseForm("EPOCH-S"); err == nil {
		t.Error("a form in capitals was taken")
	}
}

func TestRulesWith(t *testing.T) {
	t.Parallel()
	one := typemap.Rules{}.With(typemap.Rule{Table: "t", Column: "c", Form: typemap.FormPlain})
	two := one.With(typemap.Rule{Table: "T", Column: "C", Type: sqltype.Type{Kind: sqltype.Text}})
	three := two.With(typemap.Rule{Table: "t", Column: "é"})
	if r, ok := one.Lookup("t", "c"); !ok || r.Form != typemap.FormPlain {
		t.Error("the older rules were changed")
	}
	if r, ok := two.Lookup("t", "c"); !ok || r.Type.Kind != sqltype.Text || len(two) != 1 {
		t.Errorf("%+v", two)
	}
	// SQLite folds ASCII only: É is another column.
	if _, ok := three.Lookup("t", "É"); ok || len(three) != 2 {
		t.Errorf("%+v", three)
	}
}
