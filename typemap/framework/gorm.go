package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// gorm follows GORM's migrator (version 2, and version 1 in double quotes) and
// its SQLite dialect. It keeps no bookkeeping table; gormigrate has one.
var gorm = Rules{
	Name: "GORM",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile("^CREATE TABLE [^(]+\\((`[^`]+` [^\n]*[^ ],(`|PRIMARY KEY \\(`|CONSTRAINT `)|\"[^\"]+\" [^\n]*[^ ],\"[^\n]* \\)$)"),
			Says: "with no space after the commas between columns",
			Most: true,
		},
		IndexNames{Named: "idx_{table}_deleted_at"},
		IndexNames{Named: "idx_{table}_{columns}", Written: regexp.MustCompile("` ?ON `[^`]+`\\(`")},
		IndexNames{Named: "uix_{table}_{columns}"},
		Wording{
			Like: regexp.MustCompile("CONSTRAINT `(fk|chk|uni)_[^`]+` (FOREIGN KEY|CHECK|UNIQUE) \\("),
			Says: "with constraints named fk_, chk_ or uni_ in back quotes",
		},
		Wording{
			Like: regexp.MustCompile("[`\"] numeric (NOT NULL )?DEFAULT (true|false)\\b"),
			Says: "with numeric columns DEFAULT true or false",
		},
	},
	Books: []Book{
		// Of gormigrate.
		{Table: "migrations", Columns: "id", Only: true, Shows: Clue, Compare: "id"},
	},
	Columns: []Column{
		{Decl: "numeric", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "bool: numeric"},
		{Decl: "datetime", Type: sqltype.TimestampTZ, Form: FormDatetime, Declared: true, Why: "time.Time: text with an offset"},
		{Decl: "uuid", Type: sqltype.UUID, Form: FormDashed, Declared: true, Why: "uuid: text with dashes"},
		{Decl: "date", Type: sqltype.Date, Form: FormMidnight, Why: "time.Time in a date: midnight in UTC"},
		// A type that SQLite does not know was written for Postgres.
		{Decl: "inet", Type: sqltype.Inet, Form: FormInet, Declared: true, Why: "inet, by its tag"},
	},
}
