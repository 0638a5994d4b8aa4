package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// prisma follows the schema engine's SQLite renderer. The native query engine
// writes DateTime as milliseconds, driver adapters as ISO text, and DEFAULT
// CURRENT_TIMESTAMP without a zone: all three occur in one column.
var prisma = Rules{
	Name: "Prisma",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile(`CONSTRAINT "[^"]+_fkey" FOREIGN KEY \([^)]+\) REFERENCES "[^"]+" \([^)]+\) ON DELETE [A-Z ]+ ON UPDATE CASCADE`),
			Says: "with foreign keys named _fkey that say ON UPDATE CASCADE",
		},
		IndexNames{Named: "{table}_{columns}_key"},
	},
	Books: []Book{
		{
			Table: "_prisma_migrations", Columns: "id, checksum, finished_at, migration_name, rolled_back_at",
			Shows: Proof, Compare: "migration_name", PerEngine: true,
		},
		// Of version 2, when migrations were experimental.
		{Table: "_Migration", Columns: "revision, name, datamodel, status", Shows: Proof, Compare: "name", PerEngine: true},
	},
	Columns: []Column{
		{
			Decl: "datetime", Type: sqltype.TimestampTZ, Form: typemap.FormMillis, Declared: true,
			Why: "DateTime: milliseconds of the query engine, ISO text of driver adapters",
		},
		{Decl: "boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "Boolean"},
		{Decl: "jsonb", Type: sqltype.JSONB, Form: FormJSONDoc, Declared: true, Why: "Json: text in JSONB"},
	},
	Zone: Zone{Name: "UTC", Sure: true, Why: "DateTime is always UTC"},
}
