package framework

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// seaORM follows sea-query's SQLite backend, which writes what it means into
// the declared type.
var seaORM = Rules{
	Name: "SeaORM",
	Books: []Book{
		{Table: "seaql_migrations", Columns: "version, applied_at", Only: true, Shows: Proof, Compare: "version"},
	},
	Columns: []Column{
		{Decl: "uuid_text", Type: sqltype.UUID, Form: FormUUIDBlob, Declared: true, Why: "uuid: 16 bytes"},
		{Decl: "uuid_text", Type: sqltype.UUID, Form: FormDashed, Why: "uuid: text"},
		{Decl: "json_text", Type: sqltype.JSON, Form: FormJSONDoc, Declared: true, Why: "json"},
		{Decl: "jsonb_text", Type: sqltype.JSONB, Form: FormJSONDoc, Declared: true, Why: "json_binary"},
		{Decl: "timestamp_with_timezone_text", Type: sqltype.TimestampTZ, Form: FormDatetime, Declared: true, Why: "timestamp_with_time_zone"},
		{Decl: "datetime_text|timestamp_text", Type: sqltype.Timestamp, Form: FormDatetime, Declared: true, Why: "date_time or timestamp"},
		{Decl: "date_text", Type: sqltype.Date, Form: FormDate, Declared: true, Why: "date"},
		{Decl: "boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean"},
	},
	Zone: Zone{Name: "UTC", Why: "CURRENT_TIMESTAMP is UTC"},
}
