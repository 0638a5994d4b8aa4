package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// sqlAlchemy follows its DDL compiler: ", \n\t" between columns, constraints
// after them, and the naming of index=True.
var sqlAlchemy = Rules{
	Name: "SQLAlchemy",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile(`(?s)^CREATE TABLE [^(]+\(\n\t.*, \n\t(CONSTRAINT \S+ )?PRIMARY KEY \(`),
			Says: `with a comma, a space, a line feed and a tab between columns`,
		},
		Wording{
			Like: regexp.MustCompile(`, \n\tFOREIGN KEY\([^)]+\) REFERENCES \S+ \(`),
			Says: "with FOREIGN KEY(column) REFERENCES table (column)",
		},
		Wording{
			Like: regexp.MustCompile(`, \n\t(UNIQUE|CHECK) \(`),
			Says: "with UNIQUE or CHECK on a line after the columns",
		},
		IndexNames{Named: "ix_{table}_{columns}"},
	},
	Books: []Book{
		{Table: "alembic_version", Columns: "version_num", Only: true, Shows: Proof, Compare: "version_num"},
		// Of sqlalchemy-migrate, before Alembic.
		{Table: "migrate_version", Columns: "repository_id, repository_path, version", Shows: Proof, Compare: "repository_id, version"},
	},
	Columns: []Column{
		// A String of 32 is VARCHAR(32); user-made types may be CHAR(32) too.
		{Decl: "char(32)", Type: sqltype.UUID, Form: FormHex, Strict: true, Why: "Uuid: CHAR(32) of hex digits"},
		{Decl: "char(36)", Type: sqltype.UUID, Form: FormDashed, Why: "GUID recipe: CHAR(36)"},
		// Interval is a DATETIME counted from 1970: nothing tells it from a moment.
	},
}
