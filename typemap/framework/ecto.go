package framework

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// ecto follows ecto_sqlite3's DataType and its codecs.
var ecto = Rules{
	Name: "Ecto",
	Books: []Book{
		{Table: "schema_migrations", Columns: "version integer, inserted_at", Only: true, Shows: Proof, Compare: "version"},
	},
	Columns: []Column{
		{Decl: "text|text_datetime", Type: sqltype.Timestamp, Form: FormDatetime, Why: "naive_datetime or utc_datetime: ISO text"},
		{Decl: "text|text_datetime", Type: sqltype.TimestampTZ, Form: FormDatetime, Why: "utc_datetime: ISO text with Z"},
		{Decl: "text|text_date", Type: sqltype.Date, Form: FormDate, Why: "date: ISO text"},
		{Decl: "text|text_uuid", Key: true, Type: sqltype.UUID, Form: FormDashed, Strict: true, Why: "binary_id: text"},
		{Decl: "numeric", Type: sqltype.Float8, Form: FormFloat, Declared: true, Why: "float: NUMERIC"},
		{Decl: "integer", Default: boolDefault, Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean: the default is a word"},
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "boolean: INTEGER, by its name"},
	},
	Zone: Zone{Name: "UTC", Why: "utc_datetime is written without its zone"},
}
