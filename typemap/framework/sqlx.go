package framework

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// sqlx follows sqlx-sqlite's types: Uuid is a blob by default, integers in
// datetime columns are seconds.
var sqlx = Rules{
	Name: "sqlx",
	Books: []Book{{
		Table: "_sqlx_migrations", Columns: "version, description, installed_on, success, checksum",
		Shows: Proof, Compare: "version", PerEngine: true,
	}},
	Columns: []Column{
		{Decl: "datetime|timestamp", Type: sqltype.TimestampTZ, Form: typemap.FormSeconds, Declared: true, Why: "DateTime: text, or seconds"},
		{Decl: "blob", Type: sqltype.UUID, Form: FormUUIDBlob, Strict: true, Why: "Uuid: 16 bytes"},
		{Decl: "boolean|bool", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "bool"},
	},
	Zone: Zone{Name: "UTC", Why: "CURRENT_TIMESTAMP and chrono's Utc are UTC"},
}
