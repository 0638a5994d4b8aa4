package typemap_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// declared holds every declared type of the real databases that the tests know,
// and those that frameworks are known to write.
var declared = []struct {
	want  typemap.Declared
	decls []string
}{
	{typemap.Declared{}, []string{
		"", "GEOMETRY", "LINESTRING", "MULTILINESTRING", "POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
		"ieee", "device_type", "inet", "OBJECT",
	}},
	{typemap.Declared{A: 8}, []string{"BIT(8)", "bit varying(8)"}},
	{typemap.Declared{Family: typemap.FamilyBool}, []string{"BOOL", "bool", "Boolean", "boolean", "BIT", "LOGICAL"}},
	{typemap.Declared{Family: typemap.FamilyBool, A: 1}, []string{"BIT(1)"}},
	{typemap.Declared{Family: typemap.FamilyBool, A: 1, Tiny: true}, []string{"TINYINT(1)", "tinyint(1)", "tinyint(1) unsigned"}},
	{typemap.Declared{Family: typemap.FamilyInt2}, []string{
		"SMALLINT", "smallint", "TINYINT", "tinyint", "TINYINT UNSIGNED", "INT2", "short integer", "YEAR", "UNSIGNED Byte",
	}},
	{typemap.Declared{Family: typemap.FamilyInt4}, []string{
		"MEDIUMINT", "MEDIUMINT UNSIGNED", "SMALLINT UNSIGNED", "smallint unsigned", "INT4", "SERIAL",
	}},
	{typemap.Declared{Family: typemap.FamilyInt8}, []string{
		"INTEGER", "INT", "BIGINT", "bigint", "bigint unsigned", "integer unsigned", "UNSIGNED Integer", "Integer UNSIGNED",
		"UNSIGNED", "UNSIGNED BIG INT", "LONG", "INT8", "INT64", "intege", "INTERGER", "INTEGER NON",
		"integer auto_increment", "INTEGER_OR_TEXT", "POINT", "MULTIPOINT", "bigint[]", "int zerofill",
	}},
	{typemap.Declared{Family: typemap.FamilyInt8, A: 10}, []string{"INT(10)", "int(10) unsigned"}},
	{typemap.Declared{Family: typemap.FamilyFloat}, []string{
		"REAL", "FLOAT", "float", "DOUBLE", "double", "double precision", "FLOATING POINT",
	}},
	{typemap.Declared{Family: typemap.FamilyFloat, A: 4}, []string{"FLOAT32(4)"}},
	{typemap.Declared{Family: typemap.FamilyDecimal}, []string{"NUMERIC", "decimal", "MONEY"}},
	{typemap.Declared{Family: typemap.FamilyDecimal, A: 10, B: 2}, []string{"NUMERIC(10,2)", "DECIMAL(10, 2)", "decimal (10, 2)"}},
	{typemap.Declared{Family: typemap.FamilyDecimal, A: 1, B: 1}, []string{"decimal(1, 1)"}},
	{typemap.Declared{Family: typemap.FamilyText}, []string{
		"TEXT", "CLOB", "string", "STRING", "LONGVARCHAR", "LONGTEXT", "text[]", "text nocase", "ENUM", "XML",
		"BLOB SUB_TYPE TEXT", "LONG VARCHAR", "LONG TEXT", "time with time zone", "enum('a','b')",
	}},
	{typemap.Declared{Family: typemap.FamilyText, A: 200}, []string{"Text(200)", "text(200)"}},
	{typemap.Declared{Family: typemap.FamilyChar}, []string{"VARCHAR", "varchar", "varchar2", "char", "CHARACTER LARGE OBJECT", "VARCHAR(MAX)"}},
	{typemap.Declared{Family: typemap.FamilyChar, A: 255}, []string{
		"VARCHAR(255)", "varchar(255)", "VARCHAR ( 255 )", "NVARCHAR(255)", "char(255)", "character(255)", "varchar2(255)",
		"CHARACTER VARYING(255)", "VARCHAR BINARY(255)", "NATIVE CHARACTER(255)",
	}},
	{typemap.Declared{Family: typemap.FamilyUUID}, []string{"uuid", "GUID", "uniqueidentifier"}},
	{typemap.Declared{Family: typemap.FamilyJSON}, []string{"JSON", "json", "jsonb", "JSON TEXT"}},
	{typemap.Declared{Family: typemap.FamilyDate}, []string{"DATE", "date"}},
	{typemap.Declared{Family: typemap.FamilyTime}, []string{"TIME", "time without time zone"}},
	{typemap.Declared{Family: typemap.FamilyTimestamp}, []string{
		"DATETIME", "datetime", "TIMESTAMP", "timestamp", "DATETIME2", "timestamp without time zone",
	}},
	{typemap.Declared{Family: typemap.FamilyTimestamp, A: 6}, []string{"datetime(6)", "timestamp(6)"}},
	{typemap.Declared{Family: typemap.FamilyTimestampTZ}, []string{"timestamptz", "DATETIMEOFFSET", "timestamp with time zone"}},
	{typemap.Declared{Family: typemap.FamilyTimestampTZ, A: 3}, []string{"timestamp(3) with time zone"}},
	{typemap.Declared{Family: typemap.FamilyBlob}, []string{"BLOB", "bytea", "IMAGE", "LONG RAW", "LONGBLOB"}},
	{typemap.Declared{Family: typemap.FamilyBlob, A: 16}, []string{"BINARY(16)", "blob(16)", "varbinary(16)"}},
}

func TestParseDeclared(t *testing.T) {
	t.Parallel()
	for _, test := range declared {
		for _, decl := range test.decls {
			if diff := cmp.Diff(test.want, typemap.ParseDeclared(decl, schema.AffinityOf(decl))); diff != "" {
				t.Errorf("%q (-want +got):\n%s", decl, diff)
			}
		}
	}
}
