package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// sqliteNet is sqlite-net(-pcl), of Xamarin, MAUI and Unity. It keeps no
// bookkeeping table. DateTime is .NET ticks unless storeDateTimeAsTicks is
// off; its kind is not stored.
var sqliteNet = Rules{
	Name: "sqlite-net",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile(`^CREATE (VIRTUAL )?TABLE "[^"]+" ?\(\n"[^"]+" [a-z]+(\([0-9]+\))? [^\n]*(,\n"|\)$)`),
			Says: "with a line for each column, not indented, and a space before the comma",
			Most: true,
		},
		Wording{
			Like: regexp.MustCompile(`\n"[^"]+" (integer|bigint|varchar(\([0-9]+\))?) primary key (autoincrement )?(not null )?[,)]`),
			Says: "with primary key, autoincrement, not null in this order",
		},
		IndexNames{Named: "{table}_{columns}", Most: true},
	},
	Columns: []Column{
		{Decl: "bigint", Type: sqltype.Timestamp, Form: typemap.FormTicks, Why: "DateTime: .NET ticks"},
		{Decl: "datetime", Type: sqltype.Timestamp, Form: FormDatetime, Declared: true, Why: "DateTime: text"},
		{Decl: "varchar(36)", Type: sqltype.UUID, Form: FormDashed, Why: "Guid: varchar(36)"},
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "bool: integer, by its name"},
	},
}
