package framework

import (
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// jdbc is Java over xerial's driver, which most often is Hibernate: it writes
// dates as milliseconds (date_class INTEGER), or as text where so configured.
var jdbc = Rules{
	Name: "Hibernate/xerial",
	Books: []Book{
		{Table: "flyway_schema_history", Columns: "installed_rank, version, script, checksum", Shows: Proof, Compare: "script", PerEngine: true},
		// Of Flyway up to version 4.
		{Table: "schema_version", Columns: "installed_rank, version, script, checksum", Shows: Proof, Compare: "script", PerEngine: true},
		{Table: "DATABASECHANGELOG", Columns: "ID, AUTHOR, FILENAME, MD5SUM", Shows: Proof, Compare: "ID, AUTHOR, FILENAME"},
		{Table: "DATABASECHANGELOGLOCK", Columns: "ID, LOCKED", Shows: Clue},
	},
	// Not bookkeeping: in Postgres it is a sequence.
	Proofs: []Sign{Book{Table: "hibernate_sequence", Columns: "next_val", Only: true}},
	Columns: []Column{
		{
			Decl: "timestamp|datetime|date", Type: sqltype.TimestampTZ, Form: typemap.FormMillis, Declared: true,
			Why: "driver: dates are milliseconds",
		},
		{Decl: "binary(16)|binary(255)|blob", Type: sqltype.UUID, Form: FormUUIDBlob, Strict: true, Why: "UUID: 16 bytes"},
		{Decl: "boolean|bit", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean"},
	},
}
