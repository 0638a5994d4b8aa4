package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// peewee follows its query compiler. The library keeps no bookkeeping table;
// peewee_migrate has one.
var peewee = Rules{
	Name: "Peewee",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile(`^CREATE TABLE "[^"]+" \("[^"]+" [A-Z]+(\([0-9, ]+\))? NOT NULL( PRIMARY KEY)?[^\n]*\)( WITHOUT ROWID)?$`),
			Says: "on one line, with NOT NULL before PRIMARY KEY and types in upper case",
			Most: true,
		},
		IndexNames{Named: "{table}_{columns}", Written: regexp.MustCompile(`INDEX "[^"]+" ON "[^"]+" \("`), Most: true},
	},
	Books: []Book{
		{Table: "migratehistory", Columns: "name, migrated_at", Shows: Proof, Compare: "name"},
	},
	Columns: []Column{
		{Decl: "text", Type: sqltype.UUID, Form: FormHex, Strict: true, Why: "UUIDField: TEXT of 32 hex digits"},
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "BooleanField: INTEGER, by its name"},
		// Also in Postgres: TimestampField and IPField are numbers, BinaryUUIDField bytea.
		{Decl: "blob", Type: sqltype.Bytea, Form: typemap.FormPlain, Declared: true, Why: "BlobField or BinaryUUIDField: bytea on Postgres too"},
	},
}
