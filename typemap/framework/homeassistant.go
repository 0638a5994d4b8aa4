package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// homeAssistant is the recorder's database. It reads its own columns on
// Postgres as the numbers and bytes that they are.
var homeAssistant = Rules{
	Name: "Home Assistant",
	Clues: []Sign{
		Book{Table: "recorder_runs", Columns: "run_id, start, closed_incorrect"},
		Book{Table: "states", Columns: "state_id, state, last_updated"},
	},
	Books: []Book{
		{Table: "schema_changes", Columns: "change_id, schema_version, changed", Only: true, Shows: Clue, Compare: "schema_version"},
		{Table: "migration_changes", Columns: "migration_id, version", Only: true, Compare: "migration_id, version"},
	},
	Columns: []Column{
		{
			Name: regexp.MustCompile(`_ts$`), Decl: "float|double|real", Type: sqltype.Float8, Form: typemap.FormPlain, Declared: true,
			Why: "seconds since 1970: double precision on Postgres too",
		},
		{
			Name: regexp.MustCompile(`_bin$`), Decl: "blob|blob(16)", Type: sqltype.Bytea, Form: typemap.FormPlain, Declared: true,
			Why: "id of a context: bytea on Postgres too",
		},
	},
	Zone: Zone{Name: "UTC", Sure: true, Why: "the recorder writes UTC"},
}
