package framework

import "regexp"

// xorm follows Go's xorm, and Grafana's migrator, which was made from it.
var xorm = Rules{
	Name: "xorm",
	Clues: []Sign{
		IndexNames{Named: "UQE_{table}_{columns}"},
		IndexNames{Named: "IDX_{table}_{columns}"},
		Wording{
			Like: regexp.MustCompile("^CREATE TABLE[^(]+\\(\\s*`[^`]+` [A-Z]+[^\n]* (NOT )?NULL\\s+, `"),
			Says: "in back quotes, with a space before the comma",
			Most: true,
		},
	},
	Books: []Book{
		{Table: "migration_log", Columns: "migration_id, sql, success, error, timestamp", Shows: Clue, Compare: "migration_id"},
	},
}
