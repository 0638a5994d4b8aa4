package framework

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// diesel keeps one list of migrations for each database engine.
var diesel = Rules{
	Name: "Diesel",
	Books: []Book{{
		Table: "__diesel_schema_migrations", Columns: "version, run_on",
		Shows: Proof, Compare: "version", PerEngine: true,
	}},
	Columns: []Column{
		{Decl: "bool|boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "Bool"},
		{Decl: "char(36)", Type: sqltype.UUID, Form: FormDashed, Why: "uuid: CHAR(36)"},
	},
	Zone: Zone{Name: "UTC", Why: "NaiveDateTime is UTC by its documentation"},
}
