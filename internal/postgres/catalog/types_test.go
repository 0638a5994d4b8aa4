package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// describe tells a type in one line, so that a table of cases reads well.
func describe(t *catalog.Type) string {
	switch t.Class {
	case catalog.Scalar:
		s := t.Base.Kind.String()
		if t.Base.Kind != sqltype.Unknown {
			s = t.Base.SQL()
		}
		if t.Base.Kind >= sqltype.Time && t.Base.Kind <= sqltype.Interval {
			s += "." + string(rune('0'+t.Fraction))
		}
		if t.Fields {
			s += " cut"
		}
		return s
	case catalog.Enum:
		return "enum " + strings.Join(t.Labels, "|")
	case catalog.Array:
		return "array of " + describe(t.Of)
	case catalog.Domain:
		s := "domain " + t.Name
		if t.DomainNotNull {
			s += " not null"
		}
		if t.DomainDefault != "" {
			s += " default " + t.DomainDefault
		}
		return s + " " + strings.Join(t.DomainChecks, " ") + " over " + describe(t.Of)
	}
	return "other"
}

func TestTypes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sql, text, want string
		binary          bool
	}{
		{"boolean", "boolean", "boolean", true},
		{"smallint", "smallint", "smallint", true},
		{"int", "integer", "integer", true},
		{"bigint", "bigint", "bigint", true},
		{"real", "real", "real", true},
		{"float8", "double precision", "double precision", true},
		{"numeric", "numeric", "numeric", true},
		{"numeric(65,30)", "numeric(65,30)", "numeric(65,30)", true},
		{"numeric(1000,1000)", "numeric(1000,1000)", "numeric(1000,1000)", true},
		{"text", "text", "text", true},
		{"varchar", "character varying", "varchar", true},
		{"varchar(20)", "character varying(20)", "varchar(20)", true},
		{"char(4)", "character(4)", "char(4)", true},
		{"bpchar", "bpchar", "character", true},
		{"public.citext", "public.citext", `"public".citext`, true},
		{"bytea", "bytea", "bytea", true},
		{"uuid", "uuid", "uuid", true},
		{"json", "json", "json", true},
		{"jsonb", "jsonb", "jsonb", true},
		{"date", "date", "date", true},
		{"time", "time without time zone", "time.6", true},
		{"time(3)", "time(3) without time zone", "time.3", true},
		{"timetz(0)", "time(0) with time zone", "time with time zone.0", true},
		{"timestamp(3)", "timestamp(3) without time zone", "timestamp.3", true},
		{"timestamptz", "timestamp with time zone", "timestamptz.6", true},
		{"interval", "interval", "interval.6", true},
		{"interval(2)", "interval(2)", "interval.2", true},
		{"interval day to minute", "interval day to minute", "interval.6 cut", true},
		{"interval second(1)", "interval second(1)", "interval.1 cut", true},
		{"inet", "inet", "inet", true},
		{"cidr", "cidr", "cidr", true},
		{"macaddr", "macaddr", "macaddr", true},
		{"text[]", "text[]", "array of text", true},
		{"varchar(7)[][]", "character varying(7)[]", "array of varchar(7)", true},
		{"numeric(5,2)[]", "numeric(5,2)[]", "array of numeric(5,2)", true},
		{`public."Mood"`, `public."Mood"`, "enum so so|né", true},
		{`public."Mood"[]`, `public."Mood"[]`, "array of enum so so|né", true},
		{"public.short", "public.short", "domain short  over varchar(5)", true},
		{"public.strict", "public.strict", "domain strict not null default 'x'::character varying CHECK (((VALUE)::text <> ''::text)) over domain short  over varchar(5)", true},
		{"public.strict[]", "public.strict[]", "array of domain strict not null default 'x'::character varying CHECK (((VALUE)::text <> ''::text)) over domain short  over varchar(5)", true},
		{"public.list", "public.list", "domain list  over array of integer", true},
		{"public.list[]", "public.list[]", "array of domain list  over array of integer", false},
		{"public.pair", "public.pair", "other", false},
		{"int4range", "int4range", "other", false},
		{"name", "name", "unknown", false},
		{`"char"`, `"char"`, "unknown", false},
		{"int2vector", "int2vector", "unknown", false},
		{"money", "money", "unknown", false},
		{"bit varying(4)", "bit varying(4)", "unknown", false},
		{"macaddr8", "macaddr8", "unknown", false},
		{"tsvector", "tsvector", "unknown", false},
		{"point[]", "point[]", "array of unknown", false},
	}
	var ddl strings.Builder
	ddl.WriteString(`
		CREATE EXTENSION citext;
		CREATE TYPE "Mood" AS ENUM ('so so', 'né');
		CREATE TYPE pair AS (a int, b int);
		CREATE DOMAIN short AS varchar(5);
		CREATE DOMAIN strict AS short NOT NULL DEFAULT 'x' CHECK (VALUE <> '');
		CREATE DOMAIN list AS int[];
		CREATE TABLE t (`)
	for i, test := range tests {
		if i > 0 {
			ddl.WriteString(", ")
		}
		ddl.WriteString(`"` + strings.ReplaceAll(test.sql, `"`, `""`) + `" ` + test.sql)
	}
	conn, _ := database(t, ddl.String()+")")
	rel := relation(t, read(t, conn, "public"), "t")
	for i, test := range tests {
		col := rel.Columns[i]
		if col.Type.Text != test.text || describe(col.Type) != test.want || col.Type.Binary() != test.binary {
			t.Errorf("%s: text %q, %q, binary %t; want %q, %q, %t", test.sql,
				col.Type.Text, describe(col.Type), col.Type.Binary(), test.text, test.want, test.binary)
		}
	}
	strict := column(t, rel, "public.strict")
	if !strict.Type.Checked() || strict.NotNull || strict.Required() {
		t.Errorf("domain with a check and a default: %+v", strict)
	}
	if got := column(t, rel, "public.strict[]").Type.Of.OID; got != strict.Type.OID {
		t.Errorf("elements of a domain's array have OID %d, want %d", got, strict.Type.OID)
	}
}

// TestNegativeScale: servers before 15 have none.
func TestNegativeScale(t *testing.T) {
	t.Parallel()
	conn, _ := database(t, "CREATE TABLE t (a numeric(4,2))")
	if read(t, conn, "public").Version < 150000 {
		t.Skip("numeric scales below zero came with PostgreSQL 15")
	}
	run(t, conn, "ALTER TABLE t ALTER a TYPE numeric(2,-3), ADD b numeric(3,5)")
	rel := relation(t, read(t, conn, "public"), "t")
	want := []sqltype.Type{
		{Kind: sqltype.Numeric, Precision: 2, Scale: -3},
		{Kind: sqltype.Numeric, Precision: 3, Scale: 5},
	}
	if diff := cmp.Diff(want, []sqltype.Type{rel.Columns[0].Type.Base, rel.Columns[1].Type.Base}); diff != "" {
		t.Error(diff)
	}
}
