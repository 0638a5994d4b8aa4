package framework

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// knex follows its SQLite dialect. Dates that JavaScript binds are
// milliseconds, those of DEFAULT CURRENT_TIMESTAMP are text.
var knex = Rules{
	Name: "Knex",
	Books: []Book{
		{Table: "knex_migrations", Columns: "name, batch, migration_time", Shows: Proof, Compare: "name"},
		{Table: "knex_migrations_lock", Columns: "is_locked", Shows: Clue},
		// Of programs that run Knex with migrators of their own: Ghost, Strapi, Directus.
		{Table: "migrations", Columns: "name, version, currentVersion", Shows: Proof, Compare: "name, version"},
		{Table: "strapi_migrations", Columns: "name, time", Shows: Proof, Compare: "name"},
		{Table: "directus_migrations", Columns: "version, name, timestamp", Shows: Proof, Compare: "version"},
	},
	Columns: []Column{
		{
			Decl: "datetime|timestamp|date", Type: sqltype.TimestampTZ, Form: typemap.FormMillis, Declared: true,
			Why: "timestamp: milliseconds where JavaScript wrote, text where the default did",
		},
		{Decl: "char(36)", Type: sqltype.UUID, Form: FormDashed, Why: "uuid: char(36)"},
		{Decl: "boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean"},
	},
	Zone: Zone{Name: "UTC", Why: "CURRENT_TIMESTAMP is UTC"},
}
