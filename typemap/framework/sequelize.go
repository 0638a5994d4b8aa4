package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// sequelize follows its SQLite query generator.
var sequelize = Rules{
	Name: "Sequelize",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile("^CREATE TABLE `[^`]+` \\(`[^`]+` [A-Z][^\n]*, `"),
			Says: "in back quotes on one line, with types in upper case",
			Most: true,
		},
		Wording{
			Like: regexp.MustCompile("`created(At|_at)` DATETIME NOT NULL, `updated(At|_at)` DATETIME NOT NULL"),
			Says: "with createdAt and updatedAt, DATETIME NOT NULL",
		},
	},
	Books: []Book{
		{Table: "SequelizeMeta", Columns: "name", Only: true, Shows: Proof, Compare: "name"},
		{Table: "SequelizeData", Columns: "name", Only: true, Shows: Proof, Compare: "name"},
	},
	Columns: []Column{
		{Decl: "datetime", Type: sqltype.TimestampTZ, Form: FormDatetime, Declared: true, Why: "DATE: text with +00:00"},
		{Decl: "tinyint(1)", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "BOOLEAN: TINYINT(1)"},
		{Decl: "float|double|double precision|real", Type: sqltype.Float8, Form: FormFloat, Declared: true, Why: "FLOAT: NaN and Infinity as text"},
		{Decl: "char(36)|char(36) binary", Type: sqltype.UUID, Form: FormDashed, Why: "UUID: CHAR(36)"},
	},
	Zone: Zone{Name: "UTC", Why: "timezone is +00:00, the only one of its SQLite dialect"},
}
