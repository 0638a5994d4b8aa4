package framework

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// fluentMigrator is .NET's FluentMigrator, and with it Radarr, Sonarr, Lidarr,
// Readarr and Prowlarr, which seed tables in each new database.
var fluentMigrator = Rules{
	Name: "FluentMigrator",
	Books: []Book{
		{Table: "VersionInfo", Columns: "Version, AppliedOn", Shows: Proof, Compare: "Version"},
	},
	Seeds: []Seed{
		{Table: "Config", Key: []KeyColumn{{Column: "Key"}}},
		{Table: "ScheduledTasks", Key: []KeyColumn{{Column: "TypeName"}}},
		{Table: "QualityDefinitions", Key: []KeyColumn{{Column: "Quality"}}},
		{Table: "QualityProfiles", Key: []KeyColumn{{Column: "Name"}}},
	},
	Columns: []Column{
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "Boolean: INTEGER, by its name"},
	},
	Zone: Zone{Name: "UTC", Why: "AppliedOn and the *arr programs are UTC"},
}
