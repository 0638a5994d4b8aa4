package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// rails follows Active Record's schema dumper and SQLite adapter. Others have
// a table schema_migrations too: with a version of another type, or with
// further columns.
var rails = Rules{
	Name: "Rails",
	Clues: []Sign{
		IndexNames{Named: "index_{table}_on_{columns}", Join: "_and_"},
		IndexNames{Like: regexp.MustCompile(`^unique_schema_migrations$`), Says: "of schema_migrations"},
		KeyNames{Like: regexp.MustCompile(`^fk_rails_[0-9a-f]{10}$`), Says: "named fk_rails_ and a hash"},
	},
	Books: []Book{
		{Table: "schema_migrations", Columns: "version varchar", Only: true, Shows: Clue, Compare: "version"},
		{Table: "ar_internal_metadata", Columns: "key, value, created_at, updated_at", Shows: Proof},
		{Table: "data_migrations", Columns: "version varchar", Only: true, Compare: "version"},
	},
	Columns: []Column{
		{Decl: "boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean: 1 and 0, t and f up to 5.1"},
	},
	Zone: Zone{Name: "UTC", Why: "active_record.default_timezone is :utc by default"},
}
